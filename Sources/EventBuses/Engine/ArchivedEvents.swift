// The events of archives, in the order in which they came.

internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

/// Rows of archived events.
enum ArchivedEvents {
  /// An event as it lies in an archive.
  struct Row: Sendable {
    var number: Int64
    /// In milliseconds since 1970.
    var time: Int64
    var eventID: String
    var envelope: [UInt8]
  }

  /// Adds an event, unless it is there.
  static func add(_ event: TrailEvent, to archive: String, now: Int64, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO archived_events (archive, event_id, event_time, archived_at, size, envelope)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (archive, event_id) DO NOTHING
        """
    ).execute(
      arguments: [archive, event.eventID, event.time * 1000, now, event.envelope.count, Data(event.envelope)]
    )
  }

  /// The events of an archive whose time is in a range, after a number, in their order.
  static func events(
    of archive: String,
    after number: Int64,
    from: Int64,
    until: Int64,
    limit: Int,
    _ db: Database
  ) throws -> [Row] {
    try GRDB.Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT number, event_time, event_id, envelope FROM archived_events
          WHERE archive = ? AND number > ? AND event_time >= ? AND event_time < ? ORDER BY number LIMIT ?
          """
      ),
      arguments: [archive, number, from, until, limit]
    ).map { Row(number: $0[0], time: $0[1], eventID: $0[2], envelope: try $0.bytes(at: 3)) }
  }

  /// How many events an archive has, and how many bytes.
  static func size(of archive: String, _ db: Database) throws -> (events: Int, bytes: Int64) {
    let row = try GRDB.Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT count(*), coalesce(sum(size), 0) FROM archived_events WHERE archive = ?"
      ),
      arguments: [archive]
    )
    return (row?[0] ?? 0, row?[1] ?? 0)
  }

  /// Removes events that are older than an archive keeps them, or all of them, a thousand in a transaction: others write
  /// between them.
  static func remove(
    from archive: String,
    before time: Int64 = .max,
    in database: EmbeddedDatabase
  ) async throws(StorageError) {
    let chunk = 1000
    var removed = chunk
    while removed == chunk {
      removed = try await database.commit { db in
        try db.cachedStatement(
          sql: """
            DELETE FROM archived_events WHERE number IN (
              SELECT number FROM archived_events WHERE archive = ? AND event_time < ? LIMIT ?)
            """
        ).execute(arguments: [archive, time, chunk])
        return db.changesCount
      }
    }
  }

  /// Removes the events of archives that are not there any more: a crash came between the archive's end and theirs.
  ///
  /// - Parameter isKnown: whether there is an archive at this moment.
  static func removeOrphans(
    in database: EmbeddedDatabase,
    isKnown: (String) -> Bool
  ) async throws(StorageError) {
    // Archive after archive, each found by the index.
    var archive = ""
    while true {
      let last = archive
      let next = try await database.fetch { db in
        try String.fetchOne(db, sql: "SELECT min(archive) FROM archived_events WHERE archive > ?", arguments: [last])
      }
      guard let next else { return }
      archive = next
      if !isKnown(next) { try await remove(from: next, in: database) }
    }
  }
}

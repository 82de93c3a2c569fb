// The ordered, durable log that everything downstream reads. Sources append and acknowledge after the commit; each
// consumer (the Router, and others later) keeps the sequence number up to which it is done, so that it can crash, lag or
// be added later without the others noticing.

internal import Foundation
package import GRDB

/// An event on its way into the journal.
public struct JournalEntry: Sendable, Equatable {
  /// The event's identity; a second event with the same id is a duplicate and is dropped.
  public var eventID: String
  /// The account that the event is about.
  public var account: String
  /// The region that the event is about.
  public var region: String
  /// The event as an EventBridge envelope (JSON).
  public var envelope: [UInt8]

  /// Makes an entry.
  public init(eventID: String, account: String, region: String, envelope: [UInt8]) {
    self.eventID = eventID
    self.account = account
    self.region = region
    self.envelope = envelope
  }
}

/// An event in the journal.
public struct JournalledEvent: Sendable, Equatable {
  /// Its place in the journal: ascending, from 1, with gaps, never used twice.
  public var sequence: Int64
  /// When it was accepted, in milliseconds since 1970.
  public var journalledAt: Int64
  /// The event itself.
  public var entry: JournalEntry
}

/// What became of each entry of a batch.
public struct AppendResult: Sendable, Equatable {
  /// For each entry, in the batch's order: its sequence number, or nil for a duplicate.
  public var sequences: [Int64?]

  /// The ids of the deliveries and refusals that were new, in the batch's order.
  public var newDeliveries: [String] = []

  /// How many entries were new.
  public var newCount: Int { sequences.count { $0 != nil } }
}

/// A batch of events with the source positions that they bring a source to.
public struct AcceptedBatch: Sendable {
  /// The events, in the source's order.
  public var entries: [JournalEntry]
  /// Opaque positions to remember, by source name.
  public var cursors: [String: String]
  /// How far files of log-file trees have been read.
  public var files: [SourceFile]
  /// Deliveries and refusals, when they were decided before the events were journalled.
  public var deliveries: [DecidedDelivery]

  /// Makes a batch.
  public init(
    entries: [JournalEntry] = [],
    cursors: [String: String] = [:],
    files: [SourceFile] = [],
    deliveries: [DecidedDelivery] = []
  ) {
    self.entries = entries
    self.cursors = cursors
    self.files = files
    self.deliveries = deliveries
  }
}

/// The journal of an embedded database.
public struct Journal: Sendable {
  let database: EmbeddedDatabase

  /// Appends a batch in one transaction: events, source positions and whatever was already decided about them.
  ///
  /// When this returns, the batch may be acknowledged to whoever sent it. Deliveries of events that turn out to be
  /// duplicates are dropped too: they were decided with the first copy.
  ///
  /// - Parameter now: the time that the events are recorded as accepted at, in milliseconds since 1970.
  @discardableResult
  public func append(_ batch: AcceptedBatch, now: Int64) throws(StorageError) -> AppendResult {
    try database.write { db in
      var result = try Self.insert(batch.entries, now: now, db)
      try SourceCursors.save(batch.cursors, db)
      try SourceCursors.save(batch.files, db)
      if !batch.deliveries.isEmpty {
        var duplicates: Set<String> = []
        for (entry, sequence) in zip(batch.entries, result.sequences) where sequence == nil {
          duplicates.insert(entry.eventID)
        }
        // A batch may hold an event twice; the first copy was new.
        for (entry, sequence) in zip(batch.entries, result.sequences) where sequence != nil {
          duplicates.remove(entry.eventID)
        }
        let decided = batch.deliveries.filter { !duplicates.contains($0.eventID) }
        result.newDeliveries = try Outbox.insert(decided, db)
      }
      return result
    }
  }

  /// The events after a sequence number, in order.
  public func events(after sequence: Int64, limit: Int) throws(StorageError) -> [JournalledEvent] {
    try database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT sequence, journalled_at, event_id, account, region, envelope
          FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?
          """
      )
      return try Row.fetchAll(statement, arguments: [sequence, limit]).map(Self.event)
    }
  }

  /// The event with an id, if the journal still has it.
  public func event(withID eventID: String) throws(StorageError) -> JournalledEvent? {
    try database.read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT sequence, journalled_at, event_id, account, region, envelope FROM journal WHERE event_id = ?
          """,
        arguments: [eventID]
      ).map(Self.event)
    }
  }

  /// The newest sequence number given out, 0 at first.
  public func lastSequence() throws(StorageError) -> Int64 {
    try database.read { db in
      try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'journal'") ?? 0
    }
  }

  /// The sequence number up to which a consumer is done, 0 at first.
  public func position(of consumer: String) throws(StorageError) -> Int64 {
    try database.read { db in
      try Int64.fetchOne(db, sql: "SELECT sequence FROM consumers WHERE name = ?", arguments: [consumer]) ?? 0
    }
  }

  /// Records what a consumer decided about the events up to a sequence number, and that it is done with them, in one
  /// transaction.
  ///
  /// Doing it twice does no harm: a delivery whose id is known is left as it is, and the position never goes back.
  public func commitDecisions(
    of consumer: String,
    through sequence: Int64,
    deliveries: [DecidedDelivery]
  ) throws(StorageError) {
    try database.write { db in
      try Outbox.insert(deliveries, db)
      try db.cachedStatement(
        sql: """
          INSERT INTO consumers (name, sequence) VALUES (?, ?)
          ON CONFLICT (name) DO UPDATE SET sequence = max(sequence, excluded.sequence)
          """
      ).execute(arguments: [consumer, sequence])
    }
  }

  /// Appends events within a transaction.
  package static func insert(_ entries: [JournalEntry], now: Int64, _ db: Database) throws -> AppendResult {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO journal (event_id, account, region, journalled_at, envelope) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (event_id) DO NOTHING
        """
    )
    var sequences: [Int64?] = []
    sequences.reserveCapacity(entries.count)
    for entry in entries {
      try statement.execute(arguments: [entry.eventID, entry.account, entry.region, now, Data(entry.envelope)])
      sequences.append(db.changesCount == 1 ? db.lastInsertedRowID : nil)
    }
    return AppendResult(sequences: sequences)
  }

  private static func event(_ row: Row) throws -> JournalledEvent {
    JournalledEvent(
      sequence: row[0],
      journalledAt: row[1],
      entry: JournalEntry(eventID: row[2], account: row[3], region: row[4], envelope: try row.bytes(at: 5))
    )
  }
}

extension EmbeddedDatabase {
  /// The journal of events.
  public var journal: Journal { Journal(database: self) }
}

extension Row {
  /// A blob column, or nothing for NULL.
  package func bytes(at index: Int) throws -> [UInt8] {
    try withUnsafeData(atIndex: index) { $0.map { Array($0) } ?? [] }
  }
}

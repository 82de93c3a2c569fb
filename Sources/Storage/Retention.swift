// Forgetting, in small transactions so that writers never wait long. The journal lets go of what is old or too much,
// but never of an event that a consumer has not read or that has a delivery to be made; the ledger lets go of old
// records, but never of one that is pending or whose dead letter is still in a queue.
//
// The journal is also the memory of which event ids were seen: a duplicate that comes after its event was pruned is
// accepted again.

internal import GRDB

/// How long and how much to keep; nil means without limit.
public struct RetentionPolicy: Sendable, Equatable {
  /// Events are kept for this many milliseconds.
  public var journalAge: Int64?
  /// When the database uses more bytes than this, the oldest events go.
  public var databaseBytes: Int64?
  /// Settled deliveries and refusals are kept for this many milliseconds.
  public var ledgerAge: Int64?

  /// Makes a policy; by default events are kept for seven days and records for ninety.
  public init(journalAge: Int64? = 7 * 86_400_000, databaseBytes: Int64? = nil, ledgerAge: Int64? = 90 * 86_400_000) {
    self.journalAge = journalAge
    self.databaseBytes = databaseBytes
    self.ledgerAge = ledgerAge
  }
}

/// What a pruning removed.
public struct PruneResult: Sendable, Equatable {
  /// Events removed from the journal.
  public var events = 0
  /// Records removed from the ledger.
  public var records = 0
}

extension EmbeddedDatabase {
  /// Removes what the policy no longer keeps and gives the space back.
  ///
  /// - Parameters:
  ///   - consumers: the consumers that must have read an event before it may go, whether or not they have begun.
  ///   - now: in milliseconds since 1970.
  ///   - chunk: rows per transaction.
  @discardableResult
  public func prune(
    _ policy: RetentionPolicy,
    consumers: [String] = [],
    now: Int64,
    chunk: Int = 1000
  ) throws(StorageError) -> PruneResult {
    var result = PruneResult()
    if let age = policy.journalAge {
      result.events += try pruneJournal(consumers: consumers, chunk: chunk, acceptedBefore: now - age)
    }
    if let limit = policy.databaseBytes {
      result.events += try pruneJournal(consumers: consumers, chunk: chunk, downTo: limit)
    }
    if let age = policy.ledgerAge {
      result.records = try pruneLedger(settledBefore: now - age, chunk: chunk)
    }
    if result.events + result.records > 0 {
      try write { try $0.execute(sql: "PRAGMA incremental_vacuum(4096)") }
    }
    return result
  }

  /// Walks the journal from its oldest event and removes what may go, until an event is young enough (`cutoff`) or the
  /// database small enough (`limit`).
  private func pruneJournal(
    consumers: [String],
    chunk: Int,
    acceptedBefore cutoff: Int64 = .max,
    downTo limit: Int64? = nil
  ) throws(StorageError) -> Int {
    var removed = 0
    var after: Int64 = 0
    while true {
      if let limit, try usedBytes() <= limit { return removed }
      let step = try write { db in
        try Self.pruneJournalStep(after: after, consumers: consumers, chunk: chunk, acceptedBefore: cutoff, db)
      }
      removed += step.removed
      guard let last = step.last else { return removed }
      after = last
    }
  }

  /// Removes from one chunk.
  ///
  /// - Returns: the chunk's last sequence number, nil when there is nothing beyond it to look at.
  private static func pruneJournalStep(
    after: Int64,
    consumers: [String],
    chunk: Int,
    acceptedBefore cutoff: Int64,
    _ db: Database
  ) throws -> (removed: Int, last: Int64?) {
    let read = try Int64.fetchOne(
      db,
      sql: """
        SELECT min(coalesce(c.sequence, 0))
        FROM (SELECT value AS name FROM json_each(?) UNION SELECT name FROM consumers) AS n
          LEFT JOIN consumers AS c ON c.name = n.name
        """,
      arguments: [try json(consumers)]
    )
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT sequence, journalled_at FROM journal WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?
        """,
      arguments: [after, read ?? .max, chunk]
    )
    let old = rows.prefix { ($0[1] as Int64) < cutoff }
    guard let last = old.last?[0] as Int64? else { return (0, nil) }
    try db.execute(
      sql: """
        DELETE FROM journal WHERE sequence > ? AND sequence <= ? AND NOT EXISTS (
          SELECT 1 FROM deliveries WHERE state = 'pending' AND event_sequence = journal.sequence)
        """,
      arguments: [after, last]
    )
    return (db.changesCount, old.count == chunk ? last : nil)
  }

  private func pruneLedger(settledBefore cutoff: Int64, chunk: Int) throws(StorageError) -> Int {
    var removed = 0
    var after: Int64 = 0
    while true {
      let step = try write { db in try Self.pruneLedgerStep(after: after, settledBefore: cutoff, chunk: chunk, db) }
      removed += step.removed
      guard let last = step.last else { return removed }
      after = last
    }
  }

  /// Removes from one chunk of records, in the order in which they were decided: what was settled long ago was decided
  /// before, so no index of settlements is needed, which every delivery would have to write.
  ///
  /// - Returns: the chunk's last number, nil when there is nothing beyond it to look at.
  private static func pruneLedgerStep(
    after: Int64,
    settledBefore cutoff: Int64,
    chunk: Int,
    _ db: Database
  ) throws -> (removed: Int, last: Int64?) {
    let rows = try Row.fetchAll(
      db,
      sql: "SELECT number, decided_at FROM deliveries WHERE number > ? ORDER BY number LIMIT ?",
      arguments: [after, chunk]
    )
    let old = rows.prefix { ($0[1] as Int64) < cutoff }
    guard let last = old.last?[0] as Int64? else { return (0, nil) }
    try db.execute(
      sql: """
        DELETE FROM deliveries WHERE number > ? AND number <= ? AND settled_at < ? AND NOT EXISTS (
          SELECT 1 FROM messages WHERE delivery_id = deliveries.delivery_id)
        """,
      arguments: [after, last, cutoff]
    )
    return (db.changesCount, old.count == chunk ? last : nil)
  }
}

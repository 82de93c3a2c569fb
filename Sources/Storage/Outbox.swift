// What is to be delivered. Decisions come in with the journal's transactions; the dispatcher asks what is due per
// target, tries, and settles. In-flight is the dispatcher's memory only: after a crash everything unsettled is due
// again, which is what makes delivery at-least-once.

internal import Foundation
package import GRDB

/// What became of a delivery after an attempt, or without one.
public struct Settlement: Sendable, Equatable {
  /// The decision about the delivery.
  public enum Outcome: Sendable, Equatable {
    /// The target took it.
    case delivered
    /// It is to be tried again at this time, in milliseconds since 1970.
    case retry(at: Int64)
    /// It is given up and the event goes to a dead-letter queue.
    case deadLettered(DeadLetter)
    /// It is given up; the target has no dead-letter queue. The reason is for a person.
    case failed(reason: String)
  }

  /// The delivery.
  public var deliveryID: String
  /// The attempt that led to it; nil when the delivery ran out of time between attempts.
  public var attempt: AttemptRecord?
  /// What is to become of it.
  public var outcome: Outcome

  /// Makes a settlement.
  public init(deliveryID: String, attempt: AttemptRecord?, outcome: Outcome) {
    self.deliveryID = deliveryID
    self.attempt = attempt
    self.outcome = outcome
  }
}

/// The deliveries that are not settled.
public struct Outbox: Sendable {
  let database: EmbeddedDatabase

  /// The deliveries of a target that may be tried now, those that waited longest first.
  ///
  /// - Parameters:
  ///   - byteLimit: stops at the row with which there are as many bytes of events and payloads, whatever `limit` says.
  ///   - excluding: ids that are being tried at the moment.
  public func due(
    target: String,
    now: Int64,
    limit: Int,
    byteLimit: Int = 4 << 20,
    excluding inFlight: Set<String> = []
  ) throws(StorageError) -> [DueDelivery] {
    try database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT \(Ledger.columns), coalesce(j.envelope, d.event)
          FROM deliveries AS d LEFT JOIN journal AS j ON j.sequence = d.event_sequence
          WHERE d.state = 'pending' AND d.target_id = ? AND d.next_attempt_at <= ?
            AND d.delivery_id NOT IN (SELECT value FROM json_each(?))
          ORDER BY d.next_attempt_at, d.number LIMIT ?
          """
      )
      let rows = try Row.fetchCursor(statement, arguments: [target, now, try json(Array(inFlight)), limit])
      var due: [DueDelivery] = []
      var size = 0
      while size < byteLimit, let row = try rows.next() {
        let delivery = DueDelivery(record: try Ledger.record(row), event: try row.bytes(at: Ledger.columnCount))
        size += delivery.event.count + delivery.record.decision.payload.count
        due.append(delivery)
      }
      return due
    }
  }

  /// When a target's next delivery may be tried, in milliseconds since 1970; nil when it has none.
  public func nextDue(target: String, excluding inFlight: Set<String> = []) throws(StorageError) -> Int64? {
    try database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT next_attempt_at FROM deliveries
          WHERE state = 'pending' AND target_id = ? AND delivery_id NOT IN (SELECT value FROM json_each(?))
          ORDER BY next_attempt_at LIMIT 1
          """
      )
      return try Int64.fetchOne(statement, arguments: [target, try json(Array(inFlight))])
    }
  }

  /// The targets that have unsettled deliveries, in name order, with how many.
  public func targetsWithWork() throws(StorageError) -> [(target: String, pending: Int)] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT target_id, count(*) FROM deliveries INDEXED BY deliveries_due
          WHERE state = 'pending' GROUP BY target_id ORDER BY target_id
          """
      ).map { (target: $0[0], pending: $0[1]) }
    }
  }

  /// How many deliveries are not settled.
  public func pendingCount() throws(StorageError) -> Int {
    try database.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM deliveries INDEXED BY deliveries_due WHERE state = 'pending'")
        ?? 0
    }
  }

  /// Records attempts and what became of their deliveries, all in one transaction.
  ///
  /// A dead letter is put into its queue by the same transaction, and the queue is made if it is not there. A delivery
  /// that is not pending (settled already) is left as it is.
  ///
  /// - Parameter now: in milliseconds since 1970.
  /// - Returns: how many deliveries were pending.
  @discardableResult
  public func settle(_ settlements: [Settlement], now: Int64) throws(StorageError) -> Int {
    try database.write { db in
      var settled = 0
      for settlement in settlements where try Self.settle(settlement, now: now, db) { settled += 1 }
      return settled
    }
  }

  /// Brings the next attempts forward after the clock was set back: they were fixed by a clock that was fast.
  ///
  /// - Parameters:
  ///   - duration: how far it was set back, in milliseconds.
  ///   - now: what it shows now, in milliseconds since 1970; nothing becomes due before that.
  /// - Returns: how many there were.
  @discardableResult
  public func bringForward(by duration: Int64, now: Int64) throws(StorageError) -> Int {
    try database.write { db in
      try db.execute(
        sql: """
          UPDATE deliveries SET next_attempt_at = max(?, next_attempt_at - ?)
          WHERE state = 'pending' AND next_attempt_at > ?
          """,
        arguments: [now, duration, now]
      )
      return db.changesCount
    }
  }

  /// Makes every pending delivery of a target due at once, for a target that was repaired.
  ///
  /// - Returns: how many were waiting for a later time.
  @discardableResult
  public func retryNow(target: String, now: Int64) throws(StorageError) -> Int {
    try database.write { db in
      try db.execute(
        sql: """
          UPDATE deliveries SET next_attempt_at = ? WHERE state = 'pending' AND target_id = ? AND next_attempt_at > ?
          """,
        arguments: [now, target, now]
      )
      return db.changesCount
    }
  }

  /// Where an event is in the journal, and whose it is.
  package struct Origin: Sendable {
    var sequence: Int64?
    var account = ""
    var region = ""

    /// What is known of an event that was just journalled.
    package init(_ entry: JournalEntry, sequence: Int64) {
      (self.sequence, account, region) = (sequence, entry.account, entry.region)
    }

    /// Looks for an event; one that is not in the journal (any more) is nobody's.
    fileprivate init(of eventID: String, _ db: Database) throws {
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT sequence, account, region FROM journal WHERE event_id = ?"),
        arguments: [eventID]
      )
      if let row { (sequence, account, region) = (row[0], row[1], row[2]) }
    }
  }

  /// Writes decisions, and the dead letters that come with them; ids that are known already are left as they are.
  ///
  /// - Parameter origins: the events that are known, by id; others are looked for in the journal.
  /// - Returns: the ids that were not known.
  @discardableResult
  package static func insert(
    _ deliveries: [DecidedDelivery],
    of origins: [String: Origin] = [:],
    _ db: Database
  ) throws -> [String] {
    guard !deliveries.isEmpty else { return [] }
    var inserted: [String] = []
    // With VALUES SQLite knows that there is one row, and keeps no copies of the pages for the case that a second fails.
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO deliveries (
          delivery_id, event_sequence, event_id, account, region, rule_id, rule_title, rule_set_hash, step_id,
          target_id, kind, state, reason, decided_at, queued_at, next_attempt_at, settled_at, attempts, parameters,
          payload)
        VALUES (?1, ?16, ?2, ?17, ?18, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, 0, ?14, ?15)
        ON CONFLICT (delivery_id) DO NOTHING
        """
    )
    for delivery in deliveries {
      let isPending = delivery.state == .pending
      let origin = try origins[delivery.eventID] ?? Origin(of: delivery.eventID, db)
      try statement.execute(
        arguments: [
          delivery.deliveryID, delivery.eventID, delivery.ruleID, delivery.ruleTitle, delivery.ruleSetHash,
          delivery.stepID, delivery.targetID, delivery.kind.rawValue, delivery.state.rawValue, delivery.reason,
          delivery.decidedAt, delivery.firstAttemptAt, isPending ? nil : delivery.decidedAt,
          // Most have none, and an encoder takes longer than the row.
          delivery.parameters.isEmpty ? "[]" : try json(delivery.parameters.map { [$0.name, $0.value] }),
          Data(delivery.payload), origin.sequence, origin.account, origin.region,
        ]
      )
      guard db.changesCount == 1 else { continue }
      inserted.append(delivery.deliveryID)
      guard let letter = delivery.deadLetter else { continue }
      let number = db.lastInsertedRowID
      guard try !letter.post(delivery: number, attempts: 0, now: delivery.decidedAt, db) else { continue }
      try db.cachedStatement(
        sql: """
          UPDATE deliveries SET state = CASE state WHEN 'dead-lettered' THEN 'failed' ELSE state END,
            reason = reason || ? WHERE number = ?
          """
      ).execute(arguments: [" (there is no dead-letter queue \(DeadLetter.readable(letter.queue)))", number])
    }
    return inserted
  }

  /// Puts a delivery that was given up back as if it had been decided at `now`.
  ///
  /// - Parameters:
  ///   - rendered: the step as it is rendered now; one that could not be rendered before does not change without it.
  ///   - event: the dead letter's body, kept for the case that the journal no longer has the event.
  /// - Returns: whether it is in the outbox again; only one that was given up changes.
  @discardableResult
  package static func requeue(
    _ deliveryID: String,
    as rendered: DecidedDelivery? = nil,
    event: [UInt8],
    now: Int64,
    _ db: Database
  ) throws -> Bool {
    if let rendered {
      try db.cachedStatement(
        sql: """
          UPDATE deliveries SET state = 'dead-lettered', rule_title = ?, rule_set_hash = ?, target_id = ?, kind = ?,
            parameters = ?, payload = ? WHERE delivery_id = ? AND state = 'render-failed'
          """
      ).execute(
        arguments: [
          rendered.ruleTitle, rendered.ruleSetHash, rendered.targetID, rendered.kind.rawValue,
          try json(rendered.parameters.map { [$0.name, $0.value] }), Data(rendered.payload), deliveryID,
        ]
      )
    }
    try db.cachedStatement(
      sql: """
        UPDATE deliveries SET state = 'pending', reason = '', queued_at = ?1, next_attempt_at = ?1, settled_at = NULL,
          attempts = 0,
          event = CASE WHEN event_sequence IN (SELECT sequence FROM journal) THEN NULL ELSE ?2 END
        WHERE delivery_id = ?3 AND state = 'dead-lettered'
        """
    ).execute(arguments: [now, Data(event), deliveryID])
    return db.changesCount == 1
  }

  /// Adds to the reason of a record.
  package static func annotate(_ deliveryID: String, _ note: String, _ db: Database) throws {
    try db.cachedStatement(sql: "UPDATE deliveries SET reason = reason || ? WHERE delivery_id = ?")
      .execute(arguments: [note, deliveryID])
  }

  /// Makes a delivery that was recorded as made one that is to be settled again, within the transaction that recorded it.
  package static func reopen(_ deliveryID: String, _ db: Database) throws {
    try db.cachedStatement(
      sql: "UPDATE deliveries SET state = 'pending', settled_at = NULL WHERE delivery_id = ? AND state = 'delivered'"
    ).execute(arguments: [deliveryID])
  }

  /// Records what became of a pending delivery, within a transaction.
  ///
  /// - Returns: whether it was pending.
  @discardableResult
  package static func settle(_ settlement: Settlement, now: Int64, _ db: Database) throws -> Bool {
    guard
      let number = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT number FROM deliveries WHERE delivery_id = ? AND state = 'pending'"),
        arguments: [settlement.deliveryID]
      )
    else { return false }

    if let attempt = settlement.attempt {
      try db.cachedStatement(
        sql: """
          INSERT INTO attempts (delivery, attempt, started_at, ended_at, error_code, summary, output)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(
        arguments: [
          number, attempt.attempt, attempt.startedAt, attempt.endedAt, attempt.errorCode, attempt.summary,
          attempt.output,
        ]
      )
    }
    let tried = settlement.attempt == nil ? 0 : 1
    var outcome = settlement.outcome
    if case .deadLettered(let letter) = outcome, try !letter.post(delivery: number, attempts: tried, now: now, db) {
      outcome = .failed(
        reason: "\(letter.errorMessage) (there is no dead-letter queue \(DeadLetter.readable(letter.queue)))"
      )
    }
    let (state, reason, settledAt, next) = outcome.columns(now: now)
    try db.cachedStatement(
      sql: """
        UPDATE deliveries SET state = ?, reason = ?, settled_at = ?, next_attempt_at = coalesce(?, next_attempt_at),
          attempts = attempts + ? WHERE number = ?
        """
    ).execute(arguments: [state.rawValue, reason, settledAt, next, tried, number])
    return true
  }
}

extension Settlement.Outcome {
  fileprivate func columns(now: Int64) -> (state: DeliveryState, reason: String, settledAt: Int64?, next: Int64?) {
    switch self {
    case .delivered: (.delivered, "", now, nil)
    case .retry(let time): (.pending, "", nil, time)
    case .deadLettered(let letter): (.deadLettered, letter.errorMessage, now, nil)
    case .failed(let reason): (.failed, reason, now, nil)
    }
  }
}

extension EmbeddedDatabase {
  /// The deliveries that are not settled.
  public var outbox: Outbox { Outbox(database: self) }
}

/// Small values as JSON text for a column.
package func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

// The record of every action taken or refused: what `deliveries list` and `deliveries show` print.

internal import Foundation
package import GRDB

/// Which records are wanted; nil means any.
public struct LedgerQuery: Sendable, Equatable {
  /// Of this rule.
  public var ruleID: String?
  /// To this target or action.
  public var targetID: String?
  /// In this state.
  public var state: DeliveryState?
  /// About this event.
  public var eventID: String?
  /// Decided at or after this time, in milliseconds since 1970.
  public var since: Int64?
  /// With a smaller number than this, to go on where the page before ended.
  public var before: Int64?
  /// At most this many.
  public var limit: Int

  /// Makes a query.
  public init(
    ruleID: String? = nil,
    targetID: String? = nil,
    state: DeliveryState? = nil,
    eventID: String? = nil,
    since: Int64? = nil,
    before: Int64? = nil,
    limit: Int = 100
  ) {
    self.ruleID = ruleID
    self.targetID = targetID
    self.state = state
    self.eventID = eventID
    self.since = since
    self.before = before
    self.limit = limit
  }
}

/// The records of deliveries and refusals.
public struct Ledger: Sendable {
  let database: EmbeddedDatabase

  /// The records that fit a query, newest first.
  public func list(_ query: LedgerQuery = LedgerQuery()) throws(StorageError) -> [DeliveryRecord] {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments += [value]
    }
    require("d.rule_id = ?", query.ruleID)
    require("d.target_id = ?", query.targetID)
    require("d.state = ?", query.state?.rawValue)
    require("d.event_id = ?", query.eventID)
    require("d.decided_at >= ?", query.since)
    require("d.number < ?", query.before)
    arguments += [query.limit]
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let sql = "SELECT \(Self.columns) FROM deliveries AS d \(filter) ORDER BY d.number DESC LIMIT ?"
    return try database.read { db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).map(Self.record)
    }
  }

  /// One delivery with its attempts, oldest first.
  public func show(_ deliveryID: String) throws(StorageError) -> (record: DeliveryRecord, attempts: [AttemptRecord])? {
    try database.read { db in
      let sql = "SELECT \(Self.columns) FROM deliveries AS d WHERE d.delivery_id = ?"
      guard let row = try Row.fetchOne(db, sql: sql, arguments: [deliveryID]) else { return nil }
      let record = try Self.record(row)
      let attempts = try Row.fetchAll(
        db,
        sql: """
          SELECT attempt, started_at, ended_at, error_code, summary, output
          FROM attempts WHERE delivery = ? ORDER BY attempt_number
          """,
        arguments: [record.number]
      ).map {
        AttemptRecord(
          attempt: $0[0],
          startedAt: $0[1],
          endedAt: $0[2],
          errorCode: $0[3],
          summary: $0[4],
          output: $0[5]
        )
      }
      return (record, attempts)
    }
  }

  /// The record of a delivery, within a transaction.
  package static func record(of deliveryID: String, _ db: Database) throws -> DeliveryRecord? {
    let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM deliveries AS d WHERE d.delivery_id = ?")
    return try Row.fetchOne(statement, arguments: [deliveryID]).map(record)
  }

  /// How many records are in each state; states without any are left out.
  public func counts() throws(StorageError) -> [DeliveryState: Int] {
    try database.read { db in
      var counts: [DeliveryState: Int] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT state, count(*) FROM deliveries GROUP BY state") {
        counts[DeliveryState(rawValue: row[0]) ?? .failed] = row[1]
      }
      return counts
    }
  }

  /// The columns of a record, of table `d`.
  package static let columns = """
    d.number, d.delivery_id, d.event_sequence, d.event_id, d.rule_id, d.rule_title, d.rule_set_hash, d.step_id, \
    d.target_id, d.kind, d.state, d.reason, d.decided_at, d.queued_at, d.next_attempt_at, d.settled_at, d.attempts, \
    d.parameters, d.payload
    """
  static let columnCount = 19

  /// Reads a row of `columns`.
  package static func record(_ row: Row) throws -> DeliveryRecord {
    let parameters = try JSONDecoder().decode([[String]].self, from: Data((row[17] as String).utf8))
    return DeliveryRecord(
      number: row[0],
      decision: DecidedDelivery(
        deliveryID: row[1],
        eventID: row[3],
        ruleID: row[4],
        ruleTitle: row[5],
        ruleSetHash: row[6],
        stepID: row[7],
        targetID: row[8],
        kind: DeliveryKind(rawValue: row[9]) ?? .send,
        state: DeliveryState(rawValue: row[10]) ?? .failed,
        reason: row[11],
        decidedAt: row[12],
        parameters: parameters.map { DeliveryParameter(name: $0[0], value: $0[1]) },
        payload: try row.bytes(at: 18)
      ),
      eventSequence: row[2],
      queuedAt: row[13],
      nextAttemptAt: row[14],
      settledAt: row[15],
      attempts: row[16]
    )
  }
}

extension EmbeddedDatabase {
  /// The records of deliveries and refusals.
  public var ledger: Ledger { Ledger(database: self) }
}

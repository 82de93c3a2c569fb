// What went wrong of late, for somebody who looks in: as quick to read as the figures, however large the tables are.

internal import Foundation
internal import GRDB

/// What went wrong with deliveries.
public struct EngineTroubles: Sendable, Equatable {
  /// Letters that wait in a queue.
  public struct Letters: Sendable, Equatable {
    /// The queue; the queues of AWS's API with their account and Region: `111122223333/us-east-1/dead`.
    public var queue: String
    /// How many there are.
    public var count: Int
  }

  /// An attempt that failed, or a delivery that was given up without one: there was nothing that could be sent.
  public struct Failure: Sendable, Equatable {
    /// When it ended, in milliseconds since 1970.
    public var endedAt: Int64
    /// The rule.
    public var rule: String
    /// The target or action.
    public var target: String
    /// The delivery.
    public var deliveryID: String
    /// The error's code.
    public var code: String
    /// What happened, for a person.
    public var summary: String
  }

  /// Letters of deliveries, by queue.
  public var letters: [Letters]
  /// The latest failures, the newest first.
  public var failures: [Failure]
}

extension EmbeddedDatabase {
  /// Attempts that are looked at for failures.
  private static let recentAttempts = 10_000

  /// What went wrong of late.
  ///
  /// - Parameter limit: the most failures.
  public func troubles(limit: Int = 5) throws(StorageError) -> EngineTroubles {
    try read { db in
      let letters = try Row.fetchAll(
        db,
        sql: """
          SELECT q.account, q.region, q.name, count(*) FROM messages AS m JOIN queues AS q ON q.queue = m.queue
          WHERE m.delivery_id IS NOT NULL GROUP BY m.queue ORDER BY 1, 2, 3
          """
      ).map { row in
        let parts = [row[0], row[1], row[2]] as [String]
        return EngineTroubles.Letters(queue: parts.filter { !$0.isEmpty }.joined(separator: "/"), count: row[3])
      }
      let attempts = try Row.fetchAll(
        db,
        sql: """
          SELECT a.ended_at, d.rule_id, d.target_id, d.delivery_id, a.error_code, a.summary
          FROM attempts AS a JOIN deliveries AS d ON d.number = a.delivery
          WHERE a.attempt_number > (SELECT coalesce(max(attempt_number), 0) FROM attempts) - ?
            AND a.error_code IS NOT NULL
          ORDER BY a.attempt_number DESC LIMIT ?
          """,
        arguments: [Self.recentAttempts, limit]
      ).map {
        EngineTroubles.Failure(
          endedAt: $0[0],
          rule: $0[1],
          target: $0[2],
          deliveryID: $0[3],
          code: $0[4],
          summary: $0[5]
        )
      }
      let untried = try Row.fetchAll(
        db,
        sql: """
          SELECT coalesce(settled_at, decided_at), rule_id, target_id, delivery_id, reason FROM deliveries
          WHERE number > (SELECT coalesce(max(number), 0) FROM deliveries) - ?
            AND attempts = 0 AND state IN ('failed', 'dead-lettered', 'render-failed')
          ORDER BY number DESC LIMIT ?
          """,
        arguments: [Self.recentAttempts, limit]
      ).map { row in
        let reason = FailureReason(row[4])
        return EngineTroubles.Failure(
          endedAt: row[0],
          rule: row[1],
          target: row[2],
          deliveryID: row[3],
          code: reason.code ?? "INVALID_JSON",
          summary: reason.message
        )
      }
      let failures = (attempts + untried).sorted { $0.endedAt > $1.endedAt }.prefix(limit)
      return EngineTroubles(letters: letters, failures: Array(failures))
    }
  }

  /// When the newest event was journalled, in milliseconds since 1970; nothing if there is none.
  public func newestEventTime() throws(StorageError) -> Int64? {
    try read { db in
      try Int64.fetchOne(db, sql: "SELECT journalled_at FROM journal ORDER BY sequence DESC LIMIT 1")
    }
  }

  /// How many rules were made through EventBridge's API, in all accounts.
  public func ruleCountOfBuses() throws(StorageError) -> Int {
    try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM bus_resources WHERE kind = 'rule'") ?? 0 }
  }
}

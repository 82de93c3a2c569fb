// A few numbers that say how the engine does, read in passing: the queries below touch indexes and a few rows, so a
// monitor may ask every few seconds, however large the tables are.

internal import GRDB

/// What has been done with a database, and what waits in it.
public struct EngineFigures: Sendable, Equatable {
  /// The work of one target.
  public struct Backlog: Sendable, Equatable {
    /// The target.
    public var target: String
    /// Deliveries that wait.
    public var pending: Int
    /// When the first of them is or was due, in milliseconds since 1970.
    public var dueAt: Int64

    /// Describes the work of a target.
    public init(target: String, pending: Int, dueAt: Int64) {
      self.target = target
      self.pending = pending
      self.dueAt = dueAt
    }
  }

  /// A queue that takes what others give up.
  public struct DeadLetterQueue: Sendable, Equatable {
    /// Its account; empty for the engine's own.
    public var account: String
    /// Its Region; empty for the engine's own.
    public var region: String
    /// Its name.
    public var name: String
    /// The messages in it.
    public var depth: Int
  }

  /// Events journalled since the database was made.
  public var events: Int64
  /// Deliveries recorded since the database was made.
  public var deliveries: Int64
  /// Attempts to deliver.
  public var attempts: Int64
  /// Letters of deliveries that wait in dead-letter queues.
  public var deadLetters: Int
  /// What waits, by target.
  public var backlog: [Backlog]
  /// The dead-letter queues, of queues and of deliveries.
  public var deadLetterQueues: [DeadLetterQueue]
}

extension EmbeddedDatabase {
  /// How the engine does.
  public func figures() throws(StorageError) -> EngineFigures {
    try read { db in
      func sequence(_ table: String) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = ?", arguments: [table]) ?? 0
      }
      let backlog = try Row.fetchAll(
        db,
        sql: """
          SELECT target_id, count(*), min(next_attempt_at) FROM deliveries INDEXED BY deliveries_due
          WHERE state = 'pending' GROUP BY target_id ORDER BY target_id
          """
      )
      let deadLetterQueues = try Row.fetchAll(
        db,
        sql: """
          SELECT account, region, name, (SELECT count(*) FROM messages AS m WHERE m.queue = q.queue) FROM queues AS q
          WHERE (account, region, name) IN (
              SELECT account, region, dead_letter_queue FROM queues WHERE dead_letter_queue IS NOT NULL)
            OR queue IN (SELECT queue FROM messages WHERE delivery_id IS NOT NULL)
          ORDER BY account, region, name
          """
      )
      return EngineFigures(
        events: try sequence("journal"),
        deliveries: try sequence("deliveries"),
        attempts: try Int64.fetchOne(db, sql: "SELECT max(attempt_number) FROM attempts") ?? 0,
        deadLetters: try Int.fetchOne(db, sql: "SELECT count(*) FROM messages WHERE delivery_id IS NOT NULL") ?? 0,
        backlog: backlog.map { EngineFigures.Backlog(target: $0[0], pending: $0[1], dueAt: $0[2]) },
        deadLetterQueues: deadLetterQueues.map {
          EngineFigures.DeadLetterQueue(account: $0[0], region: $0[1], name: $0[2], depth: $0[3])
        }
      )
    }
  }
}

// Message move tasks: starting, cancelling, listing, and doing them.

internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

extension QueueService {
  /// How many messages are moved in one transaction.
  private static let moveBatch = 100

  /// Begins to move the messages of a dead-letter queue; `runMoves` does the work.
  ///
  /// - Parameters:
  ///   - destination: where to; nil means back to the queues that they came from.
  ///   - rate: at most so many messages a second, 1 to 500.
  /// - Returns: what cancels it.
  public func startMove(
    from source: QueueAddress,
    to destination: QueueAddress?,
    rate: Int?,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> String {
    if let rate, !(1...500).contains(rate) {
      throw .value(rate, of: "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500.")
    }
    let now = now()
    let handle = try await transact { [self] db in
      let row = try moveQueue(source, "SourceArn", for: "StartMessageMoveTask", as: caller, db)
      let isDeadLetterQueue = try Bool.fetchOne(
        db,
        sql: "SELECT EXISTS (SELECT 1 FROM queues WHERE account = ? AND region = ? AND dead_letter_queue = ?)",
        arguments: [row.account, row.region, row.name]
      )
      guard isDeadLetterQueue == true else {
        throw MessagingError(.invalidParameterValue, "Source queue must be configured as a Dead Letter Queue.")
      }
      var target: Int64?
      if let destination {
        guard destination != source else {
          throw MessagingError(.invalidParameterValue, "Source queue arn and destination queue arn cannot be the same.")
        }
        let row2 = try moveQueue(destination, "DestinationArn", for: "SendMessage", as: caller, db)
        // What is moved stays in the account, and its Region.
        guard destination.scope == source.scope else {
          throw MessagingError(
            .invalidParameterValue,
            "Source and destination must be queues of the same account and Region."
          )
        }
        guard (row2.attributes.fifo == nil) == (row.attributes.fifo == nil) else {
          throw MessagingError(.invalidParameterValue, "Source and destination must be queues of the same type.")
        }
        target = row2.key
      }
      let isActive = try Bool.fetchOne(
        db,
        sql:
          "SELECT EXISTS (SELECT 1 FROM message_move_tasks WHERE source = ? AND status IN ('RUNNING', 'CANCELLING'))",
        arguments: [row.key]
      )
      guard isActive != true else {
        throw MessagingError(
          .unsupportedOperation,
          "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
        )
      }
      let counts = try Row.fetchOne(
        db,
        sql: "SELECT count(*), coalesce(max(number), 0) FROM messages WHERE queue = ?",
        arguments: [row.key]
      )
      let secret = try String.fetchOne(db, sql: "SELECT lower(hex(randomblob(16)))") ?? ""
      let handle = Data("{\"taskId\":\"\(secret)\",\"sourceArn\":\"\(source.arn)\"}".utf8).base64EncodedString()
      try db.execute(
        sql: """
          INSERT INTO message_move_tasks (handle, source, destination, rate, status, to_move, through, started_at)
          VALUES (?, ?, ?, ?, 'RUNNING', ?, ?, ?)
          """,
        arguments: [handle, row.key, target, rate, counts?[0] as Int?, counts?[1] as Int64?, now]
      )
      return handle
    }
    waiters.notify([Self.moveSignal])
    return handle
  }

  /// Stops a task; what it has moved stays moved.
  ///
  /// - Returns: how many messages it had moved.
  public func cancelMove(_ handle: String, as caller: MessagingCaller) async throws(MessagingError) -> Int {
    try await transact { [self] db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT t.task, t.moved, t.status, q.account, q.region, q.name
            FROM message_move_tasks AS t JOIN queues AS q ON q.queue = t.source WHERE t.handle = ?
            """,
          arguments: [handle]
        )
      else {
        guard Data(base64Encoded: handle) != nil else {
          throw MessagingError.value(handle, of: "TaskHandle", "The task handle is not valid.")
        }
        throw MessagingError(.resourceNotFound, "Task does not exist.")
      }
      let account: String = row[3]
      let scope = account.isEmpty ? home : Scope(account: account, region: row[4])
      _ = try open(QueueAddress(row[5], in: scope), for: "CancelMessageMoveTask", as: caller, db)
      guard row[2] as String == MessageMoveTask.Status.running.rawValue else {
        throw MessagingError(.unsupportedOperation, "Only active tasks can be cancelled.")
      }
      try db.execute(
        sql: "UPDATE message_move_tasks SET status = 'CANCELLED' WHERE task = ?",
        arguments: [row[0] as Int64]
      )
      return row[1]
    }
  }

  /// The newest tasks of a source queue, up to ten.
  public func moves(
    from source: QueueAddress,
    limit: Int,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [MessageMoveTask] {
    guard (1...10).contains(limit) else {
      throw .value(limit, of: "MaxResults", "Must be between 1 and 10.")
    }
    return try await fetch { [self] db in
      let row = try moveQueue(source, "SourceArn", for: "ListMessageMoveTasks", as: caller, db)
      return try Row.fetchAll(
        db,
        sql: """
          SELECT t.handle, t.status, q.account, q.region, q.name, t.rate, t.moved, t.to_move, t.failure, t.started_at
          FROM message_move_tasks AS t LEFT JOIN queues AS q ON q.queue = t.destination
          WHERE t.source = ? ORDER BY t.task DESC LIMIT ?
          """,
        arguments: [row.key, limit]
      ).map { task in
        let status = MessageMoveTask.Status(rawValue: task[1]) ?? .failed
        var destination: ARN?
        if let name = task[4] as String? {
          let account: String = task[2]
          destination = QueueAddress(name, in: account.isEmpty ? home : Scope(account: account, region: task[3])).arn
        }
        return MessageMoveTask(
          handle: status == .running ? task[0] : nil,
          status: status,
          source: source.arn,
          destination: destination,
          rate: task[5],
          moved: task[6],
          toMove: task[7],
          failure: task[8],
          startedAt: task[9]
        )
      }
    }
  }

  private func moveQueue(
    _ address: QueueAddress,
    _ parameter: String,
    for action: String,
    as caller: MessagingCaller,
    _ db: Database
  ) throws -> Queues.QueueRow {
    guard let row = try find(address, db) else {
      throw MessagingError(
        .resourceNotFound,
        "The resource that you specified for the \(parameter) parameter doesn't exist."
      )
    }
    _ = try open(address, for: action, as: caller, db)
    return row
  }

  // MARK: Doing them

  /// The key that wakes the mover; no queue has it.
  private static let moveSignal: Int64 = -1

  /// Moves the messages of tasks until the task is cancelled.
  public func runMoves() async {
    while !Task.isCancelled {
      let stamp = waiters.stamp
      do throws(MessagingError) {
        let pause = try await moveSome()
        if pause == .zero { continue }
        await waiters.wait(for: Self.moveSignal, since: stamp, atMost: pause ?? .seconds(60))
      } catch {
        // A full disk passes; the tasks are where they were.
        try? await Task.sleep(for: .seconds(5))
      }
    }
  }

  /// Moves one batch of every running task.
  ///
  /// - Returns: how long to pause before the next batch; nil when no task runs.
  public func moveSome() async throws(MessagingError) -> Duration? {
    let now = now()
    return try await transact { db in
      let tasks = try Row.fetchAll(
        db,
        sql: "SELECT task, source, destination, rate, through FROM message_move_tasks WHERE status = 'RUNNING'"
      )
      if tasks.isEmpty { return nil }
      var pause = Duration.zero
      for task in tasks {
        let rate = task[3] as Int?
        if rate != nil { pause = .seconds(1) }
        try Self.move(task, limit: min(rate ?? Self.moveBatch, Self.moveBatch * 5), now: now, db)
      }
      return pause
    }
  }

  private static func move(_ task: Row, limit: Int, now: Int64, _ db: Database) throws {
    let (id, source, destination, through): (Int64, Int64, Int64?, Int64) = (task[0], task[1], task[2], task[4])
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT m.number, iif(?1 IS NULL, d.queue, (SELECT queue FROM queues WHERE queue = ?1)) FROM messages AS m JOIN queues AS s ON s.queue = m.queue
        LEFT JOIN queues AS d ON d.account = s.account AND d.region = s.region AND d.name = m.source_queue
        WHERE m.queue = ?2 AND m.number <= ?3 AND m.visible_at <= ?4 ORDER BY m.number LIMIT ?5
        """,
      arguments: [destination, source, through, now, limit]
    )
    var moved = 0
    var failure: String?
    for row in rows {
      guard let target = row[1] as Int64? else {
        failure = destination == nil ? "CouldNotDetermineMessageSource" : "AWS.SimpleQueueService.NonExistentQueue"
        break
      }
      try db.cachedStatement(
        sql: """
          UPDATE messages SET queue = ?, source_queue = NULL, sent_at = ?, visible_at = ?, receive_count = 0,
            first_received_at = NULL, received_at = NULL, receipt = NULL WHERE number = ?
          """
      ).execute(arguments: [target, now, now, row[0] as Int64])
      moved += 1
    }
    let status =
      failure != nil
      ? MessageMoveTask.Status.failed
      : rows.count < limit ? .completed : .running
    try db.execute(
      sql: "UPDATE message_move_tasks SET moved = moved + ?, status = ?, failure = ? WHERE task = ?",
      arguments: [moved, status.rawValue, failure, id]
    )
  }
}

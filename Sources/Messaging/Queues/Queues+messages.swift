// Sending, receiving and deleting. A receipt handle names the message's row and the secret of its latest receipt, so
// that a receiver whose time ran out cannot delete what somebody else is working on.

internal import Foundation
internal import GRDB
public import Storage

extension Queues {
  /// Sends a message.
  ///
  /// Throws `StorageError.notFound` when there is no such queue.
  @discardableResult
  public func send(_ message: OutgoingMessage, to name: String, now: Int64) throws(StorageError) -> SentMessage {
    try database.write { try Self.send(message, to: try Self.queue(name, $0), now: now, $0) }
  }

  /// Sends a message in a transaction that it shares with other writers who wait; does not block.
  @discardableResult
  public func post(
    _ message: OutgoingMessage,
    to name: String,
    now: Int64
  ) async throws(StorageError) -> SentMessage {
    try await database.commit { try Self.send(message, to: try Self.queue(name, $0), now: now, $0) }
  }

  /// Receives up to ten messages and hides them for the visibility timeout (the queue's unless given).
  ///
  /// A message that was received as often as the redrive policy allows goes to the dead-letter queue instead.
  public func receive(
    from name: String,
    limit: Int = 1,
    visibilityTimeout: Int64? = nil,
    now: Int64
  ) throws(StorageError) -> [ReceivedMessage] {
    guard (1...10).contains(limit) else {
      throw .invalid("One to ten messages can be received at a time, not \(limit).")
    }
    try check(visibilityTimeout ?? 0)
    return try database.write { db in
      let queue = try Self.queue(name, db)
      return try Self.receive(from: queue, limit: limit, visibilityTimeout: visibilityTimeout, now: now, db).map {
        ReceivedMessage(receiptHandle: "\($0.message.number).\($0.receipt)", message: $0.message)
      }
    }
  }

  /// Deletes a received message for good.
  ///
  /// - Returns: whether the handle was the latest of a message that is there; a void one deletes nothing.
  @discardableResult
  public func delete(_ receiptHandle: String, from name: String) throws(StorageError) -> Bool {
    let (number, receipt) = try parse(receiptHandle)
    return try database.write { db in
      try db.execute(
        sql: "DELETE FROM messages WHERE number = ? AND queue = ? AND receipt = ?",
        arguments: [number, try Self.queue(name, db).key, receipt]
      )
      return db.changesCount > 0
    }
  }

  /// Hides a received message for a time from now on; 0 makes it visible at once.
  ///
  /// - Returns: whether the handle was the latest of a message that is in flight.
  @discardableResult
  public func changeVisibility(
    of receiptHandle: String,
    in name: String,
    to timeout: Int64,
    now: Int64
  ) throws(StorageError) -> Bool {
    let (number, receipt) = try parse(receiptHandle)
    try check(timeout)
    return try database.write { db in
      try db.execute(
        sql: "UPDATE messages SET visible_at = ? WHERE number = ? AND queue = ? AND receipt = ? AND visible_at > ?",
        arguments: [now + timeout, number, try Self.queue(name, db).key, receipt, now]
      )
      return db.changesCount > 0
    }
  }

  /// The messages of a queue without receiving them, in the order of sending, after a number of them.
  public func peek(_ name: String, limit: Int = 100, offset: Int = 0, now: Int64) throws(StorageError) -> [QueueMessage]
  {
    try database.read { db in
      let queue = try Self.queue(name, db)
      return try Row.fetchAll(
        db,
        sql: """
          SELECT \(Self.columns) FROM messages WHERE queue = ? AND sent_at > ? ORDER BY number LIMIT ? OFFSET ?
          """,
        arguments: [queue.key, now - queue.attributes.retention, limit, offset]
      ).map(Self.message)
    }
  }
}

private func check(_ visibilityTimeout: Int64) throws(StorageError) {
  guard (0...43_200_000).contains(visibilityTimeout) else {
    throw .invalid("A visibility timeout is 0 to 43200000 ms (12 hours), not \(visibilityTimeout).")
  }
}

private func parse(_ receiptHandle: String) throws(StorageError) -> (number: Int64, receipt: String) {
  let parts = receiptHandle.split(separator: ".", omittingEmptySubsequences: false)
  guard parts.count == 2, let number = Int64(parts[0]), !parts[1].isEmpty else {
    throw .invalid("'\(receiptHandle)' is no receipt handle; take the one that receiving the message gave.")
  }
  return (number, String(parts[1]))
}

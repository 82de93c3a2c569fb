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
    try database.write { try Self.send(message, to: name, now: now, $0) }
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
      try Self.moveExhausted(of: queue, now: now, db)
      let statement = try db.cachedStatement(
        sql: """
          UPDATE messages SET visible_at = ?1, receive_count = receive_count + 1,
            first_received_at = coalesce(first_received_at, ?2), receipt = lower(hex(randomblob(16)))
          WHERE number IN (
            SELECT number FROM messages WHERE queue = ?3 AND visible_at <= ?2 AND sent_at > ?4
            ORDER BY visible_at, number LIMIT ?5)
          RETURNING \(Self.columns), receipt
          """
      )
      let timeout = visibilityTimeout ?? queue.attributes.visibilityTimeout
      let rows = try Row.fetchAll(
        statement,
        arguments: [now + timeout, now, queue.key, now - queue.attributes.retention, limit]
      )
      // RETURNING has no order of its own.
      return try rows.sorted { ($0[0] as Int64) < ($1[0] as Int64) }.map { row in
        let number: Int64 = row[0]
        let receipt: String = row[Self.columnCount]
        return ReceivedMessage(receiptHandle: "\(number).\(receipt)", message: try Self.message(row))
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

  /// Sends within a transaction.
  static func send(_ message: OutgoingMessage, to name: String, now: Int64, _ db: Database) throws -> SentMessage {
    let queue = try queue(name, db)
    let digest = md5(of: message.body)
    if let identifier = message.deduplicationID {
      let statement = try db.cachedStatement(
        sql: """
          SELECT message_id FROM message_deduplication WHERE queue = ? AND deduplication_id = ? AND sent_at > ?
          """
      )
      let arguments: StatementArguments = [queue.key, identifier, now - queue.attributes.retention]
      if let known = try String.fetchOne(statement, arguments: arguments) {
        return SentMessage(messageID: known, md5OfBody: digest, isDuplicate: true)
      }
    }
    let messageID = try QueueRows.insertMessage(
      queue: queue.key,
      body: message.body,
      attributes: message.attributes,
      visibleAt: now + (message.delay ?? queue.attributes.delay),
      now: now,
      db
    )
    if let identifier = message.deduplicationID {
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO message_deduplication (queue, deduplication_id, message_id, sent_at)
          VALUES (?, ?, ?, ?)
          """
      ).execute(arguments: [queue.key, identifier, messageID, now])
    }
    return SentMessage(messageID: messageID, md5OfBody: digest, isDuplicate: false)
  }

  /// Moves what was received too often, as far as it is visible again.
  private static func moveExhausted(of queue: QueueRow, now: Int64, _ db: Database) throws {
    guard let redrive = queue.attributes.redrive else { return }
    let deadLetters = try ensureDeadLetterQueue(of: redrive, now: now, db)
    try db.cachedStatement(
      sql: """
        UPDATE messages INDEXED BY messages_received SET queue = ?1, source_queue = ?2, visible_at = ?3, receive_count = 0,
          first_received_at = NULL, receipt = NULL
        WHERE queue = ?4 AND receive_count >= ?5 AND receive_count > 0 AND visible_at <= ?3
        """
    ).execute(arguments: [deadLetters, queue.name, now, queue.key, redrive.maxReceiveCount])
  }

  /// The columns of a message.
  static let columns = """
    number, message_id, body, attributes, sent_at, first_received_at, receive_count, visible_at, source_queue, \
    delivery_id
    """
  private static let columnCount = 10

  /// Reads a row of `columns`.
  static func message(_ row: Row) throws -> QueueMessage {
    QueueMessage(
      messageID: row[1],
      body: try row.bytes(at: 2),
      attributes: try JSONDecoder().decode([String: String].self, from: Data((row[3] as String).utf8)),
      sentAt: row[4],
      firstReceivedAt: row[5],
      receiveCount: row[6],
      visibleAt: row[7],
      sourceQueue: row[8],
      deliveryID: row[9]
    )
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

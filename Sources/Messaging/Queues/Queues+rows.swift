// What sending and receiving do to the tables, within a transaction that somebody else has begun: a client's, a rule's,
// a topic's. A FIFO queue is a queue whose rows have groups: a group with a message in flight gives no other.

internal import Crypto
internal import Foundation
internal import GRDB
internal import Storage

extension Queues {
  /// How long a FIFO queue remembers deduplication ids, in milliseconds.
  static let fifoDeduplication: Int64 = 300_000

  /// Sends within a transaction.
  static func send(_ message: OutgoingMessage, to queue: QueueRow, now: Int64, _ db: Database) throws -> SentMessage {
    let digest = md5(of: message.body)
    let key = deduplicationKey(of: message, in: queue)
    let memory = queue.attributes.fifo == nil ? queue.attributes.retention : fifoDeduplication
    if let key {
      let statement = try db.cachedStatement(
        sql: """
          SELECT message_id, number FROM message_deduplication
          WHERE queue = ? AND deduplication_id = ? AND sent_at > ?
          """
      )
      if let known = try Row.fetchOne(statement, arguments: [queue.key, key, now - memory]) {
        return SentMessage(
          messageID: known[0],
          md5OfBody: digest,
          isDuplicate: true,
          sequenceNumber: queue.attributes.fifo == nil ? nil : sequenceNumber(of: known[1] ?? 0)
        )
      }
    }
    let extras = QueueRows.Extras(
      // Rules send without a group; in a FIFO queue they are one.
      groupID: message.groupID ?? (queue.attributes.fifo == nil ? nil : "signalbox"),
      deduplicationID: queue.attributes.fifo == nil ? nil : message.deduplicationID ?? contentID(of: message.body),
      senderID: message.senderID,
      traceHeader: message.traceHeader
    )
    let (messageID, number) = try QueueRows.insertMessage(
      queue: queue.key,
      body: message.body,
      attributes: try StoredAttributes.text(of: message.messageAttributes),
      extras: extras,
      visibleAt: now + (message.delay ?? queue.attributes.delay),
      now: now,
      db
    )
    if let key {
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO message_deduplication (queue, deduplication_id, message_id, sent_at, number)
          VALUES (?, ?, ?, ?, ?)
          """
      ).execute(arguments: [queue.key, key, messageID, now, number])
    }
    return SentMessage(
      messageID: messageID,
      md5OfBody: digest,
      isDuplicate: false,
      sequenceNumber: queue.attributes.fifo == nil ? nil : sequenceNumber(of: number)
    )
  }

  /// What a message must not share with another one.
  private static func deduplicationKey(of message: OutgoingMessage, in queue: QueueRow) -> String? {
    guard let fifo = queue.attributes.fifo else { return message.deduplicationID }
    let identifier = message.deduplicationID ?? (fifo.deduplicatesContent ? contentID(of: message.body) : nil)
    guard let identifier else { return nil }
    // Neither has control characters, and SQLite ends texts at a zero.
    return fifo.deduplicatesByGroup ? "\(message.groupID ?? "")\u{1}\(identifier)" : identifier
  }

  /// The deduplication id that a body has of itself.
  private static func contentID(of body: [UInt8]) -> String {
    hex(SHA256.hash(data: body))
  }

  /// Receives within a transaction: hides messages and gives them receipts.
  static func receive(
    from queue: QueueRow,
    limit: Int,
    visibilityTimeout: Int64?,
    now: Int64,
    _ db: Database
  ) throws -> [(message: QueueMessage, receipt: String)] {
    try moveExhausted(of: queue, now: now, db)
    let choice =
      queue.attributes.fifo == nil
      ? """
      SELECT number FROM messages WHERE queue = ?3 AND visible_at <= ?2 AND sent_at > ?4
      ORDER BY visible_at, number LIMIT ?5
      """
      : """
      SELECT number FROM messages INDEXED BY messages_in_groups
      WHERE queue = ?3 AND group_id IS NOT NULL AND visible_at <= ?2 AND sent_at > ?4 AND group_id NOT IN (
        SELECT group_id FROM messages INDEXED BY messages_received
        WHERE queue = ?3 AND receive_count > 0 AND visible_at > ?2 AND group_id IS NOT NULL)
      ORDER BY number LIMIT ?5
      """
    let statement = try db.cachedStatement(
      sql: """
        UPDATE messages SET visible_at = ?1, receive_count = receive_count + 1,
          first_received_at = coalesce(first_received_at, ?2), received_at = ?2, receipt = lower(hex(randomblob(16)))
        WHERE number IN (\(choice))
        RETURNING \(columns), receipt
        """
    )
    let timeout = visibilityTimeout ?? queue.attributes.visibilityTimeout
    let rows = try Row.fetchAll(
      statement,
      arguments: [now + timeout, now, queue.key, now - queue.attributes.retention, limit]
    )
    // RETURNING has no order of its own.
    return try rows.sorted { ($0[0] as Int64) < ($1[0] as Int64) }.map { row in
      (try Self.message(row), row[columnCount] as String)
    }
  }

  /// When the first message of a queue that is hidden becomes visible; nil when there is none.
  static func nextVisible(in queue: QueueRow, after now: Int64, _ db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(
        sql: "SELECT visible_at FROM messages WHERE queue = ? AND visible_at > ? ORDER BY visible_at LIMIT 1"
      ),
      arguments: [queue.key, now]
    )
  }

  /// Moves what was received too often, as far as it is visible again.
  ///
  /// A dead-letter queue that a rule file names is made when it is missing; without one of another account or region,
  /// messages stay.
  private static func moveExhausted(of queue: QueueRow, now: Int64, _ db: Database) throws {
    guard let redrive = queue.attributes.redrive else { return }
    let deadLetters: Int64
    if queue.account.isEmpty {
      deadLetters = try ensureDeadLetterQueue(of: redrive, now: now, db)
    } else if let row = try find(account: queue.account, region: queue.region, redrive.deadLetterQueue, db) {
      deadLetters = row.key
    } else {
      return
    }
    // A FIFO queue counts retention from the move on, a standard queue from when the message was sent first.
    try db.cachedStatement(
      sql: """
        UPDATE messages INDEXED BY messages_received SET queue = ?1, source_queue = ?2, visible_at = ?3, receive_count = 0,
          first_received_at = NULL, receipt = NULL, sent_at = iif(?6, ?3, sent_at)
        WHERE queue = ?4 AND receive_count >= ?5 AND receive_count > 0 AND visible_at <= ?3
        """
    ).execute(
      arguments: [
        deadLetters, queue.name, now, queue.key, redrive.maxReceiveCount, queue.attributes.fifo != nil,
      ]
    )
  }

  /// The columns of a message.
  static let columns = """
    number, message_id, body, attributes, sent_at, first_received_at, receive_count, visible_at, source_queue, \
    delivery_id, group_id, deduplication_id, sender_id, trace_header
    """
  static let columnCount = 14

  /// Reads a row of `columns`.
  static func message(_ row: Row) throws -> QueueMessage {
    QueueMessage(
      messageID: row[1],
      body: try row.bytes(at: 2),
      messageAttributes: try StoredAttributes.attributes(in: row[3]),
      sentAt: row[4],
      firstReceivedAt: row[5],
      receiveCount: row[6],
      visibleAt: row[7],
      sourceQueue: row[8],
      deliveryID: row[9],
      groupID: row[10],
      deduplicationID: row[11],
      senderID: row[12],
      traceHeader: row[13],
      number: row[0]
    )
  }
}

// The two statements on queue tables that the outbox needs, too, because a dead letter is written by the transaction
// that settles its delivery. What a queue means (visibility, receive counts, redrive) is module Messaging's.

internal import Foundation
package import GRDB

/// Rows of queues and messages.
package enum QueueRows {
  /// How long a dead-letter queue keeps messages that nobody has said anything about: as long as SQS can, 14 days.
  package static let deadLetterRetention: Int64 = 14 * 86_400_000

  /// The key of a queue of the engine's own account and region, which is made with default attributes unless it is
  /// there.
  package static func ensureQueue(_ name: String, retention: Int64? = nil, now: Int64, _ db: Database) throws -> Int64 {
    let select = try db.cachedStatement(sql: "SELECT queue FROM queues WHERE account = '' AND region = '' AND name = ?")
    if let queue = try Int64.fetchOne(select, arguments: [name]) { return queue }
    try db.cachedStatement(sql: "INSERT INTO queues (name, created_at, modified_at) VALUES (?1, ?2, ?2)")
      .execute(arguments: [name, now])
    let queue = db.lastInsertedRowID
    if let retention {
      try db.cachedStatement(sql: "UPDATE queues SET retention = ? WHERE queue = ?").execute(arguments: [
        retention, queue,
      ])
    }
    return queue
  }

  /// A queue as dead letters name one that must not be made: `ACCOUNT/REGION/NAME`, the first two empty for the engine's
  /// own account and region.
  package static func reference(account: String, region: String, name: String) -> String {
    "\(account)/\(region)/\(name)"
  }

  /// The key of the queue that dead letters go to: one that a reference names if it is there, else the one of the name,
  /// which is made unless it is there.
  package static func deadLetterQueue(_ queue: String, now: Int64, _ db: Database) throws -> Int64? {
    guard queue.utf8.contains(UInt8(ascii: "/")) else {
      return try ensureQueue(queue, retention: deadLetterRetention, now: now, db)
    }
    let parts = queue.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { return nil }
    return try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT queue FROM queues WHERE account = ? AND region = ? AND name = ?"),
      arguments: [parts[0], parts[1], parts[2]]
    )
  }

  /// What only messages sent through SQS have.
  package struct Extras {
    /// The message group.
    package var groupID: String?
    /// What makes it a duplicate of another in a FIFO queue.
    package var deduplicationID: String?
    /// Who sent it.
    package var senderID: String?
    /// The AWS X-Ray trace header.
    package var traceHeader: String?

    /// Makes extras.
    package init(
      groupID: String? = nil,
      deduplicationID: String? = nil,
      senderID: String? = nil,
      traceHeader: String? = nil
    ) {
      self.groupID = groupID
      self.deduplicationID = deduplicationID
      self.senderID = senderID
      self.traceHeader = traceHeader
    }
  }

  /// Writes a message.
  ///
  /// - Parameter attributes: the message attributes as JSON text.
  /// - Returns: its message id, a UUID, and its number.
  @discardableResult
  package static func insertMessage(
    queue: Int64,
    body: [UInt8],
    attributes: String,
    extras: Extras = Extras(),
    deliveryID: String? = nil,
    visibleAt: Int64,
    now: Int64,
    _ db: Database
  ) throws -> (messageID: String, number: Int64) {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO messages (
          queue, message_id, sent_at, visible_at, delivery_id, group_id, deduplication_id, sender_id, trace_header,
          attributes, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    )
    // Made here and not asked for with RETURNING, which makes SQLite keep copies of all pages that the insert changes.
    let identifier = UUID().uuidString.lowercased()
    try statement.execute(
      arguments: [
        queue, identifier, now, visibleAt, deliveryID, extras.groupID, extras.deduplicationID, extras.senderID,
        extras.traceHeader, attributes, Data(body),
      ]
    )
    try Arrivals.note(queue, db)
    return (identifier, db.lastInsertedRowID)
  }
}

// The two statements on queue tables that the outbox needs, too, because a dead letter is written by the transaction
// that settles its delivery. What a queue means (visibility, receive counts, redrive) is module Messaging's.

internal import Foundation
package import GRDB

/// Rows of queues and messages.
package enum QueueRows {
  /// How long a dead-letter queue keeps messages that nobody has said anything about: as long as SQS can, 14 days.
  package static let deadLetterRetention: Int64 = 14 * 86_400_000

  /// The key of a queue, which is made with default attributes unless it is there.
  package static func ensureQueue(_ name: String, retention: Int64? = nil, now: Int64, _ db: Database) throws -> Int64 {
    let select = try db.cachedStatement(sql: "SELECT queue FROM queues WHERE name = ?")
    if let queue = try Int64.fetchOne(select, arguments: [name]) { return queue }
    try db.cachedStatement(sql: "INSERT INTO queues (name, created_at) VALUES (?, ?)").execute(arguments: [name, now])
    let queue = db.lastInsertedRowID
    if let retention {
      try db.cachedStatement(sql: "UPDATE queues SET retention = ? WHERE queue = ?").execute(arguments: [
        retention, queue,
      ])
    }
    return queue
  }

  /// Writes a message.
  ///
  /// - Returns: its message id, a UUID that the database makes.
  @discardableResult
  package static func insertMessage(
    queue: Int64,
    body: [UInt8],
    attributes: [String: String],
    deliveryID: String? = nil,
    visibleAt: Int64,
    now: Int64,
    _ db: Database
  ) throws -> String {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO messages (queue, sent_at, visible_at, delivery_id, attributes, body)
        VALUES (?, ?, ?, ?, ?, ?) RETURNING message_id
        """
    )
    let identifier = try String.fetchOne(
      statement,
      arguments: [queue, now, visibleAt, deliveryID, try json(attributes), Data(body)]
    )
    guard let identifier else { throw StorageError.fault("an inserted message has no id") }
    return identifier
  }
}

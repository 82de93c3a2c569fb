// Receipts in a transaction that somebody else has begun: what becomes of a message and that it is gone from its queue are
// committed together, so that no crash comes between them.

package import GRDB
internal import Storage

extension QueueService {
  /// Whether a receipt is the newest of a message that is still there: nobody else has received it since.
  package static func isCurrent(_ receiptHandle: String, _ db: Database) throws -> Bool {
    let handle = try ReceiptHandle(receiptHandle)
    return try Bool.fetchOne(
      db.cachedStatement(
        sql: "SELECT EXISTS (SELECT 1 FROM messages WHERE number = ? AND queue = ? AND receipt = ?)"
      ),
      arguments: [handle.number, handle.queue, handle.receipt]
    ) ?? false
  }

  /// Deletes a received message for good, unless somebody else has received it since.
  ///
  /// - Returns: whether it was deleted.
  @discardableResult
  package static func delete(_ receiptHandle: String, _ db: Database) throws -> Bool {
    let handle = try ReceiptHandle(receiptHandle)
    try db.cachedStatement(sql: "DELETE FROM messages WHERE number = ? AND queue = ? AND receipt = ?")
      .execute(arguments: [handle.number, handle.queue, handle.receipt])
    return db.changesCount > 0
  }

  /// Hides a received message until another time, unless it is visible by now; the present gives it back.
  package static func hide(_ receiptHandle: String, until time: Int64, now: Int64, _ db: Database) throws {
    let handle = try ReceiptHandle(receiptHandle)
    try db.cachedStatement(
      sql: "UPDATE messages SET visible_at = ? WHERE number = ? AND queue = ? AND receipt = ? AND visible_at > ?"
    ).execute(arguments: [time, handle.number, handle.queue, handle.receipt, now])
  }
}

// What `dlq list|show|redrive|drop` do. A dead letter came either from the outbox (it carries its delivery, which a
// redrive puts back there) or from a queue whose receivers failed on it (a redrive moves it back to that queue).

internal import Foundation
internal import GRDB
public import Storage

/// What a redrive did.
public struct RedriveResult: Sendable, Equatable {
  /// Deliveries that are in the outbox again.
  public var deliveries = 0
  /// Messages that are in their source queue again.
  public var messages = 0
  /// Messages that stayed, by message id, with the reason in words.
  public var stayed: [String: String] = [:]
}

/// What a step that could not be rendered comes to when it is rendered again.
public enum SecondRendering: Sendable, Equatable {
  /// What is to be delivered now.
  case rendered(DecidedDelivery)
  /// Why it cannot go out, for a person.
  case refused(String)
}

/// Dead-letter queues: queues that hold what could not be delivered or processed.
public struct DeadLetterQueues: Sendable {
  let database: EmbeddedDatabase

  /// The queues that another queue names as its dead-letter queue or that hold dead letters, in name order.
  public func list(now: Int64) throws(StorageError) -> [QueueSummary] {
    let names = try database.read { db in
      try String.fetchSet(
        db,
        sql: """
          SELECT dead_letter_queue FROM queues WHERE account = '' AND region = '' AND dead_letter_queue IS NOT NULL
          UNION SELECT q.name FROM queues AS q WHERE account = '' AND region = '' AND EXISTS (
            SELECT 1 FROM messages AS m WHERE m.queue = q.queue
              AND (m.delivery_id IS NOT NULL OR m.source_queue IS NOT NULL))
          """
      )
    }
    return try database.queues.list(now: now).filter { names.contains($0.name) }
  }

  /// One message of a queue by its id.
  public func show(_ messageID: String, in name: String) throws(StorageError) -> QueueMessage? {
    try database.read { db in
      try Row.fetchOne(
        db,
        sql: "SELECT \(Queues.columns) FROM messages WHERE message_id = ? AND queue = ?",
        arguments: [messageID, try Queues.queue(name, db).key]
      ).map(Queues.message)
    }
  }

  /// Whether a queue holds letters of steps that could not be rendered, which a redrive has to render again.
  public func hasUnrendered(_ name: String) throws(StorageError) -> Bool {
    try database.read { db in
      let sql = """
        SELECT EXISTS (SELECT 1 FROM messages AS m JOIN deliveries AS d ON d.delivery_id = m.delivery_id
          WHERE m.queue = ? AND d.state = 'render-failed')
        """
      return try Bool.fetchOne(db, sql: sql, arguments: [try Queues.queue(name, db).key]) ?? false
    }
  }

  /// Gives messages another chance: deliveries go back into the outbox as if just decided, other messages to the queue
  /// that they came from.
  ///
  /// - Parameters:
  ///   - messageIDs: which messages; nil means all that nobody has in flight.
  ///   - now: in milliseconds since 1970.
  ///   - render: renders a step again that could not be rendered for its event; without it such letters stay.
  public func redrive(
    _ name: String,
    messageIDs: [String]? = nil,
    now: Int64,
    render: ((_ record: DeliveryRecord, _ event: [UInt8]) -> SecondRendering)? = nil
  ) throws(StorageError) -> RedriveResult {
    var result = RedriveResult()
    let missing = try forEach(of: name, messageIDs, now: now) { number, message, db in
      if let deliveryID = message.deliveryID {
        guard let record = try Ledger.record(of: deliveryID, db) else {
          result.stayed[message.messageID] = "the record of delivery \(deliveryID) is gone, so it cannot be made again"
          return
        }
        var rendered: DecidedDelivery?
        if record.decision.state == .renderFailed {
          switch render?(record, message.body) {
          case .rendered(let delivery): rendered = delivery
          case .refused(let reason):
            result.stayed[message.messageID] = reason
            return
          case nil:
            result.stayed[message.messageID] =
              "the step '\(record.decision.stepID)' of rule '\(record.decision.ruleID)' was never rendered, and without "
              + "the rules it cannot be; name the settings file"
            return
          }
        }
        try Outbox.requeue(deliveryID, as: rendered, event: message.body, now: now, db)
        try db.cachedStatement(sql: "DELETE FROM messages WHERE number = ?").execute(arguments: [number])
        result.deliveries += 1
      } else if let source = message.sourceQueue {
        guard let queue = try Queues.find(source, db) else {
          result.stayed[message.messageID] = "its queue '\(source)' is gone; create it and try again"
          return
        }
        try db.cachedStatement(
          sql: """
            UPDATE messages SET queue = ?, source_queue = NULL, sent_at = ?, visible_at = ?, receive_count = 0,
              first_received_at = NULL, receipt = NULL WHERE number = ?
            """
        ).execute(arguments: [queue.key, now, now, number])
        result.messages += 1
      } else {
        result.stayed[message.messageID] = "it was sent to this queue directly, so there is nowhere to put it back"
      }
    }
    for identifier in missing { result.stayed[identifier] = "there is no such message in queue '\(name)'" }
    return result
  }

  /// Deletes messages for good; the ledger notes it on their deliveries.
  ///
  /// - Parameter messageIDs: which messages; nil means all that nobody has in flight.
  /// - Returns: how many were deleted.
  @discardableResult
  public func drop(_ name: String, messageIDs: [String]? = nil, now: Int64) throws(StorageError) -> Int {
    var dropped = 0
    _ = try forEach(of: name, messageIDs, now: now) { number, message, db in
      if let deliveryID = message.deliveryID {
        try Outbox.annotate(deliveryID, " (dropped from dead-letter queue \(name))", db)
      }
      try db.cachedStatement(sql: "DELETE FROM messages WHERE number = ?").execute(arguments: [number])
      dropped += 1
    }
    return dropped
  }

  /// Hands over messages in order, some hundred per transaction, so that a running engine's writes get their turn.
  ///
  /// Messages that arrive meanwhile (a redriven delivery that fails again) are not handed over.
  ///
  /// - Returns: the ids that are not in the queue.
  private func forEach(
    of name: String,
    _ messageIDs: [String]?,
    now: Int64,
    _ body: (Int64, QueueMessage, Database) throws -> Void
  ) throws(StorageError) -> [String] {
    var missing = Set(messageIDs ?? [])
    var after: Int64 = 0
    let end = try database.read { db in
      let queue = try Queues.queue(name, db)
      return try Int64.fetchOne(db, sql: "SELECT max(number) FROM messages WHERE queue = ?", arguments: [queue.key])
    }
    guard let end else { return missing.sorted() }
    while after < end {
      let rows = try database.write { db in
        let wanted = messageIDs == nil ? "visible_at <= ?" : "message_id IN (SELECT value FROM json_each(?))"
        let argument: any DatabaseValueConvertible = if let messageIDs { try json(messageIDs) } else { now }
        let rows = try Row.fetchAll(
          db,
          sql: """
            SELECT \(Queues.columns) FROM messages WHERE queue = ? AND number > ? AND number <= ? AND \(wanted)
            ORDER BY number LIMIT 500
            """,
          arguments: [try Queues.queue(name, db).key, after, end, argument]
        )
        for row in rows {
          let message = try Queues.message(row)
          missing.remove(message.messageID)
          try body(row[0], message, db)
        }
        return rows
      }
      guard let last = rows.last else { break }
      after = last[0]
    }
    return missing.sorted()
  }
}

extension EmbeddedDatabase {
  /// The dead-letter queues.
  public var deadLetterQueues: DeadLetterQueues { DeadLetterQueues(database: self) }
}

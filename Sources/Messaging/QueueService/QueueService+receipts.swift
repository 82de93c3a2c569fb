// What receivers do with their receipts: delete the message, or change how long it stays hidden.

internal import GRDB
internal import Storage

/// A change of how long a message stays hidden.
public struct VisibilityChange: Sendable {
  /// The handle of the message's newest receipt.
  public var receiptHandle: String
  /// How long it stays hidden from now on, in seconds; 0 makes it visible.
  public var timeout: Int

  /// Makes a change.
  public init(receiptHandle: String, timeout: Int) {
    self.receiptHandle = receiptHandle
    self.timeout = timeout
  }
}

extension QueueService {
  /// Deletes a received message for good.
  ///
  /// An older receipt of a message of a standard queue deletes nothing and is no error; a FIFO queue refuses receipts
  /// whose visibility timeout is over.
  public func deleteMessage(
    _ receiptHandle: String,
    from address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    let now = now()
    try await transact { [self] db in
      let row = try open(address, for: "DeleteMessage", as: caller, db)
      try Self.delete(receiptHandle, from: row, now: now, db)
    }
  }

  /// Deletes up to ten received messages, each by itself.
  public func deleteMessages(
    _ entries: [BatchEntry<String>],
    from address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [BatchResult<Void>] {
    try Self.check(entries, of: "DeleteMessageBatchRequestEntry")
    let now = now()
    return try await each(entries, of: address, for: "DeleteMessage", as: caller) { handle, row, db in
      try Self.delete(handle, from: row, now: now, db)
    }
  }

  /// Hides a received message for another time from now on.
  public func changeVisibility(
    _ change: VisibilityChange,
    in address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    let now = now()
    try await transact { [self] db in
      let row = try open(address, for: "ChangeMessageVisibility", as: caller, db)
      try Self.apply(change, in: row, now: now, db)
    }
  }

  /// Hides up to ten received messages for other times, each by itself.
  public func changeVisibility(
    _ entries: [BatchEntry<VisibilityChange>],
    in address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [BatchResult<Void>] {
    try Self.check(entries, of: "ChangeMessageVisibilityBatchRequestEntry")
    let now = now()
    return try await each(entries, of: address, for: "ChangeMessageVisibility", as: caller) { change, row, db in
      try Self.apply(change, in: row, now: now, db)
    }
  }

  private func each<Item: Sendable>(
    _ entries: [BatchEntry<Item>],
    of address: QueueAddress,
    for action: String,
    as caller: MessagingCaller,
    _ body: @escaping @Sendable (Item, Queues.QueueRow, Database) throws -> Void
  ) async throws(MessagingError) -> [BatchResult<Void>] {
    try await transact { [self] db in
      let row = try open(address, for: action, as: caller, db)
      return try entries.map { entry in
        do {
          try body(entry.item, row, db)
          return BatchResult(id: entry.id, outcome: .success(()))
        } catch let error as MessagingError {
          return BatchResult(id: entry.id, outcome: .failure(error))
        }
      }
    }
  }

  // MARK: Rows

  private static func handle(_ text: String, for row: Queues.QueueRow) throws(MessagingError) -> ReceiptHandle {
    let handle = try ReceiptHandle(text)
    guard handle.queue == row.key else { throw ReceiptHandle.invalid(text) }
    return handle
  }

  private static func delete(_ text: String, from row: Queues.QueueRow, now: Int64, _ db: Database) throws {
    let handle = try handle(text, for: row)
    if row.attributes.fifo != nil {
      let isLate = try Bool.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT visible_at <= ? OR receipt IS NOT ? FROM messages WHERE number = ? AND queue = ?
            """
        ),
        arguments: [now, handle.receipt, handle.number, row.key]
      )
      if isLate == true { throw ReceiptHandle.expired(text) }
    }
    try db.cachedStatement(sql: "DELETE FROM messages WHERE number = ? AND queue = ? AND receipt = ?")
      .execute(arguments: [handle.number, row.key, handle.receipt])
  }

  private static func apply(_ change: VisibilityChange, in row: Queues.QueueRow, now: Int64, _ db: Database) throws {
    try check(visibilityTimeout: change.timeout)
    let handle = try handle(change.receiptHandle, for: row)
    let message = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT receipt, visible_at, received_at FROM messages WHERE number = ? AND queue = ?"),
      arguments: [handle.number, row.key]
    )
    let notInFlight = MessagingError(.messageNotInflight, "The specified message isn't in flight.")
    guard let message else {
      throw MessagingError.value(
        change.receiptHandle,
        of: "ReceiptHandle",
        "Message does not exist or is not available for visibility timeout change."
      )
    }
    let isNewest = message[0] == handle.receipt
    guard isNewest, message[1] as Int64 > now else {
      throw row.attributes.fifo == nil ? notInFlight : ReceiptHandle.expired(change.receiptHandle)
    }
    let visibleAt = now + Int64(change.timeout) * 1000
    if let receivedAt = message[2] as Int64?, visibleAt - receivedAt > 43_200_000 {
      throw MessagingError.value(
        change.timeout,
        of: "VisibilityTimeout",
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
      )
    }
    try db.cachedStatement(sql: "UPDATE messages SET visible_at = ? WHERE number = ?")
      .execute(arguments: [visibleAt, handle.number])
  }
}

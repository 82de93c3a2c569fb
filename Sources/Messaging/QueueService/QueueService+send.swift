// Sending: what a message must be for its queue, alone and in batches.

package import GRDB
internal import Storage

/// An entry of a batch, named by the client.
public struct BatchEntry<Item: Sendable>: Sendable {
  /// The client's name for it, unique in the batch.
  public var id: String
  /// What it asks for.
  public var item: Item

  /// Makes an entry.
  public init(id: String, _ item: Item) {
    self.id = id
    self.item = item
  }
}

/// What became of an entry of a batch.
public struct BatchResult<Outcome: Sendable>: Sendable {
  /// The client's name for the entry.
  public var id: String
  /// What it gave, or why it was refused.
  public var outcome: Result<Outcome, MessagingError>
}

extension QueueService {
  /// Sends a message; when this returns, it is on the disk.
  public func send(
    _ message: OutgoingMessage,
    to address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> SentMessage {
    let now = now()
    return try await transact { [self] db in
      let row = try open(address, for: "SendMessage", as: caller, db)
      if let refusal = Self.clientRefusal(of: message, to: row) { throw refusal }
      return try Recipient(row: row, caller: caller).send(message, now: now, db)
    }
  }

  /// Sends up to ten messages; each is sent or refused by itself.
  public func send(
    _ entries: [BatchEntry<OutgoingMessage>],
    to address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [BatchResult<SentMessage>] {
    try Self.check(entries, of: "SendMessageBatchRequestEntry")
    let size = entries.reduce(0) { $0 + $1.item.size }
    guard size <= Self.largestBatch else {
      throw MessagingError(
        .batchRequestTooLong,
        "Batch requests cannot be longer than \(Self.largestBatch) bytes. You have sent \(size) bytes."
      )
    }
    let now = now()
    return try await transact { [self] db in
      let row = try open(address, for: "SendMessage", as: caller, db)
      return try entries.map { entry in
        var message = entry.item
        message.senderID = message.senderID ?? caller.senderID
        if let refusal = Self.clientRefusal(of: message, to: row) ?? Self.refusal(of: message, to: row) {
          return BatchResult(id: entry.id, outcome: .failure(refusal))
        }
        return BatchResult(id: entry.id, outcome: .success(try Queues.send(message, to: row, now: now, db)))
      }
    }
  }

  /// A queue that a caller may send to, for as long as the transaction lasts in which it was asked for.
  package struct Recipient {
    fileprivate let row: Queues.QueueRow
    fileprivate let caller: MessagingCaller

    /// Sends within that transaction: what is decided and what comes of it are committed together.
    ///
    /// Throws `MessagingError`: `.missingParameter` for a FIFO queue without a group, `.invalidParameterValue` for a
    /// message too large.
    @discardableResult
    package func send(_ message: OutgoingMessage, now: Int64, _ db: Database) throws -> SentMessage {
      var message = message
      message.senderID = message.senderID ?? caller.senderID
      if let refusal = QueueService.refusal(of: message, to: row) { throw refusal }
      return try Queues.send(message, to: row, now: now, db)
    }
  }

  /// Finds a queue to send to within a transaction that somebody else has begun, once for all messages.
  ///
  /// Throws `MessagingError`: `.queueDoesNotExist`, `.accessDenied`.
  package func recipient(
    at address: QueueAddress,
    as caller: MessagingCaller,
    _ db: Database
  ) throws -> Recipient {
    Recipient(row: try open(address, for: "SendMessage", as: caller, db), caller: caller)
  }

  /// Sends one message within a transaction that somebody else has begun.
  @discardableResult
  package func send(
    _ message: OutgoingMessage,
    to address: QueueAddress,
    as caller: MessagingCaller,
    now: Int64,
    _ db: Database
  ) throws -> SentMessage {
    try recipient(at: address, as: caller, db).send(message, now: now, db)
  }

  // MARK: Checks

  /// The most bytes in a batch.
  private static let largestBatch = 1_048_576

  /// Refuses a batch as a whole.
  static func check<Item>(_ entries: [BatchEntry<Item>], of kind: String) throws(MessagingError) {
    guard !entries.isEmpty else {
      throw MessagingError(.emptyBatchRequest, "There should be at least one \(kind) in the request.")
    }
    guard entries.count <= 10 else {
      throw MessagingError(
        .tooManyEntries,
        "Maximum number of entries per request are 10. You have sent \(entries.count)."
      )
    }
    var seen: Set<String> = []
    for entry in entries {
      guard Self.isWord(entry.id, upTo: 80) else {
        throw MessagingError(
          .invalidBatchEntryID,
          "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 "
            + "letters long."
        )
      }
      guard seen.insert(entry.id).inserted else {
        throw MessagingError(.idsNotDistinct, "Id \(entry.id) repeated.")
      }
    }
  }

  private static func isWord(_ text: String, upTo length: Int) -> Bool {
    (1...length).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// Why a queue does not take a message of a client that it would take of ours: deliveries are told apart by their
  /// deduplication ids in standard queues, too.
  private static func clientRefusal(of message: OutgoingMessage, to row: Queues.QueueRow) -> MessagingError? {
    guard row.attributes.fifo == nil, let identifier = message.deduplicationID else { return nil }
    return .value(
      identifier,
      of: "MessageDeduplicationId",
      "The request include parameter that is not valid for this queue type."
    )
  }

  /// Why a queue does not take a message; nothing when it does.
  fileprivate static func refusal(of message: OutgoingMessage, to row: Queues.QueueRow) -> MessagingError? {
    let attributes = row.attributes
    guard !message.body.isEmpty else { return .missing("MessageBody") }
    guard message.size <= attributes.maximumMessageSize else {
      return MessagingError(
        .invalidParameterValue,
        "One or more parameters are invalid. Reason: Message must be shorter than \(attributes.maximumMessageSize) bytes."
      )
    }
    guard isText(message.body) else {
      return MessagingError(
        .invalidMessageContents,
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
          + "#x10000 to #x10FFFF."
      )
    }
    if let refusal = MessageAttributes.refusal(of: message.messageAttributes) { return refusal }
    if let trace = message.traceHeader, trace.utf8.count > 2048 || trace.isEmpty {
      return .value(trace, of: "AWSTraceHeader", "It must be an AWS X-Ray trace header.")
    }
    if let delay = message.delay {
      guard (0...900_000).contains(delay) else {
        return .value(delay / 1000, of: "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
      }
      if attributes.fifo != nil, delay > 0 {
        return .value(
          delay / 1000,
          of: "DelaySeconds",
          "The request include parameter that is not valid for this queue type."
        )
      }
    }
    return groupRefusal(of: message, attributes)
  }

  private static func groupRefusal(of message: OutgoingMessage, _ attributes: QueueAttributes) -> MessagingError? {
    for (name, value) in [("MessageGroupId", message.groupID), ("MessageDeduplicationId", message.deduplicationID)] {
      guard let value, !isIdentifier(value) else { continue }
      return .value(
        value,
        of: name,
        "\(name) can only include alphanumeric and punctuation characters. 1 to 128 in length."
      )
    }
    guard let fifo = attributes.fifo else { return nil }
    if message.groupID == nil { return .missing("MessageGroupId") }
    if message.deduplicationID == nil, !fifo.deduplicatesContent {
      return MessagingError(
        .invalidParameterValue,
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
      )
    }
    return nil
  }

  private static func isIdentifier(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Whether a body has only characters that XML could carry.
  static func isText(_ body: [UInt8]) -> Bool {
    for (index, byte) in body.enumerated() {
      if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
      // U+FFFE and U+FFFF.
      if byte == 0xEF, index + 2 < body.count, body[index + 1] == 0xBF, body[index + 2] >= 0xBE { return false }
    }
    return true
  }
}

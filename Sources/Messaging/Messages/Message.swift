// A message on its way into a queue, as it lies there, and as a receiver gets it. Times are milliseconds since 1970.

/// A message to be sent.
public struct OutgoingMessage: Sendable, Equatable {
  /// What receivers get.
  public var body: [UInt8]
  /// Typed values that travel beside the body.
  public var messageAttributes: [String: MessageAttribute]
  /// A second message with the same id is not sent: to a FIFO queue within five minutes, to another while the queue
  /// could still hold the first (its retention), even when that was received and deleted.
  ///
  /// Deliveries set their delivery id, so that a retry after a crash does no harm.
  public var deduplicationID: String?
  /// How long it is hidden at first, in milliseconds; the queue's delay unless set.
  public var delay: Int64?
  /// The message group: in a FIFO queue, messages of a group are received in the order of sending.
  public var groupID: String?
  /// Who sends it, as receivers may ask for it.
  public var senderID: String?
  /// The AWS X-Ray trace header.
  public var traceHeader: String?

  /// Makes a message.
  public init(
    body: [UInt8],
    attributes: [String: String] = [:],
    deduplicationID: String? = nil,
    delay: Int64? = nil
  ) {
    self.body = body
    self.messageAttributes = attributes.mapValues { MessageAttribute($0) }
    self.deduplicationID = deduplicationID
    self.delay = delay
  }

  /// The text attributes.
  public var attributes: [String: String] { messageAttributes.compactMapValues(\.text) }

  /// What it counts for where sizes are limited: body and attributes.
  var size: Int { body.count + messageAttributes.size }
}

/// What `send` answers.
public struct SentMessage: Sendable, Equatable {
  /// The message's id; of the first message when this one was a duplicate.
  public var messageID: String
  /// MD5 of the body, in hex, as SQS answers it.
  public var md5OfBody: String
  /// Whether nothing was sent because the same message had been.
  public var isDuplicate: Bool
  /// Its place in its FIFO queue, twenty digits; nil for another queue.
  public var sequenceNumber: String?
}

/// A message as it lies in a queue.
public struct QueueMessage: Sendable, Equatable {
  /// The message's id.
  public var messageID: String
  /// What was sent.
  public var body: [UInt8]
  /// Typed values that travel beside the body.
  public var messageAttributes: [String: MessageAttribute]
  /// When it was sent; a move to a dead-letter queue does not change it.
  public var sentAt: Int64
  /// When it was received first, nil if never.
  public var firstReceivedAt: Int64?
  /// How often it was received from this queue, SQS's ApproximateReceiveCount.
  public var receiveCount: Int
  /// When it may be received.
  public var visibleAt: Int64
  /// The queue that it came from when it was received too often there.
  public var sourceQueue: String?
  /// The delivery that was given up, when the outbox put it here.
  public var deliveryID: String?
  /// The message group.
  public var groupID: String?
  /// What makes it a duplicate of another in a FIFO queue.
  public var deduplicationID: String?
  /// Who sent it.
  public var senderID: String?
  /// The AWS X-Ray trace header.
  public var traceHeader: String?
  /// Its row, which orders messages.
  var number: Int64

  /// The text attributes.
  public var attributes: [String: String] { messageAttributes.compactMapValues(\.text) }
  /// MD5 of the body, in hex, as SQS answers it.
  public var md5OfBody: String { Messaging.md5(of: body) }
  /// Its place in a FIFO queue, twenty digits.
  public var sequenceNumber: String { Messaging.sequenceNumber(of: number) }
}

/// A message that was received, with the handle to delete it by.
public struct ReceivedMessage: Sendable, Equatable {
  /// What `delete` and `changeVisibility` take; a later receipt of the same message makes it void.
  public var receiptHandle: String
  /// The message.
  public var message: QueueMessage
}

/// A message's number as SQS writes sequence numbers: twenty digits.
func sequenceNumber(of number: Int64) -> String {
  String(10_000_000_000_000_000_000 + UInt64(max(0, number)))
}

// Queues as values: what Amazon SQS calls attributes, messages and counts. Durations and times are milliseconds, times
// since 1970.

internal import Crypto

/// How a queue behaves, in the terms of SQS's `SetQueueAttributes`.
public struct QueueAttributes: Sendable, Equatable {
  /// Where a message goes that was received too often.
  public struct RedrivePolicy: Sendable, Equatable {
    /// The dead-letter queue; it is made with the queue unless it is there.
    public var deadLetterQueue: String
    /// How often a message may be received, from 1; then it goes to the dead-letter queue instead.
    public var maxReceiveCount: Int

    /// Makes a policy.
    public init(deadLetterQueue: String, maxReceiveCount: Int) {
      self.deadLetterQueue = deadLetterQueue
      self.maxReceiveCount = maxReceiveCount
    }
  }

  /// How long a received message is hidden from other receivers; 30 seconds unless set, at most 12 hours.
  public var visibilityTimeout: Int64
  /// How long a message is kept from when it was sent; 4 days unless set.
  public var retention: Int64
  /// How long a sent message is hidden at first; at most 15 minutes.
  public var delay: Int64
  /// Where messages go that nobody manages to process.
  public var redrive: RedrivePolicy?

  /// Makes attributes.
  public init(
    visibilityTimeout: Int64 = 30_000,
    retention: Int64 = 4 * 86_400_000,
    delay: Int64 = 0,
    redrive: RedrivePolicy? = nil
  ) {
    self.visibilityTimeout = visibilityTimeout
    self.retention = retention
    self.delay = delay
    self.redrive = redrive
  }
}

/// How many messages a queue has, as SQS's approximate numbers; these are exact.
public struct QueueCounts: Sendable, Equatable {
  /// May be received now.
  public var visible: Int
  /// Received and neither deleted nor visible again.
  public var inFlight: Int
  /// Sent with a delay that is not over.
  public var delayed: Int

  /// Makes counts.
  public init(visible: Int = 0, inFlight: Int = 0, delayed: Int = 0) {
    self.visible = visible
    self.inFlight = inFlight
    self.delayed = delayed
  }
}

/// A queue in a list.
public struct QueueSummary: Sendable, Equatable {
  /// The queue's name.
  public var name: String
  /// How it behaves.
  public var attributes: QueueAttributes
  /// What is in it.
  public var counts: QueueCounts
}

/// A message to be sent.
public struct OutgoingMessage: Sendable, Equatable {
  /// What receivers get.
  public var body: [UInt8]
  /// Text attributes that travel beside the body.
  public var attributes: [String: String]
  /// A second message with the same id is not sent while the queue could still hold the first (its retention), even
  /// when that was received and deleted.
  ///
  /// Deliveries set their delivery id, so that a retry after a crash does no harm.
  public var deduplicationID: String?
  /// How long it is hidden at first, in milliseconds; the queue's delay unless set.
  public var delay: Int64?

  /// Makes a message.
  public init(
    body: [UInt8],
    attributes: [String: String] = [:],
    deduplicationID: String? = nil,
    delay: Int64? = nil
  ) {
    self.body = body
    self.attributes = attributes
    self.deduplicationID = deduplicationID
    self.delay = delay
  }
}

/// What `send` answers.
public struct SentMessage: Sendable, Equatable {
  /// The message's id; of the first message when this one was a duplicate.
  public var messageID: String
  /// MD5 of the body, in hex, as SQS answers it.
  public var md5OfBody: String
  /// Whether nothing was sent because the same message had been.
  public var isDuplicate: Bool
}

/// A message as it lies in a queue.
public struct QueueMessage: Sendable, Equatable {
  /// The message's id.
  public var messageID: String
  /// What was sent.
  public var body: [UInt8]
  /// Text attributes that travel beside the body.
  public var attributes: [String: String]
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

  /// MD5 of the body, in hex, as SQS answers it.
  public var md5OfBody: String { Messaging.md5(of: body) }
}

/// A message that was received, with the handle to delete it by.
public struct ReceivedMessage: Sendable, Equatable {
  /// What `delete` and `changeVisibility` take; a later receipt of the same message makes it void.
  public var receiptHandle: String
  /// The message.
  public var message: QueueMessage
}

/// MD5 in hex.
func md5(of bytes: [UInt8]) -> String {
  hex(Insecure.MD5.hash(data: bytes))
}

/// Bytes in lower-case hex.
func hex(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

// Queues as values: what Amazon SQS calls attributes and counts. Durations and times are milliseconds, times since 1970.

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

  /// What only FIFO queues have.
  public struct FIFO: Sendable, Equatable {
    /// Whether a message without a deduplication id has the hash of its body for one.
    public var deduplicatesContent = false
    /// Whether the same deduplication id in two message groups makes two messages.
    public var deduplicatesByGroup = false

    /// Makes the settings of a plain FIFO queue.
    public init() {}
  }

  /// Attributes that sending and receiving do not need.
  public struct More: Sendable, Equatable, Codable {
    /// The queue's access policy, as its JSON text.
    public var policy: String?
    /// Which queues may use this one as their dead-letter queue, as its JSON text.
    public var redriveAllowPolicy: String?
    /// The key of AWS KMS that the queue names; nothing is encrypted with it here.
    public var kmsMasterKeyID: String?
    /// How long a data key is used, in seconds.
    public var kmsDataKeyReusePeriod: Int?
    /// Whether the queue asks for encryption with keys of SQS's.
    public var isManagedEncryption: Bool?
    /// Whether a FIFO queue's throughput quota is per message group; there is no quota here.
    public var limitsThroughputByGroup: Bool?

    /// Makes attributes of which none is set.
    public init() {}
  }

  /// How long a received message is hidden from other receivers; 30 seconds unless set, at most 12 hours.
  public var visibilityTimeout: Int64
  /// How long a message is kept from when it was sent; 4 days unless set.
  public var retention: Int64
  /// How long a sent message is hidden at first; at most 15 minutes.
  public var delay: Int64
  /// Where messages go that nobody manages to process.
  public var redrive: RedrivePolicy?
  /// How long a receipt waits for messages unless it says so itself; at most 20 seconds.
  public var receiveWait: Int64 = 0
  /// The most bytes that a message may have with its attributes: 1 KiB to 1 MiB.
  public var maximumMessageSize = 1_048_576
  /// What makes it a FIFO queue; nil for a standard queue.
  public var fifo: FIFO?
  /// The rest, which is read only when it is asked for.
  public var more = More()

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

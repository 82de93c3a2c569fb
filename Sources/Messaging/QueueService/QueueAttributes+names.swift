// Queue attributes as clients write and read them: by name, with text for values. Clients count in seconds.

internal import EventPatterns
internal import TrailEvents

extension QueueAttributes {
  /// Every name that an attribute can be set by.
  static let settable: Set<String> = [
    "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "Policy", "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit",
  ]
  private static let fifoOnly: Set<String> = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]

  /// Names that ask for counts and times, which are not stored as attributes.
  static let readOnly: Set<String> = [
    "QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
  ]

  /// The attributes of a new queue of a name.
  static func new(named name: String, _ values: [String: String]) throws(MessagingError) -> QueueAttributes {
    var attributes = QueueAttributes()
    let isNamedFIFO = name.hasSuffix(".fifo")
    if let text = values["FifoQueue"] {
      guard let isFIFO = bool(text) else { throw invalid("FifoQueue") }
      // AWS does not know the attribute on a standard queue.
      guard isFIFO else { throw MessagingError(.invalidAttributeName, "Unknown Attribute FifoQueue.") }
      guard isNamedFIFO else {
        throw MessagingError(
          .invalidParameterValue,
          "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
            + ".fifo suffix and be 1 to 80 in length."
        )
      }
      attributes.fifo = FIFO()
    } else if isNamedFIFO {
      throw MessagingError(
        .invalidParameterValue,
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length; a FIFO queue needs the "
          + "attribute FifoQueue."
      )
    }
    try attributes.set(values)
    return attributes
  }

  /// Takes over what a client sets.
  mutating func set(_ values: [String: String]) throws(MessagingError) {
    for (name, text) in values.sorted(by: { $0.key < $1.key }) {
      guard Self.settable.contains(name), fifo != nil || !Self.fifoOnly.contains(name) else {
        throw MessagingError(.invalidAttributeName, "Unknown Attribute \(name).")
      }
      try set(name, to: text)
    }
    if more.limitsThroughputByGroup == true, fifo?.deduplicatesByGroup == false {
      throw MessagingError(
        .invalidAttributeValue,
        "FifoThroughputLimit can be perMessageGroupId only with DeduplicationScope messageGroup."
      )
    }
  }

  private mutating func set(_ name: String, to text: String) throws(MessagingError) {
    switch name {
    case "DelaySeconds": delay = try Self.number(text, 0...900, name) * 1000
    case "MaximumMessageSize": maximumMessageSize = Int(try Self.number(text, 1024...1_048_576, name))
    case "MessageRetentionPeriod": retention = try Self.number(text, 60...1_209_600, name) * 1000
    case "ReceiveMessageWaitTimeSeconds": receiveWait = try Self.number(text, 0...20, name) * 1000
    case "VisibilityTimeout": visibilityTimeout = try Self.number(text, 0...43_200, name) * 1000
    case "Policy":
      more.policy = text.isEmpty ? nil : text
      guard text.isEmpty || (try? ResourcePolicy(checking: text)) != nil else { throw Self.invalid(name) }
    case "RedrivePolicy": redrive = text.isEmpty ? nil : try Self.redrivePolicy(text)
    case "RedriveAllowPolicy":
      if !text.isEmpty { _ = try RedriveAllowPolicy(parsing: text) }
      more.redriveAllowPolicy = text.isEmpty ? nil : text
    case "KmsMasterKeyId": more.kmsMasterKeyID = text.isEmpty ? nil : text
    case "KmsDataKeyReusePeriodSeconds": more.kmsDataKeyReusePeriod = Int(try Self.number(text, 60...86_400, name))
    case "SqsManagedSseEnabled": more.isManagedEncryption = try Self.flag(text, name)
    case "FifoQueue":
      guard try Self.flag(text, name) == (fifo != nil) else { throw Self.invalid(name) }
    case "ContentBasedDeduplication": fifo?.deduplicatesContent = try Self.flag(text, name)
    case "DeduplicationScope":
      guard ["messageGroup", "queue"].contains(text) else { throw Self.invalid(name) }
      fifo?.deduplicatesByGroup = text == "messageGroup"
    case "FifoThroughputLimit":
      guard ["perQueue", "perMessageGroupId"].contains(text) else { throw Self.invalid(name) }
      more.limitsThroughputByGroup = text == "perMessageGroupId"
    default: break
    }
  }

  /// The attributes by name, as clients read them.
  func values(of address: QueueAddress) -> [String: String] {
    var values = [
      "DelaySeconds": "\(delay / 1000)",
      "MaximumMessageSize": "\(maximumMessageSize)",
      "MessageRetentionPeriod": "\(retention / 1000)",
      "ReceiveMessageWaitTimeSeconds": "\(receiveWait / 1000)",
      "VisibilityTimeout": "\(visibilityTimeout / 1000)",
      "QueueArn": address.arn.description,
    ]
    values["Policy"] = more.policy
    values["RedriveAllowPolicy"] = more.redriveAllowPolicy
    if let redrive {
      let arn = QueueAddress(redrive.deadLetterQueue, in: address.scope).arn
      values["RedrivePolicy"] = "{\"deadLetterTargetArn\":\"\(arn)\",\"maxReceiveCount\":\(redrive.maxReceiveCount)}"
    }
    if let key = more.kmsMasterKeyID {
      values["KmsMasterKeyId"] = key
      values["KmsDataKeyReusePeriodSeconds"] = "\(more.kmsDataKeyReusePeriod ?? 300)"
      values["SqsManagedSseEnabled"] = "false"
    } else {
      values["SqsManagedSseEnabled"] = "\(more.isManagedEncryption ?? true)"
    }
    if let fifo {
      values["FifoQueue"] = "true"
      values["ContentBasedDeduplication"] = "\(fifo.deduplicatesContent)"
      values["DeduplicationScope"] = fifo.deduplicatesByGroup ? "messageGroup" : "queue"
      values["FifoThroughputLimit"] = more.limitsThroughputByGroup == true ? "perMessageGroupId" : "perQueue"
    }
    return values
  }

  // MARK: Values

  static func invalid(_ name: String) -> MessagingError {
    MessagingError(.invalidAttributeValue, "Invalid value for the parameter \(name).")
  }

  private static func number(
    _ text: String,
    _ range: ClosedRange<Int64>,
    _ name: String
  ) throws(MessagingError) -> Int64 {
    guard let number = Int64(text), range.contains(number) else { throw invalid(name) }
    return number
  }

  private static func bool(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }

  private static func flag(_ text: String, _ name: String) throws(MessagingError) -> Bool {
    guard let flag = bool(text) else { throw invalid(name) }
    return flag
  }

  private static func integer(_ value: JSONValue) -> Int? {
    switch value {
    case .string(let text), .number(let text): Int(text)
    default: nil
    }
  }

  /// Reads a redrive policy; whether its queue is there and fits is for the transaction.
  private static func redrivePolicy(_ text: String) throws(MessagingError) -> RedrivePolicy {
    guard let value = try? JSONValue(parsing: text), let arn = value["deadLetterTargetArn"]?.string,
      let count = value["maxReceiveCount"].flatMap(Self.integer)
    else {
      throw MessagingError.value(
        text,
        of: "RedrivePolicy",
        "Redrive policy does not contain mandatory attributes deadLetterTargetArn and maxReceiveCount."
      )
    }
    guard (1...1000).contains(count) else {
      throw MessagingError.value(
        text,
        of: "RedrivePolicy",
        "Invalid value for maxReceiveCount: \(count), valid values are from 1 to 1000 both inclusive."
      )
    }
    guard let address = QueueAddress(arn: arn) else {
      throw MessagingError.value(text, of: "RedrivePolicy", "Invalid value for deadLetterTargetArn.")
    }
    // The whole address, until the transaction has compared it with the queue's own.
    return RedrivePolicy(deadLetterQueue: address.arn.description, maxReceiveCount: count)
  }
}

/// Which queues may use a queue as their dead-letter queue.
struct RedriveAllowPolicy {
  enum Permission: String {
    case allowAll, denyAll, byQueue
  }

  var permission: Permission
  var sources: [String]

  init(parsing text: String) throws(MessagingError) {
    let invalid = QueueAttributes.invalid("RedriveAllowPolicy")
    guard let value = try? JSONValue(parsing: text), let name = value["redrivePermission"]?.string,
      let permission = Permission(rawValue: name)
    else { throw invalid }
    self.permission = permission
    var sources: [String] = []
    if case .array(let items)? = value["sourceQueueArns"] {
      sources = items.compactMap(\.string)
      guard sources.count == items.count else { throw invalid }
    }
    guard (permission == .byQueue) == !sources.isEmpty, sources.count <= 10 else { throw invalid }
    self.sources = sources
  }

  func allows(_ source: QueueAddress) -> Bool {
    switch permission {
    case .allowAll: true
    case .denyAll: false
    case .byQueue: sources.contains(source.arn.description)
    }
  }
}

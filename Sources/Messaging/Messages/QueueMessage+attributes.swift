// What a receiver asks to see of a message besides its body.

internal import TrailEvents

extension QueueMessage {
  /// The names of system attributes.
  public enum SystemAttribute: String, CaseIterable, Sendable {
    /// When it was received first, in milliseconds since 1970.
    case firstReceived = "ApproximateFirstReceiveTimestamp"
    /// How often it was received.
    case receiveCount = "ApproximateReceiveCount"
    /// The AWS X-Ray trace header.
    case traceHeader = "AWSTraceHeader"
    /// The queue that it came from.
    case deadLetterSource = "DeadLetterQueueSourceArn"
    /// Its deduplication id.
    case deduplicationID = "MessageDeduplicationId"
    /// Its group.
    case groupID = "MessageGroupId"
    /// Who sent it.
    case sender = "SenderId"
    /// When it was sent, in milliseconds since 1970.
    case sent = "SentTimestamp"
    /// Its place in its FIFO queue.
    case sequenceNumber = "SequenceNumber"
  }

  /// The system attributes of these names that the message has; `All` stands for every name.
  ///
  /// Throws `MessagingError` for a name that there is none of.
  public func systemAttributes(
    named names: [String],
    in queue: QueueAddress
  ) throws(MessagingError) -> [String: String] {
    let wanted = try Self.systemAttributes(named: names)
    var values: [String: String] = [:]
    for attribute in wanted { values[attribute.rawValue] = value(of: attribute, in: queue) }
    return values
  }

  /// Refuses names of system attributes that there are none of, before anything is received.
  public static func check(systemAttributeNames names: [String]) throws(MessagingError) {
    _ = try systemAttributes(named: names)
  }

  private static func systemAttributes(named names: [String]) throws(MessagingError) -> Set<SystemAttribute> {
    var wanted: Set<SystemAttribute> = []
    for name in names {
      if name == "All" {
        wanted.formUnion(SystemAttribute.allCases)
      } else if let attribute = SystemAttribute(rawValue: name) {
        wanted.insert(attribute)
      } else {
        throw MessagingError(.invalidAttributeName, "Unknown Attribute \(name).")
      }
    }
    return wanted
  }

  private func value(of attribute: SystemAttribute, in queue: QueueAddress) -> String? {
    switch attribute {
    case .firstReceived: firstReceivedAt.map { "\($0)" }
    case .receiveCount: "\(receiveCount)"
    case .traceHeader: traceHeader
    case .deadLetterSource: sourceQueue.map { QueueAddress($0, in: queue.scope).arn.description }
    case .deduplicationID: deduplicationID
    case .groupID: groupID
    case .sender: senderID
    case .sent: "\(sentAt)"
    case .sequenceNumber: queue.name.hasSuffix(".fifo") ? sequenceNumber : nil
    }
  }

  /// The message attributes of these names; `All` and `.*` stand for every name, `PREFIX.*` for those that begin so.
  public func messageAttributes(named names: [String]) -> [String: MessageAttribute] {
    if names.isEmpty || messageAttributes.isEmpty { return [:] }
    return messageAttributes.filter { name, _ in
      names.contains { wanted in
        wanted == "All" || wanted == name || wanted.hasSuffix(".*") && name.hasPrefix(wanted.dropLast(2))
      }
    }
  }
}

// What a client publishes, and what SNS makes of it for each way of delivery.

internal import EventPatterns
internal import TrailEvents

/// A message for the subscribers of a topic.
public struct PublishRequest: Sendable {
  /// The text, or with `isJSONStructure` an object of texts by protocol, of which `default` must be there.
  public var message: String
  /// A line of up to 100 characters.
  public var subject: String?
  /// Typed values that travel beside the message and that filter policies look at.
  public var attributes: [String: MessageAttribute]
  /// Whether the message says another text for each protocol.
  public var isJSONStructure: Bool
  /// The message group, for FIFO topics.
  public var groupID: String?
  /// What makes it a duplicate of another, for FIFO topics.
  public var deduplicationID: String?
  /// The AWS X-Ray trace header, which queues get as AWSTraceHeader.
  public var traceHeader: String?

  /// Makes a request.
  public init(
    _ message: String,
    subject: String? = nil,
    attributes: [String: MessageAttribute] = [:],
    isJSONStructure: Bool = false,
    groupID: String? = nil,
    deduplicationID: String? = nil
  ) {
    self.message = message
    self.subject = subject
    self.attributes = attributes
    self.isJSONStructure = isJSONStructure
    self.groupID = groupID
    self.deduplicationID = deduplicationID
  }

  /// What it counts for where sizes are limited.
  var size: Int { message.utf8.count + attributes.size }

  /// The most bytes of a message, or of a batch of them.
  static let largest = 262_144

  /// The text for a protocol.
  func text(for protocol: String) -> String {
    guard isJSONStructure, let value = try? JSONValue(parsing: message) else { return message }
    return value[`protocol`]?.string ?? value["default"]?.string ?? message
  }

  /// Refuses what SNS does not take.
  func check(for topic: TopicAddress, deduplicatesContent: Bool) throws(MessagingError) {
    guard !message.isEmpty else { throw TopicService.invalid("Empty message") }
    guard size <= Self.largest else { throw TopicService.invalid("Message too long") }
    guard QueueService.isText(Array(message.utf8)) else {
      throw TopicService.invalid("Message Reason: Invalid characters found")
    }
    if let subject {
      let isLine = subject.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
      guard isLine, (1...100).contains(subject.unicodeScalars.count) else { throw TopicService.invalid("Subject") }
    }
    if let refusal = MessageAttributes.refusal(of: attributes, limit: nil, isArrayKnown: true) {
      throw MessagingError(.invalidParameterValue, refusal.message)
    }
    if isJSONStructure { try checkStructure() }
    guard topic.isFIFO else { return }
    guard groupID != nil else {
      throw TopicService.invalid("The MessageGroupId parameter is required for FIFO topics")
    }
    guard deduplicationID != nil || deduplicatesContent else {
      throw TopicService.invalid(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
      )
    }
  }

  private func checkStructure() throws(MessagingError) {
    guard case .object(let texts)? = try? JSONValue(parsing: message) else {
      throw TopicService.invalid("Message Structure - JSON message body failed to parse")
    }
    guard texts["default"]?.string != nil else {
      throw TopicService.invalid("Message Structure - No default entry in JSON message body")
    }
  }
}

/// What publishing gave.
public struct PublishedMessage: Sendable, Equatable {
  /// The message's id; of the first message when this one was a duplicate.
  public var messageID: String
  /// Its place in its FIFO topic; nil for another topic.
  public var sequenceNumber: String?
  /// The targets of deliveries that it put into the outbox.
  public var lanes: [String] = []
}

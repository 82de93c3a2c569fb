// Which topic and which subscription: clients know both by ARN.

public import TrailEvents

/// A topic of an account and Region.
public struct TopicAddress: Sendable, Hashable {
  /// The account and Region.
  public var scope: Scope
  /// The topic's name.
  public var name: String

  /// Makes an address.
  public init(_ name: String, in scope: Scope) {
    self.scope = scope
    self.name = name
  }

  /// Reads the ARN of a topic; nothing if it is none.
  public init?(arn: String) {
    guard let arn = ARN(arn), arn.service == "sns", !arn.resource.contains(":"), !arn.resource.contains("/"),
      !arn.account.isEmpty, !arn.region.isEmpty
    else { return nil }
    self.init(arn.resource, in: arn.scope)
  }

  /// The topic's ARN.
  public var arn: ARN { ARN(service: "sns", in: scope, resource: name) }

  /// Whether it is the name of a FIFO topic.
  public var isFIFO: Bool { name.hasSuffix(".fifo") }
}

/// A subscription of a topic.
public struct SubscriptionAddress: Sendable, Hashable {
  /// The topic.
  public var topic: TopicAddress
  /// What tells it from the topic's others.
  public var identifier: String

  /// Makes an address.
  public init(_ identifier: String, of topic: TopicAddress) {
    self.topic = topic
    self.identifier = identifier
  }

  /// Reads the ARN of a subscription; nothing if it is none.
  public init?(arn: String) {
    guard let end = arn.lastIndex(of: ":"), let topic = TopicAddress(arn: String(arn[..<end])) else { return nil }
    self.init(String(arn[arn.index(after: end)...]), of: topic)
  }

  /// The subscription's ARN.
  public var arn: String { "\(topic.arn):\(identifier)" }
}

/// A subscription as clients see it.
public struct SubscriptionSummary: Sendable, Equatable {
  /// Which it is.
  public var address: SubscriptionAddress
  /// SNS's name for the way to the endpoint: `sqs`, `https`…
  public var `protocol`: String
  /// Where messages go.
  public var endpoint: String
  /// The account that subscribed.
  public var owner: String
  /// Whether messages go there; otherwise it waits for its confirmation.
  public var isConfirmed: Bool
}

// What an installation says about its buses, and what of its services they use.

public import Delivery
public import Messaging
public import Outbound
public import TrailEvents

/// Settings and services of the buses of an installation.
public struct BusSettings: Sendable {
  /// Limits.
  public var limits = BusLimits()
  /// Sends the requests of API destinations.
  public var http: HTTPClient
  /// Which addresses API destinations may reach.
  public var network = AddressPolicy.any
  /// The queues of this installation.
  public var queues: QueueService?
  /// The topics of this installation.
  public var topics: TopicService?
  /// What reaches services that are not here: the first that knows an ARN gets its events.
  public var services: [ServiceResolver] = []

  /// Finds what reaches a target of a service: a function that a local program stands for, a real endpoint.
  ///
  /// It is asked for each attempt; nothing means that the target is not there.
  public typealias ServiceResolver = @Sendable (_ target: ARN, _ settings: RuleTarget) -> (any Target)?

  /// Makes settings with AWS's limits.
  public init(http: HTTPClient) { self.http = http }
}

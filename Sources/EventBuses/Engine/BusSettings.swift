// What an installation says about its buses, and what of its services they use.

public import Delivery
public import Messaging
public import Outbound
public import Storage
public import TrailEvents

/// Settings and services of the buses of an installation.
public struct BusSettings: Sendable {
  /// Limits.
  public var limits = BusLimits()
  /// Sends the requests of API destinations.
  public var http: HTTPClient
  /// Which addresses API destinations may reach.
  public var network = AddressPolicy.any
  /// Seals the secrets of connections; `keepSecrets` has to have taken it.
  public var secrets = SecretBox()
  /// The queues of this installation.
  public var queues: QueueService?
  /// The topics of this installation.
  public var topics: TopicService?
  /// What reaches services that are not here: the first that knows an ARN gets its events.
  public var services: [ServiceResolver] = []
  /// Whether a queue, topic or bus is to be looked for among these services, and not in this installation.
  public var isElsewhere: @Sendable (_ target: ARN) -> Bool = { _ in false }
  /// Who looks at the events of buses later.
  public var watch: BusWatch?

  /// Finds what reaches a target of a service: a function that a local program stands for, a real endpoint.
  ///
  /// It is asked for each attempt; nothing means that the target is not there.
  public typealias ServiceResolver = @Sendable (_ target: ARN, _ settings: RuleTarget) -> (any Target)?

  /// Makes settings with AWS's limits.
  public init(http: HTTPClient) { self.http = http }
}

/// Somebody who looks at the events of some buses later, in his own time.
///
/// Which event was on which of these buses is written with the event.
public struct BusWatch: Sendable {
  /// Whether the events of a bus are looked at. It is asked for each event, so it has to be quick.
  public var isWatched: @Sendable (_ bus: BusReference) -> Bool
  /// Told that there is something to look at.
  public var arrived: @Sendable () -> Void

  /// Makes a watch.
  public init(isWatched: @escaping @Sendable (_ bus: BusReference) -> Bool, arrived: @escaping @Sendable () -> Void) {
    self.isWatched = isWatched
    self.arrived = arrived
  }
}

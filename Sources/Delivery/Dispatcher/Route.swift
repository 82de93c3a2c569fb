// What the dispatcher needs to know of a target or an action. Routes are made from a rule set and swapped in whole when
// rules are reloaded; what is in the outbox names them by kind and id.

public import RuleFiles
public import Storage

/// Where deliveries go, and how hard to try.
public struct Route: Sendable {
  /// What is called for each attempt.
  public var target: any Target
  /// How much of its time we take.
  public var limits: LaneLimits
  /// When failures are tried again.
  public var retry: RetryPolicy
  /// The queue for what is given up; nothing if it is only to be recorded.
  public var deadLetterQueue: String?
  /// The target's ARN for dead letters, if it has one of its own.
  public var targetARN: String?

  /// The queue for dead letters of targets that name none.
  public static let defaultDeadLetterQueue = "dead-letters"

  /// Makes a route.
  public init(
    target: any Target,
    limits: LaneLimits = LaneLimits(),
    retry: RetryPolicy = RetryPolicy(),
    deadLetterQueue: String? = Route.defaultDeadLetterQueue,
    targetARN: String? = nil
  ) {
    self.targetARN = targetARN
    self.target = target
    self.limits = limits
    self.retry = retry
    self.deadLetterQueue = deadLetterQueue
  }

  /// Makes the route of a definition; what its policy leaves open comes from `defaults`, then from Signalbox.
  ///
  /// `deadLetterQueue` is the name of the queue that the policy's `dead-letter` stands for.
  public init(
    target: any Target,
    policy: DeliveryPolicy,
    defaults: DeliveryPolicy = DeliveryPolicy(),
    deadLetterQueue: String? = nil
  ) {
    let standard = RetryPolicy()
    let rate = policy.rate ?? defaults.rate
    // A rate without a burst allows what one span allows, and no more than that at once.
    let burst = policy.burst ?? defaults.burst
    self.init(
      target: target,
      limits: LaneLimits(
        concurrency: policy.concurrency ?? defaults.concurrency ?? 4,
        rate: rate.map { TokenBucket(count: $0.count, per: $0.span.duration, burst: burst ?? $0.count) }
      ),
      retry: RetryPolicy(
        ageLimit: (policy.retryFor ?? defaults.retryFor)?.duration ?? standard.ageLimit,
        attemptLimit: policy.attempts ?? defaults.attempts ?? standard.attemptLimit,
        firstBackoff: (policy.backoff ?? defaults.backoff)?.first.duration ?? standard.firstBackoff,
        longestBackoff: (policy.backoff ?? defaults.backoff)?.longest.duration ?? standard.longestBackoff
      ),
      deadLetterQueue: deadLetterQueue ?? policy.deadLetter ?? defaults.deadLetter ?? Route.defaultDeadLetterQueue
    )
  }
}

/// The routes of a rule set, and of whatever else has ways to deliver.
public struct RouteTable: Sendable {
  /// Finds a route that is in no table, when it is needed: those of rules and subscriptions that come and go.
  public typealias Resolver = @Sendable (DeliveryKind, String) -> Route?

  private struct Key: Hashable {
    var kind: DeliveryKind
    var id: String
  }

  private var routes: [Key: Route] = [:]
  /// The queue for dead letters where there is no route.
  public var deadLetterQueue = Route.defaultDeadLetterQueue
  /// Asked in turn for routes that are not in the table.
  public var resolvers: [Resolver] = []

  /// Makes a table without routes.
  public init() {}

  /// The route to a target (`send`) or an action (`run`).
  public subscript(kind: DeliveryKind, id: String) -> Route? {
    get {
      if let route = routes[Key(kind: kind, id: id)] { return route }
      for resolver in resolvers {
        if let route = resolver(kind, id) { return route }
      }
      return nil
    }
    set { routes[Key(kind: kind, id: id)] = newValue }
  }

  /// The queue for what is given up on the way to a target or an action, also one that is not there; nothing if it is
  /// only to be recorded.
  public func deadLetterQueue(_ kind: DeliveryKind, _ id: String) -> String? {
    if let route = self[kind, id] { route.deadLetterQueue } else { deadLetterQueue }
  }

  /// The route whose limits hold for the lane of an id: the target's, else the action's.
  func settings(of id: String) -> Route? { self[.send, id] ?? self[.run, id] }
}

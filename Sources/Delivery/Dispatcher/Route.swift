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
  /// The queue for what is given up.
  public var deadLetterQueue: String

  /// The queue for dead letters of targets that name none.
  public static let defaultDeadLetterQueue = "dead-letters"

  /// Makes a route.
  public init(
    target: any Target,
    limits: LaneLimits = LaneLimits(),
    retry: RetryPolicy = RetryPolicy(),
    deadLetterQueue: String = Route.defaultDeadLetterQueue
  ) {
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

/// The routes of a rule set.
public struct RouteTable: Sendable {
  private struct Key: Hashable {
    var kind: DeliveryKind
    var id: String
  }

  private var routes: [Key: Route] = [:]
  /// The queue for dead letters where no route says another.
  public var deadLetterQueue = Route.defaultDeadLetterQueue

  /// Makes a table without routes.
  public init() {}

  /// The route to a target (`send`) or an action (`run`).
  public subscript(kind: DeliveryKind, id: String) -> Route? {
    get { routes[Key(kind: kind, id: id)] }
    set { routes[Key(kind: kind, id: id)] = newValue }
  }

  /// The queue for what is given up on the way to a target or an action, also one that is not there.
  public func deadLetterQueue(_ kind: DeliveryKind, _ id: String) -> String {
    self[kind, id]?.deadLetterQueue ?? deadLetterQueue
  }

  /// The route whose limits hold for the lane of an id: the target's, else the action's.
  func settings(of id: String) -> Route? { self[.send, id] ?? self[.run, id] }
}

// What keeps a dead target from being hammered. Every delivery has its own backoff, but ten thousand deliveries with
// five minutes each are still thirty attempts a second. So the lane has a breaker: after failures of several deliveries
// in a row it lets only single probes through, at growing intervals, until one succeeds. Waiting rows do not use up
// their retries meanwhile; their age counts all the same.
//
// One delivery that fails again and again says little about the target, so failures are counted per delivery.

/// Whether a target seems to be alive, and when to ask it next.
public struct Breaker: Sendable, Hashable {
  /// How many deliveries have to fail in a row for the target to count as dead.
  public let threshold: Int
  private let pauses: RetryPolicy
  private var failing: Set<String> = []
  private var probes = 0
  private var nextProbe: Instant?
  private var askedToWait: Instant?

  /// Makes an open gate; the backoff of `pauses` bounds the waits between probes.
  public init(threshold: Int = 5, pauses: RetryPolicy) {
    self.threshold = max(1, threshold)
    self.pauses = pauses
  }

  /// Whether the target is thought to be dead.
  public var isTripped: Bool { failing.count >= threshold }

  /// How many attempts may be under way at once.
  public func limit(of concurrency: Int) -> Int { isTripped ? 1 : concurrency }

  /// The instant before which nothing should start, when there is one.
  public func pause(at now: Instant) -> Instant? {
    let until = [nextProbe, askedToWait].compactMap(\.self).filter { $0 > now }
    return until.max()
  }

  /// Notes that the target took a delivery. A wait that it asked for still holds.
  public mutating func noteSuccess() {
    failing = []
    probes = 0
    nextProbe = nil
  }

  /// Notes a failure of the delivery `id`.
  ///
  /// A permanent failure is an answer: the target is alive. `Retry-After` pauses the lane whatever the count says.
  /// Failures of attempts that were under way when the pause began do not lengthen it.
  public mutating func noteFailure(
    _ failure: DeliveryFailure,
    of id: String,
    at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) {
    guard failure.isRetryable else { return noteSuccess() }
    if !isTripped { failing.insert(id) }
    if isTripped, nextProbe.map({ $0 <= now }) ?? true {
      probes += 1
      let bound = pauses.backoffBound(retry: probes)
      // Half the bound at least: a probe stands for the whole lane, so a pause of nearly nothing would be none.
      nextProbe = now + (bound / 2...bound).jittered(using: &generator)
    }
    if let wait = failure.retryAfter, wait > .zero {
      let end = now + min(wait, pauses.ageLimit)
      askedToWait = max(askedToWait ?? end, end)
    }
  }
}

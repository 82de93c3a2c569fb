// When a failed attempt is tried again, and when it is not. EventBridge's limits (age and number of retries), AWS's
// "exponential backoff with full jitter" for the wait, and the target's own `Retry-After` when that asks for more.

/// What to do after a failed attempt.
public struct RetryPolicy: Sendable, Hashable {
  /// How long after it went into the outbox an attempt may still be made.
  public var ageLimit: Duration
  /// How many attempts may be made, the first included; 1 never retries.
  public var attemptLimit: Int
  /// The upper bound of the first wait.
  public var firstBackoff: Duration
  /// The upper bound of every wait.
  public var longestBackoff: Duration

  /// Makes a policy; the defaults are EventBridge's 24 hours and 185 attempts, with waits of up to 1 s … 5 min.
  public init(
    ageLimit: Duration = .seconds(24 * 3600),
    attemptLimit: Int = 185,
    firstBackoff: Duration = .seconds(1),
    longestBackoff: Duration = .seconds(300)
  ) {
    self.ageLimit = max(.zero, ageLimit)
    self.attemptLimit = max(1, attemptLimit)
    self.firstBackoff = max(.zero, firstBackoff)
    self.longestBackoff = max(self.firstBackoff, longestBackoff)
  }

  /// The limit that ended the retries; the raw values are EventBridge's `EXHAUSTED_RETRY_CONDITION`.
  public enum Exhaustion: String, Sendable {
    /// The attempts allowed were made.
    case attempts = "MaximumRetryAttempts"
    /// The delivery is too old, or would be by the time of the next attempt.
    case age = "MaximumEventAgeInSeconds"
  }

  /// What follows a failed attempt.
  public enum Verdict: Sendable, Hashable {
    /// Try again at that instant.
    case retry(at: Instant)
    /// Give up: the limit is reached.
    case exhausted(Exhaustion)
    /// Give up: another attempt would fail in the same way.
    case permanent
  }

  /// Says what follows the failure of attempt number `attempt` (from 1) of a delivery queued at `queuedAt`.
  ///
  /// The wait is drawn evenly from zero to the backoff's bound, and lengthened to the target's `Retry-After`.
  public func verdict(
    after failure: DeliveryFailure,
    attempt: Int,
    queuedAt: Instant,
    now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Verdict {
    guard failure.isRetryable else { return .permanent }
    guard attempt < attemptLimit else { return .exhausted(.attempts) }
    let end = queuedAt + ageLimit
    let backoff = (.zero...backoffBound(retry: attempt)).jittered(using: &generator)
    let earliest = now + (failure.retryAfter ?? .zero)
    guard now < end, earliest <= end else { return .exhausted(.age) }
    // A backoff that leads beyond the limit is cut: the last attempt is made at the limit, not given away.
    return .retry(at: max(earliest, min(now + backoff, end)))
  }

  /// Whether a delivery queued at `queuedAt` has reached its age limit.
  public func isTooOld(queuedAt: Instant, now: Instant) -> Bool { now - queuedAt > ageLimit }

  /// The longest wait before retry number `retry` (from 1): doubles from `firstBackoff` up to `longestBackoff`.
  public func backoffBound(retry: Int) -> Duration {
    var bound = firstBackoff
    var doublings = max(0, retry - 1)
    while doublings > 0, bound > .zero, bound < longestBackoff {
      bound *= 2
      doublings -= 1
    }
    return min(bound, longestBackoff)
  }
}

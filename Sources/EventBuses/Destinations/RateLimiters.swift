// All rules that send to one API destination share its limit, though each has a lane of its own.

internal import Delivery
internal import Synchronization

/// Makes requests to a destination wait for their turn.
final class RateLimiters: Sendable {
  private struct Limiter {
    var rate: Int
    var bucket: TokenBucket
    var usedAt: Instant
  }

  /// So many destinations are remembered; then those that have not been used for a second are as good as new.
  private static let most = 1000

  private let limiters = Mutex<[String: Limiter]>([:])

  /// Returns when one more request may be sent.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  func wait(for destination: String, rate: Int, clock: any Clock) async throws {
    while let instant = limiters.withLock({ limiters -> Instant? in
      let now = clock.now
      var limiter =
        limiters[destination]
        ?? Limiter(rate: 0, bucket: TokenBucket(count: 1, per: .seconds(1), burst: 1), usedAt: now)
      if limiter.rate != rate {
        limiter = Limiter(rate: rate, bucket: TokenBucket(count: rate, per: .seconds(1), burst: rate), usedAt: now)
      }
      limiter.usedAt = now
      let granted = limiter.bucket.take(1, at: now)
      if limiters.count >= Self.most { limiters = limiters.filter { now - $0.value.usedAt < .seconds(1) } }
      limiters[destination] = limiter
      return granted > 0 ? nil : limiter.bucket.nextToken(at: now)
    }) {
      try await clock.sleep(until: instant)
    }
  }
}

// A rate with a burst, in virtual time: the bucket knows no clock, it is told the time with every question. The stock
// is kept in "milliseconds of refill" rather than in tokens, so there is no fraction to lose at any rate.

/// Lets through `count` things per `period` on average and up to `burst` at once.
public struct TokenBucket: Sendable, Hashable {
  /// How many per period.
  public let count: Int
  /// The period.
  public let period: Duration
  /// How many at once after a quiet time.
  public let burst: Int

  // Every token costs `period`; every millisecond that passes brings `count` milliseconds of credit.
  private let cost: Int64
  private let full: Int64
  private var credit: Int64
  private var last: Instant?

  /// Makes a full bucket; counts below one count as one, periods below a millisecond as one millisecond.
  public init(count: Int, per period: Duration, burst: Int) {
    // The bounds keep the arithmetic below far from overflow: 2^20 tokens × 2^40 ms (35 years).
    self.count = min(max(1, count), 1 << 20)
    self.burst = min(max(1, burst), 1 << 20)
    self.cost = min(max(1, period.milliseconds), 1 << 40)
    self.period = .milliseconds(self.cost)
    self.full = self.cost * Int64(self.burst)
    self.credit = full
  }

  /// How many may go now.
  public mutating func available(at now: Instant) -> Int {
    refill(at: now)
    return Int(credit / cost)
  }

  /// Takes up to `wanted` tokens and says how many there were.
  public mutating func take(_ wanted: Int, at now: Instant) -> Int {
    let taken = min(max(0, wanted), available(at: now))
    credit -= Int64(taken) * cost
    return taken
  }

  /// When the next token will be there: `now` when there is one already.
  public mutating func nextToken(at now: Instant) -> Instant {
    refill(at: now)
    guard credit < cost else { return now }
    let wait = (cost - credit + Int64(count) - 1) / Int64(count)
    return now + .milliseconds(wait)
  }

  private mutating func refill(at now: Instant) {
    defer { last = now }
    // A clock that was set back brings nothing, and costs nothing either.
    guard let last, now > last else { return }
    let (gain, overflow) = (now - last).milliseconds.multipliedReportingOverflow(by: Int64(count))
    credit = overflow || gain >= full - credit ? full : credit + gain
  }
}

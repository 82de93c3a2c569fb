// A point on the wall clock. Due times outlive the process (they are stored), so a monotonic clock cannot hold them.

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
public struct Instant: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970.
  public var milliseconds: Int64

  /// Wraps milliseconds since 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Makes an instant from whole seconds since 1970.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    self.milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 {
    milliseconds >= 0 ? milliseconds / 1000 : -((999 - milliseconds) / 1000)
  }

  /// Orders by time.
  public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

  /// The instant `duration` later; stays at the ends of the range instead of overflowing.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    let (sum, overflow) = instant.milliseconds.addingReportingOverflow(duration.milliseconds)
    guard overflow else { return Instant(milliseconds: sum) }
    return Instant(milliseconds: duration.milliseconds < 0 ? .min : .max)
  }

  /// The time from `b` to `a`.
  public static func - (a: Instant, b: Instant) -> Duration {
    let (difference, overflow) = a.milliseconds.subtractingReportingOverflow(b.milliseconds)
    return .milliseconds(overflow ? (a < b ? Int64.min : Int64.max) : difference)
  }
}

extension Duration {
  /// Whole milliseconds, rounded up so that a wait never ends early; stays at the ends of the range.
  package var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let part = attoseconds / 1_000_000_000_000_000
    let rest = attoseconds % 1_000_000_000_000_000
    let (sum, tooFar) = product.addingReportingOverflow(part + (rest > 0 ? 1 : 0))
    return tooFar ? (product < 0 ? .min : .max) : sum
  }
}

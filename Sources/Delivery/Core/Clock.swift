// The joint between the dispatcher and time. Everything else in this module is told what time it is.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The time, and a way to wait for it.
public protocol Clock: Sendable {
  /// The present.
  var now: Instant { get }

  /// Returns when `deadline` has come, or as much time has gone by as there was left: a clock that is set back makes
  /// nobody wait for longer.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  func sleep(until deadline: Instant) async throws
}

/// The machine's wall clock.
public struct SystemClock: Clock {
  /// Makes a clock.
  public init() {}

  /// The present.
  public var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Returns when `deadline` has come; looks at the wall clock at least every half minute, so that a clock that is set
  /// while we sleep is noticed.
  public func sleep(until deadline: Instant) async throws {
    let end: ContinuousClock.Instant = .now + (deadline - now)
    while true {
      let left = min(deadline - now, end - .now)
      guard left > .zero else { return try Task.checkCancellation() }
      try await Task.sleep(for: min(left, .seconds(30)))
    }
  }
}

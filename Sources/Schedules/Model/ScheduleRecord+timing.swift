// When a schedule fires: its expression, its zone and its dates as one timing, and its place in a flexible window.

internal import RuleFiles
internal import TrailEvents

/// A firing of a schedule.
struct Firing: Sendable, Equatable {
  /// The time that the schedule names.
  var occurrence: Instant
  /// When it is to fire: the same, or later within the flexible window; in milliseconds since 1970.
  var dueAt: Int64
}

extension ScheduleDefinition {
  /// Reads the expression, or says what is wrong in AWS's words.
  func timing(countedFrom origin: Int64) throws(ScheduleError) -> ScheduleTiming {
    guard let clock = WallClock(zone: timeZone) else {
      throw .validation(
        "Invalid Schedule Expression Timezone \(timeZone): an IANA name such as Europe/Berlin was expected."
      )
    }
    guard let expression = try? ScheduleTiming.Expression(parsing: expression) else {
      throw .validation("Invalid Schedule Expression \(self.expression).")
    }
    return ScheduleTiming(
      expression,
      clock: clock,
      origin: Self.second(start ?? origin),
      start: start.map(Self.second),
      end: end.map(Self.second)
    )
  }

  /// The first whole second that is not before a time.
  private static func second(_ milliseconds: Int64) -> Instant { Instant(seconds: (milliseconds + 999) / 1000) }
}

extension ScheduleRecord {
  /// The first firing whose occurrence lies after an instant; nothing if it does not fire any more.
  func firing(after instant: Instant, in scope: Scope) -> Firing? {
    guard definition.state == .enabled, let timing = try? definition.timing(countedFrom: countedFrom),
      let next = timing.next(after: instant)
    else { return nil }
    return Firing(occurrence: next, dueAt: dueAt(next, timing, in: scope))
  }

  /// What a firing that is due stands for: itself, or the last of those that were missed.
  func latest(of firing: Instant, at now: Int64, in scope: Scope) -> Instant {
    guard let timing = try? definition.timing(countedFrom: countedFrom) else { return firing }
    let before = Instant(seconds: firing.seconds - 1)
    var through = Instant(seconds: now / 1000)
    // The last one may still have to wait for its place in the window; the one before it does not.
    for _ in 0..<2 {
      guard let latest = timing.latest(after: before, through: through) else { return firing }
      if dueAt(latest, timing, in: scope) <= now { return latest }
      through = Instant(seconds: latest.seconds - 1)
    }
    return firing
  }

  private func dueAt(_ occurrence: Instant, _ timing: ScheduleTiming, in scope: Scope) -> Int64 {
    guard definition.isFlexible, let minutes = definition.windowMinutes else { return occurrence.seconds * 1000 }
    // A window reaches to the next occurrence at most, so that there is never more than one firing to wait for.
    let next = timing.next(after: occurrence)
    let gap = next.map { $0.seconds - occurrence.seconds } ?? Int64.max
    let window = UInt64(min(Int64(minutes) * 60, gap))
    // Chance would be another after a restart, and the firing another time.
    let place = Self.spread("\(definition.arn(in: scope))@\(occurrence.seconds)") % max(1, window)
    return (occurrence.seconds + Int64(place)) * 1000
  }

  /// A number that is evenly spread over texts: FNV-1a, and a last mix for the low bits.
  private static func spread(_ text: String) -> UInt64 {
    var hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    return hash ^ (hash >> 33)
  }
}

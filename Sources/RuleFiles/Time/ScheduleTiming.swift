// When schedules fire: the arithmetic that rules of files, rules of buses and EventBridge Scheduler's schedules share.
// Nothing in here knows what time it is; who asks says how far a schedule has come.
//
// Where clocks change, EventBridge Scheduler's rules hold: a time that is left out in spring does not fire, one that comes
// twice in autumn fires the first time, and a rate does not look at clocks at all.

/// When a schedule fires.
public struct ScheduleTiming: Sendable, Hashable {
  /// What a schedule's expression says.
  public enum Expression: Sendable, Hashable {
    /// Once, when the clocks show this; the reading is written as if it were UTC.
    case at(Instant)
    /// Again and again.
    case every(Schedule)
  }

  /// What the expression says.
  public var expression: Expression
  /// The clocks that it speaks of.
  public var clock: WallClock
  /// The first firing of a rate.
  public var origin: Instant
  /// Nothing fires before; a single time does not look at it.
  public var start: Instant?
  /// Nothing fires after; a single time does not look at it.
  public var end: Instant?

  /// Makes the timing of a schedule.
  public init(
    _ expression: Expression,
    clock: WallClock = .utc,
    origin: Instant = Instant(seconds: 0),
    start: Instant? = nil,
    end: Instant? = nil
  ) {
    self.expression = expression
    self.clock = clock
    self.origin = origin
    self.start = start
    self.end = end
  }

  /// Makes the timing of a rule's schedule, in UTC.
  public init(_ schedule: Schedule, origin: Instant = Instant(seconds: 0)) {
    self.init(.every(schedule), origin: origin)
  }

  /// The first firing strictly after an instant; nothing if there is none.
  public func next(after instant: Instant) -> Instant? {
    switch expression {
    case .at(let reading):
      let time = clock.instant(showingOrPassing: reading)
      return time > instant ? time : nil
    case .every(let schedule):
      let earliest = start.map { Instant(seconds: $0.seconds - 1) } ?? instant
      guard let next = next(of: schedule, after: max(instant, earliest)) else { return nil }
      if let end, next > end { return nil }
      return next
    }
  }

  private func next(of schedule: Schedule, after instant: Instant) -> Instant? {
    guard case .cron = schedule else { return schedule.next(after: instant, from: origin) }
    var reading = clock.reading(at: instant)
    while let next = schedule.next(after: reading) {
      if let time = clock.instant(showing: next), time > instant { return time }
      reading = next
    }
    return nil
  }

  /// The last firing after one instant and not after another: what one firing makes up for, when many were missed.
  public func latest(after last: Instant, through now: Instant) -> Instant? {
    // A day back finds the latest firing of anything that fires at least daily; what fires more seldom has few to step
    // over. So the number of steps is bounded however long nobody looked.
    let recent = Instant(seconds: max(last.seconds, now.seconds - 86_400))
    var latest: Instant?
    for begin in [recent, last] where latest == nil {
      var at = begin
      while let next = next(after: at), next <= now {
        latest = next
        at = next
      }
    }
    return latest
  }

  /// What is due of a schedule that has come so far, and when it fires after that.
  public func outlook(after last: Instant, at now: Instant) -> (due: Instant?, next: Instant?) {
    (latest(after: last, through: now), next(after: now))
  }
}

extension ScheduleTiming.Expression {
  /// Reads an expression as EventBridge Scheduler takes it: `at(2027-03-31T12:00:00)`, `rate(…)`, `cron(…)`.
  public init(parsing text: String) throws(NotationError) {
    guard text.hasPrefix("at("), text.hasSuffix(")") else {
      self = .every(try Schedule(parsing: text))
      return
    }
    let inside = text.dropFirst(3).dropLast()
    // Its clocks are named elsewhere, so it has no zone of its own.
    guard inside.utf8.count == 19, inside.dropFirst(10).first == "T" else {
      throw NotationError("a date and a time were expected, such as at(2027-03-31T12:00:00)", at: 3)
    }
    do {
      self = .at(try Instant(parsing: inside + "Z"))
    } catch {
      throw NotationError(error.message, at: 3 + error.offset)
    }
  }
}

// EventBridge's schedule expressions: `rate(5 minutes)` and `cron(0 9 ? * MON *)`, always in UTC.

/// When a scheduled rule fires.
public enum Schedule: Sendable, Hashable, CustomStringConvertible {
  /// Every so often, counted from a starting point.
  case rate(TimeSpan)
  /// At the minutes a cron expression names.
  case cron(CronExpression)

  /// Reads a schedule expression as EventBridge's PutRule takes it.
  public init(parsing text: String) throws(NotationError) {
    guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else {
      throw NotationError("'\(text)' is not a schedule: write rate(5 minutes) or cron(0 9 ? * MON *)", at: 0)
    }
    let kind = text[..<open]
    guard kind == "rate" || kind == "cron" else {
      throw NotationError("'\(kind)' is not a kind of schedule: use rate(…) or cron(…)", at: 0)
    }
    let inside = String(text[text.index(after: open)...].dropLast())
    do {
      self = kind == "rate" ? .rate(try Self.rate(inside)) : .cron(try CronExpression(parsing: inside))
    } catch {
      throw NotationError(error.message, at: kind.utf8.count + 1 + error.offset)
    }
  }

  private static func rate(_ text: String) throws(NotationError) -> TimeSpan {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2 else {
      throw NotationError("a rate is a number, one blank and a unit, such as rate(5 minutes)", at: 0)
    }
    guard let count = words[0].plainNumber, count > 0 else {
      throw NotationError("'\(words[0])' is not a rate's number: use a whole number from 1", at: 0)
    }
    let units: [(String, Int64)] = [("minute", 60), ("hour", 3600), ("day", 86_400)]
    let place = words[0].utf8.count + 1
    for (unit, seconds) in units {
      let right = count == 1 ? unit : unit + "s"
      if words[1] == right {
        guard count <= TimeSpan.longest.seconds / seconds else {
          throw NotationError("the rate is longer than the longest span, \(TimeSpan.longest)", at: 0)
        }
        return TimeSpan(seconds: count * seconds)
      }
      if words[1] == unit || words[1] == unit + "s" {
        throw NotationError("write \(count) \(right): the unit is singular for 1 and plural otherwise", at: place)
      }
    }
    throw NotationError("'\(words[1])' is not a unit of a rate: use minute(s), hour(s) or day(s)", at: place)
  }

  /// The first time the schedule fires strictly after an instant, or nothing if it never does again.
  ///
  /// A rate is counted from `start`, so that the answer does not drift with the moment of asking.
  public func next(after instant: Instant, from start: Instant = Instant(seconds: 0)) -> Instant? {
    switch self {
    case .rate(let span):
      let passed = instant.seconds - start.seconds
      guard passed >= 0 else { return start }
      return Instant(seconds: start.seconds + (passed / span.seconds + 1) * span.seconds)
    case .cron(let expression):
      return expression.next(after: instant)
    }
  }

  /// The expression as EventBridge takes it.
  public var description: String {
    switch self {
    case .cron(let expression): return "cron(\(expression.source))"
    case .rate(let span):
      let units: [(String, Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60)]
      guard let (unit, seconds) = units.first(where: { span.seconds.isMultiple(of: $0.1) }) else {
        return "rate(\(span))"
      }
      let count = span.seconds / seconds
      return "rate(\(count) \(unit)\(count == 1 ? "" : "s"))"
    }
  }
}

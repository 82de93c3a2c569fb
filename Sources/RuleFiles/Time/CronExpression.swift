// The six fields of EventBridge's cron: minute, hour, day-of-month, month, day-of-week, year. UTC.
//
// Plain fields become sorted lists of numbers; the two day fields keep their meaning (`L`, `15W`, `6#3`) because it
// depends on the month. The next firing is found by walking years, months and days that can match, at most the 230
// years the year field knows, so the search always ends.

/// A parsed cron expression.
public struct CronExpression: Sendable, Hashable {
  /// The six fields as they were written.
  public let source: String

  let minutes: [Int]
  let hours: [Int]
  let months: [Int]
  let years: [Int]
  let days: DayRule

  /// Which days of a month match.
  enum DayRule: Sendable, Hashable {
    /// These days of the month.
    case daysOfMonth(Set<Int>)
    /// `L`: the last day of the month.
    case lastDay
    /// `LW`: the last weekday (Monday to Friday) of the month.
    case lastWeekday
    /// `15W`: the weekday nearest to a day, within the month.
    case nearestWeekday(Int)
    /// These days of the week, 1 for Sunday.
    case daysOfWeek(Set<Int>)
    /// `6L`: the last such day of the week in the month.
    case lastDayOfWeek(Int)
    /// `6#3`: the third Friday.
    case nthDayOfWeek(Int, Int)

    func contains(_ date: CivilDate) -> Bool {
      let length = CivilDate.daysIn(month: date.month, year: date.year)
      switch self {
      case .daysOfMonth(let days): return days.contains(date.day)
      case .lastDay: return date.day == length
      case .lastWeekday: return date.day == Self.weekday(nearest: length, date, length)
      case .nearestWeekday(let day): return day <= length && date.day == Self.weekday(nearest: day, date, length)
      case .daysOfWeek(let days): return days.contains(date.weekday)
      case .lastDayOfWeek(let day): return date.weekday == day && date.day + 7 > length
      case .nthDayOfWeek(let day, let nth): return date.weekday == day && (date.day - 1) / 7 + 1 == nth
      }
    }

    /// The day from Monday to Friday nearest to a day, never in another month.
    private static func weekday(nearest day: Int, _ month: CivilDate, _ length: Int) -> Int {
      switch CivilDate(year: month.year, month: month.month, day: day).weekday {
      case 7: day == 1 ? 3 : day - 1
      case 1: day == length ? day - 2 : day + 1
      default: day
      }
    }
  }

  /// Reads the six fields between the parentheses of `cron(…)`.
  public init(parsing text: String) throws(NotationError) {
    let fields = text.split { $0 == " " || $0 == "\t" }
    guard fields.count == 6 else {
      throw NotationError(
        "cron has six fields (minute hour day-of-month month day-of-week year) and here are \(fields.count): "
          + "every day at nine is cron(0 9 * * ? *)",
        at: 0
      )
    }
    let places = fields.map { text[..<$0.startIndex].utf8.count }
    source = fields.joined(separator: " ")
    minutes = try CronField.minute.values(String(fields[0]), at: places[0])
    hours = try CronField.hour.values(String(fields[1]), at: places[1])
    months = try CronField.month.values(String(fields[3]), at: places[3])
    years = try CronField.year.values(String(fields[5]), at: places[5])
    switch (fields[2], fields[4]) {
    case ("?", "?"):
      throw NotationError("only one of day-of-month and day-of-week may be ?: write * in the other", at: places[4])
    case ("?", let weekday):
      days = try Self.daysOfWeek(String(weekday), at: places[4])
    case (let day, "?"):
      days = try Self.daysOfMonth(String(day), at: places[2])
    default:
      throw NotationError("one of day-of-month and day-of-week must be ?: they cannot both be given", at: places[4])
    }
  }

  private static func daysOfMonth(_ text: String, at place: Int) throws(NotationError) -> DayRule {
    let upper = text.uppercased()
    if upper == "L" { return .lastDay }
    if upper == "LW" { return .lastWeekday }
    if upper.hasSuffix("W") {
      guard let day = upper.dropLast().plainNumber, (1...31).contains(day) else {
        throw NotationError("'\(text)' is not a day: W stands after one day of the month, such as 15W", at: place)
      }
      return .nearestWeekday(Int(day))
    }
    return .daysOfMonth(Set(try CronField.dayOfMonth.values(text, at: place)))
  }

  private static func daysOfWeek(_ text: String, at place: Int) throws(NotationError) -> DayRule {
    let upper = text.uppercased()
    // A bare L is the last day of the week.
    if upper == "L" { return .daysOfWeek([7]) }
    if let hash = upper.firstIndex(of: "#") {
      guard let day = CronField.dayOfWeek.number(upper[..<hash]),
        let nth = upper[upper.index(after: hash)...].plainNumber, (1...5).contains(nth)
      else {
        throw NotationError(
          "'\(text)' is not an nth day of the week: write one such as 6#3, the third Friday",
          at: place
        )
      }
      return .nthDayOfWeek(day, Int(nth))
    }
    if upper.hasSuffix("L"), let day = CronField.dayOfWeek.number(upper.dropLast()) { return .lastDayOfWeek(day) }
    return .daysOfWeek(Set(try CronField.dayOfWeek.values(text, at: place)))
  }

  /// The first matching minute strictly after an instant, or nothing up to the end of the last year.
  public func next(after instant: Instant) -> Instant? {
    // The earliest candidate is the start of the next whole minute.
    let floor = instant.seconds >= 0 ? instant.seconds / 60 : (instant.seconds - 59) / 60
    let earliest = max(0, floor + 1)
    let firstDay = CivilDate(daysSince1970: earliest / 1440)
    let minuteOfFirstDay = Int(earliest % 1440)
    for year in years where year >= firstDay.year {
      for month in months where year > firstDay.year || month >= firstDay.month {
        for day in 1...CivilDate.daysIn(month: month, year: year) {
          let date = CivilDate(year: year, month: month, day: day)
          let isFirst = date == firstDay
          if year == firstDay.year, month == firstDay.month, day < firstDay.day { continue }
          guard days.contains(date), let minute = firstMinute(from: isFirst ? minuteOfFirstDay : 0) else { continue }
          return Instant(seconds: date.daysSince1970 * 86_400 + Int64(minute) * 60)
        }
      }
    }
    return nil
  }

  private func firstMinute(from start: Int) -> Int? {
    for hour in hours where hour >= start / 60 {
      for minute in minutes where hour * 60 + minute >= start { return hour * 60 + minute }
    }
    return nil
  }
}

import Testing

@testable import RuleFiles

@Suite("Schedule expressions")
struct ScheduleTests {
  struct Firing: Sendable, CustomTestStringConvertible {
    var expression: String
    var after: String
    var next: String?
    init(_ expression: String, _ after: String, _ next: String?) {
      (self.expression, self.after, self.next) = (expression, after, next)
    }
    var testDescription: String { "\(expression) after \(after)" }
  }

  @Test(arguments: [
    // Plain fields, lists, ranges, steps.
    Firing("cron(0 9 * * ? *)", "2026-11-23T08:59:59Z", "2026-11-23T09:00:00Z"),
    Firing("cron(0 9 * * ? *)", "2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z"),
    Firing("cron(0 9 ? * MON *)", "2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z"),
    Firing("cron(0 9 ? * 2 *)", "2026-11-24T00:00:00Z", "2026-11-30T09:00:00Z"),
    Firing("cron(0/15 * * * ? *)", "2026-12-31T23:50:00Z", "2027-01-01T00:00:00Z"),
    Firing("cron(5/20 8-17 ? * MON-FRI *)", "2026-11-27T17:45:00Z", "2026-11-30T08:05:00Z"),
    Firing("cron(*/10 * * * ? *)", "2026-11-23T10:10:01Z", "2026-11-23T10:20:00Z"),
    Firing("cron(10,50 10 ? * * *)", "2026-11-23T10:10:00Z", "2026-11-23T10:50:00Z"),
    Firing("cron(0 18 ? * mon-fri *)", "2026-11-27T18:00:00Z", "2026-11-30T18:00:00Z"),
    Firing("cron(0 8 1 * ? *)", "2026-11-23T00:00:00Z", "2026-12-01T08:00:00Z"),
    Firing("cron(0 0 1 JAN,JUL ? *)", "2026-11-23T00:00:00Z", "2027-01-01T00:00:00Z"),
    Firing("cron(0 22-2 * * ? *)", "2026-11-23T02:00:00Z", "2026-11-23T22:00:00Z"),
    Firing("cron(0 22-2 * * ? *)", "2026-11-23T23:30:00Z", "2026-11-24T00:00:00Z"),
    Firing("cron(0 0 ? * FRI-MON *)", "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z"),
    // Months without the day are skipped; leap years.
    Firing("cron(0 0 31 * ? *)", "2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z"),
    Firing("cron(0 0 29 2 ? *)", "2026-11-23T00:00:00Z", "2028-02-29T00:00:00Z"),
    Firing("cron(0 0 29 2 ? *)", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
    Firing("cron(0 0 30 2 ? *)", "2026-11-23T00:00:00Z", nil),
    // L, W and LW in day-of-month.
    Firing("cron(0 0 L * ? *)", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"),
    Firing("cron(0 0 L * ? *)", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    Firing("cron(0 0 L * ? *)", "2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z"),
    Firing("cron(0 0 LW * ? *)", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00Z"),
    Firing("cron(0 0 LW * ? *)", "2026-02-01T00:00:00Z", "2026-02-27T00:00:00Z"),
    Firing("cron(0 0 15W * ? *)", "2026-08-01T00:00:00Z", "2026-08-14T00:00:00Z"),
    Firing("cron(0 0 15W * ? *)", "2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z"),
    Firing("cron(0 0 15W * ? *)", "2026-12-01T00:00:00Z", "2026-12-15T00:00:00Z"),
    Firing("cron(0 0 1W * ? *)", "2026-08-01T00:00:00Z", "2026-08-03T00:00:00Z"),
    Firing("cron(0 0 31W * ? *)", "2027-01-01T00:00:00Z", "2027-01-29T00:00:00Z"),
    Firing("cron(0 0 31W * ? *)", "2026-06-01T00:00:00Z", "2026-07-31T00:00:00Z"),
    // L and # in day-of-week.
    Firing("cron(0 0 ? * L *)", "2026-11-23T00:00:00Z", "2026-11-28T00:00:00Z"),
    Firing("cron(0 0 ? * 6L *)", "2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z"),
    Firing("cron(0 0 ? * FRIL *)", "2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"),
    Firing("cron(0 0 ? * 6#3 *)", "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z"),
    Firing("cron(0 0 ? * TUE#2 *)", "2026-11-11T00:00:00Z", "2026-12-08T00:00:00Z"),
    Firing("cron(0 0 ? * 1#5 *)", "2026-11-30T00:00:00Z", "2027-01-31T00:00:00Z"),
    // Years end.
    Firing("cron(0 0 1 1 ? 2030)", "2026-11-23T00:00:00Z", "2030-01-01T00:00:00Z"),
    Firing("cron(0 0 1 1 ? 2020-2025)", "2026-11-23T00:00:00Z", nil),
    Firing("cron(59 23 31 12 ? *)", "2199-12-31T23:59:00Z", nil),
    Firing("cron(* * * * ? *)", "1960-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    // Rates are counted from 1970 unless a start is given.
    Firing("rate(5 minutes)", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z"),
    Firing("rate(1 hour)", "2026-11-23T10:00:01Z", "2026-11-23T11:00:00Z"),
    Firing("rate(1 day)", "2026-11-23T10:00:01Z", "2026-11-24T00:00:00Z"),
  ])
  func firesNext(_ firing: Firing) throws {
    let schedule = try Schedule(parsing: firing.expression)
    let next = schedule.next(after: try Instant(parsing: firing.after))
    #expect(next?.description == firing.next)
  }

  @Test func aRateIsCountedFromItsStart() throws {
    let schedule = try Schedule(parsing: "rate(10 minutes)")
    let start = Instant(seconds: 1003)
    #expect(schedule.next(after: Instant(seconds: 0), from: start)?.seconds == 1003)
    #expect(schedule.next(after: Instant(seconds: 1003), from: start)?.seconds == 1603)
    #expect(schedule.next(after: Instant(seconds: 1700), from: start)?.seconds == 2203)
  }

  @Test(
    arguments: [
      ("", 0, "not a schedule"), ("5 minutes", 0, "not a schedule"), ("every(5 minutes)", 0, "kind"),
      ("rate(1 minutes)", 7, "singular"), ("rate(5 minute)", 7, "plural"), ("rate(0 minutes)", 5, "from 1"),
      ("rate(5  minutes)", 5, "one blank"), ("rate(5 seconds)", 7, "unit"), ("rate(-1 minutes)", 5, "from 1"),
      ("rate(1.5 hours)", 5, "from 1"), ("cron(0 9 * * *)", 5, "six fields"), ("cron(0 9 * * * *)", 13, "must be ?"),
      ("cron(0 9 ? * ? *)", 13, "only one"), ("cron(60 9 * * ? *)", 5, "minute"), ("cron(0 24 * * ? *)", 7, "hour"),
      ("cron(0 9 32 * ? *)", 9, "day-of-month"), ("cron(0 9 0 * ? *)", 9, "day-of-month"),
      ("cron(0 9 * 13 ? *)", 11, "month"), ("cron(0 9 ? * 8 *)", 13, "day-of-week"),
      ("cron(0 9 ? * MOON *)", 13, "SUN-SAT"),
      ("cron(0 9 ? * 2/2 *)", 14, "no steps"),
      ("cron(0 9 ? * 6#6 *)", 13, "third Friday"), ("cron(0 9 ? * 3#1,6#3 *)", 13, "nth"),
      ("cron(0 9 * * ? 1969)", 15, "year"), ("cron(0 9 * * ? 2200)", 15, "year"),
      ("cron(0 9 * * ? 2030-2020)", 15, "years"),
      ("cron(0/0 9 * * ? *)", 7, "step"), ("cron(0/61 9 * * ? *)", 7, "step"), ("cron(? 9 * * ? *)", 5, "only alone"),
      ("cron(0 9 L,15 * ? *)", 9, "lists"), ("cron(0 9 0W * ? *)", 9, "15W"), ("cron(1,,2 9 * * ? *)", 7, "minute"),
      ("cron(1-70 9 * * ? *)", 7, "minute"), ("cron(99999999999999999999 9 * * ? *)", 5, "minute"),
    ] as [(String, Int, String)]
  )
  func badExpressionsAreRefusedWithAPlace(text: String, offset: Int, words: String) {
    let error = #expect(throws: NotationError.self) { try Schedule(parsing: text) }
    #expect(error?.offset == offset)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: ["rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(7 days)", "cron(0 9 ? * MON *)"])
  func expressionsPrintAsTheyAreRead(text: String) throws {
    #expect(try Schedule(parsing: text).description == text)
  }

  @Test func everyAnswerIsLaterAndTheWalkAgreesWithASlowOne() throws {
    let schedule = try CronExpression(parsing: "7/13 1-5,20 ? 2,6,11 TUE,SAT 2027-2028")
    var instant = try Instant(parsing: "2027-02-27T00:00:00Z")
    for _ in 0..<200 {
      let next = try #require(schedule.next(after: instant))
      var slow = Instant(seconds: instant.seconds / 60 * 60 + 60)
      while !matches(schedule, slow) { slow.seconds += 60 }
      #expect(next == slow)
      instant = next
    }
  }

  private func matches(_ cron: CronExpression, _ instant: Instant) -> Bool {
    let date = CivilDate(daysSince1970: instant.seconds / 86_400)
    let minute = Int(instant.seconds % 86_400 / 60)
    return cron.years.contains(date.year) && cron.months.contains(date.month) && cron.days.contains(date)
      && cron.hours.contains(minute / 60) && cron.minutes.contains(minute % 60)
  }
}

import Testing

@testable import RuleFiles

@Suite("When schedules fire, by the clocks of a zone")
struct ScheduleTimingTests {
  struct Firing: Sendable, CustomTestStringConvertible {
    var expression: String
    var zone: String
    var after: String
    var next: String?
    init(_ expression: String, _ zone: String, _ after: String, _ next: String?) {
      (self.expression, self.zone, self.after, self.next) = (expression, zone, after, next)
    }
    var testDescription: String { "\(expression) in \(zone) after \(after)" }
  }

  @Test(arguments: [
    Firing("cron(0 9 * * ? *)", "Europe/Berlin", "2026-01-10T00:00:00Z", "2026-01-10T08:00:00Z"),
    Firing("cron(0 9 * * ? *)", "Europe/Berlin", "2026-07-10T00:00:00Z", "2026-07-10T07:00:00Z"),
    Firing("cron(0 9 * * ? *)", "Asia/Kolkata", "2026-07-10T00:00:00Z", "2026-07-10T03:30:00Z"),
    Firing("cron(0 0 1 * ? *)", "Pacific/Kiritimati", "2026-07-10T00:00:00Z", "2026-07-31T10:00:00Z"),
    // A day of the week is the day that it is there.
    Firing("cron(30 23 ? * MON *)", "America/New_York", "2026-11-24T04:29:59Z", "2026-11-24T04:30:00Z"),
    // Half past two is left out when the clocks are put forward, and comes twice when they are put back.
    Firing("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
    Firing("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
    Firing("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
    Firing("cron(0/30 * * * ? *)", "America/New_York", "2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z"),
    Firing("cron(0/30 * * * ? *)", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z"),
    Firing("cron(0/30 * * * ? *)", "America/New_York", "2026-11-01T06:10:00Z", "2026-11-01T07:00:00Z"),
    // Half an hour only.
    Firing("cron(45 1 * * ? *)", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-04T14:45:00Z"),
    Firing("cron(45 1 * * ? *)", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"),
    // A whole day that was left out.
    Firing("cron(0 12 30 12 ? 2011)", "Pacific/Apia", "2011-12-01T00:00:00Z", nil),
    Firing("at(2026-12-24T18:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-12-24T17:00:00Z"),
    Firing("at(2026-12-24T18:00:00)", "Europe/Berlin", "2026-12-24T17:00:00Z", nil),
    // A single time that is left out is when it would have been; one that comes twice is the first.
    Firing("at(2026-03-29T02:30:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-03-29T01:30:00Z"),
    Firing("at(2026-10-25T02:30:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-10-25T00:30:00Z"),
    // A day of a rate is 24 hours.
    Firing("rate(1 day)", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z"),
  ])
  func firesNext(_ firing: Firing) throws {
    let timing = ScheduleTiming(
      try ScheduleTiming.Expression(parsing: firing.expression),
      clock: try #require(WallClock(zone: firing.zone))
    )
    #expect(timing.next(after: try Instant(parsing: firing.after))?.description == firing.next)
  }

  @Test func nothingFiresBeforeTheStartOrAfterTheEnd() throws {
    let start = try Instant(parsing: "2026-06-01T09:00:00Z")
    let end = try Instant(parsing: "2026-06-03T09:00:00Z")
    let daily = ScheduleTiming(.every(try Schedule(parsing: "cron(0 9 * * ? *)")), start: start, end: end)
    #expect(daily.next(after: Instant(seconds: 0)) == start)
    #expect(daily.next(after: start)?.description == "2026-06-02T09:00:00Z")
    #expect(daily.next(after: Instant(seconds: end.seconds - 1)) == end)
    #expect(daily.next(after: end) == nil)
  }

  @Test func oneFiringMakesUpForAllThatWereMissed() throws {
    let daily = ScheduleTiming(try Schedule(parsing: "cron(0 9 * * ? *)"))
    let outlook = daily.outlook(
      after: try Instant(parsing: "2026-06-01T09:00:00Z"),
      at: try Instant(parsing: "2026-06-09T08:00:00Z")
    )
    #expect(outlook.due?.description == "2026-06-08T09:00:00Z")
    #expect(outlook.next?.description == "2026-06-09T09:00:00Z")
  }

  struct Missed: Sendable {
    var schedule: String
    var last: String
    var now: String
    var due: String?
  }

  @Test(arguments: [
    Missed(schedule: "rate(5 minutes)", last: "2026-11-01T00:00:00Z", now: "2026-11-01T00:04:59Z", due: nil),
    Missed(
      schedule: "rate(5 minutes)",
      last: "2026-11-01T00:00:00Z",
      now: "2026-11-01T00:05:00Z",
      due: "2026-11-01T00:05:00Z"
    ),
    // Only the latest of those that were missed.
    Missed(
      schedule: "rate(1 minute)",
      last: "2026-01-01T00:00:00Z",
      now: "2026-11-01T00:00:30Z",
      due: "2026-11-01T00:00:00Z"
    ),
    Missed(
      schedule: "cron(0 9 ? * MON *)",
      last: "2026-10-20T00:00:00Z",
      now: "2026-11-01T00:00:00Z",
      due: "2026-10-26T09:00:00Z"
    ),
    Missed(schedule: "cron(0 9 ? * MON *)", last: "2026-10-26T09:00:00Z", now: "2026-11-01T00:00:00Z", due: nil),
  ])
  func whatWasMissedFiresOnce(_ test: Missed) throws {
    let due = ScheduleTiming(try Schedule(parsing: test.schedule)).latest(
      after: try Instant(parsing: test.last),
      through: try Instant(parsing: test.now)
    )
    #expect(due?.description == test.due)
  }

  @Test(arguments: [
    "at(2026-12-24)", "at(2026-12-24T18:00)", "at(2026-12-24T18:00:00Z)", "at(2026-12-24 18:00:00)",
    "at(2026-02-30T18:00:00)", "at()", " at(2026-12-24T18:00:00)", "at(2026-12-24T18:00:00) ", "rate( 10 minutes )",
    " rate(10 minutes)", "rate(10 seconds)", "cron(0 1 * * * *)", "now",
  ])
  func otherExpressionsAreRefused(text: String) {
    #expect(throws: NotationError.self) { try ScheduleTiming.Expression(parsing: text) }
  }

  @Test(arguments: ["", "Berlin", "Mars/Olympus", "GMT+3", "UTC+1", "PST", "Europe/", "/"])
  func otherNamesAreNoZones(name: String) { #expect(WallClock(zone: name) == nil) }
}

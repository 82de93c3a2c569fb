import RuleFiles
import Testing

@testable import Server

struct ScheduleRunnerTests {
  struct Case: Sendable {
    var schedule: String
    var last: String
    var now: String
    var due: String?
  }

  @Test(arguments: [
    Case(schedule: "rate(5 minutes)", last: "2026-11-01T00:00:00Z", now: "2026-11-01T00:04:59Z", due: nil),
    Case(
      schedule: "rate(5 minutes)",
      last: "2026-11-01T00:00:00Z",
      now: "2026-11-01T00:05:00Z",
      due: "2026-11-01T00:05:00Z"
    ),
    // Only the latest of those that were missed.
    Case(
      schedule: "rate(1 minute)",
      last: "2026-01-01T00:00:00Z",
      now: "2026-11-01T00:00:30Z",
      due: "2026-11-01T00:00:00Z"
    ),
    Case(
      schedule: "cron(0 9 ? * MON *)",
      last: "2026-10-20T00:00:00Z",
      now: "2026-11-01T00:00:00Z",
      due: "2026-10-26T09:00:00Z"
    ),
    Case(schedule: "cron(0 9 ? * MON *)", last: "2026-10-26T09:00:00Z", now: "2026-11-01T00:00:00Z", due: nil),
  ])
  func whatWasMissedFiresOnce(_ test: Case) throws {
    let due = ScheduleRunner.latestDue(
      try Schedule(parsing: test.schedule),
      after: try Instant(parsing: test.last),
      through: try Instant(parsing: test.now)
    )
    #expect(due?.description == test.due)
  }
}

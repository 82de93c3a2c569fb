import Testing

@testable import RuleFiles

@Suite("Spans, rates, backoffs and instants")
struct TimeNotationTests {
  @Test(
    arguments: [
      ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1w", 604_800), ("0s", 0), ("007m", 420),
    ] as [(String, Int64)]
  )
  func spansAreRead(text: String, seconds: Int64) throws {
    #expect(try TimeSpan(parsing: text).seconds == seconds)
  }

  @Test(
    arguments: [
      ("", 0, "span"), ("10", 2, "unit"), ("m", 0, "whole number"), ("10ms", 2, "unit"), ("1.5h", 1, "unit"),
      ("-5m", 0, "whole number"), ("10 m", 2, "unit"), ("99999999999999999999d", 0, "longest"),
      ("11000d", 0, "longest"),
      ("٣m", 0, "whole number"),
    ] as [(String, Int, String)]
  )
  func badSpansAreRefusedWithAPlace(text: String, offset: Int, word: String) {
    let error = #expect(throws: NotationError.self) { try TimeSpan(parsing: text) }
    #expect(error?.offset == offset)
    #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
  }

  @Test(
    arguments: [(90, "90s"), (120, "2m"), (7200, "2h"), (86_400, "1d"), (1_209_600, "2w"), (0, "0s")]
      as [(Int64, String)]
  )
  func spansPrintInTheLargestUnit(seconds: Int64, text: String) {
    #expect(TimeSpan(seconds: seconds).description == text)
  }

  @Test(arguments: [("10/1m", 10, 60), ("1/s", 1, 1), ("1/1h", 1, 3600), ("5/m", 5, 60)] as [(String, Int, Int64)])
  func ratesAreRead(text: String, count: Int, seconds: Int64) throws {
    #expect(try Rate(parsing: text) == Rate(count, per: TimeSpan(seconds: seconds)))
  }

  @Test(arguments: [("10", 0), ("0/s", 0), ("x/s", 0), ("1/", 2), ("1/0s", 2), ("10/1y", 4), ("10/y", 3)])
  func badRatesAreRefusedWithAPlace(text: String, offset: Int) {
    let error = #expect(throws: NotationError.self) { try Rate(parsing: text) }
    #expect(error?.offset == offset)
  }

  @Test func backoffsDoubleUpToTheLongest() throws {
    let backoff = try Backoff(parsing: "1s..5m")
    #expect(
      [1, 2, 3, 8, 9, 10, 64, 1000].map { backoff.ceiling(afterAttempt: $0).seconds } == [
        1, 2, 4, 128, 256, 300, 300, 300,
      ]
    )
    #expect(backoff.description == "1s..5m")
  }

  @Test(arguments: [("1s", 0), ("5m..1s", 4), ("0s..1m", 0), ("1s..", 4), ("1s...5m", 4), ("..5m", 0)])
  func badBackoffsAreRefusedWithAPlace(text: String, offset: Int) {
    let error = #expect(throws: NotationError.self) { try Backoff(parsing: text) }
    #expect(error?.offset == offset)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-23T17:57:13Z", 1_795_456_633),
      ("2000-02-29T12:00:00.123456789Z", 951_825_600),
      ("2026-11-23T19:57:13+02:00", 1_795_456_633), ("1969-12-31T23:59:59Z", -1), ("2027-03-31", 1_806_451_200),
      ("2026-11-23t17:57:13z", 1_795_456_633), ("2016-12-31T23:59:60Z", 1_483_228_800),
    ] as [(String, Int64)]
  )
  func instantsAreRead(text: String, seconds: Int64) throws {
    #expect(try Instant(parsing: text).seconds == seconds)
  }

  @Test(
    arguments: [
      ("", 0), ("2026-13-01", 5), ("2026-02-29", 8), ("2100-02-29", 8), ("2026-1-1", 5), ("2026-11-23T", 11),
      ("2026-11-23T24:00:00Z", 11), ("2026-11-23T10:00:00", 19), ("2026-11-23T10:00:00ZZ", 20),
      ("2026-11-23T10:00:00.Z", 20), ("2026-11-23x", 10),
    ]
  )
  func badInstantsAreRefusedWithAPlace(text: String, offset: Int) {
    let error = #expect(throws: NotationError.self) { try Instant(parsing: text) }
    #expect(error?.offset == offset)
  }

  @Test(arguments: [
    "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2000-02-29T23:59:59Z", "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
  ])
  func instantsPrintAsTheyAreRead(text: String) throws {
    #expect(try Instant(parsing: text).description == text)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    var weekday = CivilDate(daysSince1970: -141_428).weekday
    var wrong: [Int64] = []
    for day in Int64(-141_427)...Int64(7_000) {
      let date = CivilDate(daysSince1970: day)
      if date.daysSince1970 != day || date.weekday != weekday % 7 + 1 { wrong.append(day) }
      weekday = date.weekday
    }
    #expect(wrong.isEmpty)
  }
}

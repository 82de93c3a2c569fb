import AWSProtocols
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-02-28T23:59:59Z", 1_772_323_199_000),
    ("2024-02-29T12:00:00.5Z", 1_709_208_000_500),
    ("2026-01-01T02:00:00+02:00", 1_767_225_600_000), ("2026-01-01t00:00:00.123456z", 1_767_225_600_123),
  ])
  func isoTimesAreRead(_ text: String, milliseconds: Int64) {
    #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: ["", "2026", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+1", "2026-01-01T00:00:00.Z"])
  func othersAreNot(_ text: String) {
    #expect(Timestamp(iso8601: text) == nil)
  }

  @Test func allFormsAreWritten() {
    let time = Timestamp(milliseconds: 1_440_938_160_250)
    #expect(time.iso8601 == "2015-08-30T12:36:00Z")
    #expect(time.iso8601WithMilliseconds == "2015-08-30T12:36:00.250Z")
    #expect(time.basic == "20150830T123600Z")
    #expect(time.httpDate == "Sun, 30 Aug 2015 12:36:00 GMT")
    #expect(time.recordText() == "Aug 30, 2015, 12:36:00 PM")
    #expect(Timestamp(seconds: 5).recordText(comma: false) == "Jan 1, 1970 12:00:05 AM")
    #expect(time.epochText == "1440938160.25")
    #expect(Timestamp(seconds: 5).epochText == "5")
    #expect(Timestamp(basic: "20150830T123600Z") == Timestamp(seconds: 1_440_938_160))
    #expect(Timestamp(basic: "20150830123600ZZ") == nil)
  }
}

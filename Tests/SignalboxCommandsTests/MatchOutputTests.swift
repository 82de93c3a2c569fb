import EventPatterns
import RuleFiles
import Testing

@testable import SignalboxCommands

@Suite struct MatchOutputTests {
  static let event = """
    {"version":"0","id":"e-1","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"111122223333",\
    "time":"2026-01-02T03:04:05Z","region":"eu-west-1","resources":[],"detail":{"eventName":"PutBucketAcl",\
    "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"}}}
    """
  static let rules = [
    RuleLabel(id: "open-bucket", title: "Bucket opened", severity: .high),
    RuleLabel(id: "quiet", title: "", severity: nil),
  ]

  private func write(_ format: MatchFormat, event: String = Self.event, includesEvent: Bool = false) throws -> [String]
  {
    let output = ByteSink()
    let console = Console(output: output, diagnostics: ByteSink())
    var writer = MatchWriter(format, rules: Self.rules, includesEvent: includesEvent, on: console)
    let matched = MatchedEvent(value: try JSONValue(parsing: event), eventID: "e-1", origin: "a.json.gz")
    try writer.write(matched, rule: 0)
    return output.contents.split(separator: "\n").map(String.init)
  }

  @Test func aRowSaysWhenWhatWhereAndWho() throws {
    let lines = try write(.text)
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("TIME"))
    let cells = lines[1].split(separator: " ").map(String.init)
    #expect(
      cells == [
        "2026-01-02T03:04:05Z", "open-bucket", "111122223333", "eu-west-1", "s3:PutBucketAcl",
        "user/alice",
      ]
    )
  }

  @Test func recordsWithoutTheUsualFieldsHaveARowToo() throws {
    let lines = try write(.text, event: #"{"detail":{"insightDetails":{"eventName":"RunInstances"}}}"#)
    #expect(lines[1].contains("RunInstances"))
  }

  @Test(arguments: [MatchFormat.ndjson, .json])
  func anObjectPerMatch(format: MatchFormat) throws {
    let lines = try write(format)
    #expect(lines.count == 1)
    let object = try JSONValue(parsing: lines[0])
    #expect(object["rule"] == "open-bucket".json)
    #expect(object["severity"] == "high".json)
    #expect(object["eventName"] == "PutBucketAcl".json)
    #expect(object["who"] == "arn:aws:iam::111122223333:user/alice".json)
    #expect(object["origin"] == "a.json.gz".json)
    #expect(object["event"] == nil)
  }

  @Test func theEventItselfOnRequest() throws {
    let object = try JSONValue(parsing: try write(.ndjson, includesEvent: true)[0])
    #expect(object["event"]?["detail"]?["eventName"] == "PutBucketAcl".json)
  }

  @Test func theSummaryNamesEveryRule() throws {
    var summary = MatchSummary(rules: 2)
    summary.events = 1500
    summary.matches = 3
    summary.matchesPerRule = [3, 0]
    let json = summary.json(rules: Self.rules).text
    #expect(json == #"{"events":1500,"matches":3,"rules":{"open-bucket":3,"quiet":0}}"#)
    let lines = summary.lines(rules: Self.rules, seconds: 0.5, style: TextStyle(isOn: false))
    #expect(lines == ["  3  open-bucket  Bucket opened", "1,500 events, 3 matches of 1 rule, 3,000 events/s"])
  }

  @Test func seenEventsTellUUIDsAndOtherIdsApart() {
    var seen = SeenEvents()
    let ids = ["1", "1", "2", "UPPER", "x", "x"].map { suffix in
      switch suffix {
      case "x": "x"
      case "UPPER": "7D1F5A52-0000-4000-8000-000000000001"
      default: "7d1f5a52-0000-4000-8000-00000000000\(suffix)"
      }
    }
    let isNew = ids.map { seen.insert($0) }
    #expect(isNew == [true, false, true, true, true, false])
  }
}

extension String {
  fileprivate var json: JSONValue { .string(self) }
}

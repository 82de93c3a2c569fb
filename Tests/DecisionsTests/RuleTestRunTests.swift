import Decisions
import EventPatterns
import RuleFiles
import Testing

@Suite("Rule tests")
struct RuleTestRunTests {
  static let fixture = """
    {"eventVersion":"1.08","eventID":"e-1","eventTime":"2026-11-23T10:00:00Z","eventSource":"s3.amazonaws.com",\
    "eventName":"PutBucketAcl","awsRegion":"us-east-1","eventType":"AwsApiCall","recipientAccountId":"111122223333",\
    "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"},\
    "requestParameters":{"bucketName":"my-bucket","x-amz-acl":"public-read"}}
    """

  static let rule = """
    kind: Rule
    id: opened
    stage: draft
    outcome: success
    when:
      source: [aws.s3]
      detail: {eventName: [PutBucketAcl], requestParameters: {x-amz-acl: [{prefix: public-}]}}
    unless:
      - {reason: web sites, expires: 2027-01-01, when: {detail: {requestParameters: {bucketName: [{prefix: www-}]}}}}
    let: {bucket: detail.requestParameters.bucketName}
    then:
      - {id: tell, send: out, input: {text: "<bucket> in <account>", n: [1, 2.50], at: <now>}}
      - {id: note, send: out, input: "<bucket> opened"}
      - {id: close, run: block, with: {bucket: <bucket!>}}
    tests:
      - name: t
        given: GIVEN
        expect: EXPECT
    ---
    {kind: Target, id: out, type: stdout}
    ---
    {kind: Action, id: block, type: command, argv: [aws, <bucket>], params: {bucket: {match: "[a-z-]+"}}}
    """

  static func run(_ expect: String, given: String = "{like: f.json}") throws -> RuleTestResult {
    let text = rule.replacing("GIVEN", with: given).replacing("EXPECT", with: expect)
    let rules = try ruleSet(text, files: ["f.json": fixture])
    return try #require(RuleTestRun.run(rules).first)
  }

  @Test(
    arguments: [
      ("{match: true}", "{like: f.json}"),
      ("{sends: {tell: {text: my-bucket in 111122223333}, note: any}}", "{like: f.json}"),
      ("{sends: {tell: {n: [1.0, 2.5]}, note: my-bucket opened}}", "{like: f.json}"),
      ("{sends: [tell, note], runs: [close]}", "{like: f.json}"),
      ("{runs: {close: planned}}", "{like: f.json}"),
      ("{runs: {close: {argv: [aws, my-bucket], with: {bucket: my-bucket}}}}", "{like: f.json}"),
      ("{match: false}", "{like: f.json, set: {detail.eventName: GetObject}}"),
      ("{match: false, because: detail.eventName}", "{like: f.json, set: {detail.eventName: GetObject}}"),
      ("{match: false, because: detail.errorCode}", "{like: f.json, set: {detail.errorCode: AccessDenied}}"),
      (
        #"{match: false, because: 'detail.requestParameters["x-amz-acl"]'}"#,
        "{like: f.json, unset: [detail.requestParameters.x-amz-acl]}"
      ),
      ("{match: false, because: unless}", "{like: f.json, set: {detail.requestParameters.bucketName: www-x}}"),
      ("{match: false, suppressed: 1}", "{like: f.json, set: {detail.requestParameters.bucketName: www-x}}"),
      // Virtual time: the clock begins with the first event and says when an exception has ended.
      (
        "{match: true, suppressed: 1}",
        "[{like: f.json, set: {detail.requestParameters.bucketName: www-x}},"
          + " {at: 40d, like: f.json, set: {detail.requestParameters.bucketName: www-x}}]"
      ),
      (#"{sends: {tell: {at: "2026-11-23T10:10:00Z"}, note: any}}"#, "[{like: f.json}, {at: 10m, like: f.json}]"),
    ]
  )
  func holds(expect: String, given: String) throws {
    #expect(try Self.run(expect, given: given).failures == [])
  }

  @Test(
    arguments: [
      ("{match: false}", "{like: f.json}", "was not to trigger"),
      ("{match: true}", "{like: f.json, set: {detail.eventName: GetObject}}", "its pattern does not match"),
      ("{match: true}", "{like: f.json, set: {detail.requestParameters.bucketName: www-x}}", "exception 'web sites'"),
      (
        "{match: false, because: detail.errorCode}", "{like: f.json, set: {detail.eventName: GetObject}}",
        "not because of"
      ),
      ("{match: false, because: detail.errorCode}", "{like: f.json}", "triggers the rule"),
      (
        "{match: false, because: detail.errorCode}",
        "{like: f.json, set: {detail.requestParameters.bucketName: www-x}}",
        "an exception holds"
      ),
      (
        "{sends: {tell: {text: other}, note: any}}", "{like: f.json}",
        #"something else: text|text: "other"|text: "my-bucket in 111122223333""#
      ),
      ("{sends: {tell: {gone: 1}, note: any}}", "{like: f.json}", "something else: gone|gone: 1|gone: nothing"),
      ("{sends: {tell: {n: [1]}, note: any}}", "{like: f.json}", "something else: n|n: [1]|n: [1,2.50]"),
      ("{sends: {tell: {n: [1, 3]}, note: any}}", "{like: f.json}", "something else: n[1]|n[1]: 3|n[1]: 2.50"),
      ("{sends: {tell: any, note: other}}", "{like: f.json}", "something else|other|my-bucket opened"),
      ("{sends: {note: other}}", "{like: f.json}", "'tell' sends, and the test does not expect it"),
      ("{sends: {}}", "{like: f.json}", "'tell' sends, and the test does not expect it"),
      ("{sends: [tell, note]}", "{like: f.json, set: {detail.eventName: GetObject}}", "the rule does not fire"),
      ("{runs: {}}", "{like: f.json}", "'close' runs, and the test does not expect it"),
      ("{runs: {close: {argv: [aws, other]}}}", "{like: f.json}", "runs other arguments"),
      ("{runs: {close: {with: {bucket: other}}}}", "{like: f.json}", "runs with another 'bucket'"),
      ("{match: true, suppressed: 1}", "{like: f.json}", "1 findings were to be suppressed, and 0 are"),
      ("{match: true}", "{like: f.json, set: {detail.requestParameters.bucketName: UPPER}}", "cannot be rendered"),
      ("{match: true}", "{like: f.json, unset: [detail.requestParameters.bucketName]}", "<bucket!> is required"),
    ]
  )
  func fails(expect: String, given: String, words: String) throws {
    let failures = try Self.run(expect, given: given).failures
    // The words of the message, then what was wanted and what came.
    let texts = failures.map { [$0.message, $0.wanted, $0.got].compactMap(\.self).joined(separator: "|") }
    #expect(texts.contains { $0.contains(words) }, "\(texts)")
    #expect(failures.allSatisfy { $0.position.file == "rules.yaml" && $0.position.line > 1 })
  }

  @Test(
    arguments: [
      ("kind: Rule\nid: r\nwhen: {source: [aws.s3]}\nthen: [{run: {type: command, argv: [x]}}]", "{sends: {}}"),
      ("kind: Rule\nid: r\nwhen: {source: [aws.s3]}\nthen: [{send: {type: stdout}}]", "{runs: {}}"),
      ("kind: Rule\nid: r\nwhen: {source: [aws.s3]}\nthen: [{send: {type: stdout}}]", "{suppressed: 0}"),
    ]
  )
  func anExpectationThatNothingCanBreakFails(rule: String, expect: String) throws {
    let rules = try ruleSet(
      "\(rule)\ntests: [{name: t, given: {like: f.json}, expect: \(expect)}]",
      files: ["f.json": Self.fixture]
    )
    let result = try #require(RuleTestRun.run(rules).first)
    #expect(result.failures.map(\.message).first?.contains("nothing can break") == true, "\(result.failures)")
  }

  /// What a failed `because` names can be written into the test as it stands.
  @Test func awkwardFieldsAreNamedAsTestsWriteThem() throws {
    func failures(because: String) throws -> [RuleTestResult.Failure] {
      let rules = try ruleSet(
        """
        kind: Rule
        id: r
        when: {source: [aws.s3], detail: {tags: {"odd key.x": [a]}}}
        then: [{send: {type: stdout}}]
        tests: [{name: t, given: {like: f.json}, expect: {match: false, because: '\(because)'}}]
        """,
        files: ["f.json": Self.fixture]
      )
      return try #require(RuleTestRun.run(rules).first).failures
    }
    let named = try #require(try failures(because: "source").first?.got)
    #expect(named == #"detail.tags["odd key.x"]"#)
    #expect(try failures(because: named) == [])
  }

  @Test func resultsBecomeAReport() throws {
    let passed = try Self.run("{match: true}")
    let failed = try Self.run("{sends: {tell: {text: other}, note: any}}")
    let report = Report(results: [passed, failed])
    #expect(report.summary == "2 tests: 1 passed, 1 failed")
    #expect(report.hasErrors)
    let text = report.rendered(as: .text)
    #expect(text.contains("error: opened / t: the step 'tell' sends something else"))
    #expect(text.contains("  wanted: text: \"other\"\n  got: text: \"my-bucket"))
  }

  @Test func onlyTheNamedRulesAreTested() throws {
    let rules = try ruleSet(
      Self.rule.replacing("GIVEN", with: "{like: f.json}").replacing("EXPECT", with: "{match: true}"),
      files: ["f.json": Self.fixture]
    )
    #expect(RuleTestRun.run(rules, only: ["opened"]).count == 1)
    #expect(RuleTestRun.run(rules, only: ["other"]).isEmpty)
  }
}

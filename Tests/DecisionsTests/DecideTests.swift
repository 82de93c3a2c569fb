import EventPatterns
import RuleFiles
import Testing
import TrailEvents

@testable import Decisions

@Suite("Deciding")
struct DecideTests {
  static let rules = """
    kind: Rule
    id: bucket-opened
    title: Bucket opened
    severity: high
    stage: STAGE
    when: {source: [aws.s3], detail: {eventName: [PutBucketAcl]}}
    unless:
      - reason: web sites
        expires: 2026-12-01
        when: {detail: {requestParameters: {bucketName: [{prefix: www-}]}}}
    let:
      bucket: detail.requestParameters.bucketName
      who: detail.userIdentity.arn
    then:
      - id: tell
        send: out
        input: {text: "<who> opened <bucket> in <account>/<region>", id: <delivery.id>, params: <detail.requestParameters>}
      - send: out
      - id: close
        run: block
        with: {bucket: <bucket>}
    ---
    kind: Target
    id: out
    type: stdout
    ---
    kind: Action
    id: block
    type: command
    argv: [aws, --bucket, <bucket>, "arn:aws:s3:::<bucket>", "<detail.eventName>"]
    params: {bucket: {type: string, match: "[a-z-]{3,63}"}}
    env: {MODE: "<mode>", WHO: "<detail.userIdentity.arn>"}
    """.replacing(#""<mode>""#, with: "fast")

  static func decide(
    stage: String,
    _ event: TrailEvent,
    at now: Instant = tenOClock
  ) throws -> [Decision] {
    let rules = try ruleSet(rules.replacing("STAGE", with: stage))
    var decider = Decider(rules)
    return try decider.decide(event, at: now)
  }

  @Test(
    arguments: [
      ("draft", []), ("shadow", [.shadowed, .shadowed, .shadowed]), ("notify", [.deliver, .deliver, .planned]),
      ("enforce", [.deliver, .deliver, .deliver]),
    ] as [(String, [Decision.Disposition])]
  )
  func stagesSayWhatLeaves(stage: String, dispositions: [Decision.Disposition]) throws {
    let decisions = try Self.decide(stage: stage, try event())
    #expect(decisions.map(\.disposition) == dispositions)
  }

  @Test func aDecisionHoldsEverythingRendered() throws {
    let trailEvent = try event()
    let decisions = try Self.decide(stage: "enforce", trailEvent)
    try #require(decisions.count == 3)
    let id = StableID.delivery(event: "e-1", rule: "bucket-opened", step: "tell")
    #expect(
      String(decoding: decisions[0].payload, as: UTF8.self) == """
        {"text":"arn:aws:iam::111122223333:user/alice opened my-bucket in 111122223333/us-east-1","id":"\(id)",\
        "params":{"bucketName":"my-bucket","x-amz-acl":"public-read"}}
        """
    )
    #expect(decisions[0].deliveryID == id)
    #expect(decisions[0].kind == .send && decisions[0].targetID == "out" && decisions[0].ruleTitle == "Bucket opened")
    #expect(decisions[0].ruleSetHash.count == 64)
    #expect(decisions[1].payload == trailEvent.envelope)
    #expect(decisions[2].parameters == [ParameterValue(name: "bucket", value: "my-bucket")])
    #expect(decisions[2].arguments == ["aws", "--bucket", "my-bucket", "arn:aws:s3:::my-bucket", "PutBucketAcl"])
    #expect(
      String(decoding: decisions[2].payload, as: UTF8.self) == """
        {"argv":["aws","--bucket","my-bucket","arn:aws:s3:::my-bucket","PutBucketAcl"],\
        "env":{"MODE":"fast","WHO":"arn:aws:iam::111122223333:user/alice"}}
        """
    )
    #expect(Set(decisions.map(\.deliveryID)).count == 3)
  }

  @Test func theSameInputGivesTheSameDecisions() throws {
    let trailEvent = try event()
    #expect(try Self.decide(stage: "enforce", trailEvent) == Self.decide(stage: "enforce", trailEvent))
  }

  /// The known answers of SHA-256, so that an id never changes between versions.
  @Test func deliveryIDsAreStable() {
    #expect(StableID.delivery(event: "e", rule: "r", step: "s") == "dlv-87b3a03a5979bd36f07853cb97a2e625")
    #expect(StableID.delivery(event: "a", rule: "b", step: "") != StableID.delivery(event: "a", rule: "", step: "b"))
  }

  @Test(arguments: [("2026-11-30T23:59:59Z", true), ("2026-12-01T00:00:00Z", false)])
  func exceptionsHoldUntilTheyExpire(now: String, holds: Bool) throws {
    let decisions = try Self.decide(stage: "enforce", try event(bucket: "www-site"), at: try Instant(parsing: now))
    #expect(decisions.map(\.disposition) == Array(repeating: holds ? .suppressed : .deliver, count: 3))
    #expect(decisions.map(\.reason) == Array(repeating: holds ? "web sites" : "", count: 3))
  }

  @Test func otherEventsDecideNothing() throws {
    #expect(try Self.decide(stage: "enforce", try event(name: "GetObject")).isEmpty)
  }

  @Test(arguments: ["$(reboot)", "a; rm -rf /", "UPPER", "ab", "x\ny", "--delete", "", "a-b-c\n"])
  func aHostileValueFailsItsStepAndNoOther(bucket: String) throws {
    let decisions = try Self.decide(stage: "enforce", try event(bucket: bucket))
    #expect(decisions.map(\.disposition) == [.deliver, .deliver, .failed])
    #expect(decisions.last?.reason.contains("bucket") == true)
    #expect(decisions.last?.payload.isEmpty == true)
    #expect(decisions.map(\.errorCode) == ["", "", "INVALID_PARAMETER"])
    _ = try JSONValue(parsing: try #require(decisions.first).payload)
  }

  @Test(arguments: [("notify", false), ("enforce", true)])
  func aFailedStepIsLiveWhereItWouldHaveRun(stage: String, isLive: Bool) throws {
    let decisions = try Self.decide(stage: stage, try event(bucket: "UPPER"))
    #expect(decisions.map(\.disposition) == [.deliver, .deliver, .failed])
    #expect(decisions.map(\.isLive) == [true, true, isLive])
  }

  @Test func oneStepIsDecidedAgainWhetherOrNotTheRuleMatches() throws {
    let rules = try ruleSet(Self.rules.replacing("STAGE", with: "enforce").replacing("PutBucketAcl", with: "Other"))
    let trailEvent = try event()
    let again = try #require(
      rules.decide(trailEvent, rule: "bucket-opened", step: "tell", at: tenOClock)
    )
    #expect(again.disposition == .deliver)
    #expect(again.deliveryID == StableID.delivery(event: "e-1", rule: "bucket-opened", step: "tell"))
    #expect(!again.payload.isEmpty)
    #expect(rules.decide(trailEvent, rule: "bucket-opened", step: "nothing", at: tenOClock) == nil)
    #expect(rules.decide(trailEvent, rule: "nothing", step: "tell", at: tenOClock) == nil)
  }

  @Test func aFailureInShadowIsRecordedOnly() throws {
    let decisions = try Self.decide(stage: "shadow", try event(bucket: "UPPER"))
    #expect(decisions.map(\.disposition) == [.shadowed, .shadowed, .shadowed])
    #expect(decisions.last?.reason.contains("UPPER") == true)
  }

  @Test(
    arguments: [
      ("type: string", "<detail.requestParameters.v>", "-rf", false),
      ("type: string, match: \"-[a-z]+\"", "<detail.requestParameters.v>", "-rf", false),
      ("type: string, match: \"[a-z-]+\"", "<detail.requestParameters.v>", "--help", false),
      ("type: integer", "<detail.requestParameters.v>", "-12", true),
      ("type: integer", "<detail.requestParameters.v>", "12x", false),
      ("type: integer", "<detail.requestParameters.v>", "", false),
      ("type: boolean", "<detail.requestParameters.v>", "true", true),
      ("type: boolean", "<detail.requestParameters.v>", "yes", false),
      ("type: string", "<detail.requestParameters.gone!>", "x", false),
      ("type: string", "<detail.requestParameters.v>", "a\u{0}b", false),
      ("type: string", "<detail.requestParameters.v>", "plain; $(text) 'is' \"fine\" <v>", true),
    ]
  )
  func parametersAreCheckedByType(declaration: String, value: String, text: String, passes: Bool) throws {
    let rules = try ruleSet(
      """
      kind: Rule
      id: r
      stage: enforce
      when: {source: [aws.s3]}
      then:
        - run: {type: command, argv: [tool, <v>], params: {v: {\(declaration)}}}
          with: {v: "\(value)"}
      """
    )
    var decider = Decider(rules)
    let more = #","requestParameters":{"v":\#(JSONValue.string(text).text)}"#
    let record = try JSONValue(parsing: try event().envelope)["detail"] ?? .null
    var changed = record
    try changed.set(
      FieldPath(parsing: "requestParameters"),
      to: JSONValue(parsing: "{\(more.dropFirst())}")["requestParameters"]
    )
    let decisions = try decider.decide(try TrailEvent(record: changed.bytes), at: tenOClock)
    #expect(decisions.map(\.disposition) == [passes ? .deliver : .failed])
    #expect(decisions.first?.arguments == (passes ? ["tool", text] : []))
  }

  @Test(
    arguments: [
      ("<v>.txt", "-rf", nil), ("<w><v>", "-rf", nil), ("--name=<v>", "-rf", "--name=-rf"), ("x<v>", "-rf", "x-rf"),
      ("<v>", "x", "x"), ("-<v>", "x", "-x"),
    ] as [(String, String, String?)]
  )
  func noValueBecomesAnOption(argument: String, value: String, rendered: String?) throws {
    let rules = try ruleSet(
      """
      kind: Rule
      id: r
      stage: enforce
      when: {source: [aws.s3]}
      then:
        - run: {type: command, argv: [tool, "\(argument)"], params: {v: {type: string}, w: {default: ""}}}
          with: {v: <detail.requestParameters.bucketName>}
      """
    )
    var decider = Decider(rules)
    let decisions = try decider.decide(try event(bucket: value), at: tenOClock)
    #expect(decisions.map(\.arguments) == [rendered.map { ["tool", $0] } ?? []])
    #expect(decisions.map(\.disposition) == [rendered == nil ? .failed : .deliver])
  }

  @Test func rulesHearTheirOwnBusOnly() throws {
    let rules = try ruleSet(
      """
      {kind: Rule, id: here, when: {source: [aws.s3]}, then: [{send: out}]}
      ---
      {kind: Rule, id: there, bus: other, when: {source: [aws.s3]}, then: [{send: out}]}
      ---
      {kind: Target, id: out, type: stdout}
      """
    )
    var decider = Decider(rules)
    let trailEvent = try event()
    #expect(try decider.decide(trailEvent, at: tenOClock).map(\.ruleID) == ["here"])
    #expect(try decider.decide(trailEvent, at: tenOClock, bus: "other").map(\.ruleID) == ["there"])
    #expect(try decider.matches(trailEvent.envelope, at: tenOClock).map(\.rule) == [0, 1])
  }

  @Test func aMissingLetIsEmpty() throws {
    let rules = try ruleSet(
      """
      {kind: Rule, id: r, when: {source: [aws.s3]}, let: {gone: detail.gone}, then: [{send: out, input: "[<gone>]"}]}
      ---
      {kind: Target, id: out, type: stdout}
      """
    )
    var decider = Decider(rules)
    #expect(try decider.decide(try event(), at: tenOClock).map(\.payload) == [Array("[]".utf8)])
  }

  @Test func scheduledRulesFireWithAnEventOfTheirOwn() throws {
    let rules = try ruleSet(
      """
      {kind: Rule, id: daily, every: cron(0 9 * * ? *), then: [{send: out, input: "<rule.id> at <time>"}]}
      ---
      {kind: Target, id: out, type: stdout}
      """
    )
    let nine = try #require(rules.repository.rules[0].schedule?.next(after: tenOClock))
    let firing = rules.scheduledEvent(rule: 0, at: nine, account: "111122223333", region: "us-east-1")
    #expect(firing == rules.scheduledEvent(rule: 0, at: nine, account: "111122223333", region: "us-east-1"))
    #expect(firing.eventID.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    let decisions = rules.decide(firing: 0, event: firing)
    #expect(decisions.map { String(decoding: $0.payload, as: UTF8.self) } == ["daily at 2026-11-24T09:00:00Z"])
    var decider = Decider(rules)
    #expect(try decider.decide(firing, at: tenOClock).isEmpty)
  }
}

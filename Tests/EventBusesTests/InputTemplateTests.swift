import EventPatterns
import Testing

@testable import EventBuses

@Suite("What targets get of an event")
struct InputTemplateTests {
  static let envelope = """
    {"version":"0","id":"i1","detail-type":"D","source":"app","account":"111122223333","time":"2026-11-24T00:00:00Z",\
    "region":"us-east-1","resources":["r1"],"detail":{"s":"x","n":1.50,"l":["p","q"],"o":{"acc_id":"0a","sf_id":"baz"},\
    "b":true,"items":[{"id":1},{"id":2}],"z":null}}
    """

  static let scope = ShapingScope(
    event: (try? JSONValue(parsing: envelope)) ?? .null,
    ruleARN: "arn:aws:events:us-east-1:111122223333:rule/r",
    ruleName: "r",
    ingestionTime: "2026-11-24T00:00:01Z"
  )

  static let paths = [
    "s": "$.detail.s", "n": "$.detail.n", "l": "$.detail.l", "o": "$.detail.o", "b": "$.detail.b",
    "m": "$.detail.none", "all": "$.detail.items[*].id", "type": "$.detail-type", "first": "$.detail['l'][0]",
  ]

  func payload(
    input: String? = nil,
    path: String? = nil,
    template: String? = nil,
    paths: [String: String] = paths
  ) throws -> String {
    var target = RuleTarget(id: "t", arn: "arn:aws:sqs:us-east-1:111122223333:q")
    target.input = input
    target.inputPath = path
    target.transformer = template.map { RuleTarget.Transformer(paths: paths, template: $0) }
    return String(
      decoding: try TargetInput(target).payload(Array(Self.envelope.utf8), Self.scope),
      as: UTF8.self
    )
  }

  @Test(arguments: [
    ("\"S <s> L <l> O <o> M <m>.\"\n\"second <s>\"", "\"S x L [p,q] O {acc_id:0a,sf_id:baz} M .\"\n\"second x\""),
    ("\"<b> <n> <type>\"", "\"true 1.50 D\""),
    (#""is \"<s>\"""#, #""is \"x\"""#),
  ])
  func `A text keeps its quotes`(template: String, expected: String) throws {
    #expect(try payload(template: template) == expected)
  }

  @Test(arguments: [
    (
      #"{"a":<s>,"b":"pre/<s>","c":<l>,"d":<o>,"e":<n>}"#,
      #"{"a":"x","b":"pre/x","c":["p","q"],"d":{"acc_id":"0a","sf_id":"baz"},"e":1.50}"#
    ),
    (#"{"m":<m>,"q":"<m>"}"#, #"{"m":"","q":""}"#),
    (#"{"all":<all>,"first":<first>}"#, #"{"all":[1,2],"first":"p"}"#),
    (
      #"{"rule":"<aws.events.rule-name>","arn":<aws.events.rule-arn>,"at":<aws.events.event.ingestion-time>}"#,
      #"{"rule":"r","arn":"arn:aws:events:us-east-1:111122223333:rule/r","at":"2026-11-24T00:00:01Z"}"#
    ),
    ("<o>", #"{"acc_id":"0a","sf_id":"baz"}"#),
  ])
  func `A JSON template takes values`(template: String, expected: String) throws {
    #expect(try payload(template: template) == expected)
  }

  @Test func `The whole event goes in, with or without its detail`() throws {
    #expect(try payload(template: "<aws.events.event.json>") == Self.envelope)
    let without = try JSONValue(parsing: try payload(template: "{\"e\":<aws.events.event>}"))
    #expect(without["e"]?["detail"] == nil)
    #expect(without["e"]?["detailType"]?.string == "D")
    #expect(without["e"]?["detail-type"] == nil)
  }

  @Test(arguments: [#"{"a":"<o>"}"#, "bare <s>", #"{"a":<s>"#])
  func `What does not give JSON is not sent`(template: String) {
    #expect(throws: ShapingFailure.self) { try payload(template: template) }
  }

  @Test(arguments: [
    ("$.detail.o.sf_id", "\"baz\""), ("$.detail.o", #"{"acc_id":"0a","sf_id":"baz"}"#), ("$.detail.n", "1.50"),
  ])
  func `A path gives JSON`(path: String, expected: String) throws {
    #expect(try payload(path: path) == expected)
  }

  @Test func `A constant stays as it is written`() throws {
    #expect(try payload(input: #"{"const": true}"#) == #"{"const": true}"#)
    #expect(try payload() == Self.envelope)
  }

  @Test func `Mistakes are told in EventBridge's words`() {
    #expect(throws: BusError.validation("InputTemplate for target t contains invalid placeholder nope.")) {
      try payload(template: "\"<nope>\"")
    }
    #expect(
      throws: BusError.validation(
        "Only one of Input, InputPath, or InputTransformer must be provided for target t."
      )
    ) {
      try payload(input: "1", path: "$.detail")
    }
    #expect(throws: BusError.self) { try payload(path: "detail") }
  }
}

import EventPatterns
import Testing

@testable import Schemas

/// The shape that all of some JSON texts have.
func shape(of texts: [String], limits: InferenceLimits = InferenceLimits()) throws -> ValueShape {
  var merged = ValueShape()
  for text in texts {
    merged.merge(try #require(ValueShape(try JSONValue(parsing: text), limits: limits)), limits: limits)
  }
  return merged
}

/// The schema of a member `x` of the detail of events that have these details.
func schema(ofX texts: [String]) throws -> String? {
  let details = texts.map { #"{"x":\#($0)}"# }
  let document = OpenAPIDocument.event(EventKind(source: "s", detailType: "T"), detail: try shape(of: details))
  return document["components"]?["schemas"]?["T"]?["properties"]?["x"]?.text
}

@Suite struct ValueShapeTests {
  @Test(arguments: [
    (["1"], #"{"type":"integer","format":"int64"}"#),
    (["1", "2.5"], #"{"type":"number","format":"double"}"#),
    (["1", "9223372036854775808"], #"{"type":"number","format":"double"}"#),
    (["1e3"], #"{"type":"number","format":"double"}"#),
    (["true"], #"{"type":"boolean"}"#),
    ([#""a""#], #"{"type":"string"}"#),
    ([#""2026-11-24T00:31:07Z""#, #""2026-11-25T00:00:00.5+01:00""#], #"{"type":"string","format":"date-time"}"#),
    ([#""2026-11-24T00:31:07Z""#, #""soon""#], #"{"type":"string"}"#),
    ([#""2026-11-24""#], #"{"type":"string","format":"date"}"#),
    (["null"], #"{"nullable":true}"#),
    (["null", "1"], #"{"type":"integer","format":"int64","nullable":true}"#),
    ([#""a""#, "1"], #"{"anyOf":[{"type":"integer","format":"int64"},{"type":"string"}]}"#),
    (["[]"], #"{"type":"array","items":{}}"#),
    (["[]", "[1]"], #"{"type":"array","items":{"type":"integer","format":"int64"}}"#),
    (["[1]", "[]"], #"{"type":"array","items":{"type":"integer","format":"int64"}}"#),
    ([#"[1, "a"]"#], #"{"type":"array","items":{"anyOf":[{"type":"integer","format":"int64"},{"type":"string"}]}}"#),
    (["{}"], #"{"type":"object"}"#),
    ([#"{"a":1}"#], ##"{"$ref":"#/components/schemas/X"}"##),
    ([#"{"a":1}"#, "null"], ##"{"nullable":true,"allOf":[{"$ref":"#/components/schemas/X"}]}"##),
    ([#"[{"a":1}]"#], ##"{"type":"array","items":{"$ref":"#/components/schemas/XItem"}}"##),
  ])
  func valuesHaveSchemas(_ texts: [String], _ expected: String) throws {
    #expect(try schema(ofX: texts) == expected)
    #expect(try schema(ofX: texts.reversed()) == expected, "the order of events does not matter")
  }

  @Test func whatEveryEventHasIsRequired() throws {
    let merged = try shape(of: [#"{"a":1,"b":2}"#, #"{"b":3,"c":4}"#, #"{"b":5,"a":6}"#])
    #expect(merged.objects?.required == ["b"])
    #expect(merged.objects?.properties.keys.sorted() == ["a", "b", "c"])
  }

  @Test func mergingWhatIsKnownChangesNothing() throws {
    let merged = try shape(of: [#"{"a":[{"b":null}],"t":"2026-11-24"}"#, #"{"a":[{"b":1.5,"c":true}]}"#])
    var again = merged
    again.merge(try shape(of: [#"{"a":[{"b":1}],"t":"2020-01-01"}"#]), limits: InferenceLimits())
    again.merge(merged, limits: InferenceLimits())
    #expect(again == merged)
  }

  @Test func anObjectWithTooManyMembersIsAMap() throws {
    var limits = InferenceLimits()
    limits.properties = 3
    let merged = try shape(of: [#"{"a":1,"b":2}"#, #"{"c":1.5,"d":null}"#, #"{"e":7}"#], limits: limits)
    #expect(merged.objects?.properties.isEmpty == true)
    #expect(merged.objects?.required.isEmpty == true)
    #expect(merged.objects?.entries.first?.numbers == .fraction)
    #expect(merged.objects?.entries.first?.hasNull == true)
    let document = OpenAPIDocument.value(merged)
    #expect(
      document["components"]?["schemas"]?["Event"]?.text
        == #"{"type":"object","additionalProperties":{"type":"number","format":"double","nullable":true}}"#
    )
  }

  @Test(arguments: [(255, true), (256, false)])
  func whatIsNestedTooDeepIsNotLearned(levels: Int, isLearned: Bool) throws {
    let text = String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
    let value = try JSONValue(parsing: text)
    #expect((ValueShape(value, limits: InferenceLimits()) != nil) == isLearned)
  }

  @Test func theDeepestShapeIsReadBackAsItWas() throws {
    let text = String(repeating: #"{"a":["#, count: 127) + "1" + String(repeating: "]}", count: 127)
    let deep = try shape(of: [text])
    let read = ValueShape(stored: try JSONValue(parsing: deep.stored.bytes))
    #expect(read == deep)
  }

  @Test(arguments: [
    [#"{"a":1,"b":[true,null],"c":{"d":"2026-11-24T00:00:00Z"},"e":[]}"#], ["{}"], ["null", "1", #""x""#, "[]"],
  ])
  func aShapeIsReadBackAsItWas(_ texts: [String]) throws {
    let stored = try shape(of: texts)
    #expect(ValueShape(stored: try JSONValue(parsing: stored.stored.bytes)) == stored)
  }
}

@Suite struct TextFormatTests {
  @Test(arguments: [
    ("2026-11-24T00:31:07Z", TextFormat.dateTime), ("2026-11-24t00:31:07z", .dateTime),
    ("2026-11-24T00:31:07.123456789Z", .dateTime), ("2026-11-24T23:59:60-08:00", .dateTime),
    ("2026-11-24", .date), ("2026-13-24", .plain), ("2026-11-32", .plain), ("2026-11-24T", .plain),
    ("2026-11-24T24:00:00Z", .plain), ("2026-11-24T00:31:07", .plain), ("2026-11-24T00:31:07.Z", .plain),
    ("2026-11-24T00:31:07+0100", .plain), ("2026-11-24 00:31:07Z", .plain), ("2026-11-24T00:31:07Zx", .plain),
    ("", .plain), ("20261124", .plain), ("2026-1é-24", .plain),
  ])
  func timesAreTold(_ text: String, _ format: TextFormat) {
    #expect(TextFormat(of: text) == format)
  }
}

@Suite struct EventKindTests {
  @Test(arguments: [
    ("my.app", "OrderPlaced", "my.app@OrderPlaced"),
    ("aws.ec2", "EC2 Instance State-change Notification", "aws.ec2@EC2InstanceStateChangeNotification"),
    ("aws.s3", "AWS API Call via CloudTrail", "aws.s3@AWSAPICallViaCloudTrail"),
    ("aws.partner/example.com/1", "order created", "aws.partner-example.com-1@OrderCreated"),
    ("a b", "order.placed_v2", "a-b@Order.Placed_V2"), ("s", "Größe 1", "s@GrE1"),
  ])
  func schemasAreNamedAsAWSNamesThem(_ source: String, _ type: String, _ name: String) {
    #expect(EventKind(source: source, detailType: type).schemaName == name)
  }
}

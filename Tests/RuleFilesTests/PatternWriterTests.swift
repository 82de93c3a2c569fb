import EventPatterns
import Testing

@testable import RuleFiles

/// `when` in YAML becomes the JSON of an event pattern that knows where it came from.
struct PatternWriterTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var yaml: String
    var json: String
    var testDescription: String { name }

    init(_ name: String, _ yaml: String, _ json: String) {
      self.name = name
      self.yaml = yaml
      self.json = json
    }
  }

  static let lists =
    "---\nkind: List\nid: prod\nitems: [\"111122223333\", 444455556666]\n---\nkind: List\nid: sites\n"
    + "items: [www, {prefix: site-}]\n"

  static func rule(_ when: String, outcome: String? = nil) -> String {
    "kind: Rule\nid: r\n" + (outcome.map { "outcome: \($0)\n" } ?? "") + "when: \(when)\nthen: []\n" + lists
  }

  @Test(arguments: [
    Example(
      "scalars become lists",
      "{source: aws.s3, detail: {n: 5, t: true, z: null, q: \"5\"}}",
      #"{"source":["aws.s3"],"detail":{"n":[5],"t":[true],"z":[null],"q":["5"]}}"#
    ),
    Example(
      "numbers keep their spelling",
      "{detail: {n: [1.50, 1e3, -0, 0x1F]}}",
      #"{"detail":{"n":[1.50,1.0e3,-0,31]}}"#
    ),
    Example(
      "accounts are text",
      "{account: [111122223333, 012345670123], detail: {any: 111122223333}}",
      #"{"account":["111122223333","012345670123"],"detail":{"any":["111122223333"]}}"#
    ),
    Example(
      "numbers stay numbers in numeric",
      "{account: [{numeric: [\">\", 111122223333]}], detail: {n: [{numeric: [\"=\", +111122223333]}, +111122223333]}}",
      #"{"account":[{"numeric":[">",111122223333]}],"detail":{"n":[{"numeric":["=",111122223333]},111122223333]}}"#
    ),
    Example(
      "text fields are text",
      "{detail: {eventVersion: [1.08], userIdentity: {accountId: 5}}}",
      #"{"detail":{"eventVersion":["1.08"],"userIdentity":{"accountId":["5"]}}}"#
    ),
    Example(
      "text operators take text",
      "{detail: {n: [{prefix: 12}, {numeric: [\">\", 5]}, {wildcard: 1*}]}}",
      #"{"detail":{"n":[{"prefix":"12"},{"numeric":[">",5]},{"wildcard":"1*"}]}}"#
    ),
    Example(
      "nested operators",
      "{detail: {n: [{anything-but: {prefix: a}}, {prefix: {equals-ignore-case: B}}]}}",
      #"{"detail":{"n":[{"anything-but":{"prefix":"a"}},{"prefix":{"equals-ignore-case":"B"}}]}}"#
    ),
    Example(
      "lists are spliced",
      "{account: [$list.prod, \"777788889999\"], detail: {b: $list.sites}}",
      #"{"account":["111122223333","444455556666","777788889999"],"detail":{"b":["www",{"prefix":"site-"}]}}"#
    ),
    Example(
      "lists in anything-but",
      "{detail: {a: [{anything-but: $list.prod}], b: [{anything-but: [x, $list.prod]}]}}",
      #"{"detail":{"a":[{"anything-but":["111122223333","444455556666"]}],"b":[{"anything-but":["x","111122223333","444455556666"]}]}}"#
    ),
    Example(
      "$or and extensions",
      "{$or: [{source: a}, {source: [b]}], $not: {account: c}, detail: {$and: [{x: 1}, {x: 2}]}}",
      #"{"$or":[{"source":["a"]},{"source":["b"]}],"$not":{"account":["c"]},"detail":{"$and":[{"x":[1]},{"x":[2]}]}}"#
    ),
    Example("escapes", #"{detail: {"a\"b": ["\u00e9\n", 'c:\d']}}"#, #"{"detail":{"a\"b":["é\n","c:\\d"]}}"#),
    Example("yes is text", "{detail: {a: [yes, on, ~]}}", #"{"detail":{"a":["yes","on",null]}}"#),
    Example(
      "fields named like operators",
      "{detail: {requestParameters: {prefix: [a]}}}",
      #"{"detail":{"requestParameters":{"prefix":["a"]}}}"#
    ),
  ])
  func writes(_ example: Example) throws {
    let result = load(Self.rule(example.yaml))
    #expect(result.diagnostics == [])
    let json = try #require(result.repository?.rules.first?.pattern?.json)
    #expect(String(decoding: json, as: UTF8.self) == example.json)
  }

  @Test(arguments: [
    ("success", "{source: a}", #"{"source":["a"],"detail":{"errorCode":[{"exists":false}]}}"#),
    ("failure", "{source: a}", #"{"source":["a"],"detail":{"errorCode":[{"exists":true}]}}"#),
    ("success", "{detail: {n: [x]}}", #"{"detail":{"n":["x"],"errorCode":[{"exists":false}]}}"#),
    ("any", "{source: a}", #"{"source":["a"]}"#),
    (
      "success", "{$or: [{detail: {n: x}}, {source: y}]}",
      #"{"$or":[{"detail":{"n":["x"]}},{"source":["y"]}],"detail":{"errorCode":[{"exists":false}]}}"#
    ),
  ])
  func outcomeIsACondition(outcome: String, when: String, json: String) throws {
    let result = load(Self.rule(when, outcome: outcome))
    #expect(result.diagnostics == [])
    #expect(result.repository?.rules.first?.pattern.map { String(decoding: $0.json, as: UTF8.self) } == json)
  }

  @Test func everyTokenLeadsBack() throws {
    let result = load(
      "kind: Rule\nid: r\noutcome: success\nwhen:\n  source: aws.s3\n  detail:\n    b: [$list.sites]\nthen: []\n"
        + Self.lists
    )
    let pattern = try #require(result.repository?.rules.first?.pattern)
    let text = String(decoding: pattern.json, as: UTF8.self)
    func place(of part: String) -> String {
      let index = text.utf8.firstRange(of: part.utf8)?.lowerBound ?? text.startIndex
      let offset = text.utf8.distance(from: text.startIndex, to: index)
      return pattern.sourceMap.position(ofByte: offset)?.description ?? ""
    }
    #expect(place(of: "{") == "r.yaml:5:3")
    #expect(place(of: "\"source\"") == "r.yaml:5:3")
    #expect(place(of: "aws.s3") == "r.yaml:5:11")
    #expect(place(of: "\"detail\"") == "r.yaml:6:3")
    #expect(place(of: "\"b\"") == "r.yaml:7:5")
    #expect(place(of: "\"www\"") == "r.yaml:16:9")
    #expect(place(of: "\"site-\"") == "r.yaml:16:23")
    #expect(place(of: "\"errorCode\"") == "r.yaml:3:10")
    #expect(place(of: "exists") == "r.yaml:3:10")
  }
}

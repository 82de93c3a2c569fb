import EventPatterns
import Testing

@testable import RuleFiles

@Suite("Field paths")
struct FieldPathTests {
  @Test(
    arguments: [
      ("detail", [.name("detail")]),
      ("detail-type", [.name("detail-type")]),
      ("detail.requestParameters.x-amz-acl", [.name("detail"), .name("requestParameters"), .name("x-amz-acl")]),
      (#"detail["x.y"]"#, [.name("detail"), .name("x.y")]),
      (#"detail["say \"hi\" <b>"].a"#, [.name("detail"), .name(#"say "hi" <b>"#), .name("a")]),
      ("resources[0]", [.name("resources"), .index(0)]),
      ("a[12][3].b", [.name("a"), .index(12), .index(3), .name("b")]),
      (#"["odd one"]"#, [.name("odd one")]),
      (#"a[""]"#, [.name("a"), .name("")]),
      ("größe.日本", [.name("größe"), .name("日本")]),
      ("a.0", [.name("a"), .name("0")]),
    ] as [(String, [FieldPath.Segment])]
  )
  func pathsAreRead(text: String, segments: [FieldPath.Segment]) throws {
    let path = try FieldPath(parsing: text)
    #expect(path.segments == segments)
    #expect(try FieldPath(parsing: path.description) == path)
  }

  @Test(
    arguments: [
      ("", 0), (".a", 0), ("a.", 2), ("a..b", 2), ("a b", 1), ("a[", 2), ("a[x]", 2), ("a[-1]", 2), ("a[1", 3),
      (#"a["x"#, 2), (#"a["x"b]"#, 5), ("a]", 1), ("a[0]b", 4), ("a[9999999999]", 2), (#"a["\q"]"#, 3), ("a<b", 1),
    ]
  )
  func badPathsAreRefusedWithAPlace(text: String, offset: Int) {
    let error = #expect(throws: NotationError.self) { try FieldPath(parsing: text) }
    #expect(error?.offset == offset, "\(error?.message ?? "")")
  }

  private static let event = #"{"a":{"b":[{"c":1},{"c":null}],"x.y":"dots"},"n":null,"s":"text"}"#

  @Test(
    arguments: [
      ("a.b[0].c", "1"), ("a.b[1].c", "null"), ("a.b[2].c", nil), (#"a["x.y"]"#, #""dots""#), ("a.x.y", nil),
      ("n", "null"),
      ("n.a", nil), ("s[0]", nil), ("a[0]", nil), ("a.b.c", nil),
    ] as [(String, String?)]
  )
  func fieldsAreFound(path: String, found: String?) throws {
    let event = try JSONValue(parsing: Self.event)
    #expect(event[try FieldPath(parsing: path)]?.text == found)
  }

  @Test(
    arguments: [
      ("a.b", "1", #"{"a":{"b":1},"l":[1,2],"n":null}"#),
      ("a.c.d", "1", #"{"a":{"b":0,"c":{"d":1}},"l":[1,2],"n":null}"#),
      ("l[0]", "9", #"{"a":{"b":0},"l":[9,2],"n":null}"#),
      ("l[2].x", "9", #"{"a":{"b":0},"l":[1,2,{"x":9}],"n":null}"#),
      ("n.x[0].y", "9", #"{"a":{"b":0},"l":[1,2],"n":{"x":[{"y":9}]}}"#),
      ("a.b", nil, #"{"a":{},"l":[1,2],"n":null}"#),
      ("l[0]", nil, #"{"a":{"b":0},"l":[2],"n":null}"#),
      ("z.y.x", nil, #"{"a":{"b":0},"l":[1,2],"n":null}"#),
      ("a.b.c", nil, #"{"a":{"b":0},"l":[1,2],"n":null}"#),
      ("l[7]", nil, #"{"a":{"b":0},"l":[1,2],"n":null}"#),
    ] as [(String, String?, String)]
  )
  func fieldsAreSetAndUnset(path: String, value: String?, result: String) throws {
    var event = try JSONValue(parsing: #"{"a":{"b":0},"l":[1,2],"n":null}"#)
    try event.set(try FieldPath(parsing: path), to: try value.map { try JSONValue(parsing: $0) })
    #expect(event.text == result)
  }

  @Test(arguments: [("a.b.c", "a number"), ("l[5]", "list of 2"), ("l.x", "a list"), ("a[0]", "an object")])
  func valuesCannotBePutIntoValuesOfAnotherKind(path: String, words: String) throws {
    let before = try JSONValue(parsing: #"{"a":{"b":0},"l":[1,2]}"#)
    var event = before
    let failure = #expect(throws: FieldPathFailure.self) {
      try event.set(try FieldPath(parsing: path), to: .bool(true))
    }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    #expect(event == before)
  }
}

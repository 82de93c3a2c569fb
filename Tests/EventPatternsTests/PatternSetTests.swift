import EventPatterns
import Testing

/// What a pattern means must not depend on the patterns beside it, nor the time to match on how they are put.
@Suite("Pattern sets")
struct PatternSetTests {
  private func matches(
    _ patterns: [String],
    _ event: String,
    language: EventPattern.Language = .extended
  ) throws -> [Int] {
    let set = PatternSet(try patterns.map { try EventPattern(parsing: $0, language: language) })
    var matcher = EventMatcher(set)
    return try matcher.matches(Array(event.utf8))
  }

  private func list(_ range: Range<Int>, _ item: (Int) -> String) -> String {
    "[" + range.map(item).joined(separator: ",") + "]"
  }

  @Test("no patterns match nothing, and broken events are still errors")
  func empty() throws {
    #expect(try matches([], #"{"a":1}"#) == [])
    #expect(throws: EventError.self) { try matches([], #"{"a":1"#) }
  }

  @Test(
    "predicates that accept the same values are found for every pattern that has them",
    arguments: [
      (#"{"equals-ignore-case":"root"}"#, #"{"equals-ignore-case":"ROOT"}"#, #""Root""#),
      (#"{"prefix":{"equals-ignore-case":"ro"}}"#, #"{"prefix":{"equals-ignore-case":"RO"}}"#, #""Root""#),
      (#"300"#, #"3.0e2"#, "300.00"),
      (#"1e400"#, #"1e400"#, "1e400"),
      (#""2001:db8::1""#, #""2001:DB8:0:0:0:0:0:1""#, #""2001:db8:0::1""#),
      (#"{"cidr":"10.0.0.0/8"}"#, #"{"cidr":"10.9.9.9/8"}"#, #""10.1.1.1""#),
    ]
  )
  func sameValues(_ one: String, _ other: String, _ value: String) throws {
    #expect(try matches([#"{"a":[\#(one)]}"#, #"{"a":[\#(other)]}"#], #"{"a":\#(value)}"#) == [0, 1])
    #expect(try matches([#"{"a":[\#(one),"q"]}"#, #"{"a":["r",\#(other)]}"#], #"{"a":["s",\#(value)]}"#) == [0, 1])
  }

  @Test(
    "all-of in a list of alternatives asks for all its members among array elements too",
    arguments: [
      (#"{"a":{"x":[{"all-of":["p","q"]},{"exists":false}],"y":[1]}}"#, #"{"a":[{"x":"p","y":1}]}"#, false),
      (#"{"a":{"x":[{"all-of":["p","q"]},{"exists":false}],"y":[1]}}"#, #"{"a":[{"x":["p","q"],"y":1}]}"#, true),
      (#"{"a":{"x":[{"all-of":["p","q"]},{"exists":false}],"y":[1]}}"#, #"{"a":[{"x":"p"},{"y":1}]}"#, false),
      (#"{"a":{"w":[1],"x":[{"all-of":["p","q"]},{"exists":false}]}}"#, #"{"a":[{"x":"p"},{"w":1}]}"#, true),
      (#"{"a":{"x":[{"all-of":["p","q"]},"r"],"y":[1]}}"#, #"{"a":[{"x":"r"},{"x":"p","y":1}]}"#, false),
    ]
  )
  func allOf(_ pattern: String, _ event: String, _ expected: Bool) throws {
    #expect(try matches([pattern], event) == (expected ? [0] : []))
  }

  @Test("names of dots are paths of empty names")
  func dots() throws {
    #expect(try matches([#"{".":[1]}"#], #"{".":1}"#) == [0])
    #expect(try matches([#"{"..a":[1]}"#], #"{"..a":1}"#) == [0])
    #expect(try matches([#"{".":[1]}"#], #"{"..":1}"#) == [])
  }

  @Test("long lists match in arrays of objects, value by value", .timeLimit(.minutes(1)))
  func longLists() throws {
    let values = list(0..<20_000) { "\"v\($0)\"" }
    let patterns = [#"{"a":{"x":\#(values),"y":[1]}}"#, #"{"a":{"x":[{"suffix":"z"},\#(values.dropFirst()),"y":[1]}}"#]
    #expect(try matches(patterns, #"{"a":[{"x":"w","y":1},{"x":"v7","y":2},{"x":"v19999","y":1}]}"#) == [0, 1])
    #expect(try matches(patterns, #"{"a":[{"x":"w","y":1},{"x":"v7","y":2},{"x":"vz","y":1}]}"#) == [1])
    let elements = list(0..<3000) { #"{"x":"v\#($0)","y":2},{"x":"w","y":1}"# }
    #expect(try matches(patterns, #"{"a":\#(elements)}"#) == [])
  }

  @Test("a field that must be missing does not set off a search through unrelated arrays", .timeLimit(.minutes(1)))
  func absenceBesideArrays() throws {
    let many = list(0..<3000) { _ in #"{"x":1}"# }
    let arrays = #""a":\#(many),"b":\#(many),"c":\#(many)"#
    let pattern = #"{"r":{"a":{"x":[1]},"b":{"x":[1]},"c":{"x":[1]},"z":{"y":[{"exists":false}]}}}"#
    #expect(try matches([pattern], #"{"r":{\#(arrays),"z":[{"y":1}]}}"#) == [])
    #expect(try matches([pattern], #"{"r":{\#(arrays),"z":[{"w":1}]}}"#) == [0])
    #expect(try matches([pattern], #"{"r":[{\#(arrays),"z":[{"y":1}]},{"z":[{"y":1}]}]}"#) == [])
    #expect(try matches([pattern], #"{"r":[{\#(arrays),"z":[{"y":1}]},{\#(arrays)}]}"#) == [0])
  }

  @Test("an element that lacks something is given up once, not once per value inside", .timeLimit(.minutes(1)))
  func siblingArrays() throws {
    let ones = list(0..<20_000) { _ in #"{"x":1}"# }
    let twoLast = list(0..<20_000) { #"{"x":\#($0 == 19_999 ? 2 : 1)}"# }
    let pattern = #"{"r":{"a":{"x":[1]},"b":{"x":[2]},"c":[3]}}"#
    #expect(try matches([pattern], #"{"r":[{"a":\#(ones),"b":\#(twoLast),"c":1},{"c":3}]}"#) == [])
    #expect(
      try matches([pattern], #"{"r":[{"a":\#(ones),"b":\#(twoLast),"c":1},{"a":{"x":1},"b":{"x":2},"c":3}]}"#) == [0]
    )
  }

  @Test("clauses in clauses cost what their text is long, however branches multiply", .timeLimit(.minutes(1)))
  func nestedClauses() throws {
    var pattern = #"{"b":[0]}"#
    for _ in 0..<8 {
      let sides = list(0..<50) { #"{"b":[\#($0)]}"# }
      pattern = #"{"$not":\#(pattern),"$or":\#(sides)}"#
    }
    #expect(try matches([pattern], #"{"b":0}"#) == [0])
    #expect(try matches([pattern], #"{"b":77}"#) == [])
    #expect(try matches([#"{"$not":\#(pattern)}"#], #"{"b":0}"#) == [])
  }

  @Test("fields after a wide $or are limited while they are read")
  func wideBranches() throws {
    let sides = list(0..<1000) { #"{"b":[\#($0)]}"# }
    let fields = (0..<100_000).map { #""f\#($0)":[1]"# }.joined(separator: ",")
    let error = #expect(throws: PatternError.self) { try EventPattern(parsing: #"{"$or":\#(sides),\#(fields)}"#) }
    #expect(error?.message == "Size of rule exceeds max value of 256")
    #expect(throws: PatternError.self) {
      try EventPattern(parsing: #"{"$not":{\#(fields)}}"#, language: .extended)
    }
  }

  @Test("names are compared byte by byte, in events and in values")
  func names() throws {
    let object = try JSONValue(parsing: #"{"e\u0301":1,"\u00e9":2}"#)
    #expect(object["\u{e9}"] == .number("2"))
    #expect(object["e\u{301}"] == .number("1"))
    #expect(try matches([#"{"\u00e9":[1]}"#, #"{"e\u0301":[1]}"#], object.text) == [1])
  }

  @Test("the printed tree shows the expression of a regex")
  func expressions() throws {
    let set = PatternSet([try EventPattern(parsing: #"{"a":[{"regex":"^x+$"}]}"#, language: .extended)])
    #expect(set.describe().text.contains(#"regex "^x+$""#))
  }
}

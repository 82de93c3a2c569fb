import EventPatterns
import Testing

@Suite("Reading events")
struct ScannerTests {
  private static let event =
    #"{"source":"aws.s3","detail":{"eventName":"Put\"O\\b","n":-1.5e+3,"flags":[true,false,null],"list":[{"k":"ü"},{}],"#
    + #""empty":{},"deep":[[[["x"]]]]},"é":"😀 €","z":[]}"#
  private static let pattern =
    #"{"source":["aws.s3"],"detail":{"eventName":["Put\"O\\b"],"n":[-1500],"flags":[null],"list":{"k":["ü"]},"deep":["x"]},"é":["😀 €"]}"#

  @Test("a token may lie anywhere in a block")
  func everyAlignment() throws {
    var matcher = EventMatcher(PatternSet([try EventPattern(parsing: Self.pattern)]))
    for shift in 0..<130 {
      let padded = Array(repeating: UInt8(ascii: " "), count: shift) + Array(Self.event.utf8)
      #expect(try matcher.matches(padded) == [0], "shifted by \(shift)")
    }
    for gap in 0..<70 {
      let blanks = String(repeating: "\n", count: gap)
      let spaced = Self.event.replacing(":", with: "\(blanks):\t").replacing(",\"", with: " ,\(blanks)\"")
      #expect(try matcher.matches(Array(spaced.utf8)) == [0], "gaps of \(gap)")
    }
  }

  @Test("every truncation is an error, never a match and never a crash")
  func everyTruncation() throws {
    var matcher = EventMatcher(PatternSet([try EventPattern(parsing: Self.pattern)]))
    let bytes = Array(Self.event.utf8)
    for length in 0..<bytes.count {
      #expect(throws: EventError.self, "cut at \(length)") { try matcher.matches(Array(bytes[..<length])) }
    }
    // The memory after the text is not read: an exact allocation, checked by the sanitizers' runs.
    #expect(try matcher.matches(bytes) == [0])
  }

  @Test("any single byte changed either still reads or is an error")
  func everySubstitution() throws {
    var matcher = EventMatcher(PatternSet([try EventPattern(parsing: Self.pattern)]))
    let bytes = Array(Self.event.utf8)
    for index in bytes.indices {
      for replacement: UInt8 in [0x00, 0x22, 0x5C, 0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A, 0x20, 0x31, 0x80, 0xFF] {
        var changed = bytes
        changed[index] = replacement
        let text = changed
        let accepted = (try? matcher.matches(text)) != nil
        let isObject = (try? JSONValue(parsing: text)) != nil
        // The value reader refuses junk after the object, the matcher (as event-ruler) does not look at it.
        if !accepted { #expect(!isObject, "byte \(index) as \(replacement)") }
      }
    }
  }

  @Test(
    "broken events",
    arguments: [
      "", " ", "1", "[{\"a\":1}]", "{\"a\":1", "{\"a\":1,", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":01}", "{\"a\":1.}",
      "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":nul}", "{\"a\":truex}", "{\"a\":[1,]}",
      "{\"a\":[,1]}",
      "{,}", "{\"a\":1,}", "{\"a\":1 2}", "{\"a\":\"x\"\"y\"}", "{\"a\" \"b\"}", "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}",
      "{\"a\":\"\\u12G4\"}", "{\"a\":\"\\u12\"}", "{\"a\":[}", "{\"a\":{]}", "{\"z\":{\"q\":[}}", "{\"a\":\"unclosed}",
      "{\"a\":1\u{B}}", "{\"a\":\"x\\", "{\"a\":12\"x\"}", "}", "]", "{\"a\"::1}", "{\"a\":1,,\"b\":2}",
    ]
  )
  func broken(_ text: String) throws {
    var matcher = EventMatcher(PatternSet([try EventPattern(parsing: #"{"a":[{"exists":true}]}"#)]))
    let error = #expect(throws: EventError.self) { try matcher.matches(Array(text.utf8)) }
    #expect(error?.message.isEmpty == false)
    #expect((error?.offset ?? -1) <= text.utf8.count)
  }

  @Test(
    "bytes that are not UTF-8 are refused",
    arguments: [
      [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0x80], [0xE2, 0x82],
    ] as [[UInt8]]
  )
  func invalidUTF8(_ sequence: [UInt8]) throws {
    var matcher = EventMatcher(PatternSet([try EventPattern(parsing: #"{"b":[1]}"#)]))
    for padding in [0, 61, 62, 63] {
      let text = Array("{\"a\":\"".utf8) + Array(repeating: 0x61, count: padding) + sequence + Array("\",\"b\":1}".utf8)
      #expect(throws: EventError.self) { try matcher.matches(text) }
    }
  }

  @Test(
    "what follows the event is not looked at",
    arguments: [
      #"{"a":1} x"#, #"{"a":1}{"a":2}"#, #"{"a":1} "unclosed"#, "{\"a\":1}\u{0}",
    ]
  )
  func junkAfter(_ text: String) throws {
    #expect(try matches(#"{"a":[1]}"#, text))
  }

  @Test("nesting ends at a thousand levels")
  func nesting() throws {
    func nested(_ depth: Int) -> String {
      #"{"a":1,"z":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    #expect(try matches(#"{"a":[1]}"#, nested(999)))
    #expect(throws: EventError.self) { try matches(#"{"a":[1]}"#, nested(1000)) }
    #expect(throws: EventError.self) { try matches(#"{"a":[1]}"#, nested(1_000_000)) }
  }

  @Test("ten megabytes in one string")
  func longString() throws {
    let long = String(repeating: "x", count: 10_000_000)
    #expect(try matches(#"{"a":[{"suffix":"xy"}],"b":[1]}"#, #"{"a":"\#(long)y","b":1}"#))
  }

  @Test("error texts do not quote the event, which may hold what is secret", arguments: ["", "]", "1", ","])
  func discretion(_ end: String) throws {
    var matcher = EventMatcher(PatternSet([]))
    let error = #expect(throws: EventError.self) { try matcher.matches(Array(#"{"password":["hunter2"\#(end)"#.utf8)) }
    #expect(error?.message.contains("hunter2") == false)
    let word = String(repeating: "x", count: 1_000_000)
    let long = #expect(throws: EventError.self) { try matcher.matches(Array(#"{"a":\#(word)}"#.utf8)) }
    #expect((long?.message.count ?? .max) < 1000)
  }

  @Test("a matcher forgets the event before, even a broken one")
  func reuse() throws {
    var matcher = EventMatcher(
      PatternSet([try EventPattern(parsing: #"{"a":[1]}"#), try EventPattern(parsing: #"{"b":[1]}"#)])
    )
    #expect(try matcher.matches(Array(#"{"a":1}"#.utf8)) == [0])
    #expect(throws: EventError.self) { try matcher.matches(Array(#"{"a":1,"b":1"#.utf8)) }
    #expect(try matcher.matches(Array(#"{"b":1}"#.utf8)) == [1])
    #expect(try matcher.matches(Array(#"{}"#.utf8)) == [])
  }

  @Test(
    "names join with dots",
    arguments: [
      MatchCase(#"{"a.b":[1]}"#, #"{"a":{"b":1}}"#, true),
      MatchCase(#"{"a":{"b":[1]}}"#, #"{"a.b":1}"#, true),
      MatchCase(#"{"a":{"b":{"c":[1]}}}"#, #"{"a":{"b.c":1}}"#, true),
      MatchCase(#"{"a":{"":[1]}}"#, #"{"a.":1}"#, true),
      MatchCase(#"{"":[1]}"#, #"{"":1}"#, true),
      MatchCase(#"{"a":[1]}"#, #"{"a":1,"a":2}"#, true),
      MatchCase(#"{"a":[2]}"#, #"{"a":1,"a":2}"#, true),
      MatchCase(#"{"Source":["x"]}"#, #"{"source":"x"}"#, false),
    ]
  )
  func names(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }
}

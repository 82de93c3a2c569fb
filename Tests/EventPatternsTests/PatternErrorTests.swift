import EventPatterns
import Testing

@Suite("Refused patterns")
struct PatternErrorTests {
  /// A pattern, the first line of EventBridge's message, and the byte it points at.
  struct Case: Sendable, CustomTestStringConvertible {
    var pattern: String
    var message: String
    var offset: Int
    init(_ pattern: String, _ message: String, _ offset: Int) {
      self.pattern = pattern
      self.message = message
      self.offset = offset
    }
    var testDescription: String { pattern }
  }

  @Test(
    "say what EventBridge says, and where",
    arguments: [
      Case("[1]", "Filter is not an object", 0),
      Case("{}", "Empty objects are not allowed", 1),
      Case(#"{"a":"x"}"#, #""a" must be an object or an array"#, 5),
      Case(#"{"a":[]}"#, "Empty arrays are not allowed", 6),
      Case(#"{"a":[["x"]]}"#, "Match value must be String, number, true, false, or null", 6),
      Case(#"{"a":[{}]}"#, "Match expression name not found", 7),
      Case(#"{"a":[{"foo":1}]}"#, "Unrecognized match type foo", 7),
      Case(#"{"a":[{"prefix":3}]}"#, "prefix match pattern must be a string", 16),
      Case(#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "Only one key allowed in match expression", 20),
      Case(#"{"a":[{"exists":"yes"}]}"#, "exists match pattern must be either true or false.", 16),
      Case(#"{"a":[{"cidr":"10.0.0.1/32"}]}"#, "IPv4 mask bits must be < 32", 14),
      Case(#"{"a":[{"cidr":"10.0.0.0"}]}"#, "Malformed CIDR, one '/' required", 14),
      Case(#"{"a":[{"cidr":"host/8"}]}"#, "Nonstandard IP address: host", 14),
      Case(#"{"a":[{"numeric":[">",5,"<",0]}]}"#, "Bottom must be less than top", 29),
      Case(#"{"a":[{"numeric":["=",5,"<",6]}]}"#, "Too many elements in numeric expression", 24),
      Case(#"{"a":[{"numeric":["!=",5]}]}"#, "Unrecognized numeric range operator: !=", 23),
      Case(#"{"a":[{"numeric":["<",1e400]}]}"#, "Cannot compare number : 1e400", 27),
      Case(#"{"a":[{"wildcard":"a**b"}]}"#, "Consecutive wildcard characters at pos 2", 18),
      Case(#"{"a":[{"wildcard":"a\\b"}]}"#, "Invalid escape character at pos 2", 18),
      Case(
        #"{"a":[{"anything-but":null}]}"#,
        "Value of anything-but must be an array or single string/number value.",
        22
      ),
      Case(
        #"{"a":[{"anything-but":["x",1]}]}"#,
        "Inside anything but list, either all values are number or string, mixed type is not supported",
        28
      ),
      Case(#"{"$or":[{"a":[1]}]}"#, "There must have at least 2 Objects in $or relationship.", 17),
      Case(
        #"{"a":[1,]}"#,
        "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        8
      ),
      Case(#"{"a":[01]}"#, "Invalid numeric value: Leading zeroes not allowed", 6),
    ]
  )
  func messages(_ test: Case) throws {
    let error = #expect(throws: PatternError.self) { try EventPattern(parsing: test.pattern) }
    #expect(error?.message == test.message)
    #expect(error?.offset == test.offset)
  }

  @Test("too many fields, too many branches, too complex")
  func limits() throws {
    func fields(_ count: Int) -> String { "{" + (0..<count).map { "\"k\($0)\":[1]" }.joined(separator: ",") + "}" }
    #expect(throws: Never.self) { try EventPattern(parsing: fields(256)) }
    #expect(throws: PatternError.self) { try EventPattern(parsing: fields(257)) }

    let or = (0..<12).map { #""f\#($0)":{"$or":[{"a":[1]},{"b":[1]}]}"# }.joined(separator: ",")
    let tooMany = #expect(throws: PatternError.self) { try EventPattern(parsing: "{\(or)}") }
    #expect(tooMany?.message.contains("1000 combinations") == true)

    let complex = #"{"a":[{"wildcard":"*a*a*a*a*a*a*a*a"}]}"#
    let error = #expect(throws: PatternError.self) { try EventPattern(parsing: complex) }
    #expect(error?.message.hasPrefix("Rule is too complex") == true)
    #expect(throws: Never.self) { try EventPattern(parsing: complex, language: .extended) }
    #expect(throws: Never.self) { try EventPattern(parsing: #"{"a":[{"wildcard":"arn:aws:*:*:*:role/*"}]}"#) }
  }

  @Test("every truncation of a pattern is an error")
  func truncation() throws {
    let pattern = Array(
      #"{"a":[{"numeric":[">",0,"<=",5]},null,"x"],"$or":[{"b":[{"anything-but":{"prefix":["q"]}}]},{"c":[1]}]}"#.utf8
    )
    for length in 0..<pattern.count {
      #expect(throws: PatternError.self) { try EventPattern(parsing: Array(pattern[..<length])) }
    }
  }
}

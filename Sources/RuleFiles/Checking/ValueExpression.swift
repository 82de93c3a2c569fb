// The regular expression of a parameter, for whole values: judged by the same engine as patterns, so that what is accepted
// when files are read is what is accepted when something runs.

public import EventPatterns

/// A regular expression (RE2 syntax) that a whole value has to match; linear in the value's length.
public struct ValueExpression: Sendable {
  /// The expression as it was written.
  public let text: String
  private let patterns: PatternSet

  /// Compiles an expression; throws words for a person if it is not valid.
  public init(_ text: String) throws(PatternError) {
    // On its own first: `a)|(b` would be fine inside the parentheses and undo the anchors.
    _ = try Self.pattern(text)
    patterns = PatternSet([try Self.pattern("^(?:\(text))$")])
    self.text = text
  }

  /// Whether the whole value matches.
  public func accepts(_ value: String) -> Bool {
    var matcher = EventMatcher(patterns)
    let event = JSONValue.members(["value": .string(value)])
    return (try? matcher.matches(event.bytes))?.isEmpty == false
  }

  private static func pattern(_ expression: String) throws(PatternError) -> EventPattern {
    let condition = JSONValue.members(["regex": .string(expression)])
    return try EventPattern(parsing: JSONValue.members(["value": .array([condition])]).bytes, language: .extended)
  }
}

extension ActionDefinition.Parameter.ValueType {
  /// Whether a value has the form: of an integer, an optional `-` and 1 to 40 digits.
  public func accepts(_ value: String) -> Bool {
    switch self {
    case .string: return true
    case .boolean: return value == "true" || value == "false"
    case .integer:
      let digits = value.utf8.first == UInt8(ascii: "-") ? value.utf8.dropFirst() : value.utf8[...]
      return (1...40).contains(digits.count)
        && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
  }
}

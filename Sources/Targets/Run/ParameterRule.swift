// The values of an action come from events, and what is in an event somebody else may have chosen. So each value is
// checked against what the action declares before any program starts.

import Delivery
import EventPatterns
import RuleFiles

/// What a parameter of an action accepts.
struct ParameterRule: Sendable {
  let name: String
  let type: ActionDefinition.Parameter.ValueType
  let defaultValue: String?
  /// The regular expression that the whole value must match, as it was written.
  let match: String?
  private let matcher: WholeValueMatcher?

  init(
    name: String,
    type: ActionDefinition.Parameter.ValueType = .string,
    match: String? = nil,
    defaultValue: String? = nil
  ) throws(TargetSetupError) {
    self.name = name
    self.type = type
    self.match = match
    self.defaultValue = defaultValue
    do throws(PatternError) {
      matcher = try match.map { text throws(PatternError) in try WholeValueMatcher(regularExpression: text) }
    } catch {
      throw TargetSetupError("`match` of parameter \(name) is not a regular expression: \(error.message)")
    }
  }

  /// The variable a program finds the value in: `bucket-name` is `PARAM_BUCKET_NAME`.
  ///
  /// The prefix keeps names such as PATH and LD_PRELOAD out of reach.
  var variable: String {
    var text = "PARAM_"
    for byte in name.utf8 {
      switch byte {
      case 0x61...0x7A: text.unicodeScalars.append(Unicode.Scalar(byte - 0x20))
      case 0x30...0x39, 0x41...0x5A: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "_"
      }
    }
    return text
  }

  /// What is wrong with a value; nothing if it may be used.
  func objection(to value: String) -> String? {
    if value.utf8.contains(0) { return "parameter \(name) holds a NUL byte, which no program can be given" }
    switch type {
    case .string: break
    case .integer where !Self.isInteger(value):
      return "parameter \(name) is \(value.quoted), and a whole number was expected"
    case .boolean where value != "true" && value != "false":
      return "parameter \(name) is \(value.quoted), and true or false was expected"
    case .integer, .boolean: break
    }
    if let match, let matcher, !matcher.accepts(value) {
      return "parameter \(name) is \(value.quoted), which does not match \(match)"
    }
    return nil
  }

  private static func isInteger(_ value: String) -> Bool {
    let digits = value.utf8.first == UInt8(ascii: "-") ? value.utf8.dropFirst() : value.utf8[...]
    return !digits.isEmpty && digits.count <= 40 && digits.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The values to use, in the order of the rules: what was given, or the defaults.
  static func values(
    of given: [(name: String, value: String)],
    under rules: [ParameterRule]
  ) throws(DeliveryFailure) -> [String] {
    func invalid(_ message: String) -> DeliveryFailure { DeliveryFailure(.invalidParameter, message, retryable: false) }
    if let unknown = given.first(where: { item in !rules.contains { $0.name == item.name } }) {
      throw invalid("the action has no parameter \(unknown.name)")
    }
    var values: [String] = []
    for rule in rules {
      guard let value = given.last(where: { $0.name == rule.name })?.value ?? rule.defaultValue else {
        throw invalid("parameter \(rule.name) has no value and no default")
      }
      if let objection = rule.objection(to: value) { throw invalid(objection) }
      values.append(value)
    }
    return values
  }
}

/// A regular expression for whole texts, evaluated by the same engine as patterns: linear in the text's length, whatever
/// text and expression are.
private struct WholeValueMatcher: Sendable {
  private let set: PatternSet

  init(regularExpression: String) throws(PatternError) {
    // Alone first: `a)|(b` would be fine between the parentheses, and not what they are for.
    _ = try Self.pattern(regularExpression)
    set = PatternSet([try Self.pattern("^(?:\(regularExpression))$")])
  }

  private static func pattern(_ expression: String) throws(PatternError) -> EventPattern {
    let pattern = JSONValue.members(["value": .array([.members(["regex": .string(expression)])])])
    return try EventPattern(parsing: pattern.bytes, language: .extended)
  }

  func accepts(_ value: String) -> Bool {
    var matcher = EventMatcher(set)
    let event = JSONValue.members(["value": .string(value)]).bytes
    return (try? matcher.matches(event).isEmpty == false) ?? false
  }
}

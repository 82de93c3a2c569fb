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
  /// What the whole value must match.
  private let match: ValueExpression?

  init(
    name: String,
    type: ActionDefinition.Parameter.ValueType = .string,
    match: String? = nil,
    defaultValue: String? = nil
  ) throws(TargetSetupError) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    do throws(PatternError) {
      self.match = try match.map { text throws(PatternError) in try ValueExpression(text) }
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
    guard type.accepts(value) else {
      let wanted = type == .integer ? "a whole number" : "true or false"
      return "parameter \(name) is \(value.quoted), and \(wanted) was expected"
    }
    if let match, !match.accepts(value) {
      return "parameter \(name) is \(value.quoted), which does not match \(match.text)"
    }
    return nil
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

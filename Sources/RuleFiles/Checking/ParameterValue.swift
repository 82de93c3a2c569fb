// Values that are written down are judged when the files are read, by the rule that judges rendered ones: the type, then
// the whole value against `match`.

import EventPatterns

extension ActionDefinition.Parameter {
  /// Why a value is not allowed, as the end of "the value …"; nothing if it is.
  func refusal(of value: String) -> String? {
    switch type {
    case .string: break
    case .integer: if Int64(value) == nil || value.hasPrefix("+") { return "is not an integer" }
    case .boolean: if value != "true", value != "false" { return "is not true or false" }
    }
    guard let match else { return nil }
    let condition = JSONValue.members(["regex": .string("^(?:\(match.value))$")])
    let pattern = JSONValue.members(["value": .array([condition])])
    // An expression that cannot be read has been reported where it stands.
    guard let parsed = try? EventPattern(parsing: pattern.bytes, language: .extended) else { return nil }
    var matcher = EventMatcher(PatternSet([parsed]))
    let matches = try? matcher.matches(JSONValue.members(["value": .string(value)]).bytes)
    return matches?.isEmpty == false ? nil : "does not match \(match.value)"
  }
}

extension Template {
  /// The text, if nothing in it depends on an event.
  package var fixedText: String? {
    guard placeholders.isEmpty else { return nil }
    let scope = TemplateScope(event: .null, ruleID: "", now: Instant(seconds: 0))
    return try? text(in: scope)
  }
}

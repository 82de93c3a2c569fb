// Values that are written down are judged when the files are read, by the rule that judges rendered ones: the type, then
// the whole value against `match`.

import EventPatterns

extension ActionDefinition.Parameter {
  /// Why a value is not allowed, as the end of "the value …"; nothing if it is.
  func refusal(of value: String) -> String? {
    guard type.accepts(value) else { return type == .integer ? "is not an integer" : "is not true or false" }
    // An expression that cannot be read has been reported where it stands.
    guard let match, let expression = try? ValueExpression(match.value) else { return nil }
    return expression.accepts(value) ? nil : "does not match \(match.value)"
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

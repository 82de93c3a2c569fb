// What the placeholders of a template stand for while one decision is made.

public import EventPatterns

/// The values that placeholders are looked up in.
public struct TemplateScope: Sendable {
  /// The event's envelope.
  public var event: JSONValue
  /// The rule's `let`s or the action's parameters, evaluated.
  ///
  /// They come before fields of the event.
  public var names: [String: JSONValue]
  /// The predefined variables that do not come from the event.
  public var ruleID, ruleTitle, ruleSeverity, deliveryID: String
  /// When the decision is made.
  public var now: Instant

  /// Makes a scope.
  public init(
    event: JSONValue,
    names: [String: JSONValue] = [:],
    ruleID: String,
    ruleTitle: String = "",
    ruleSeverity: String = "",
    deliveryID: String = "",
    now: Instant
  ) {
    self.event = event
    self.names = names
    self.ruleID = ruleID
    self.ruleTitle = ruleTitle
    self.ruleSeverity = ruleSeverity
    self.deliveryID = deliveryID
    self.now = now
  }

  /// What a reference stands for; nothing when the field is missing.
  public func value(of reference: Placeholder.Reference) -> JSONValue? {
    switch reference {
    case .variable(.ruleID): return .string(ruleID)
    case .variable(.ruleTitle): return .string(ruleTitle)
    case .variable(.ruleSeverity): return .string(ruleSeverity)
    case .variable(.event): return event
    case .variable(.eventJSON): return .string(event.text)
    case .variable(.deliveryID): return .string(deliveryID)
    case .variable(.now): return .string(now.description)
    case .path(let path):
      if let first = path.firstName, let value = names[first] { return value[path.rest] }
      return event[path]
    }
  }
}

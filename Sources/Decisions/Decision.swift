// What the rules decided about one event, rule and step. A decision is a value: it says what should happen and holds
// everything that is needed to do it later, so that whoever carries it out evaluates nothing again.

public import RuleFiles

/// One step of one rule that one event set off, or the record of why it did not go.
public struct Decision: Sendable, Equatable {
  /// Whether a step sends a message or runs an action.
  public enum Kind: String, Sendable, Hashable {
    /// A `send` step.
    case send
    /// A `run` step.
    case run
  }

  /// What is to become of a decision.
  public enum Disposition: String, Sendable, Hashable, CaseIterable {
    /// It goes out.
    case deliver
    /// A `run` step at stage `notify`: recorded, not executed.
    case planned
    /// A rule at stage `shadow`: recorded, nothing leaves.
    case shadowed
    /// An exception of the rule (`unless`) holds: recorded, nothing leaves.
    case suppressed
    /// It cannot be rendered from this event; trying again gives the same answer, so it is a dead letter at once, if it
    /// would have left the engine.
    case failed
  }

  /// The idempotency key: the same whenever this event, rule and step meet again.
  public var deliveryID: String
  /// The event's id.
  public var eventID: String
  /// The rule.
  public var ruleID: String
  /// The rule's title; empty if it has none.
  public var ruleTitle: String
  /// The hash of the rule set that decided.
  public var ruleSetHash: String
  /// The step of the rule's `then`.
  public var stepID: String
  /// Whether the step sends or runs.
  public var kind: Kind
  /// The target or action in the repository.
  public var targetID: String
  /// The stage the rule was at.
  public var stage: Stage
  /// What is to become of it.
  public var disposition: Disposition
  /// Why it is not delivered, for a person: the exception's reason, what could not be rendered. Empty otherwise.
  public var reason: String
  /// What is sent, or the rendered execution of an action as JSON (`{"argv": […]}`).
  ///
  /// Empty when the decision is suppressed or failed.
  public var payload: [UInt8]
  /// The rendered and checked parameters of an action, in the action's order.
  public var parameters: [ParameterValue]
  /// The rendered argument list of a `command` action; empty for anything else.
  public var arguments: [String]
  /// When it was decided.
  public var decidedAt: Instant
  /// EventBridge's error code of a failed decision (`INVALID_PARAMETER`, `INVALID_JSON`); empty for any other.
  public var errorCode = ""

  /// Whether a step of this kind leaves the engine at the rule's stage.
  public var isLive: Bool { Self.disposition(of: kind, at: stage) == .deliver }

  static func disposition(of kind: Kind, at stage: Stage) -> Disposition {
    switch (stage, kind) {
    case (.draft, _), (.shadow, _): .shadowed
    case (.notify, .run): .planned
    case (.notify, .send), (.enforce, _): .deliver
    }
  }
}

/// A rendered value of an action's parameter.
public struct ParameterValue: Sendable, Hashable {
  /// The parameter's name.
  public var name: String
  /// The value as text.
  public var value: String

  /// Makes a value.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

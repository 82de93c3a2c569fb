// A rule as the engine sees it: read, checked, references resolved.

public import EventPatterns

/// A checked `kind: Rule` document.
public struct Rule: Sendable {
  /// The id, unique among the rules of the repository.
  public var id: String
  /// What a person reads first; empty if the rule has none.
  public var title: String
  /// Why the rule exists and what a match means.
  public var description: String?
  /// How much a match matters.
  public var severity: Severity
  /// How far the rule may go: what it asks for, cut to the `max-stage` of its folder.
  public var stage: Stage
  /// Who looks after the rule.
  public var owner: String?
  /// The address of the runbook.
  public var runbook: String?
  /// Free labels.
  public var tags: [String]
  /// The controls and techniques the rule covers, by framework, in file order.
  public var maps: [(framework: String, controls: [String])]
  /// The event bus the rule listens on.
  public var bus: String
  /// Which calls the rule is about; already part of `pattern`.
  public var outcome: Outcome
  /// What triggers the rule, unless it has a schedule.
  public var pattern: RulePattern?
  /// When the rule fires on its own (`every`), unless it has a pattern.
  public var schedule: Schedule?
  /// Exceptions: an event that matches one of those still in force does not trigger the rule.
  public var exceptions: [RuleException]
  /// The fields that say what one finding is about.
  public var key: [Located<FieldPath>]
  /// What happens to repeated findings with the same key.
  public var once: Throttle?
  /// How long a key must have been quiet before the rule fires.
  public var settle: TimeSpan?
  /// Values computed once per match, in file order.
  public var lets: [Let]
  /// What to do.
  public var steps: [Step]
  /// The rule's own tests.
  public var tests: [RuleTest]
  /// Where the document begins.
  public var position: SourcePosition

  /// A named value for templates.
  public struct Let: Sendable {
    /// The name used as `<name>`.
    public var name: String
    /// The field of the event it stands for.
    public var path: Located<FieldPath>
  }

  /// What `once` asks for.
  public struct Throttle: Sendable, Hashable {
    /// What happens to the findings after the first.
    public enum Then: String, Sendable, Hashable, CaseIterable {
      /// They are counted and summed up when the window closes. The default.
      case digest
      /// They are counted and dropped.
      case drop
    }

    /// The window after the first finding.
    public var within: TimeSpan
    /// What happens inside the window.
    public var then: Then
  }
}

/// One `unless` entry: a visible, reasoned exception.
public struct RuleException: Sendable {
  /// Why the exception is right.
  public var reason: String
  /// Who asked for it.
  public var owner: String?
  /// From when on the exception no longer holds; nothing if it never ends.
  public var expires: Instant?
  /// The events that are excepted.
  public var pattern: RulePattern
  /// Where the exception begins.
  public var position: SourcePosition

  /// Whether the exception holds at an instant.
  public func holds(at now: Instant) -> Bool { expires.map { now < $0 } ?? true }
}

/// A checked `kind: List` document.
public struct ValueList: Sendable {
  /// The id, used as `$list.ID`.
  public var id: String
  /// What the list is for.
  public var description: String?
  /// The values and conditions that take the place of `$list.ID`.
  public var items: [JSONValue]
  /// Where the document begins.
  public var position: SourcePosition
}

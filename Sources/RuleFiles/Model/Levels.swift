// The ordered vocabularies of a rule: how bad, how far, which outcome.

/// How much a match of a rule matters.
public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Good to know.
  case informational
  /// Look when there is time.
  case low
  /// Look this week. The default.
  case medium
  /// Look today.
  case high
  /// Look now.
  case critical

  /// Orders by weight.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How far a rule may go.
public enum Stage: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Compiled and tested only.
  case draft
  /// Evaluated live, decisions recorded, nothing leaves.
  case shadow
  /// `send` steps go out, `run` steps are planned and recorded but not executed. The default.
  case notify
  /// `run` steps execute, too.
  case enforce

  /// Whether something leaves the engine at this stage.
  public var isLive: Bool { self >= .notify }

  /// Orders by reach.
  public static func < (left: Stage, right: Stage) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Which calls a rule is about: a shorthand for a condition on `detail.errorCode`.
public enum Outcome: String, Sendable, Hashable, CaseIterable {
  /// Calls without `errorCode`.
  case success
  /// Calls with an `errorCode`.
  case failure
  /// All calls. The default.
  case any
}

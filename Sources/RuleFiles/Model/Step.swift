// The steps of a rule's `then`.

/// One thing a rule does on a match.
public struct Step: Sendable {
  /// What a step does.
  public enum Operation: Sendable, Hashable {
    /// Send the input to a target of the repository (`RuleRepository.target(_:)`).
    case send(target: String)
    /// Run an action of the repository (`RuleRepository.action(_:)`).
    case run(action: String)
  }

  /// The id within the rule: as written, or `send-1`, `run-2`, … by place in `then`, from 1.
  public var id: String
  /// What to do.
  ///
  /// An inline definition is in the repository under the id `RULE/STEP`.
  public var operation: Operation
  /// The template of what is sent; nothing sends the event itself.
  public var input: Located<Template>?
  /// The values for an action's parameters, in file order.
  public var parameters: [Parameter]
  /// What has to hold before an action runs.
  public var guardrail: Guard?
  /// How to see that an action worked.
  public var verification: Verification?
  /// Where the step begins.
  public var position: SourcePosition

  /// The id of the target or action.
  public var reference: String {
    switch operation {
    case .send(let target): target
    case .run(let action): action
    }
  }

  /// One value of `with`.
  public struct Parameter: Sendable {
    /// The action's parameter.
    public var name: String
    /// The template of its value.
    public var value: Located<Template>
  }
}

/// What has to hold before an action runs.
public struct Guard: Sendable {
  /// How often the action may run.
  public var budget: Budget?
  /// Who has to say yes.
  public var approval: Approval?
  /// Where the guard begins.
  public var position: SourcePosition

  /// How often an action may run.
  public struct Budget: Sendable {
    /// What happens beyond the budget.
    public enum Over: String, Sendable, Hashable, CaseIterable {
      /// The run waits for a person. The default.
      case hold
      /// The run is refused and recorded.
      case refuse
    }

    /// The most runs in an hour.
    public var perHour: Int?
    /// The most runs for one key.
    public var perKey: Rate?
    /// What happens beyond.
    public var over: Over
  }

  /// Who has to say yes.
  public struct Approval: Sendable {
    /// What silence means.
    public enum OnTimeout: String, Sendable, Hashable, CaseIterable {
      /// No. The default.
      case deny
      /// Yes.
      case allow
    }

    /// The people or teams that may say yes.
    public var by: [String]
    /// The events that need approval; nothing means all.
    public var pattern: RulePattern?
    /// How long to wait.
    public var timeout: TimeSpan?
    /// What silence means.
    public var onTimeout: OnTimeout
  }
}

/// How to see that an action worked.
public struct Verification: Sendable {
  /// The event pattern that the action's effect matches, with placeholders.
  public var expect: Located<Template>
  /// How long to wait for it.
  public var within: TimeSpan
  /// The target that is told if it does not come.
  public var otherwise: String?
  /// Where the verification begins.
  public var position: SourcePosition
}

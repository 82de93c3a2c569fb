// What `run` steps run. There is no shell string anywhere: a command is a list of arguments.

public import EventPatterns

/// A checked `kind: Action` document or an inline action of a step.
public struct ActionDefinition: Sendable {
  /// The id: as written, or `RULE/STEP` for an inline action.
  public var id: String
  /// What the action does.
  public var description: String?
  /// What is run.
  public var executable: Executable
  /// The values a step hands over, in file order.
  public var parameters: [Parameter]
  /// Additional environment variables, in file order.
  public var environment: [(name: String, value: EnvironmentValue)]
  /// The events that the action causes, as patterns: what `verify` may wait for, and what must not trigger the rule again.
  public var emits: [JSONValue]
  /// Whether running twice does no harm.
  public var isIdempotent: Bool
  /// Time limit, concurrency, retries, dead letters.
  public var policy: DeliveryPolicy
  /// The secrets it refers to, each where it does.
  public var secrets: [Located<SecretReference>] = []
  /// Where the definition begins.
  public var position: SourcePosition

  /// What is run.
  public enum Executable: Sendable {
    /// A program with its arguments; an argument may hold placeholders.
    case command(argv: [Located<Template>])
    /// A file of the repository: its path (relative to where the engine was started, or absolute) and the program with
    /// arguments that reads it (empty: the file itself is run).
    case script(file: String, interpreter: [String])

    /// The type as rule files write it.
    public var type: String {
      switch self {
      case .command: "command"
      case .script: "script"
      }
    }
  }

  /// The value of an environment variable.
  public enum EnvironmentValue: Sendable {
    /// Text that may hold placeholders.
    case template(Located<Template>)
    /// Kept elsewhere.
    case secret(SecretReference)
  }

  /// One value a step hands over.
  public struct Parameter: Sendable {
    /// The form a value must have.
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
      /// Any text.
      case string
      /// A whole number.
      case integer
      /// `true` or `false`.
      case boolean
    }

    /// The name, used as `<name>` in `argv`; scripts find it in the environment.
    public var name: String
    /// The form of the value.
    public var type: ValueType
    /// The regular expression (RE2 syntax) that the whole value must match.
    public var match: Located<String>?
    /// The value if a step gives none; nothing makes the parameter required.
    public var defaultValue: String?
    /// What the value is for.
    public var description: String?
  }
}

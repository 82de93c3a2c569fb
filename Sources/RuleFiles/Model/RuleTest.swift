// The tests a rule brings along. They run offline, with virtual time.

public import EventPatterns

/// One test of a rule.
public struct RuleTest: Sendable {
  /// What the test shows.
  public var name: String
  /// The events, in order of their time.
  public var given: [GivenEvent]
  /// What must come out.
  public var expect: Expectation
  /// Where the test begins.
  public var position: SourcePosition

  /// An event of a test.
  public struct GivenEvent: Sendable {
    /// When the event happens, counted from the start of the test.
    public var at: TimeSpan
    /// The fixture it was made from.
    public var like: String?
    /// The event as an EventBridge envelope, with `set` and `unset` applied.
    public var event: JSONValue
    /// Where it is given.
    public var position: SourcePosition
  }

  /// What must come out of a test.
  ///
  /// What is nil is not looked at; at least one member is not nil.
  public struct Expectation: Sendable {
    /// Whether the (last) event triggers the rule.
    public var match: Bool?
    /// The field whose condition fails, or `unless` if an exception holds.
    public var because: String?
    /// The `send` steps that fire, all of them, in file order.
    public var sends: [ExpectedSend]?
    /// The `run` steps that fire, all of them, in file order.
    public var runs: [ExpectedRun]?
    /// How many events matched and were let pass by an exception.
    public var suppressed: Int?
    /// Where the expectation begins.
    public var position: SourcePosition
  }

  /// A step that must send.
  public struct ExpectedSend: Sendable {
    /// The step.
    public var step: String
    /// The rendered input; nothing if any will do.
    public var payload: JSONValue?
    /// Where it is expected.
    public var position: SourcePosition
  }

  /// A step that must run.
  public struct ExpectedRun: Sendable {
    /// The step.
    public var step: String
    /// The rendered argument list; nothing if any will do.
    public var argv: [String]?
    /// The rendered values by parameter, in file order; nothing if any will do.
    public var with: [(name: String, value: String)]?
    /// Where it is expected.
    public var position: SourcePosition
  }
}

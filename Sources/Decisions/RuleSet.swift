// A rule repository, compiled and frozen: every pattern in one matcher, every parameter check compiled. A rule set is
// built aside and swapped in whole; nothing in it changes afterwards, so that any number of threads may use it.

public import EventPatterns
public import RuleFiles

/// A frozen rule set, ready to decide.
public struct RuleSet: Sendable {
  /// What it was made from.
  public let repository: RuleRepository
  /// All patterns: those of the rules first, then those of their exceptions.
  public let patterns: PatternSet

  /// The rule of each pattern of a rule, in the order of `patterns`.
  let triggers: [Int]
  /// The rule and exception of each pattern that follows.
  let exceptions: [(rule: Int, exception: Int)]
  /// The actions with their parameter checks, by id.
  let actions: [String: CompiledAction]

  /// Compiles a repository.
  ///
  /// Throws a diagnostic with the place in the rule file if a parameter's expression does not compile; a repository that was
  /// checked has none.
  public init(_ repository: RuleRepository) throws(Diagnostic) {
    var patterns: [EventPattern] = []
    var triggers: [Int] = []
    var exceptions: [(rule: Int, exception: Int)] = []
    var actions: [String: CompiledAction] = [:]
    for (index, rule) in repository.rules.enumerated() {
      if let pattern = rule.pattern {
        patterns.append(pattern.pattern)
        triggers.append(index)
      }
    }
    for action in repository.actions { actions[action.id] = try CompiledAction(action) }
    for (index, rule) in repository.rules.enumerated() {
      for (number, exception) in rule.exceptions.enumerated() {
        patterns.append(exception.pattern.pattern)
        exceptions.append((index, number))
      }
    }
    self.repository = repository
    self.patterns = PatternSet(patterns)
    self.triggers = triggers
    self.exceptions = exceptions
    self.actions = actions
  }
}

/// A rule whose pattern an event matches.
public struct RuleMatch: Sendable, Hashable {
  /// The rule's place in the repository.
  public var rule: Int
  /// The first of the rule's exceptions that matches and is in force; nothing lets the rule fire.
  public var exception: Int?

  /// Makes a match.
  public init(rule: Int, exception: Int? = nil) {
    self.rule = rule
    self.exception = exception
  }

  /// Whether the rule fires.
  public var triggers: Bool { exception == nil }
}

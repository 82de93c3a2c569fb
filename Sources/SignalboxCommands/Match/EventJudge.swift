// Who says which rules an event triggers: a rule set with its exceptions, or bare patterns. Both end in the same
// compiled matcher.

internal import Decisions
internal import EventPatterns
internal import RuleFiles

/// Says which rules an event triggers.
protocol EventJudge: ~Copyable {
  /// What output says of the rules, by index.
  var labels: [RuleLabel] { get }
  /// The triggered rules, by index.
  mutating func rulesTriggered(by event: UnsafeRawBufferPointer) throws(EventError) -> [Int]
}

/// Judges by some rules of a set; exceptions hold as of one instant.
struct RuleSetJudge: EventJudge, ~Copyable {
  let labels: [RuleLabel]
  private var decider: Decider
  private let tried: Set<Int>
  private let now: Instant

  init(_ rules: RuleSet, tried: Set<Int>, now: Instant) {
    decider = Decider(rules)
    self.tried = tried
    self.now = now
    labels = rules.repository.rules.map { RuleLabel(id: $0.id, title: $0.title, severity: $0.severity) }
  }

  mutating func rulesTriggered(by event: UnsafeRawBufferPointer) throws(EventError) -> [Int] {
    let matches = try decider.matches(event, at: now)
    return matches.compactMap { $0.triggers && tried.contains($0.rule) ? $0.rule : nil }
  }
}

/// Judges by bare patterns.
struct PatternJudge: EventJudge, ~Copyable {
  let labels: [RuleLabel]
  private var matcher: EventMatcher

  init(_ patterns: PatternSet, names: [String]) {
    matcher = EventMatcher(patterns)
    labels = names.map { RuleLabel(id: $0, title: "", severity: nil) }
  }

  mutating func rulesTriggered(by event: UnsafeRawBufferPointer) throws(EventError) -> [Int] {
    try matcher.matches(event)
  }
}

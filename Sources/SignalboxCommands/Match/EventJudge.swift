// Who says which rules an event triggers: a rule set with its exceptions, or bare patterns. Both end in the same
// compiled matcher.

internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import TrailEvents

/// Says which rules a record triggers.
protocol EventJudge: ~Copyable {
  /// What output says of the rules, by index.
  var labels: [RuleLabel] { get }
  /// Goes on to the next record that some pattern matches or that is refused; nothing if there was none for a while.
  mutating func nextMatch(of reader: inout LogFileReader) -> RecordMatch?
  /// What patterns one record matches, if any, or why it is refused.
  mutating func match(_ record: TrailRecord) -> RecordMatch?
  /// The rules that are triggered where some patterns match, by index.
  func rules(triggeredBy patterns: [Int]) -> [Int]
}

extension EventJudge where Self: ~Copyable {
  /// How many records are passed over before others have their turn.
  static var longestSearch: Int { 1024 }
}

/// Judges by some rules of a set; exceptions hold as of one instant.
struct RuleSetJudge: EventJudge, ~Copyable {
  let labels: [RuleLabel]
  private var matcher: RecordMatcher
  private let rules: RuleSet
  private let tried: Set<Int>
  private let now: Instant

  init(_ rules: RuleSet, tried: Set<Int>, now: Instant) {
    matcher = RecordMatcher(rules.patterns)
    self.rules = rules
    self.tried = tried
    self.now = now
    labels = rules.repository.rules.map { RuleLabel(id: $0.id, title: $0.title, severity: $0.severity) }
  }

  mutating func nextMatch(of reader: inout LogFileReader) -> RecordMatch? {
    reader.nextMatch(&matcher, within: Self.longestSearch)
  }

  mutating func match(_ record: TrailRecord) -> RecordMatch? { matcher.match(record) }

  func rules(triggeredBy patterns: [Int]) -> [Int] {
    rules.matches(of: patterns, at: now).compactMap { $0.triggers && tried.contains($0.rule) ? $0.rule : nil }
  }
}

/// Judges by bare patterns.
struct PatternJudge: EventJudge, ~Copyable {
  let labels: [RuleLabel]
  private var matcher: RecordMatcher

  init(_ patterns: PatternSet, names: [String]) {
    matcher = RecordMatcher(patterns)
    labels = names.map { RuleLabel(id: $0, title: "", severity: nil) }
  }

  mutating func nextMatch(of reader: inout LogFileReader) -> RecordMatch? {
    reader.nextMatch(&matcher, within: Self.longestSearch)
  }

  mutating func match(_ record: TrailRecord) -> RecordMatch? { matcher.match(record) }

  func rules(triggeredBy patterns: [Int]) -> [Int] { patterns }
}

// The rules of rule files for one name of a bus, compiled once for all accounts and Regions.

internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import TrailEvents

/// The rules of files on buses of one name.
final class CompiledFileRules: Sendable {
  /// Whose a pattern is.
  private enum Owner: Sendable {
    case rule(Int)
    case exception(rule: Int, exception: Int)
  }

  private let owners: [Owner]
  private let files: RuleSet
  private let patterns: SharedMatcher

  /// Compiles the rules that name a bus.
  init(of bus: String, in files: RuleSet) {
    var patterns: [EventPattern] = []
    var owners: [Owner] = []
    for (index, rule) in files.repository.rules.enumerated() where rule.bus == bus {
      guard let pattern = rule.pattern, rule.stage > .draft else { continue }
      owners.append(.rule(index))
      patterns.append(pattern.pattern)
      // The exceptions of a rule come after it, so that it is known by then whether it matches.
      for (number, exception) in rule.exceptions.enumerated() {
        owners.append(.exception(rule: index, exception: number))
        patterns.append(exception.pattern.pattern)
      }
    }
    self.owners = owners
    self.files = files
    self.patterns = SharedMatcher(PatternSet(patterns))
  }

  /// The rules that an event matches, in their order, with the exceptions that hold.
  ///
  /// - Throws: `EventError` if the bytes are no JSON object.
  func matches(_ event: BusEvent, at now: Instant) throws(EventError) -> [RuleMatch] {
    guard !owners.isEmpty else { return [] }
    var matches: [RuleMatch] = []
    for hit in try patterns.matches(event.event.envelope) {
      switch owners[hit] {
      case .rule(let index):
        let suffix = "/\(files.repository.rules[index].id)"
        guard event.ruleFilter.isEmpty || event.ruleFilter.contains(where: { $0.hasSuffix(suffix) }) else { continue }
        matches.append(RuleMatch(rule: index))
      case .exception(let rule, let exception):
        guard let last = matches.indices.last, matches[last].rule == rule, matches[last].exception == nil,
          files.repository.rules[rule].exceptions[exception].holds(at: now)
        else { continue }
        matches[last].exception = exception
      }
    }
    return matches
  }
}

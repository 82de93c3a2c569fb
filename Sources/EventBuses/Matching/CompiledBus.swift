// One bus, compiled: the patterns of files, of the API and of archives are one frozen set, so that one pass over an event
// finds all that is about it. It is made aside and swapped in; nothing in it changes.

internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import Synchronization
internal import TrailEvents

/// What a bus does with events.
final class CompiledBus: Sendable {
  /// Whose a pattern is.
  private enum Owner: Sendable {
    case fileRule(Int)
    case fileException(rule: Int, exception: Int)
    case rule(Int)
  }

  /// What an event matches.
  struct Matches: Sendable {
    /// Rules of files, with the exceptions that hold.
    var files: [RuleMatch] = []
    /// Rules of the API.
    var rules: [CompiledRule] = []

    var isEmpty: Bool { files.isEmpty && rules.isEmpty }
  }

  private let owners: [Owner]
  private let rules: [CompiledRule]
  private let files: RuleSet?
  /// Scratch memory for one event at a time; an event takes microseconds.
  private let matcher: Mutex<EventMatcher>

  /// Compiles the rules of a bus.
  init(_ bus: BusReference, in catalog: Catalog, files: RuleSet?) {
    let region = catalog[bus.scope]
    var patterns: [EventPattern] = []
    var owners: [Owner] = []
    var compiled: [CompiledRule] = []
    for rule in region.rules(of: bus.name) where rule.state != .disabled {
      guard let text = rule.pattern, let pattern = try? EventPattern(parsing: text) else { continue }
      owners.append(.rule(compiled.count))
      patterns.append(pattern)
      compiled.append(CompiledRule(rule, on: bus, archive: rule.archive.flatMap { region.archives[$0] }))
    }
    for (index, rule) in (files?.repository.rules ?? []).enumerated() where rule.bus == bus.name {
      guard let pattern = rule.pattern, rule.stage > .draft else { continue }
      owners.append(.fileRule(index))
      patterns.append(pattern.pattern)
      // The exceptions of a rule come after it, so that it is known by then whether it matches.
      for (number, exception) in rule.exceptions.enumerated() {
        owners.append(.fileException(rule: index, exception: number))
        patterns.append(exception.pattern.pattern)
      }
    }
    self.owners = owners
    self.rules = compiled
    self.files = files
    matcher = Mutex(EventMatcher(PatternSet(patterns)))
  }

  /// What an event matches, in the order of the rules.
  ///
  /// - Throws: `EventError` if the bytes are no JSON object.
  func matches(_ event: BusEvent, at now: Instant) throws(EventError) -> Matches {
    guard !owners.isEmpty else { return Matches() }
    let result: Result<[Int], EventError> = matcher.withLock { matcher in
      do throws(EventError) {
        return .success(try matcher.matches(event.event.envelope))
      } catch {
        return .failure(error)
      }
    }
    var matches = Matches()
    for hit in try result.get() {
      switch owners[hit] {
      case .rule(let index):
        let rule = rules[index]
        guard !event.isReadOnlyManagementEvent || rule.rule.state == .enabledWithAllManagementEvents,
          event.ruleFilter.isEmpty || event.ruleFilter.contains(rule.arn)
        else { continue }
        matches.rules.append(rule)
      case .fileRule(let index):
        guard event.ruleFilter.isEmpty || event.ruleFilter.contains(where: { $0.hasSuffix(suffix(of: index)) }) else {
          continue
        }
        matches.files.append(RuleMatch(rule: index))
      case .fileException(let rule, let exception):
        guard let last = matches.files.indices.last, matches.files[last].rule == rule,
          matches.files[last].exception == nil,
          files?.repository.rules[rule].exceptions[exception].holds(at: now) == true
        else { continue }
        matches.files[last].exception = exception
      }
    }
    return matches
  }

  private func suffix(of rule: Int) -> String { "/\(files?.repository.rules[rule].id ?? "")" }
}

// Where the patterns of `bench` and `compile` come from: a rule repository, or JSON lines.

internal import Decisions
internal import EventPatterns
internal import RuleFiles

/// Named patterns, ready to be compiled.
struct PatternSource {
  /// The patterns' names, in the order of the compiled set: ids of rules, and those of their exceptions.
  let names: [String]
  /// The rules that the patterns belong to, by their ids.
  let rules: [String]
  /// Where the patterns stand: `file:line`.
  let places: [String]
  /// The rules that have a schedule and no pattern.
  private let scheduled: [String]
  /// Compiles the patterns.
  let compile: () throws -> PatternSet

  /// Reads rule folders and files, or one file of JSON lines.
  init(_ paths: [String]) throws {
    if paths.count == 1, let path = paths.first, PatternLines.isNamed(by: path) {
      let lines = try PatternLines(path: path)
      names = lines.names
      rules = names
      places = names.indices.map(lines.place)
      scheduled = []
      compile = { try lines.compile() }
      return
    }
    let repository = try RuleSource.load(paths)
    var named: [(name: String, rule: String, place: SourcePosition)] = []
    for rule in repository.rules where rule.pattern != nil { named.append((rule.id, rule.id, rule.position)) }
    for rule in repository.rules {
      for (index, exception) in rule.exceptions.enumerated() {
        named.append(("\(rule.id) unless \(index + 1)", rule.id, exception.position))
      }
    }
    names = named.map(\.name)
    rules = named.map(\.rule)
    places = named.map { "\($0.place.file):\($0.place.line)" }
    scheduled = repository.rules.filter { $0.pattern == nil }.map(\.id)
    compile = { try RuleSet(repository).patterns }
  }

  /// The patterns of some rules, by index; nothing if no rule is named.
  func patterns(of ids: [String]) throws(CommandFailure) -> Set<Int>? {
    guard !ids.isEmpty else { return nil }
    var found: Set<Int> = []
    for id in ids {
      let patterns = rules.indices.filter { rules[$0] == id }
      if patterns.isEmpty {
        if scheduled.contains(id) {
          throw CommandFailure(
            .usage,
            "the rule '\(id.shownSafely)' has a schedule and no pattern: it is not in the tree"
          )
        }
        let hint = Suggestion.hint(for: id, among: rules)
        throw CommandFailure(.usage, "there is no rule '\(id.shownSafely)'" + (hint.map { "; \($0)" } ?? ""))
      }
      found.formUnion(patterns)
    }
    return found
  }

  /// Whether a pattern is an exception to its rule.
  func isException(_ pattern: Int) -> Bool { names[pattern] != rules[pattern] }
}

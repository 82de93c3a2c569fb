// Where the patterns of `bench` and `compile` come from: a rule repository, or JSON lines.

internal import Decisions
internal import EventPatterns
internal import RuleFiles

/// Named patterns, ready to be compiled.
struct PatternSource {
  /// The patterns' names, in the order of the compiled set.
  let names: [String]
  /// Compiles the patterns.
  let compile: () throws -> PatternSet

  /// Reads rule folders and files, or one file of JSON lines.
  init(_ paths: [String]) throws {
    if paths.count == 1, let path = paths.first, PatternLines.isNamed(by: path) {
      let lines = try PatternLines(path: path)
      names = lines.names
      compile = { try lines.compile() }
      return
    }
    let repository = try RuleSource.load(paths)
    let exceptions = repository.rules.flatMap { rule in
      rule.exceptions.indices.map { "\(rule.id) unless \($0 + 1)" }
    }
    names = repository.rules.filter { $0.pattern != nil }.map(\.id) + exceptions
    compile = { try RuleSet(repository).patterns }
  }
}

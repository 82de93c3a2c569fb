// `signalbox compile`: what the matcher makes of the rules.

internal import ArgumentParser
internal import EventPatterns

struct CompileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Print the decision tree that rules compile to.",
    discussion: """
      Examples:
        signalbox compile Rules/
        signalbox compile Rules/ --format dot | dot -Tsvg > tree.svg
        signalbox compile patterns.jsonl --format json
      """
  )

  @Argument(
    help: "Rule folders and files, or JSON lines of {\"name\", \"pattern\"} (.jsonl); Rules or rules unless given."
  )
  var paths: [String] = []

  @Option(help: "text, dot (for Graphviz), or json (figures only).")
  var format = Format.text

  @Option(help: "Stop after this many entries of the tree.")
  var limit = 2000

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case dot
    case json
  }

  func run() async throws {
    let console = Console.current
    let source = try PatternSource(paths)
    let set = try source.compile()
    let figures = set.statistics
    switch format {
    case .text, .dot:
      let tree = set.describe(format: format == .dot ? .dot : .text, names: source.names, maximumEntries: limit)
      try console.print(tree.hasSuffix("\n") ? String(tree.dropLast()) : tree)
      console.say(
        "\(figures.patterns.counted("pattern")), \(figures.branches.counted("branch", "branches")), "
          + "\(figures.fields.counted("field")), \(figures.nodes.counted("node")), "
          + "\((Double(figures.tableBytes) / 1024).fixed(1)) KiB"
      )
    case .json:
      try console.print(
        .members([
          "patterns": .integer(figures.patterns),
          "branches": .integer(figures.branches),
          "fields": .integer(figures.fields),
          "conditions": .integer(figures.conditions),
          "predicates": .integer(figures.predicates),
          "nodes": .integer(figures.nodes),
          "candidates": .integer(figures.candidates),
          "table_bytes": .integer(figures.tableBytes),
        ])
      )
    }
  }
}

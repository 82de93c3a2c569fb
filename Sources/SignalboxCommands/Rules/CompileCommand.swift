// `signalbox compile`: what the matcher makes of the rules, as a tree or in figures.

internal import ArgumentParser
internal import EventPatterns
internal import RuleFiles

struct CompileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Print the decision tree that rules compile to, or its figures.",
    discussion: """
      The tree of many rules is shown from the top, as deep as --limit allows; where something is left out, it says how \
      many rules lie there. --depth goes deeper, --rule shows what leads to a rule.

      --stats tells what the tree is made of, what it takes of memory, and which rules are tried most: on events that \
      have the rule's key (the values the tree has it wait for), or on every event if it has none. Shares are reckoned \
      from the rules alone; with --events they are counted over logs, in every form that match reads.

      Examples:
        signalbox compile Rules/
        signalbox compile Rules/ --format dot | dot -Tsvg > tree.svg
        signalbox compile Rules/ --rule trail-stopped
        signalbox compile Rules/ --stats --events AWSLogs/
        signalbox compile patterns.jsonl --stats --format json
      """
  )

  @Argument(
    help: "Rule folders and files, or JSON lines of {\"name\", \"pattern\"} (.jsonl); Rules or rules unless given."
  )
  var paths: [String] = []

  @Option(help: "text, dot (for Graphviz), or json (figures only).")
  var format = Format.text

  @Option(help: ArgumentHelp("How many fields deep the tree is shown; as deep as fits unless given.", valueName: "n"))
  var depth: Int?

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Only what leads to this rule; may be given several times.", valueName: "id")
  )
  var ruleIDs: [String] = []

  @Flag(help: "Figures instead of the tree, and the rules that are tried most.")
  var stats = false

  @Option(
    help: ArgumentHelp(
      "With --stats: logs to count tries on; a file, a folder, a pattern or -. May be given several times.",
      valueName: "path"
    )
  )
  var events: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      How many fields, values and rules of the tree are shown (text 2000, dot 150), or rules with --stats (text 20, \
      json all).
      """,
      valueName: "n"
    )
  )
  var limit: Int?

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case dot
    case json
  }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    if let depth, depth < 1 { throw ValidationError("--depth must be 1 or more.") }
    if stats, format == .dot { throw ValidationError("--stats is text or json; the graph has no figures.") }
    if stats, depth != nil { throw ValidationError("--depth is for the tree; --stats looks at all of it.") }
    if !stats, !events.isEmpty { throw ValidationError("--events is for --stats.") }
    if !stats, format == .json, !ruleIDs.isEmpty || depth != nil {
      throw ValidationError("--format json has figures only; add --stats for those of a rule.")
    }
  }

  func run() async throws {
    let source = try PatternSource(paths)
    let wanted = try source.patterns(of: ruleIDs)
    let set = try source.compile()
    if stats { return try printStatistics(of: set, source, wanted) }
    let console = Console.current
    let figures = set.statistics
    switch format {
    case .json: try console.print(figures.json)
    case .text, .dot:
      let tree = set.describe(
        format: format == .dot ? .dot : .text,
        names: source.names,
        depth: depth,
        patterns: wanted,
        maximumEntries: limit ?? (format == .dot ? 150 : 2000)
      )
      try console.print(String(tree.text.dropLast()).jsonShownSafely)
      console.say(figures.line)
      if tree.isCut, wanted == nil {
        console.say("Not all is shown: --depth N and --limit N show more, --rule ID what leads to a rule.")
      }
    }
  }

  private func printStatistics(of set: PatternSet, _ source: PatternSource, _ wanted: Set<Int>?) throws {
    let console = Console.current
    let survey = try events.isEmpty ? nil : EventSurvey(of: set, names: source.names, logs: events, on: console)
    let report = AccessReport(of: set, source: source, wanted: wanted, counts: survey?.counts)
    switch format {
    case .json: try console.print(report.json(limit: limit))
    case .text, .dot: for line in report.lines(limit: limit ?? 20, style: console.style) { try console.print(line) }
    }
    if let status = survey?.status { throw status }
  }
}

extension PatternSet.Statistics {
  /// The figures on one line.
  fileprivate var line: String {
    "\(patterns.counted("pattern")), \(branches.counted("branch", "branches")), \(fields.counted("field")), "
      + "\(nodes.counted("node")), \(depth.counted("field")) deep, \(tableBytes.asBytes)"
  }

  /// The figures for programs.
  var json: JSONValue {
    .members([
      "patterns": .integer(patterns),
      "branches": .integer(branches),
      "fields": .integer(fields),
      "conditions": .integer(conditions),
      "predicates": .integer(predicates),
      "nodes": .integer(nodes),
      "candidates": .integer(candidates),
      "table_bytes": .integer(tableBytes),
    ])
  }
}

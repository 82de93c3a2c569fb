// The decision tree on paper: as indented text and as a Graphviz graph.

extension PatternSet {
  /// How a tree is printed.
  public enum DescriptionFormat: Sendable {
    /// Indented text.
    case text
    /// A graph in Graphviz's DOT language.
    case dot
  }

  /// A printed tree.
  public struct Description: Sendable, Equatable {
    /// The lines, each with its end.
    public var text: String
    /// Whether something was left out; it is told where.
    public var isCut: Bool
  }

  /// Prints the decision tree, or the most of it that fits: where something is left out, it says how many patterns lie
  /// there.
  ///
  /// - Parameters:
  ///   - format: text or DOT.
  ///   - names: the patterns' names, by index.
  ///   - depth: how many fields deep; without it, as deep as the entries reach.
  ///   - patterns: print what leads to these patterns (by index); without them, to all.
  ///   - maximumEntries: how many fields, values and patterns are printed.
  public func describe(
    format: DescriptionFormat = .text,
    names: [String] = [],
    depth: Int? = nil,
    patterns: Set<Int>? = nil,
    maximumEntries: Int = 2000
  ) -> Description {
    let outline = TreeOutline(of: self, depth: depth, patterns: patterns, maximumEntries: maximumEntries)
    var printer = TreePrinter(set: self, names: names, outline: outline)
    switch format {
    case .text: printer.printText(0, depth: 0)
    case .dot: printer.printGraph()
    }
    return Description(text: printer.lines.joined(separator: "\n") + "\n", isCut: outline.isCut)
  }

  /// A field's path; as JSON writes it, if it is empty or has control characters.
  func path(ofField field: Int) -> String {
    let path = fieldPaths[field]
    guard path.isEmpty || path.contains(where: { $0 < 0x20 }) else { return String(decoding: path, as: UTF8.self) }
    var quoted: [UInt8] = []
    JSONEscapes.appendQuoted(path, to: &quoted)
    return String(decoding: quoted, as: UTF8.self)
  }

  /// A condition's field and what the field must be, in words; of a long list the first values.
  func words(ofCondition number: UInt32) -> (path: String, wanted: String) {
    let condition = conditions[Int(number)]
    let shown = min(Int(condition.predicateCount), Self.shownAlternatives)
    var alternatives = (0..<shown).map {
      predicates[Int(conditionPredicates[Int(condition.firstPredicate) + $0])].predicate.description
    }
    if shown < condition.predicateCount { alternatives.append("\(Int(condition.predicateCount) - shown) more") }
    if condition.mayBeAbsent { alternatives.append(Predicate.absent.description) }
    return (path(ofField: Int(condition.field)), alternatives.joined(separator: " or "))
  }

  private static let shownAlternatives = 5

  /// The keywords of the clauses that a candidate has left.
  func clauseKeywords(of candidate: DecisionTree.Candidate) -> [String] {
    let branch = branches[Int(candidate.branch)]
    return (0..<Int(branch.clauseCount)).map {
      clauses[Int(branchClauses[Int(branch.firstClause) + $0])].isNot ? "$not" : "$and"
    }
  }
}

private struct TreePrinter {
  let set: PatternSet
  let names: [String]
  let outline: TreeOutline
  var lines: [String] = []
  private var nextNode = 1

  init(set: PatternSet, names: [String], outline: TreeOutline) {
    self.set = set
    self.names = names
    self.outline = outline
  }

  private func name(_ pattern: UInt32) -> String {
    Int(pattern) < names.count ? names[Int(pattern)] : "#\(pattern)"
  }

  /// What is left to judge at a candidate.
  private func rest(_ candidate: DecisionTree.Candidate) -> [String] {
    let conditions = set.tree.conditions(of: candidate).map { number in
      let words = set.words(ofCondition: number)
      return "\(words.path): \(words.wanted)"
    }
    return conditions + set.clauseKeywords(of: candidate).map { "\($0) {…}" }
  }

  /// Some values, and how many more there are.
  private func wanted(_ entries: [DecisionTree.Entry], atMost limit: Int) -> [String] {
    let shown = entries.count <= limit + 1 ? entries.count : limit
    let words = entries.prefix(shown).map { set.predicates[Int($0.predicate)].predicate.description }
    return shown == entries.count ? words : words + ["\(entries.count - shown) more"]
  }

  /// What a cut leaves out, in words.
  private func words(_ cut: TreeOutline.Cut, isFirst: Bool) -> String {
    let rules = "\(cut.patterns) \(cut.patterns == 1 ? "rule" : "rules")"
    let more = isFirst ? "" : "more "
    return cut.values == 0 ? rules : "\(cut.values) \(more)\(cut.values == 1 ? "value" : "values"), \(rules)"
  }

  // MARK: Text

  mutating func printText(_ index: Int, depth: Int) {
    let entry = outline.entries[index]
    let indent = String(repeating: "  ", count: depth)
    var inner = depth + 1
    switch entry.kind {
    case .root: inner = 0
    case .field(let node): lines.append("\(indent)\(set.path(ofField: node.field))")
    case .values(let values): lines.append("\(indent)= \(wanted(values, atMost: 30).joined(separator: " or "))")
    case .pattern(let candidate):
      let rest = rest(candidate)
      lines.append(
        "\(indent)→ \(name(candidate.pattern))" + (rest.isEmpty ? "" : "  if \(rest.joined(separator: "; "))")
      )
    }
    for child in entry.children { printText(child, depth: inner) }
    if let cut = entry.cut {
      lines.append(String(repeating: "  ", count: inner) + "… " + words(cut, isFirst: entry.children.isEmpty))
    }
  }

  // MARK: Graph

  mutating func printGraph() {
    lines = [
      "digraph rules {",
      "  rankdir=LR; nodesep=0.1; ranksep=0.7;",
      "  node [fontname=\"Helvetica\", fontsize=10, height=0.2, margin=\"0.08,0.04\"];",
      "  edge [fontname=\"Helvetica\", fontsize=9, arrowsize=0.6];",
      "  n0 [label=\"event\", shape=circle];",
    ]
    printGraph(below: 0, from: 0, label: nil)
    lines.append("}")
  }

  /// Prints what lies below the root or a value: the patterns in one box, the fields, what is left out.
  private mutating func printGraph(below index: Int, from parent: Int, label: String?) {
    let entry = outline.entries[index]
    var fields: [(index: Int, node: DecisionTree.Node)] = []
    /// Lines.
    var patterns: [String] = []
    for child in entry.children {
      switch outline.entries[child].kind {
      case .field(let node): fields.append((child, node))
      case .pattern(let candidate):
        patterns += ([name(candidate.pattern)] + rest(candidate).map { "  if \($0)" }).map(shown)
      case .root, .values: continue
      }
    }
    let parts = fields.count + (patterns.isEmpty ? 0 : 1) + (entry.cut == nil ? 0 : 1)
    var (parent, label) = (parent, label)
    if parts > 1, label != nil {
      // The value stands at one edge, not at each.
      parent = addNode("shape=point, width=0.05", from: parent, label)
      label = nil
    }
    if !patterns.isEmpty {
      _ = addNode("label=\"\(escaped(lines(patterns)))\", shape=note", from: parent, label)
    }
    for (index, node) in fields {
      let text = escaped(shown(set.path(ofField: node.field)))
      let number = addNode("label=\"\(text)\", shape=box, style=rounded", from: parent, label)
      for child in outline.entries[index].children {
        guard case .values(let values) = outline.entries[child].kind else { continue }
        printGraph(below: child, from: number, label: lines(wanted(values, atMost: 3).map(shown)))
      }
      if let cut = outline.entries[index].cut {
        addCut(cut, isFirst: outline.entries[index].children.isEmpty, from: number, nil)
      }
    }
    if let cut = entry.cut { addCut(cut, isFirst: entry.children.isEmpty, from: parent, label) }
  }

  private mutating func addCut(_ cut: TreeOutline.Cut, isFirst: Bool, from parent: Int, _ label: String?) {
    let text = words(cut, isFirst: isFirst)
    _ = addNode("label=\"… \(text)\", shape=plain, fontcolor=\"gray40\"", from: parent, label)
  }

  /// Adds a node and the edge to it; returns its number.
  private mutating func addNode(_ attributes: String, from parent: Int, _ label: String?) -> Int {
    let number = nextNode
    nextNode += 1
    lines.append("  n\(number) [\(attributes)];")
    lines.append("  n\(parent) -> n\(number)" + (label.map { " [label=\"\(escaped($0))\"]" } ?? "") + ";")
    return number
  }

  /// Lines for a label; if there are several, each with its end, which is what sets it to the left.
  private func lines(_ lines: [String]) -> String {
    lines.count == 1 ? lines[0] : lines.map { $0 + "\n" }.joined()
  }

  /// The text as far as a label of a graph has room.
  private func shown(_ text: String) -> String {
    text.count <= 80 ? text : "\(text.prefix(79))…"
  }

  /// The text inside of DOT's quotes. Graphviz also takes entities, and `\l` for the end of a line set to the left.
  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "&": result += "&amp;"
      case "\n": result += "\\l"
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

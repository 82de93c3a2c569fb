// The decision tree on paper: as indented text, as a Graphviz graph, and as figures.

extension PatternSet {
  /// How a tree is printed.
  public enum DescriptionFormat: Sendable {
    /// Indented text.
    case text
    /// A graph in Graphviz's DOT language.
    case dot
  }

  /// Prints the decision tree.
  ///
  /// - Parameters:
  ///   - format: text or DOT.
  ///   - names: the patterns' names, by index.
  ///   - maximumEntries: where to stop; the text says what was left out.
  public func describe(
    format: DescriptionFormat = .text,
    names: [String] = [],
    maximumEntries: Int = 2000
  ) -> String {
    var printer = TreePrinter(set: self, names: names, format: format, budget: maximumEntries)
    return printer.print()
  }

  func describe(condition number: UInt32) -> String {
    let condition = conditions[Int(number)]
    var alternatives = (0..<Int(condition.predicateCount)).map {
      predicates[Int(conditionPredicates[Int(condition.firstPredicate) + $0])].predicate.description
    }
    if condition.mayBeAbsent { alternatives.append(Predicate.absent.description) }
    let path = String(decoding: fieldPaths[Int(condition.field)], as: UTF8.self)
    return "\(path): \(alternatives.joined(separator: " or "))"
  }
}

private struct TreePrinter {
  let set: PatternSet
  let names: [String]
  let format: PatternSet.DescriptionFormat
  var budget: Int
  var lines: [String] = []
  var nextNode = 0
  /// Whether the budget was too small.
  var isCut = false

  init(set: PatternSet, names: [String], format: PatternSet.DescriptionFormat, budget: Int) {
    self.set = set
    self.names = names
    self.format = format
    self.budget = budget
  }

  mutating func print() -> String {
    switch format {
    case .text:
      text(set.tree.root, depth: 0)
      if isCut { lines.append("… cut here; ask for more entries to see the rest") }
    case .dot:
      lines = [
        "digraph rules {", "  rankdir=LR;",
        "  node [fontname=\"Helvetica\", fontsize=10]; edge [fontname=\"Helvetica\", fontsize=9];",
        "  n0 [label=\"event\", shape=circle];",
      ]
      nextNode = 1
      dot(set.tree.root, from: 0, label: nil)
      if isCut { lines.append("  // cut here; ask for more entries to see the rest") }
      lines.append("}")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func name(_ pattern: UInt32) -> String {
    Int(pattern) < names.count ? names[Int(pattern)] : "#\(pattern)"
  }

  private func entries(_ node: DecisionTree.Node) -> [(predicate: UInt32, below: DecisionTree.Below)] {
    set.tree.entries(of: node).map { ($0.predicate, $0.below) }
  }

  private func nodes(_ below: DecisionTree.Below) -> [DecisionTree.Node] {
    Array(set.tree.chain(below))
  }

  private func candidates(_ below: DecisionTree.Below) -> [(rule: String, left: [String])] {
    set.tree.candidates(below).map { candidate in
      let branch = set.branches[Int(candidate.branch)]
      var left = (0..<candidate.conditionCount).map {
        set.describe(condition: set.tree.leftovers[Int(candidate.firstCondition) + $0])
      }
      for clause in 0..<Int(branch.clauseCount) {
        let number = set.branchClauses[Int(branch.firstClause) + clause]
        left.append(set.clauses[Int(number)].isNot ? "$not {…}" : "$and {…}")
      }
      return (name(branch.pattern), left)
    }
  }

  private mutating func text(_ below: DecisionTree.Below, depth: Int) {
    let indent = String(repeating: "  ", count: depth)
    for candidate in candidates(below) {
      guard take() else { return }
      let left = candidate.left.isEmpty ? "" : "  if " + candidate.left.joined(separator: "; ")
      lines.append("\(indent)→ \(candidate.rule)\(left)")
    }
    for node in nodes(below) {
      guard take() else { return }
      lines.append("\(indent)\(String(decoding: set.fieldPaths[node.field], as: UTF8.self))")
      for entry in entries(node) {
        guard take() else { return }
        lines.append("\(indent)  = \(set.predicates[Int(entry.predicate)].predicate)")
        text(entry.below, depth: depth + 2)
      }
    }
  }

  private mutating func dot(_ below: DecisionTree.Below, from parent: Int, label: String?) {
    func edge(to node: Int) -> String {
      "  n\(parent) -> n\(node)" + (label.map { " [label=\"\(escaped($0))\"]" } ?? "") + ";"
    }
    for candidate in candidates(below) {
      guard take() else { return }
      let text = ([candidate.rule] + candidate.left.map { "if \($0)" }).joined(separator: "\n")
      lines.append("  n\(nextNode) [label=\"\(escaped(text))\", shape=note];")
      lines.append(edge(to: nextNode))
      nextNode += 1
    }
    for node in nodes(below) {
      guard take() else { return }
      let number = nextNode
      nextNode += 1
      let field = String(decoding: set.fieldPaths[node.field], as: UTF8.self)
      lines.append("  n\(number) [label=\"\(escaped(field))\", shape=box, style=rounded];")
      lines.append(edge(to: number))
      for entry in entries(node) {
        guard take() else { return }
        dot(entry.below, from: number, label: set.predicates[Int(entry.predicate)].predicate.description)
      }
    }
  }

  /// Takes one entry off the budget, unless that is used up.
  private mutating func take() -> Bool {
    guard budget > 0 else {
      isCut = true
      return false
    }
    budget -= 1
    return true
  }

  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\l"
      default: result.append(character)
      }
    }
    return result
  }
}

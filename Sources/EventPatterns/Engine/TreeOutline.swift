// What of the decision tree is shown. The tree of ten thousand rules fills a wall, so an outline is taken first: the top
// levels, or what leads to some patterns, and never more than a number of entries. Wherever something is left out, the
// outline says how many patterns lie there.
//
//     event ┬ detail.eventName ┬ = "PutObject" ┬ → R1            entries: fields, their values, patterns
//           │                  │               └ … 212 rules     cut: below one value
//           │                  └ … 38 more values, 57 rules      cut: among the values of a field
//           └ … 4 rules
//
// Entries are taken with the most patterns below them first, so that what does not fit is what matters least. Values that
// lead to the same patterns are one entry: a rule about thirty calls is shown once.

/// The part of a tree that is shown.
struct TreeOutline {
  /// What an entry is.
  enum Kind {
    /// What lies below the event itself.
    case root(DecisionTree.Below)
    /// A field.
    case field(DecisionTree.Node)
    /// A value of a field, or some that lead to the same.
    case values([DecisionTree.Entry])
    /// A branch of a pattern.
    case pattern(DecisionTree.Candidate)
  }

  /// An entry and the entries below it.
  struct Entry {
    var kind: Kind
    /// How many fields are above it.
    var depth: Int
    /// The entries below that are shown, in the tree's order.
    var children: [Int] = []
    /// What below is not shown.
    var cut: Cut?
  }

  /// What is left out.
  struct Cut {
    /// Values of the field that are left out.
    var values: Int
    /// Distinct patterns below what is left out.
    var patterns: Int
  }

  /// What is shown; the first entry is the root.
  private(set) var entries: [Entry]
  /// Whether something is left out.
  private(set) var isCut = false

  /// An entry that may be shown.
  private struct Waiting {
    var kind: Kind
    var parent: Int
    /// Its place among its siblings.
    var position: Int
    var depth: Int
    var weight: Int
  }

  /// Takes an outline.
  ///
  /// - Parameters:
  ///   - depth: how many fields deep; without it, as many as fit, but one at least.
  ///   - patterns: what the outline leads to; without it, everything.
  ///   - maximumEntries: how many entries are shown; beyond that, only a pattern where a cut would take as much room.
  init(of set: PatternSet, depth: Int?, patterns: Set<Int>?, maximumEntries: Int) {
    var weights = TreeWeights(set, patterns: patterns)
    let depth = depth ?? (patterns == nil ? weights.depthThatFits(maximumEntries) : .max)
    entries = [Entry(kind: .root(set.tree.root), depth: 0)]
    // What weighs most comes first, then what is higher up, then what lies below the latest entry, in the tree's order.
    var heap = Heap<Waiting> { left, right in
      (left.weight, right.depth, left.parent, right.position) > (right.weight, left.depth, right.parent, left.position)
    }
    var positions = [0]
    var left: [Int: [Waiting]] = [:]

    func push(below parent: Int) {
      for (position, kind) in children(of: entries[parent].kind, in: set.tree).enumerated() {
        let isField = if case .field = kind { true } else { false }
        let waiting = Waiting(
          kind: kind,
          parent: parent,
          position: position,
          depth: entries[parent].depth + (isField ? 1 : 0),
          weight: weights.weight(of: kind)
        )
        if waiting.depth <= depth, waiting.weight > 0 {
          heap.insert(waiting)
        } else {
          left[parent, default: []].append(waiting)
        }
      }
    }
    push(below: 0)
    while entries.count <= maximumEntries, let next = heap.removeFirst() {
      entries[next.parent].children.append(entries.count)
      entries.append(Entry(kind: next.kind, depth: next.depth))
      positions.append(next.position)
      push(below: entries.count - 1)
    }
    while let next = heap.removeFirst() { left[next.parent, default: []].append(next) }
    for (parent, waiting) in left {
      if waiting.count == 1, waiting[0].weight > 0, waiting[0].depth <= depth, case .pattern = waiting[0].kind {
        entries[parent].children.append(entries.count)
        entries.append(Entry(kind: waiting[0].kind, depth: waiting[0].depth))
        positions.append(waiting[0].position)
        continue
      }
      isCut = true
      entries[parent].cut = weights.cut(waiting.map(\.kind))
    }
    for index in entries.indices { entries[index].children.sort { positions[$0] < positions[$1] } }
  }

  private func children(of kind: Kind, in tree: DecisionTree) -> [Kind] {
    switch kind {
    case .root(let below): tree.candidates(below).map(Kind.pattern) + tree.chain(below).map(Kind.field)
    case .values(let entries):
      // All of them have the same below.
      entries.prefix(1).flatMap {
        tree.candidates($0.below).map(Kind.pattern) + tree.chain($0.below).map(Kind.field)
      }
    case .field(let node): tree.groupedEntries(of: node).map(Kind.values)
    case .pattern: []
    }
  }
}

extension DecisionTree {
  /// The values of a node; those below which the same branches wait and nothing else is looked at are together.
  fileprivate func groupedEntries(of node: Node) -> [[Entry]] {
    var groups: [[Entry]] = []
    var groupOfBranches: [[UInt32]: Int] = [:]
    for entry in entries(of: node) {
      let branches = entry.below.chain == Self.none ? candidates(entry.below).map(\.branch) : []
      if let group = groupOfBranches[branches] {
        groups[group].append(entry)
      } else {
        if !branches.isEmpty { groupOfBranches[branches] = groups.count }
        groups.append([entry])
      }
    }
    return groups
  }
}

/// How much lies below the parts of a tree.
struct TreeWeights {
  private let set: PatternSet
  private let patterns: Set<Int>?
  /// By the first node of a chain: the branches that wait below it.
  private var weights: [UInt32: Int] = [:]
  /// Per pattern: the count it was last met in.
  private var met: [Int]
  private var counts = 0

  init(_ set: PatternSet, patterns: Set<Int>?) {
    self.set = set
    self.patterns = patterns
    met = Array(repeating: 0, count: set.count)
  }

  /// How many branches wait at or below a part, of the patterns that are asked for.
  mutating func weight(of kind: TreeOutline.Kind) -> Int {
    switch kind {
    case .root(let below): weight(below)
    case .values(let entries): entries.reduce(0) { $0 + weight($1.below) }
    case .field(let node): set.tree.entries(of: node).reduce(0) { $0 + weight($1.below) }
    case .pattern(let candidate): patterns?.contains(Int(candidate.pattern)) ?? true ? 1 : 0
    }
  }

  private mutating func weight(_ below: DecisionTree.Below) -> Int {
    let here = set.tree.candidates(below).reduce(0) { $0 + weight(of: .pattern($1)) }
    guard below.chain != DecisionTree.none else { return here }
    if let known = weights[below.chain] { return here + known }
    let chain = set.tree.chain(below).reduce(0) { $0 + weight(of: .field($1)) }
    weights[below.chain] = chain
    return here + chain
  }

  /// The distinct patterns below some parts.
  mutating func cut(_ parts: [TreeOutline.Kind]) -> TreeOutline.Cut {
    counts += 1
    var cut = TreeOutline.Cut(values: 0, patterns: 0)
    for part in parts {
      if case .values(let entries) = part { cut.values += entries.count }
      cut.patterns += newPatterns(part)
    }
    return cut
  }

  /// The patterns below a part that this count has not met yet.
  private mutating func newPatterns(_ kind: TreeOutline.Kind) -> Int {
    switch kind {
    case .root(let below): return newPatterns(below)
    case .values(let entries): return entries.reduce(0) { $0 + newPatterns($1.below) }
    case .field(let node): return set.tree.entries(of: node).reduce(0) { $0 + newPatterns($1.below) }
    case .pattern(let candidate):
      if met[Int(candidate.pattern)] == counts { return 0 }
      met[Int(candidate.pattern)] = counts
      return 1
    }
  }

  private mutating func newPatterns(_ below: DecisionTree.Below) -> Int {
    set.tree.candidates(below).reduce(0) { $0 + newPatterns(.pattern($1)) }
      + set.tree.chain(below).reduce(0) { $0 + newPatterns(.field($1)) }
  }

  /// How many fields deep the tree can be shown with at most so many entries; one at least.
  func depthThatFits(_ maximumEntries: Int) -> Int {
    var level = [set.tree.root]
    var entries = set.tree.candidates(set.tree.root).count
    for depth in 0... {
      let values = level.flatMap { set.tree.chain($0) }.flatMap { set.tree.groupedEntries(of: $0) }.map { $0[0] }
      if values.isEmpty { break }
      entries += level.reduce(0) { $0 + set.tree.chain($1).count } + values.count
      entries += values.reduce(0) { $0 + set.tree.candidates($1.below).count }
      if entries > maximumEntries { return max(1, depth) }
      level = values.map(\.below)
    }
    return .max
  }
}

/// A binary heap.
private struct Heap<Element> {
  private var elements: [Element] = []
  private let precedes: (Element, Element) -> Bool

  init(_ precedes: @escaping (Element, Element) -> Bool) { self.precedes = precedes }

  mutating func insert(_ element: Element) {
    elements.append(element)
    var index = elements.count - 1
    while index > 0, precedes(elements[index], elements[(index - 1) / 2]) {
      elements.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func removeFirst() -> Element? {
    guard let last = elements.popLast() else { return nil }
    guard let first = elements.first else { return last }
    elements[0] = last
    var index = 0
    while true {
      var next = index
      for child in [2 * index + 1, 2 * index + 2] where child < elements.count {
        if precedes(elements[child], elements[next]) { next = child }
      }
      if next == index { return first }
      elements.swapAt(index, next)
      index = next
    }
  }
}

// How the decision tree grows. At each place some branches arrive, each with conditions that are still to be tested:
//
//   1. every field they ask about gets a score: how many of the branches a node on it would spare an event;
//   2. each branch goes to the field that scores best for it, or stays if no condition of its has an index;
//   3. the fields that were chosen become a chain of nodes, best first, and the branches at a node are parted by the
//      predicates they wait under. Each part is built in the same way, one level deeper.
//
// Growing is bounded: a branch with a list of k values at a node is copied k times, and once a branch has been copied
// more than `maximumCopies` times its long lists are left for the leaf.
//
// Every change of a rule builds the tree anew, so building is quick. Fields, predicates, conditions and branches are
// numbers, and what is noted about them for a while stands in arrays at these numbers: nothing is hashed.

/// Grows the tree.
struct DecisionTreeBuilder {
  /// At most this many branches are judged one by one before another node is worth its look-up.
  static let leafSize = 3
  static let maximumCopies = 256

  /// A condition as the builder sees it.
  private struct Condition: BitwiseCopyable {
    var field: UInt32
    /// The predicates that branches may wait under.
    var firstKey: UInt32
    var keyCount: UInt32
    /// The share of values that satisfy one of them, as far as they are known to be broad.
    var breadth: Double

    var keys: Range<Int> { Int(firstKey)..<Int(firstKey) + Int(keyCount) }
  }

  /// A branch on its way down.
  private struct Item: BitwiseCopyable {
    var branch: UInt32
    var copies: UInt32
    /// One bit per condition that has an index and was not tested on the way (of the first 64).
    var open: UInt64
  }

  /// What is noted about a field while branches choose.
  private struct FieldNotes: BitwiseCopyable {
    /// How many branches could wait there, under how many predicates, and how many of these differ.
    var items: UInt32 = 0
    var keys = 0
    var distinctKeys: UInt32 = 0
    /// The place of its node in the chain, if a branch does wait there.
    var rank: UInt32 = 0
    var breadth = 0.0
    var score = 0.0
    var isChosen = false
  }

  /// The branches that wait under one predicate of one node.
  private struct Part {
    var key: UInt32
    var rank: UInt32
    var items: Range<Int>
  }

  private let patterns: PatternNumbering
  private let conditions: [Condition]
  /// Per branch: its conditions that have an index, one bit each.
  private let keyed: [UInt64]
  /// Per predicate: whether branches wait under it.
  private(set) var isKey: [Bool]
  private var nodes: [DecisionTree.Node] = []
  private var slots: [DecisionTree.Slot] = []
  private var filters: [UInt64] = []
  private var cells: [DecisionTree.Cell] = []
  private var candidateCount = 0
  /// The run of candidates that is being written, the cells of their tests, and the tests of one of them. They are here
  /// because there is a run for each leaf.
  private var run: [DecisionTree.Candidate] = []
  private var runTests: [DecisionTree.Cell] = []
  private var left: [LeafTest] = []
  /// Per condition: the test for it.
  private let tests: [LeafTest]

  private var notes: [FieldNotes]
  /// The fields with notes.
  private var notedFields: [Int] = []
  /// Per condition and per predicate: at which place of the tree it was met last.
  private var lastPlaceOfCondition: [UInt32]
  private var lastPlaceOfKey: [UInt32]
  private var place: UInt32 = 0
  /// Per predicate: first how many branches go under it, then where the next one goes.
  private var counters: [Int]

  /// - Parameters:
  ///   - patterns: all that is in the set, by numbers.
  ///   - breadths: per predicate, which share of values satisfies it; 0 if it picks single values out.
  init(_ patterns: PatternNumbering, breadths: [Float]) {
    let conditions = patterns.conditions.map { record in
      let keys = patterns.conditionPredicates[record.predicates]
      let isKeyed = !record.mayBeAbsent && keys.allSatisfy { patterns.access[Int($0)] != .none }
      return Condition(
        field: record.field,
        firstKey: record.firstPredicate,
        keyCount: isKeyed ? record.predicateCount : 0,
        breadth: min(1, keys.reduce(0) { $0 + Double(breadths[Int($1)]) })
      )
    }
    keyed = patterns.branches.map { branch in
      patterns.branchConditions[branch.conditions].prefix(64).enumerated().reduce(0) { bits, entry in
        conditions[Int(entry.element)].keyCount > 0 ? bits | 1 << UInt64(entry.offset) : bits
      }
    }
    tests = patterns.conditions.indices.map { LeafTest(ofCondition: $0, in: patterns) }
    self.patterns = patterns
    self.conditions = conditions
    isKey = [Bool](repeating: false, count: breadths.count)
    notes = [FieldNotes](repeating: FieldNotes(), count: patterns.paths.count)
    lastPlaceOfCondition = [UInt32](repeating: 0, count: conditions.count)
    lastPlaceOfKey = [UInt32](repeating: 0, count: breadths.count)
    counters = [Int](repeating: 0, count: breadths.count)
  }

  /// Builds and freezes the tree over some of the branches.
  mutating func build(_ roots: [UInt32], arena: FrozenArena) -> DecisionTree {
    let root = below(roots.map { Item(branch: $0, copies: 1, open: keyed[Int($0)]) }[...])
    var rootNodeOfField = [UInt32](repeating: DecisionTree.none, count: max(notes.count, 1))
    var rootChainLength = 0
    if root.chain != DecisionTree.none {
      repeat {
        rootNodeOfField[nodes[Int(root.chain) + rootChainLength].field] = root.chain + UInt32(rootChainLength)
        rootChainLength += 1
      } while !nodes[Int(root.chain) + rootChainLength - 1].isLast
    }
    return DecisionTree(
      nodes: arena.freeze(nodes),
      slots: arena.freeze(slots),
      filters: arena.freeze(filters),
      cells: arena.freeze(cells),
      rootNodeOfField: arena.freeze(rootNodeOfField),
      root: root,
      rootChainLength: rootChainLength,
      nodeCount: nodes.count,
      slotCount: slots.count,
      candidateCount: candidateCount
    )
  }

  // MARK: A place in the tree

  private mutating func below(_ items: ArraySlice<Item>) -> DecisionTree.Below {
    guard items.count > Self.leafSize else {
      return DecisionTree.Below(candidates: leaf(items), chain: DecisionTree.none)
    }
    score(items)
    let choices = items.map { choice(of: $0) }
    let fields = rankChosenFields()
    let (parts, moved) = part(items, choices)
    forgetNotes()
    let candidates = leaf(zip(items, choices).lazy.filter { $0.1 == nil }.map(\.0))

    // A chain's nodes lie side by side, so they are reserved before anything below them is built.
    let chain = nodes.count
    for field in fields { nodes.append(DecisionTree.Node(field: field, isLast: field == fields.last)) }
    var rest = parts[...]
    for rank in fields.indices {
      let own = rest.prefix { $0.rank == UInt32(rank) }
      fillTable(of: chain + rank, own, moved)
      rest = rest[own.endIndex...]
    }
    return DecisionTree.Below(candidates: candidates, chain: fields.isEmpty ? DecisionTree.none : UInt32(chain))
  }

  /// Writes branches down as candidates, with the tests of all of them behind; returns where the run begins.
  private mutating func leaf(_ items: some Sequence<Item>) -> UInt32 {
    run.removeAll(keepingCapacity: true)
    runTests.removeAll(keepingCapacity: true)
    for item in items {
      let branch = patterns.branches[Int(item.branch)]
      let first = runTests.count
      appendTests(of: branch, settled: keyed[Int(item.branch)] & ~item.open)
      run.append(
        DecisionTree.Candidate(
          branch: item.branch,
          pattern: branch.pattern,
          firstTest: first,
          cellCount: runTests.count - first,
          hasClauses: branch.clauseCount > 0
        )
      )
    }
    guard !run.isEmpty else { return DecisionTree.none }
    run[run.count - 1].markLast()
    candidateCount += run.count
    // A run that fits a cache line is in one.
    let used = cells.count % DecisionTree.cellsPerLine
    if used + run.count + runTests.count > DecisionTree.cellsPerLine, used > 0 {
      cells += repeatElement(DecisionTree.Cell(EmptyCollection()), count: DecisionTree.cellsPerLine - used)
    }
    let start = cells.count
    for index in run.indices {
      run[index].firstTest += UInt32(start + run.count)
      cells.append(DecisionTree.Cell(run[index]))
    }
    cells += runTests
    return UInt32(start)
  }

  /// Adds to the run the tests of the conditions that were not settled on the way, by kind, else in the pattern's order.
  private mutating func appendTests(of branch: PatternSet.BranchRecord, settled: UInt64) {
    left.removeAll(keepingCapacity: true)
    for (position, index) in branch.conditions.enumerated() where position >= 64 || settled >> UInt64(position) & 1 == 0
    {
      let test = tests[Int(patterns.branchConditions[index])]
      // They are few.
      let place = left.lastIndex { $0.kind.rawValue <= test.kind.rawValue }.map { $0 + 1 } ?? 0
      left.insert(test, at: place)
    }
    for test in left {
      runTests.append(DecisionTree.Cell(test))
      if test.kind == .range, case .numeric(let range, _) = patterns.predicates[Int(test.predicate)].predicate {
        runTests.append(DecisionTree.Cell(LeafTest.Bounds(range)))
      }
      guard test.kind == .noneFound else { continue }
      let condition = patterns.conditions[Int(test.condition)]
      var others = patterns.exclusions(of: patterns.conditionPredicates[Int(condition.firstPredicate)]).dropFirst()
      while !others.isEmpty {
        runTests.append(DecisionTree.Cell(others.prefix(4)))
        others = others.dropFirst(4)
      }
    }
  }

  private mutating func fillTable(of node: Int, _ parts: ArraySlice<Part>, _ items: [Item]) {
    // A list ends with an empty slot; a hash table is at most half full, and its filter is of whole words.
    let isList = parts.count <= 4
    var sizeLogarithm: UInt32 = isList ? 0 : 4
    while !isList, 1 << sizeLogarithm < parts.count * 2 { sizeLogarithm += 1 }
    let capacity = isList ? parts.count + 1 : 1 << sizeLogarithm
    let (start, filterStart) = (slots.count, filters.count)
    if !isList { filters += repeatElement(0, count: capacity * 4 / 64) }
    let empty = DecisionTree.Slot(predicatePlusOne: 0, below: .init(candidates: 0, chain: 0))
    slots += repeatElement(empty, count: capacity)
    var predicates: UInt64 = 0
    for part in parts {
      isKey[Int(part.key)] = true
      predicates |= 1 &<< UInt64(part.key)
      if !isList {
        let bit = DecisionTree.filterBit(of: part.key, mask: UInt32(capacity - 1))
        filters[filterStart + Int(bit >> 6)] |= 1 << UInt64(bit & 63)
      }
      let below = self.below(items[part.items])
      var slot = isList ? 0 : DecisionTree.slot(of: part.key, mask: UInt32(capacity - 1))
      while slots[start + Int(slot)].predicatePlusOne != 0 { slot = (slot + 1) % UInt32(capacity) }
      slots[start + Int(slot)] = DecisionTree.Slot(predicatePlusOne: part.key + 1, below: below)
    }
    nodes[node].setTable(
      start: start,
      filterStart: filterStart,
      sizeLogarithm: sizeLogarithm,
      predicates: predicates
    )
  }

  // MARK: Choosing fields

  /// The positions of set bits, from the lowest.
  private struct Positions: Sequence, IteratorProtocol {
    var bits: UInt64

    mutating func next() -> Int? {
      guard bits != 0 else { return nil }
      defer { bits &= bits - 1 }
      return bits.trailingZeroBitCount
    }
  }

  private func number(ofCondition position: Int, of item: Item) -> Int {
    Int(patterns.branchConditions[Int(patterns.branches[Int(item.branch)].firstCondition) + position])
  }

  private func condition(_ position: Int, of item: Item) -> Condition {
    conditions[number(ofCondition: position, of: item)]
  }

  /// Notes for each field how many of the branches a node on it would spare an event: each counts the share of values
  /// that do not satisfy what it waits under. (A predicate that picks single values out is one of the field's distinct
  /// ones.)
  private mutating func score(_ items: ArraySlice<Item>) {
    place += 1
    for item in items {
      for position in Positions(bits: item.open) {
        let number = number(ofCondition: position, of: item)
        let condition = conditions[number]
        var note = notes[Int(condition.field)]
        if note.items == 0 { notedFields.append(Int(condition.field)) }
        note.items += 1
        note.keys += Int(condition.keyCount)
        note.breadth += condition.breadth
        // Branches share conditions: each list is gone through once.
        if lastPlaceOfCondition[number] != place {
          lastPlaceOfCondition[number] = place
          note.distinctKeys += countNewKeys(of: condition)
        }
        notes[Int(condition.field)] = note
      }
    }
    for field in notedFields {
      let note = notes[field]
      notes[field].score =
        Double(note.items) - note.breadth - (Double(note.keys) - note.breadth) / (Double(note.distinctKeys) + 0.5)
    }
  }

  /// How many of a condition's predicates were not met at this place before; notes that they are now.
  private mutating func countNewKeys(of condition: Condition) -> UInt32 {
    var count: UInt32 = 0
    for index in condition.keys {
      let key = Int(patterns.conditionPredicates[index])
      if lastPlaceOfKey[key] != place { count += 1 }
      lastPlaceOfKey[key] = place
    }
    return count
  }

  /// The position of the condition that a branch waits for; nothing if it stays.
  private mutating func choice(of item: Item) -> Int? {
    var best: (score: Double, position: Int, field: UInt32)?
    for position in Positions(bits: item.open) {
      let condition = condition(position, of: item)
      guard condition.keyCount == 1 || Int(item.copies) * Int(condition.keyCount) <= Self.maximumCopies else {
        continue
      }
      let score = notes[Int(condition.field)].score * (1 - condition.breadth)
      if score > best?.score ?? -1 { best = (score, position, condition.field) }
    }
    if let best { notes[Int(best.field)].isChosen = true }
    return best?.position
  }

  /// The fields of the chain in order: the best first.
  private mutating func rankChosenFields() -> [Int] {
    let fields = notedFields.filter { notes[$0].isChosen }
      .sorted { (notes[$0].score, $1) > (notes[$1].score, $0) }
    for (rank, field) in fields.enumerated() { notes[field].rank = UInt32(rank) }
    return fields
  }

  private mutating func forgetNotes() {
    for field in notedFields { notes[field] = FieldNotes() }
    notedFields.removeAll(keepingCapacity: true)
  }

  /// Parts branches by node and predicate: they are counted, and then each copy goes to its place.
  private mutating func part(_ items: ArraySlice<Item>, _ choices: [Int?]) -> (parts: [Part], moved: [Item]) {
    var parts: [Part] = []
    for (item, position) in zip(items, choices) {
      guard let position else { continue }
      let condition = condition(position, of: item)
      for index in condition.keys {
        let key = patterns.conditionPredicates[index]
        if counters[Int(key)] == 0 {
          parts.append(Part(key: key, rank: notes[Int(condition.field)].rank, items: 0..<0))
        }
        counters[Int(key)] += 1
      }
    }
    parts.sort { ($0.rank, $0.key) < ($1.rank, $1.key) }
    var end = 0
    for index in parts.indices {
      let (key, start) = (Int(parts[index].key), end)
      end += counters[key]
      counters[key] = start
      parts[index].items = start..<end
    }
    var moved = [Item](repeating: Item(branch: 0, copies: 0, open: 0), count: end)
    for (item, position) in zip(items, choices) {
      guard let position else { continue }
      let condition = condition(position, of: item)
      var copy = item
      copy.copies *= condition.keyCount
      copy.open &= ~(1 << UInt64(position))
      for index in condition.keys {
        let key = Int(patterns.conditionPredicates[index])
        moved[counters[key]] = copy
        counters[key] += 1
      }
    }
    for part in parts { counters[Int(part.key)] = 0 }
    return (parts, moved)
  }
}

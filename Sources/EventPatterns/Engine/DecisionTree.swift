// Which branches can still match, found without trying them all.
//
// A branch waits in the tree under a field it asks about. A *node* is one field with a table from predicates to what
// lies below; branches that do not ask about the node's field are in another node of the same *chain*. So the tree is
// made of chains of nodes, and an event goes down only where it satisfies something:
//
//     rules   R1 eventName ∈ {a, b}, account ∈ {1}      R2 eventName ∈ {b}      R3 source ∈ {s}      R4 size < 5
//
//     chain 0   [eventName]  a → R1 (account left)            leaf: R4 (size left)
//                            b → R1 (account left), R2
//               [source]     s → R3
//
// At a leaf few branches are left, each with the conditions that nothing on the way has tested; the matcher judges
// those, remembering its answers, because many rules share conditions.
//
// Growing is bounded: a branch with a list of k values at a node is copied k times, and once a branch has been copied
// more than `maximumCopies` times its long lists are left for the leaf.

// An event's way down is a chain of cache misses, so everything lies close: a chain's nodes side by side, a table's slots
// side by side (small tables are lists), and a slot says itself where the branches and the chain below it begin.

/// The frozen tree.
struct DecisionTree {
  /// One field of a chain. A chain is a run of nodes; the last one says so.
  struct Node: BitwiseCopyable {
    /// One bit per number (modulo 64) of a predicate in the table; what has no bit need not be looked up.
    var predicates: UInt64
    var tableStart: UInt32
    /// The field, and in the lowest six bits the size of the table (its logarithm, or 0 for a list of at most four) and
    /// whether the node is the last of its chain.
    private var fieldAndSize: UInt32

    init(field: Int, isLast: Bool) {
      predicates = 0
      tableStart = 0
      fieldAndSize = UInt32(field) << 6 | (isLast ? 1 : 0)
    }

    @inline(__always)
    var field: Int { Int(fieldAndSize &>> 6) }
    @inline(__always)
    var isLast: Bool { fieldAndSize & 1 != 0 }
    /// The size of the hash table less one, or 0 for a list.
    @inline(__always)
    var mask: UInt32 { (1 &<< (fieldAndSize &>> 1 & 31)) &- 1 }

    /// Notes where the table is.
    mutating func setTable(start: Int, sizeLogarithm: UInt32, predicates: UInt64) {
      tableStart = UInt32(start)
      fieldAndSize |= sizeLogarithm << 1
      self.predicates = predicates
    }
  }

  /// What lies below a predicate (or at the root): branches to judge and a chain to go on with.
  struct Below: BitwiseCopyable {
    /// The first candidate, or `none`.
    var candidates: UInt32
    /// The chain's first node, or `none`.
    var chain: UInt32
  }

  /// A slot of a node's table.
  struct Slot: BitwiseCopyable {
    /// 0 marks an empty slot.
    var predicatePlusOne: UInt32
    var below: Below
  }

  /// A branch with the conditions that are left to judge. Candidates come in runs, too.
  struct Candidate: BitwiseCopyable {
    var branch: UInt32
    var pattern: UInt32
    var firstCondition: UInt32
    /// How many conditions, and in the lowest two bits whether the branch has clauses and whether the run ends here.
    private var countAndFlags: UInt32

    init(branch: UInt32, pattern: UInt32, firstCondition: UInt32, conditionCount: Int, hasClauses: Bool) {
      self.branch = branch
      self.pattern = pattern
      self.firstCondition = firstCondition
      countAndFlags = UInt32(conditionCount) << 2 | (hasClauses ? 2 : 0)
    }

    @inline(__always)
    var conditionCount: Int { Int(countAndFlags &>> 2) }
    @inline(__always)
    var hasClauses: Bool { countAndFlags & 2 != 0 }
    @inline(__always)
    var isLast: Bool { countAndFlags & 1 != 0 }

    mutating func markLast() { countAndFlags |= 1 }
  }

  static let none = UInt32.max

  let nodes: UnsafePointer<Node>
  let slots: UnsafePointer<Slot>
  let candidates: UnsafePointer<Candidate>
  /// Condition numbers, referred to by candidates.
  let leftovers: UnsafePointer<UInt32>
  /// For long root chains: the root node of each field, or `none`.
  let rootNodeOfField: UnsafePointer<UInt32>
  let root: Below
  /// The length of the root's chain.
  let rootChainLength: Int
  /// How much there is of everything, for statistics.
  let nodeCount, slotCount, candidateCount: Int

  @inline(__always)
  static func slot(of predicate: UInt32, mask: UInt32) -> UInt32 {
    // The upper half of the product: a table may have more slots than a few bits of a 32-bit product can tell apart.
    UInt32(truncatingIfNeeded: (UInt64(predicate) &* 0x9E37_79B9_7F4A_7C15) &>> 32) & mask
  }

  /// Where to begin to look for a predicate at a node.
  @inline(__always)
  func firstSlot(_ node: UnsafePointer<Node>, _ predicate: UInt32) -> UnsafePointer<Slot> {
    let mask = node.pointee.mask
    // A list is asked from its first slot on, a hash table from where the predicate belongs; both end at an empty slot.
    return slots + Int(node.pointee.tableStart) + (mask == 0 ? 0 : Int(Self.slot(of: predicate, mask: mask)))
  }

  /// What waits under a predicate at a node, if anything does.
  ///
  /// - Parameter first: the predicate's first slot.
  @inline(__always)
  func below(_ node: UnsafePointer<Node>, _ predicate: UInt32, from first: UnsafePointer<Slot>) -> Below? {
    var slot = first
    while true {
      let found = slot.pointee.predicatePlusOne
      if found == predicate &+ 1 { return slot.pointee.below }
      if found == 0 { return nil }
      slot += 1
      let (table, mask) = (slots + Int(node.pointee.tableStart), Int(node.pointee.mask))
      if mask != 0, slot == table + (mask &+ 1) { slot = table }
    }
  }
}

/// Grows the tree.
struct DecisionTreeBuilder {
  /// At most this many branches are judged one by one before another node is worth its look-up.
  static let leafSize = 3
  static let maximumCopies = 256

  /// A condition as the builder sees it.
  struct Condition {
    var field: Int
    /// The predicates to wait under, or nothing if one of them has no index.
    var keys: [UInt32]?
  }

  /// A branch as the builder sees it.
  struct Branch {
    var pattern: UInt32
    /// Condition numbers.
    var conditions: [UInt32]
    var hasClauses: Bool
  }

  /// A branch on its way down.
  private struct Item {
    var branch: Int
    /// One bit per condition that was tested on the way (only the first 64 conditions can be).
    var tested: UInt64
    var copies: Int
  }

  private let conditions: [Condition]
  private let branches: [Branch]
  private let breadths: [Float]
  private let fieldCount: Int
  /// Per predicate: whether branches wait under it.
  private(set) var isKey: [Bool]
  private var nodes: [DecisionTree.Node] = []
  private var slots: [DecisionTree.Slot] = []
  private var candidates: [DecisionTree.Candidate] = []
  private var leftovers: [UInt32] = []

  /// - Parameters:
  ///   - conditions: all distinct conditions; the index is the number.
  ///   - branches: all branches.
  ///   - breadths: per predicate, which share of values satisfies it; 0 if it picks single values out.
  init(conditions: [Condition], branches: [Branch], breadths: [Float], fieldCount: Int) {
    self.conditions = conditions
    self.branches = branches
    self.breadths = breadths
    isKey = [Bool](repeating: false, count: breadths.count)
    self.fieldCount = fieldCount
  }

  /// Builds and freezes the tree over some of the branches.
  mutating func build(_ roots: [Int], arena: FrozenArena) -> DecisionTree {
    let root = below(roots.map { Item(branch: $0, tested: 0, copies: 1) })
    var rootNodeOfField = [UInt32](repeating: DecisionTree.none, count: max(fieldCount, 1))
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
      candidates: arena.freeze(candidates),
      leftovers: arena.freeze(leftovers),
      rootNodeOfField: arena.freeze(rootNodeOfField),
      root: root,
      rootChainLength: rootChainLength,
      nodeCount: nodes.count,
      slotCount: slots.count,
      candidateCount: candidates.count
    )
  }

  private mutating func below(_ items: [Item]) -> DecisionTree.Below {
    var waiting: [Int: [(item: Item, condition: Int)]] = [:]
    var leaf: [Item] = []
    var order: [Int] = []
    if items.count <= Self.leafSize {
      leaf = items
    } else {
      let scores = self.scores(items)
      for item in items {
        guard let condition = bestCondition(of: item, scores) else {
          leaf.append(item)
          continue
        }
        let field = conditions[Int(branches[item.branch].conditions[condition])].field
        waiting[field, default: []].append((item, condition))
      }
      order = waiting.keys.sorted { (scores[$0] ?? 0, $1) > (scores[$1] ?? 0, $0) }
    }
    let firstCandidate = UInt32(candidates.count)
    for item in leaf { addCandidate(item) }
    if !leaf.isEmpty { candidates[candidates.count - 1].markLast() }

    // A chain's nodes lie side by side, so they are reserved before anything below them is built.
    let chain = UInt32(nodes.count)
    nodes += order.enumerated().map { DecisionTree.Node(field: $1, isLast: $0 == order.count - 1) }
    for (offset, field) in order.enumerated() { fillTable(of: Int(chain) + offset, waiting[field] ?? []) }
    return DecisionTree.Below(
      candidates: leaf.isEmpty ? DecisionTree.none : firstCandidate,
      chain: order.isEmpty ? DecisionTree.none : chain
    )
  }

  private mutating func fillTable(of node: Int, _ waiting: [(item: Item, condition: Int)]) {
    var byKey: [UInt32: [Item]] = [:]
    for (item, position) in waiting {
      let keys = conditions[Int(branches[item.branch].conditions[position])].keys ?? []
      let moved = Item(
        branch: item.branch,
        tested: item.tested | 1 << UInt64(position),
        copies: item.copies * keys.count
      )
      for key in keys { byKey[key, default: []].append(moved) }
    }
    // A list ends with an empty slot; a hash table is at most half full.
    let isList = byKey.count <= 4
    var sizeLogarithm: UInt32 = 0
    while !isList, 1 << sizeLogarithm < byKey.count * 2 { sizeLogarithm += 1 }
    let capacity = isList ? byKey.count + 1 : 1 << sizeLogarithm
    let start = slots.count
    let empty = DecisionTree.Slot(predicatePlusOne: 0, below: .init(candidates: 0, chain: 0))
    slots += repeatElement(empty, count: capacity)
    var predicates: UInt64 = 0
    for (key, items) in byKey.sorted(by: { $0.key < $1.key }) {
      isKey[Int(key)] = true
      predicates |= 1 &<< UInt64(key)
      let below = self.below(items)
      var slot = isList ? 0 : DecisionTree.slot(of: key, mask: UInt32(capacity - 1))
      while slots[start + Int(slot)].predicatePlusOne != 0 { slot = (slot + 1) % UInt32(capacity) }
      slots[start + Int(slot)] = DecisionTree.Slot(predicatePlusOne: key + 1, below: below)
    }
    nodes[node].setTable(start: start, sizeLogarithm: sizeLogarithm, predicates: predicates)
  }

  private mutating func addCandidate(_ item: Item) {
    let first = UInt32(leftovers.count)
    let branch = branches[item.branch]
    for (position, condition) in branch.conditions.enumerated()
    where position >= 64 || item.tested & (1 << UInt64(position)) == 0 {
      leftovers.append(condition)
    }
    candidates.append(
      DecisionTree.Candidate(
        branch: UInt32(item.branch),
        pattern: branch.pattern,
        firstCondition: first,
        conditionCount: leftovers.count - Int(first),
        hasClauses: branch.hasClauses
      )
    )
  }

  /// How many of the items a node on each field would spare an event: each item counts the share of values that do not
  /// satisfy what it waits under. (A predicate that picks single values out is one of the field's distinct ones.)
  private func scores(_ items: [Item]) -> [Int: Double] {
    struct Waiting {
      var items = 0
      var keys = 0
      var breadth = 0.0
      var distinct: Set<UInt32> = []
    }
    var waiting: [Int: Waiting] = [:]
    for item in items {
      forEachKeyedCondition(of: item) { _, condition, keys in
        let breadth = breadth(of: keys)
        waiting[condition.field, default: Waiting()].items += 1
        waiting[condition.field, default: Waiting()].keys += keys.count
        waiting[condition.field, default: Waiting()].breadth += breadth
        waiting[condition.field, default: Waiting()].distinct.formUnion(keys)
      }
    }
    return waiting.mapValues {
      Double($0.items) - $0.breadth - (Double($0.keys) - $0.breadth) / (Double($0.distinct.count) + 0.5)
    }
  }

  /// The share of values that satisfy one of some predicates, as far as they are known to be broad.
  private func breadth(of keys: [UInt32]) -> Double {
    min(1, keys.reduce(0) { $0 + Double(breadths[Int($1)]) })
  }

  private func bestCondition(of item: Item, _ scores: [Int: Double]) -> Int? {
    var best: (score: Double, position: Int)?
    forEachKeyedCondition(of: item) { position, condition, keys in
      guard item.copies * keys.count <= Self.maximumCopies || keys.count == 1 else { return }
      let score = (scores[condition.field] ?? 0) * (1 - breadth(of: keys))
      if score > best?.score ?? -1 { best = (score, position) }
    }
    return best?.position
  }

  private func forEachKeyedCondition(of item: Item, _ body: (Int, Condition, [UInt32]) -> Void) {
    for (position, number) in branches[item.branch].conditions.prefix(64).enumerated()
    where item.tested & (1 << UInt64(position)) == 0 {
      let condition = conditions[Int(number)]
      if let keys = condition.keys { body(position, condition, keys) }
    }
  }
}

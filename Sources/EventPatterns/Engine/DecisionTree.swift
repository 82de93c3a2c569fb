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

/// The frozen tree.
struct DecisionTree {
  /// One field of a chain. A chain is a run of nodes; the last has `isLast`.
  struct Node: BitwiseCopyable {
    var field: UInt32
    var tableStart: UInt32
    var tableMask: UInt32
    var isLast: Bool
  }

  /// A slot of a node's table.
  struct Slot: BitwiseCopyable {
    /// 0 marks an empty slot.
    var predicatePlusOne: UInt32
    var below: UInt32
  }

  /// What lies below a predicate (or at the root): branches to judge and a chain to go on with.
  struct Below: BitwiseCopyable {
    var firstCandidate: UInt32
    var candidateCount: UInt32
    /// The chain's first node, or `none`.
    var chain: UInt32
    var chainLength: UInt32
  }

  /// A branch with the conditions that are left to judge.
  struct Candidate: BitwiseCopyable {
    var branch: UInt32
    var firstCondition: UInt32
    var conditionCount: UInt32
  }

  static let none = UInt32.max

  let nodes: UnsafePointer<Node>
  let slots: UnsafePointer<Slot>
  let belows: UnsafePointer<Below>
  let candidates: UnsafePointer<Candidate>
  /// Condition numbers, referred to by candidates.
  let leftovers: UnsafePointer<UInt32>
  /// For long root chains: the root node of each field, or `none`.
  let rootNodeOfField: UnsafePointer<UInt32>
  let root: Below
  /// How much there is of everything, for statistics.
  let nodeCount, slotCount, candidateCount: Int

  @inline(__always)
  static func slot(of predicate: UInt32, mask: UInt32) -> UInt32 {
    // The upper half of the product: a table may have more slots than a few bits of a 32-bit product can tell apart.
    UInt32(truncatingIfNeeded: (UInt64(predicate) &* 0x9E37_79B9_7F4A_7C15) &>> 32) & mask
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

  /// A branch on its way down.
  private struct Item {
    var branch: Int
    /// One bit per condition that was tested on the way (only the first 64 conditions can be).
    var tested: UInt64
    var copies: Int
  }

  private let conditions: [Condition]
  private let branches: [[UInt32]]
  private let fieldCount: Int
  private var nodes: [DecisionTree.Node] = []
  private var slots: [DecisionTree.Slot] = []
  private var belows: [DecisionTree.Below] = []
  private var candidates: [DecisionTree.Candidate] = []
  private var leftovers: [UInt32] = []

  /// - Parameters:
  ///   - conditions: all distinct conditions; the index is the number.
  ///   - branches: the condition numbers of each branch.
  init(conditions: [Condition], branches: [[UInt32]], fieldCount: Int) {
    self.conditions = conditions
    self.branches = branches
    self.fieldCount = fieldCount
  }

  /// Builds and freezes the tree over some of the branches.
  mutating func build(_ roots: [Int], arena: FrozenArena) -> DecisionTree {
    let root = below(roots.map { Item(branch: $0, tested: 0, copies: 1) })
    var rootNodeOfField = [UInt32](repeating: DecisionTree.none, count: max(fieldCount, 1))
    if root.chain != DecisionTree.none {
      for index in root.chain..<root.chain + root.chainLength {
        rootNodeOfField[Int(nodes[Int(index)].field)] = index
      }
    }
    return DecisionTree(
      nodes: arena.freeze(nodes),
      slots: arena.freeze(slots),
      belows: arena.freeze(belows),
      candidates: arena.freeze(candidates),
      leftovers: arena.freeze(leftovers),
      rootNodeOfField: arena.freeze(rootNodeOfField),
      root: root,
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
        let field = conditions[Int(branches[item.branch][condition])].field
        waiting[field, default: []].append((item, condition))
      }
      order = waiting.keys.sorted { (scores[$0] ?? 0, $1) > (scores[$1] ?? 0, $0) }
    }
    let firstCandidate = UInt32(candidates.count)
    for item in leaf { addCandidate(item) }

    // A chain's nodes lie side by side, so they are reserved before anything below them is built.
    let chain = UInt32(nodes.count)
    nodes += order.enumerated().map {
      DecisionTree.Node(field: UInt32($1), tableStart: 0, tableMask: 0, isLast: $0 == order.count - 1)
    }
    for (offset, field) in order.enumerated() {
      let (start, mask) = table(waiting[field] ?? [])
      nodes[Int(chain) + offset].tableStart = start
      nodes[Int(chain) + offset].tableMask = mask
    }
    return DecisionTree.Below(
      firstCandidate: firstCandidate,
      candidateCount: UInt32(leaf.count),
      chain: order.isEmpty ? DecisionTree.none : chain,
      chainLength: UInt32(order.count)
    )
  }

  private mutating func table(_ waiting: [(item: Item, condition: Int)]) -> (start: UInt32, mask: UInt32) {
    var byKey: [UInt32: [Item]] = [:]
    for (item, position) in waiting {
      let keys = conditions[Int(branches[item.branch][position])].keys ?? []
      let moved = Item(
        branch: item.branch,
        tested: item.tested | 1 << UInt64(position),
        copies: item.copies * keys.count
      )
      for key in keys { byKey[key, default: []].append(moved) }
    }
    var capacity = 2
    while capacity < byKey.count * 2 { capacity *= 2 }
    let mask = UInt32(capacity - 1)
    let start = slots.count
    slots += repeatElement(DecisionTree.Slot(predicatePlusOne: 0, below: 0), count: capacity)
    for (key, items) in byKey.sorted(by: { $0.key < $1.key }) {
      let below = self.below(items)
      var slot = DecisionTree.slot(of: key, mask: mask)
      while slots[start + Int(slot)].predicatePlusOne != 0 { slot = (slot + 1) & mask }
      slots[start + Int(slot)] = DecisionTree.Slot(predicatePlusOne: key + 1, below: UInt32(belows.count))
      belows.append(below)
    }
    return (UInt32(start), mask)
  }

  private mutating func addCandidate(_ item: Item) {
    let first = UInt32(leftovers.count)
    for (position, condition) in branches[item.branch].enumerated()
    where position >= 64 || item.tested & (1 << UInt64(position)) == 0 {
      leftovers.append(condition)
    }
    candidates.append(
      DecisionTree.Candidate(
        branch: UInt32(item.branch),
        firstCondition: first,
        conditionCount: UInt32(leftovers.count) - first
      )
    )
  }

  /// How many of the items a node on each field would spare an event: each item counts the share of the field's
  /// distinct predicates that it does not wait under.
  private func scores(_ items: [Item]) -> [Int: Double] {
    var waiting: [Int: (items: Int, keys: Int, distinct: Set<UInt32>)] = [:]
    for item in items {
      forEachKeyedCondition(of: item) { _, condition, keys in
        waiting[condition.field, default: (0, 0, [])].items += 1
        waiting[condition.field, default: (0, 0, [])].keys += keys.count
        waiting[condition.field, default: (0, 0, [])].distinct.formUnion(keys)
      }
    }
    return waiting.mapValues { Double($0.items) - Double($0.keys) / (Double($0.distinct.count) + 0.5) }
  }

  private func bestCondition(of item: Item, _ scores: [Int: Double]) -> Int? {
    var best: (score: Double, position: Int)?
    forEachKeyedCondition(of: item) { position, condition, keys in
      guard item.copies * keys.count <= Self.maximumCopies || keys.count == 1 else { return }
      let score = scores[condition.field] ?? 0
      if score > best?.score ?? -1 { best = (score, position) }
    }
    return best?.position
  }

  private func forEachKeyedCondition(of item: Item, _ body: (Int, Condition, [UInt32]) -> Void) {
    for (position, number) in branches[item.branch].prefix(64).enumerated()
    where item.tested & (1 << UInt64(position)) == 0 {
      let condition = conditions[Int(number)]
      if let keys = condition.keys { body(position, condition, keys) }
    }
  }
}

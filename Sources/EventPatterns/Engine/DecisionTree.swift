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
    /// The condition that is left, or where in `leftovers` there are several.
    var conditions: UInt32
    /// How many conditions, and in the lowest two bits whether the branch has clauses and whether the run ends here.
    private var countAndFlags: UInt32

    init(branch: UInt32, pattern: UInt32, conditions: UInt32, conditionCount: Int, hasClauses: Bool) {
      self.branch = branch
      self.pattern = pattern
      self.conditions = conditions
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

  /// One of the conditions that a candidate has left.
  @inline(__always)
  func condition(_ offset: Int, of candidate: Candidate) -> UInt32 {
    candidate.conditionCount == 1 ? candidate.conditions : leftovers[Int(candidate.conditions) &+ offset]
  }

  /// Where to begin to look for a predicate at a node.
  @inline(__always)
  func firstSlot(_ node: Node, _ predicate: UInt32) -> UnsafePointer<Slot> {
    let mask = node.mask
    // A list is asked from its first slot on, a hash table from where the predicate belongs; both end at an empty slot.
    return slots + Int(node.tableStart) + (mask == 0 ? 0 : Int(Self.slot(of: predicate, mask: mask)))
  }

  /// What waits under a predicate at a node, if anything does.
  ///
  /// - Parameter first: the predicate's first slot.
  @inline(__always)
  func below(_ node: Node, _ predicate: UInt32, from first: UnsafePointer<Slot>) -> Below? {
    var slot = first
    while true {
      let found = slot.pointee.predicatePlusOne
      if found == predicate &+ 1 { return slot.pointee.below }
      if found == 0 { return nil }
      slot += 1
      let (table, mask) = (slots + Int(node.tableStart), Int(node.mask))
      if mask != 0, slot == table + (mask &+ 1) { slot = table }
    }
  }
}

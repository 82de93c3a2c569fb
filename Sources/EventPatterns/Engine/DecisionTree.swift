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
// At a leaf few branches are left, each with *tests* for the conditions that nothing on the way has settled.
//
// An event's way down is a chain of cache misses, so everything lies close: a chain's nodes side by side, a table's slots
// side by side (small tables are lists), and a slot says itself where the leaf and the chain below it begin. A leaf is a
// run of cells, candidates first and then their tests:
//
//     leaf    R1, tests from 3 │ R2, none │ R4, tests from 4 │ account ∈ {1} │ size in a range │ up to 5
//             cell 0           │ 1        │ 2                │ 3             │ 4               │ 5
//
// A test says by itself which field it is about and, if it can, what to look for there, so that most are settled without
// a look at the condition that they stand for.

/// The frozen tree.
struct DecisionTree {
  /// One field of a chain. A chain is a run of nodes; the last one says so.
  struct Node: BitwiseCopyable {
    /// One bit per number (modulo 64) of a predicate in the table; what has no bit need not be looked up.
    var predicates: UInt64
    var tableStart: UInt32
    /// Of a hash table: where its filter begins, which has four bits per slot.
    var filterStart: UInt32
    /// The field, and in the lowest six bits the size of the table (its logarithm, or 0 for a list of at most four) and
    /// whether the node is the last of its chain.
    private var fieldAndSize: UInt32

    init(field: Int, isLast: Bool) {
      predicates = 0
      tableStart = 0
      filterStart = 0
      fieldAndSize = UInt32(field) << 6 | (isLast ? 1 : 0)
    }

    @inline(__always)
    var field: Int { Int(fieldAndSize &>> 6) }
    @inline(__always)
    var isLast: Bool { fieldAndSize & 1 != 0 }
    /// The size of the hash table less one, or 0 for a list.
    @inline(__always)
    var mask: UInt32 { (1 &<< (fieldAndSize &>> 1 & 31)) &- 1 }

    /// Where in the slots to begin to look for a predicate.
    @inline(__always)
    func firstSlot(_ predicate: UInt32) -> UInt32 {
      // A list is asked from its first slot on (its mask is 0), a hash table from where the predicate belongs; both end at
      // an empty slot.
      tableStart &+ DecisionTree.slot(of: predicate, mask: mask)
    }

    /// Notes where the table is.
    mutating func setTable(start: Int, filterStart: Int, sizeLogarithm: UInt32, predicates: UInt64) {
      tableStart = UInt32(start)
      self.filterStart = UInt32(filterStart)
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

  /// A branch with the tests that are left. Candidates come in runs, too.
  struct Candidate: BitwiseCopyable {
    var branch: UInt32
    var pattern: UInt32
    /// The cell of its first test.
    var firstTest: UInt32
    /// How many cells of tests, and in the lowest two bits whether the branch has clauses and whether the run ends here.
    private var countAndFlags: UInt32

    init(branch: UInt32, pattern: UInt32, firstTest: Int, cellCount: Int, hasClauses: Bool) {
      self.branch = branch
      self.pattern = pattern
      self.firstTest = UInt32(firstTest)
      countAndFlags = UInt32(cellCount) << 2 | (hasClauses ? 2 : 0)
    }

    /// The cell behind its last test.
    @inline(__always)
    var testEnd: UInt32 { firstTest &+ countAndFlags &>> 2 }
    @inline(__always)
    var hasClauses: Bool { countAndFlags & 2 != 0 }
    @inline(__always)
    var isLast: Bool { countAndFlags & 1 != 0 }

    mutating func markLast() { countAndFlags |= 1 }
  }

  /// A place for a candidate, a test, the bounds of a range or numbers of predicates in a leaf.
  struct Cell: BitwiseCopyable {
    private var halves: (UInt64, UInt64)

    init(_ candidate: Candidate) { self = unsafeBitCast(candidate, to: Cell.self) }
    init(_ test: LeafTest) { self = unsafeBitCast(test, to: Cell.self) }
    init(_ bounds: LeafTest.Bounds) { self = unsafeBitCast(bounds, to: Cell.self) }
    /// - Parameter numbers: at most four.
    init(_ numbers: some Sequence<UInt32>) {
      halves = (0, 0)
      withUnsafeMutableBytes(of: &halves) { bytes in
        for (index, number) in numbers.enumerated() {
          bytes.storeBytes(of: number, toByteOffset: index * 4, as: UInt32.self)
        }
      }
    }
  }

  static let none = UInt32.max
  static let cellsPerLine = 4

  let nodes: UnsafePointer<Node>
  let slots: UnsafePointer<Slot>
  /// For each hash table: one bit per predicate in it.
  let filters: UnsafePointer<UInt64>
  /// The leaves: runs of candidates, each run followed by the tests of its candidates.
  let cells: UnsafePointer<Cell>
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

  /// Whether branches may wait under a predicate at a node. Most that an event satisfies are not in the table, and to
  /// look there is dear.
  @inline(__always)
  func mayWait(at node: Node, under predicate: UInt32) -> Bool {
    if node.mask == 0 { return node.predicates &>> UInt64(predicate) & 1 != 0 }
    let bit = Self.filterBit(of: predicate, mask: node.mask)
    return filters[Int(node.filterStart &+ bit &>> 6)] &>> UInt64(bit & 63) & 1 != 0
  }

  /// Which bit of a table's filter stands for a predicate. Its slot depends on other bits of the product.
  @inline(__always)
  static func filterBit(of predicate: UInt32, mask: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(predicate) &* 0x9E37_79B9_7F4A_7C15) &>> 26) & (mask &<< 2 | 3)
  }

  /// The candidate in a cell.
  @inline(__always)
  func candidate(at cell: UInt32) -> Candidate {
    UnsafeRawPointer(cells + Int(cell)).load(as: Candidate.self)
  }

  /// The test in a cell.
  @inline(__always)
  func test(at cell: UInt32) -> LeafTest {
    UnsafeRawPointer(cells + Int(cell)).load(as: LeafTest.self)
  }

  /// The ends of a range, in the cell behind its test.
  @inline(__always)
  func bounds(at cell: UInt32) -> LeafTest.Bounds {
    UnsafeRawPointer(cells + Int(cell)).load(as: LeafTest.Bounds.self)
  }

  /// Numbers of predicates in the cells behind a test.
  @inline(__always)
  func predicates(at cell: UInt32) -> UnsafePointer<UInt32> {
    UnsafeRawPointer(cells + Int(cell)).assumingMemoryBound(to: UInt32.self)
  }

  /// What waits under a predicate at a node, if anything does.
  ///
  /// - Parameter first: the predicate's first slot.
  @inline(__always)
  func below(_ node: UInt32, _ predicate: UInt32, from first: UInt32) -> Below? {
    let slot = slots[Int(first)]
    if slot.predicatePlusOne == predicate &+ 1 { return slot.below }
    return slot.predicatePlusOne == 0 ? nil : belowFarther(nodes[Int(node)], predicate, from: first)
  }

  /// As `below`, where the first slot has another predicate.
  private func belowFarther(_ node: Node, _ predicate: UInt32, from first: UInt32) -> Below? {
    var slot = first
    while true {
      slot &+= 1
      if node.mask != 0, slot == node.tableStart &+ node.mask &+ 1 { slot = node.tableStart }
      let found = slots[Int(slot)]
      if found.predicatePlusOne == predicate &+ 1 { return found.below }
      if found.predicatePlusOne == 0 { return nil }
    }
  }
}

// The frozen tree as its readers want it. The matcher has its own, faster way down; everything else that looks at the
// tree (printing, figures, surveys) reads it here, so that its layout is nobody else's business.

extension DecisionTree {
  /// A value at a node, and what lies below it.
  struct Entry {
    var predicate: UInt32
    var below: Below
  }

  /// The nodes of the chain below something.
  func chain(_ below: Below) -> UnsafeBufferPointer<Node> {
    guard below.chain != Self.none else { return UnsafeBufferPointer(start: nil, count: 0) }
    let first = nodes + Int(below.chain)
    var count = 1
    while !first[count - 1].isLast { count += 1 }
    return UnsafeBufferPointer(start: first, count: count)
  }

  /// The branches that are judged below something.
  func candidates(_ below: Below) -> [Candidate] {
    guard below.candidates != Self.none else { return [] }
    var found = [candidate(at: below.candidates)]
    while let last = found.last, !last.isLast { found.append(candidate(at: below.candidates + UInt32(found.count))) }
    return found
  }

  /// The values of a node, in the order in which the patterns name them.
  func entries(of node: Node) -> [Entry] {
    let table = slots + Int(node.tableStart)
    let size = node.mask == 0 ? (0...).first { table[$0].predicatePlusOne == 0 } ?? 0 : Int(node.mask) + 1
    return (0..<size).compactMap { index in
      let slot = table[index]
      return slot.predicatePlusOne == 0 ? nil : Entry(predicate: slot.predicatePlusOne - 1, below: slot.below)
    }.sorted { $0.predicate < $1.predicate }
  }

  /// What waits under a predicate at a node, if anything does.
  func below(_ node: Node, _ predicate: UInt32) -> Below? {
    entries(of: node).first { $0.predicate == predicate }?.below
  }

  /// The conditions that a candidate has left.
  func conditions(of candidate: Candidate) -> [UInt32] {
    var conditions: [UInt32] = []
    var cell = candidate.firstTest
    while cell < candidate.testEnd {
      conditions.append(test(at: cell).condition)
      cell += test(at: cell).cellCount
    }
    return conditions
  }
}

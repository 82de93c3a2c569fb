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
    run(nodes, from: below.chain, \.isLast)
  }

  /// The branches that are judged below something.
  func candidates(_ below: Below) -> UnsafeBufferPointer<Candidate> {
    run(candidates, from: below.candidates, \.isLast)
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
    guard node.predicates & (1 &<< UInt64(predicate)) != 0 else { return nil }
    return below(node, predicate, from: firstSlot(node, predicate))
  }

  /// The conditions that a candidate has left.
  func conditions(of candidate: Candidate) -> [UInt32] {
    (0..<candidate.conditionCount).map { condition($0, of: candidate) }
  }

  /// The elements of a run; none if there is no run.
  private func run<Element>(
    _ elements: UnsafePointer<Element>,
    from first: UInt32,
    _ isLast: KeyPath<Element, Bool>
  ) -> UnsafeBufferPointer<Element> {
    guard first != Self.none else { return UnsafeBufferPointer(start: nil, count: 0) }
    var count = 1
    while !elements[Int(first) + count - 1][keyPath: isLast] { count += 1 }
    return UnsafeBufferPointer(start: elements + Int(first), count: count)
  }
}

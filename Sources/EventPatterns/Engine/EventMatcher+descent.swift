// Down the tree: an event's fields are looked up in the indexes, and what they satisfy leads to the branches that can match.

import CSignalbox

extension EventMatcher {
  /// Goes down wherever the event satisfies something, level by level, and asks memory for what the next step will look
  /// at: in large sets, most time would go to waiting for it.
  ///
  ///     ways      what lies below satisfied predicates      judge its candidates, note the probes of its chain
  ///     probes    slots where satisfied predicates may be   those that are there lead to the next level's ways
  mutating func descend() {
    ways.count = 0
    ways.append(tree.root)
    var next = 0
    while next < ways.count {
      probes.count = 0
      if next == 0, tree.rootChainLength > 0 {
        considerRoot()
        judgeCandidates(tree.root.candidates)
        next = 1
      }
      let end = ways.count
      while next < end {
        let below = ways[next]
        next &+= 1
        if below.chain != DecisionTree.none { considerChain(below.chain) }
        judgeCandidates(below.candidates)
      }
      ways.reserve(end &+ probes.count)
      for index in 0..<probes.count {
        let probe = probes[index]
        guard let below = tree.below(probe.node, probe.predicate, from: probe.slot) else { continue }
        if below.candidates != DecisionTree.none {
          sb_prefetch(tree.cells + Int(below.candidates))
          sb_prefetch(tree.cells + Int(below.candidates) + 4)
        }
        if below.chain != DecisionTree.none { sb_prefetch(tree.nodes + Int(below.chain)) }
        ways.appendToReserved(below)
      }
    }
    takeUpPostponed()
  }

  /// The root's chain is long, and its fields are the first to be looked up.
  @inline(__always)
  mutating func considerRoot() {
    if tree.rootChainLength > scanner.fields.touched.count {
      // Many fields in the rules, few in the event: start from the event's.
      for index in 0..<scanner.fields.touched.count {
        let node = tree.rootNodeOfField[Int(scanner.fields.touched[index])]
        if node != DecisionTree.none { prefetchValue(of: Int(scanner.fields.touched[index])) }
      }
      for index in 0..<scanner.fields.touched.count {
        let node = tree.rootNodeOfField[Int(scanner.fields.touched[index])]
        if node != DecisionTree.none { consider(node) }
      }
    } else {
      let first = tree.nodes + Int(tree.root.chain)
      for offset in 0..<tree.rootChainLength { prefetchValue(of: first[offset].field) }
      considerChain(tree.root.chain)
    }
  }

  /// Asks for the slot where a field's value would be.
  @inline(__always)
  func prefetchValue(of field: Int) {
    let first = scanner.fields.fields[field].first
    if first != 0 { values.prefetch(scanner.fields.values[Int(first) &- 1], field: field) }
  }

  @inline(__always)
  mutating func considerChain(_ first: UInt32) {
    var node = first
    consider(node)
    while !tree.nodes[Int(node)].isLast {
      node &+= 1
      consider(node)
    }
  }

  /// Notes where in a node's table the predicates may be that the event satisfies.
  @inline(__always)
  mutating func consider(_ number: UInt32) {
    let node = tree.nodes[Int(number)]
    guard scanner.fields.fields[node.field].first != 0 else { return }
    lookUp(node.field)
    let found = notes[node.field]
    guard found.predicates & node.predicates != 0 else { return }
    var count = probes.count
    probes.reserve(count &+ Int(found.end &- found.start))
    let (hits, probes, slots) = (hits.base, probes.base, tree.slots)
    for index in Int(found.start)..<Int(found.end) {
      let predicate = hits[index]
      guard tree.mayWait(at: node, under: predicate) else { continue }
      let slot = node.firstSlot(predicate)
      sb_prefetch(slots + Int(slot))
      (probes + count).initialize(to: Probe(node: number, slot: slot, predicate: predicate))
      count &+= 1
    }
    self.probes.count = count
  }

  /// Looks a field's values up in the indexes, once per event.
  @inline(__always)
  mutating func lookUp(_ field: Int) {
    if notes[field].lookedUp != stamp { lookUpNow(field) }
  }

  @inline(never)
  mutating func lookUpNow(_ field: Int) {
    let start = hits.count
    var next = scanner.fields.fields[field].first
    while next != 0 {
      let value = scanner.fields.values[Int(next) &- 1]
      values.find(value, field: field, runs, into: &hits)
      next = value.next
    }
    var predicates: UInt64 = 0
    var kept = start
    for offset in start..<hits.count {
      let predicate = hits[offset]
      guard satisfied.insert(predicate) else { continue }
      predicates |= 1 &<< UInt64(predicate)
      hits[kept] = predicate
      kept &+= 1
    }
    hits.count = kept
    notes[field].lookedUp = stamp
    notes[field].start = UInt32(truncatingIfNeeded: start)
    notes[field].end = UInt32(truncatingIfNeeded: kept)
    notes[field].predicates = predicates
  }

  /// The number of a field that has one value; NaN if that is none to compare. Read once per event.
  @inline(__always)
  func number(of field: Int, _ value: UInt32) -> Double {
    if notes[field].numbered != stamp {
      notes[field].numbered = stamp
      let value = scanner.fields.values[Int(value) &- 1]
      notes[field].number = value.kind == .number ? ComparableNumber.value(of: value.leaf.text) ?? .nan : .nan
    }
    return notes[field].number
  }
}

// The hot loop: an event's bytes in, the numbers of the matching patterns out.
//
//     bytes ─ scan ─► fields ─ down the tree ─► candidates ─ conditions left ─► array consistency ─► clauses ─► match
//
// The tree and the conditions judge each field on its own: "some value of the field satisfies". That is necessary, and it
// is sufficient unless values stand in different elements of one array. So the (dearer) look at array elements is only
// taken for branches that passed everything else, and only for events that have such arrays in fields rules ask about.
//
// Answers are remembered per event by stamping them with the event's number, so that nothing has to be cleared.

import CSignalbox

/// Matches events against a `PatternSet`.
///
/// A matcher owns scratch memory that grows to what the largest event needed; after that, matching allocates nothing.
/// Use one matcher per thread.
public struct EventMatcher: ~Copyable {
  /// The patterns.
  public let set: PatternSet
  /// The set's, held here because that is one look into memory less.
  private let tree: DecisionTree
  private let values: ValueIndex
  var scanner: EventScanner
  var regexScratch = RegexScratch()
  let runs: FourByteRuns
  /// The predicates that a field satisfies.
  private struct Hits: BitwiseCopyable {
    /// A run of `hits`.
    var start: UInt32
    var end: UInt32
    /// One bit per number, modulo 64.
    var predicates: UInt64
  }

  /// The number of the event.
  private var stamp: UInt32 = 0
  /// Per field: the event for which its values were looked up, and the run of `hits` that came of it.
  private let lookedUp: UnsafeMutablePointer<UInt32>
  private let hitRange: UnsafeMutablePointer<Hits>
  /// The numbers of satisfied predicates.
  private var hits = GrowBuffer<UInt32>(capacity: 256)
  /// Per predicate: the event that last satisfied it.
  private let satisfied: UnsafeMutablePointer<UInt32>
  /// Per condition: twice the event for which it was judged, plus one if it held.
  private let judged: UnsafeMutablePointer<UInt32>
  /// Per clause: the same.
  private let judgedClauses: UnsafeMutablePointer<UInt32>
  /// Per branch: the event whose array elements or clauses last refused it. (A branch may wait in many places.)
  private let refused: UnsafeMutablePointer<UInt32>
  /// Per pattern: the event that last matched it.
  private let reported: UnsafeMutablePointer<UInt32>
  private var matched = GrowBuffer<UInt32>(capacity: 64)
  /// What lies below the predicates that the event satisfies, in the order found.
  private var ways = GrowBuffer<DecisionTree.Below>(capacity: 64)
  /// A slot of a node's table where a satisfied predicate may be.
  private struct Probe: BitwiseCopyable {
    var node: UnsafePointer<DecisionTree.Node>
    var slot: UnsafePointer<DecisionTree.Slot>
    var predicate: UInt32
  }
  private var probes = GrowBuffer<Probe>(capacity: 64)
  var verifier = ConsistencyVerifier()

  /// Prepares scratch memory for a set.
  public init(_ set: PatternSet) { self.init(set, trie: set.trie, observedCount: 0) }

  /// - Parameter trie: the set's, or one that has the same paths and some that are observed.
  init(_ set: PatternSet, trie: PathTrie, observedCount: Int) {
    self.set = set
    tree = set.tree
    values = set.values
    runs = FourByteRuns(keySlots: set.values.keySlots)
    let fieldCount = set.fieldPaths.count
    scanner = EventScanner(trie, fieldCount: fieldCount, observedCount: observedCount)
    lookedUp = Self.zeros(fieldCount)
    hitRange = .allocate(capacity: max(fieldCount, 1))
    hitRange.initialize(repeating: Hits(start: 0, end: 0, predicates: 0), count: max(fieldCount, 1))
    satisfied = Self.zeros(set.predicates.count)
    judged = Self.zeros(set.conditionCount)
    judgedClauses = Self.zeros(set.clauseCount)
    refused = Self.zeros(set.branchCount)
    reported = Self.zeros(set.count)
  }

  deinit {
    scanner.free()
    runs.free()
    lookedUp.deallocate()
    hitRange.deallocate()
    hits.free()
    satisfied.deallocate()
    judged.deallocate()
    judgedClauses.deallocate()
    refused.deallocate()
    reported.deallocate()
    matched.free()
    ways.free()
    probes.free()
    verifier.free()
  }

  private static func zeros(_ count: Int) -> UnsafeMutablePointer<UInt32> {
    let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: max(count, 1))
    memory.initialize(repeating: 0, count: max(count, 1))
    return memory
  }

  /// The indices of all patterns that an event matches, ascending.
  ///
  /// - Throws: `EventError` if the bytes are not a JSON object.
  public mutating func matches(_ event: UnsafeRawBufferPointer) throws(EventError) -> [Int] {
    try run(event)
    return Self.sorted(matched)
  }

  /// The indices of all patterns that an event matches, ascending.
  ///
  /// - Throws: `EventError` if the bytes are not a JSON object.
  public mutating func matches(_ event: [UInt8]) throws(EventError) -> [Int] {
    try run(event)
    return Self.sorted(matched)
  }

  private static func sorted(_ matched: GrowBuffer<UInt32>) -> [Int] {
    var indices = (0..<matched.count).map { Int(matched[$0]) }
    indices.sort()
    return indices
  }

  /// Calls `body` with the index of each matching pattern, in no particular order, and allocates nothing.
  ///
  /// - Throws: `EventError` if the bytes are not a JSON object.
  public mutating func forEachMatch(
    _ event: UnsafeRawBufferPointer,
    _ body: (Int) -> Void
  ) throws(EventError) {
    try run(event)
    for index in 0..<matched.count { body(Int(matched[index])) }
  }

  private mutating func run(_ event: [UInt8]) throws(EventError) {
    // A typed throw does not pass through `withUnsafeBytes`.
    var failure: EventError?
    event.withUnsafeBytes { bytes in
      do throws(EventError) {
        try run(bytes)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private mutating func run(_ event: UnsafeRawBufferPointer) throws(EventError) {
    matched.count = 0
    try scanner.scan(event)
    judgeScanned()
  }

  /// The indices of the patterns that match what the scanner holds, ascending.
  mutating func matchesOfScanned() -> [Int] {
    judgeScanned()
    return matched.count == 0 ? [] : Self.sorted(matched)
  }

  private mutating func judgeScanned() {
    matched.count = 0
    hits.count = 0
    advanceStamp()
    descend()
  }

  private mutating func advanceStamp() {
    stamp &+= 1
    guard stamp >= 1 << 31 - 1 else { return }
    // Once in two thousand million events: forget everything rather than take an old answer for a new one.
    stamp = 1
    lookedUp.update(repeating: 0, count: max(set.fieldPaths.count, 1))
    satisfied.update(repeating: 0, count: max(set.predicates.count, 1))
    judged.update(repeating: 0, count: max(set.conditionCount, 1))
    judgedClauses.update(repeating: 0, count: max(set.clauseCount, 1))
    refused.update(repeating: 0, count: max(set.branchCount, 1))
    reported.update(repeating: 0, count: max(set.count, 1))
  }

  // MARK: Down the tree

  /// Goes down wherever the event satisfies something, level by level, and asks memory for what the next step will look
  /// at: in large sets, most time would go to waiting for it.
  ///
  ///     ways      what lies below satisfied predicates      judge its candidates, note the probes of its chain
  ///     probes    slots where satisfied predicates may be   those that are there lead to the next level's ways
  private mutating func descend() {
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
        if below.chain != DecisionTree.none { considerChain(tree.nodes + Int(below.chain)) }
        judgeCandidates(below.candidates)
      }
      for index in 0..<probes.count {
        let probe = probes[index]
        guard let below = tree.below(probe.node.pointee, probe.predicate, from: probe.slot) else { continue }
        if below.candidates != DecisionTree.none { sb_prefetch(tree.candidates + Int(below.candidates)) }
        if below.chain != DecisionTree.none { sb_prefetch(tree.nodes + Int(below.chain)) }
        ways.append(below)
      }
    }
  }

  /// The root's chain is long, and its fields are the first to be looked up.
  @inline(__always)
  private mutating func considerRoot() {
    if tree.rootChainLength > scanner.fields.touched.count {
      // Many fields in the rules, few in the event: start from the event's.
      for index in 0..<scanner.fields.touched.count {
        let node = tree.rootNodeOfField[Int(scanner.fields.touched[index])]
        if node != DecisionTree.none { prefetchValue(of: Int(scanner.fields.touched[index])) }
      }
      for index in 0..<scanner.fields.touched.count {
        let node = tree.rootNodeOfField[Int(scanner.fields.touched[index])]
        if node != DecisionTree.none { consider(tree.nodes + Int(node)) }
      }
    } else {
      let first = tree.nodes + Int(tree.root.chain)
      for offset in 0..<tree.rootChainLength { prefetchValue(of: first[offset].field) }
      considerChain(first)
    }
  }

  /// Asks for the slot where a field's value would be.
  @inline(__always)
  private func prefetchValue(of field: Int) {
    let first = scanner.fields.fields[field].first
    if first != 0 { values.prefetch(scanner.fields.values[Int(first) &- 1], field: field) }
  }

  @inline(__always)
  private mutating func considerChain(_ first: UnsafePointer<DecisionTree.Node>) {
    var node = first
    consider(node)
    while !node.pointee.isLast {
      node += 1
      consider(node)
    }
  }

  /// Notes where in a node's table the predicates may be that the event satisfies.
  @inline(__always)
  private mutating func consider(_ node: UnsafePointer<DecisionTree.Node>) {
    let field = node.pointee.field
    guard scanner.fields.fields[field].first != 0 else { return }
    lookUp(field)
    let range = hitRange[field]
    guard range.predicates & node.pointee.predicates != 0 else { return }
    for index in Int(range.start)..<Int(range.end) {
      let predicate = hits[index]
      guard node.pointee.predicates &>> UInt64(predicate) & 1 != 0 else { continue }
      let slot = tree.firstSlot(node.pointee, predicate)
      sb_prefetch(slot)
      probes.append(Probe(node: node, slot: slot, predicate: predicate))
    }
  }

  @inline(__always)
  private mutating func judgeCandidates(_ first: UInt32) {
    guard first != DecisionTree.none else { return }
    var candidate = tree.candidates + Int(first)
    judge(candidate.pointee)
    while !candidate.pointee.isLast {
      candidate += 1
      judge(candidate.pointee)
    }
  }

  /// Looks a field's values up in the indexes, once per event.
  @inline(__always)
  private mutating func lookUp(_ field: Int) {
    if lookedUp[field] != stamp { lookUpNow(field) }
  }

  @inline(never)
  private mutating func lookUpNow(_ field: Int) {
    lookedUp[field] = stamp
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
      guard satisfied[Int(predicate)] != stamp else { continue }
      satisfied[Int(predicate)] = stamp
      predicates |= 1 &<< UInt64(predicate)
      hits[kept] = predicate
      kept &+= 1
    }
    hits.count = kept
    hitRange[field] = Hits(
      start: UInt32(truncatingIfNeeded: start),
      end: UInt32(truncatingIfNeeded: kept),
      predicates: predicates
    )
  }

  // MARK: Candidates

  private mutating func judge(_ candidate: DecisionTree.Candidate) {
    guard reported[Int(candidate.pattern)] != stamp else { return }
    for offset in 0..<candidate.conditionCount {
      guard holds(condition: tree.condition(offset, of: candidate)) else { return }
    }
    if scanner.fields.isScoped || candidate.hasClauses {
      guard refused[Int(candidate.branch)] != stamp else { return }
      let branch = set.branches[Int(candidate.branch)]
      guard isConsistent(branch), clausesHold(branch) else {
        refused[Int(candidate.branch)] = stamp
        return
      }
    }
    reported[Int(candidate.pattern)] = stamp
    matched.append(candidate.pattern)
  }

  /// Whether some value of the condition's field satisfies it. Where the field has values in arrays, a condition that
  /// may also be absent counts as held; `isConsistent` decides.
  private mutating func holds(condition number: UInt32) -> Bool {
    let known = judged[Int(number)]
    if known &>> 1 == stamp { return known & 1 != 0 }
    let holds = holdsNow(set.conditions[Int(number)])
    judged[Int(number)] = stamp &<< 1 | (holds ? 1 : 0)
    return holds
  }

  private mutating func holdsNow(_ condition: PatternSet.ConditionRecord) -> Bool {
    let field = scanner.fields.fields[Int(condition.field)]
    if field.first == 0 { return condition.mayBeAbsent }
    if condition.mayBeAbsent, field.isScoped { return true }
    for offset in 0..<Int(condition.predicateCount) {
      let number = Int(set.conditionPredicates[Int(condition.firstPredicate) &+ offset])
      if set.isIndexed[number], lookedUp[Int(condition.field)] == stamp || !set.isQuicklyJudged[number] {
        lookUp(Int(condition.field))
        if satisfied[number] == stamp { return true }
      } else if someValue(of: field, satisfies: number) {
        return true
      }
    }
    return false
  }

  private mutating func someValue(of field: EventFields.Field, satisfies number: Int) -> Bool {
    if set.isAllOf[number], case .allOf(let members) = set.predicates[number].predicate {
      return holds(allOf: members, number: number, field)
    }
    var next = field.first
    while next != 0 {
      let value = scanner.fields.values[Int(next) &- 1]
      if holds(predicate: number, for: value) { return true }
      next = value.next
    }
    return false
  }

  /// Whether the values of a field together satisfy all members; judged once per event.
  mutating func holds(allOf members: [Predicate], number: Int, _ field: EventFields.Field) -> Bool {
    // No index stamps this predicate, so there is room for either answer.
    let refuted = stamp | 1 << 31
    if satisfied[number] == stamp || satisfied[number] == refuted { return satisfied[number] == stamp }
    let holds = members.allSatisfy { member in
      var next = field.first
      while next != 0 {
        let value = scanner.fields.values[Int(next) &- 1]
        if member.holds(for: value.leaf, scratch: &regexScratch) { return true }
        next = value.next
      }
      return false
    }
    satisfied[number] = holds ? stamp : refuted
    return holds
  }

  /// Whether one value satisfies a predicate.
  mutating func holds(predicate number: Int, for value: CapturedValue) -> Bool {
    if let holds = set.table.holds(number, value) { return holds }
    let other = set.otherField[number]
    guard other < 0 else { return equals(value, field: Int(other)) }
    return set.predicates[number].predicate.holds(for: value.leaf, scratch: &regexScratch)
  }

  private func equals(_ value: CapturedValue, field: Int) -> Bool {
    var next = scanner.fields.fields[field].first
    while next != 0 {
      let other = scanner.fields.values[Int(next) &- 1]
      if other.kind == value.kind {
        if value.kind != .string, value.kind != .number { return true }
        if value.length == other.length, bytesEqual(value.text, other.text, Int(value.length)) { return true }
        if value.kind == .number, let left = ComparableNumber.value(of: value.leaf.text),
          left == ComparableNumber.value(of: other.leaf.text)
        {
          return true
        }
      }
      next = other.next
    }
    return false
  }

  // MARK: Clauses

  private mutating func clausesHold(_ branch: PatternSet.BranchRecord) -> Bool {
    for offset in 0..<Int(branch.clauseCount) {
      guard holds(clause: Int(set.branchClauses[Int(branch.firstClause) &+ offset])) else { return false }
    }
    return true
  }

  private mutating func holds(clause number: Int) -> Bool {
    let known = judgedClauses[number]
    if known &>> 1 == stamp { return known & 1 != 0 }
    let clause = set.clauses[number]
    var someBranchHolds = false
    for inner in 0..<Int(clause.branchCount) where !someBranchHolds {
      someBranchHolds = holds(branch: Int(set.clauseBranches[Int(clause.firstBranch) &+ inner]))
    }
    let holds = someBranchHolds != clause.isNot
    judgedClauses[number] = stamp &<< 1 | (holds ? 1 : 0)
    return holds
  }

  private mutating func holds(branch number: Int) -> Bool {
    let branch = set.branches[number]
    for offset in 0..<Int(branch.conditionCount) {
      guard holds(condition: set.branchConditions[Int(branch.firstCondition) &+ offset]) else { return false }
    }
    return isConsistent(branch) && clausesHold(branch)
  }
}

// The hot loop: an event's bytes in, the numbers of the matching patterns out.
//
//     bytes ─ scan ─► fields ─ down the tree ─► candidates ─ conditions left ─► array consistency ─► clauses ─► match
//
// The tree and the conditions judge each field on its own: "some value of the field satisfies". That is necessary, and it
// is sufficient unless values stand in different elements of one array. So the (dearer) look at array elements is only
// taken for branches that passed everything else, and only for events that have such arrays in fields rules ask about.
//
// Answers are remembered for as long as the event is looked at. What there is one of per rule is remembered as a bit and
// cleared by the list of what was found; the rest is stamped with the event's number and needs no clearing.

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
  /// What is known about a field of the event.
  private struct FieldNotes: BitwiseCopyable {
    /// The event for which its values were looked up, and the run of `hits` that came of it.
    var lookedUp: UInt32 = 0
    var start: UInt32 = 0
    var end: UInt32 = 0
    /// The event for which its number was read.
    var numbered: UInt32 = 0
    /// One bit per hit, modulo 64.
    var predicates: UInt64 = 0
    /// The value of its only number; NaN, which is in no range, if it has none to compare.
    var number = Double.nan
  }

  /// The number of the event.
  private var stamp: UInt32 = 0
  /// Per field.
  private let notes: UnsafeMutablePointer<FieldNotes>
  /// The predicates that the indexes found, in a list and as a set.
  private var hits = GrowBuffer<UInt32>(capacity: 256)
  private let satisfied: NumberSet
  /// The conditions that were judged, and those of them that hold.
  private var judged = GrowBuffer<UInt32>(capacity: 64)
  private let isJudged: NumberSet
  private let holding: NumberSet
  /// Per predicate, if some are about all values of a field: twice the event for which it was judged, plus one if it held.
  private let judgedAllOf: UnsafeMutablePointer<UInt32>
  /// Per clause: the same.
  private let judgedClauses: UnsafeMutablePointer<UInt32>
  /// Per branch: the event whose array elements or clauses last refused it. (A branch may wait in many places.)
  private let refused: UnsafeMutablePointer<UInt32>
  /// The patterns that match, in a list and as a set.
  private var matched = GrowBuffer<UInt32>(capacity: 64)
  private let reported: NumberSet
  /// What lies below the predicates that the event satisfies, in the order found.
  private var ways = GrowBuffer<DecisionTree.Below>(capacity: 64)
  /// A slot of a node's table where a satisfied predicate may be.
  private struct Probe: BitwiseCopyable {
    var node: UInt32
    var slot: UInt32
    var predicate: UInt32
  }
  private var probes = GrowBuffer<Probe>(capacity: 64)
  /// A candidate whose next test needs memory that has been asked for. Both by their cells.
  private struct Postponed: BitwiseCopyable {
    var candidate: UInt32
    var test: UInt32
  }
  private var postponed = GrowBuffer<Postponed>(capacity: 64)
  /// Whether the set is so large that what tests need is seldom in a near cache.
  private let postpones: Bool
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
    notes = .allocate(capacity: max(fieldCount, 1))
    notes.initialize(repeating: FieldNotes(), count: max(fieldCount, 1))
    satisfied = NumberSet(bound: set.predicates.count)
    isJudged = NumberSet(bound: set.conditionCount)
    holding = NumberSet(bound: set.conditionCount)
    judgedAllOf = Self.zeros(set.hasAllOf ? set.predicates.count : 0)
    judgedClauses = Self.zeros(set.clauseCount)
    refused = Self.zeros(set.branchCount)
    reported = NumberSet(bound: set.count)
    postpones = set.tableBytes > Self.nearCacheSize
  }

  deinit {
    scanner.free()
    runs.free()
    notes.deallocate()
    hits.free()
    satisfied.free()
    judged.free()
    isJudged.free()
    holding.free()
    judgedAllOf.deallocate()
    judgedClauses.deallocate()
    refused.deallocate()
    matched.free()
    reported.free()
    ways.free()
    probes.free()
    postponed.free()
    verifier.free()
  }

  /// What a processor has close by, roughly.
  private static let nearCacheSize = 1 << 20

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
    try scanner.scan(event)
    judgeScanned()
  }

  /// The indices of the patterns that match what the scanner holds, ascending.
  mutating func matchesOfScanned() -> [Int] {
    judgeScanned()
    return matched.count == 0 ? [] : Self.sorted(matched)
  }

  private mutating func judgeScanned() {
    reported.removeAll(matched)
    satisfied.removeAll(hits)
    isJudged.removeAll(judged)
    holding.removeAll(judged)
    (matched.count, hits.count, judged.count) = (0, 0, 0)
    advanceStamp()
    descend()
  }

  private mutating func advanceStamp() {
    stamp &+= 1
    guard stamp >= 1 << 31 - 1 else { return }
    // Once in two thousand million events: forget everything rather than take an old answer for a new one.
    stamp = 1
    notes.update(repeating: FieldNotes(), count: max(set.fieldPaths.count, 1))
    if set.hasAllOf { judgedAllOf.update(repeating: 0, count: set.predicates.count) }
    judgedClauses.update(repeating: 0, count: max(set.clauseCount, 1))
    refused.update(repeating: 0, count: max(set.branchCount, 1))
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
  private mutating func considerRoot() {
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
  private func prefetchValue(of field: Int) {
    let first = scanner.fields.fields[field].first
    if first != 0 { values.prefetch(scanner.fields.values[Int(first) &- 1], field: field) }
  }

  @inline(__always)
  private mutating func considerChain(_ first: UInt32) {
    var node = first
    consider(node)
    while !tree.nodes[Int(node)].isLast {
      node &+= 1
      consider(node)
    }
  }

  /// Notes where in a node's table the predicates may be that the event satisfies.
  @inline(__always)
  private mutating func consider(_ number: UInt32) {
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
      guard node.predicates &>> UInt64(predicate) & 1 != 0 else { continue }
      let slot = node.firstSlot(predicate)
      sb_prefetch(slots + Int(slot))
      (probes + count).initialize(to: Probe(node: number, slot: slot, predicate: predicate))
      count &+= 1
    }
    self.probes.count = count
  }

  /// Looks a field's values up in the indexes, once per event.
  @inline(__always)
  private mutating func lookUp(_ field: Int) {
    if notes[field].lookedUp != stamp { lookUpNow(field) }
  }

  @inline(never)
  private mutating func lookUpNow(_ field: Int) {
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
  private func number(of field: Int, _ value: UInt32) -> Double {
    if notes[field].numbered != stamp {
      notes[field].numbered = stamp
      let value = scanner.fields.values[Int(value) &- 1]
      notes[field].number = value.kind == .number ? ComparableNumber.value(of: value.leaf.text) ?? .nan : .nan
    }
    return notes[field].number
  }

  // MARK: Candidates

  private mutating func judgeCandidates(_ first: UInt32) {
    guard first != DecisionTree.none else { return }
    var cell = first
    while true {
      let candidate = tree.candidate(at: cell)
      judge(candidate, cell, from: candidate.firstTest)
      if candidate.isLast { return }
      cell &+= 1
    }
  }

  /// Judges a candidate from one of its tests on, or up to one that is better taken up later.
  @inline(__always)
  private mutating func judge(_ candidate: DecisionTree.Candidate, _ cell: UInt32, from first: UInt32) {
    var next = first
    while next != candidate.testEnd {
      let test = tree.test(at: next)
      switch answer(to: test, at: next) {
      case .fails: return
      case .passes: break
      case .open:
        if postpones {
          askForMemory(of: test)
          return postponed.append(Postponed(candidate: cell, test: next))
        }
        guard passes(test) else { return }
      }
      next &+= test.cellCount
    }
    if scanner.fields.isScoped || candidate.hasClauses {
      guard holdsAsAWhole(candidate) else { return }
    }
    if reported.insert(candidate.pattern) { matched.append(candidate.pattern) }
  }

  /// Goes on with candidates that wait for memory. Those that need more of it wait again.
  private mutating func takeUpPostponed() {
    var index = 0
    while index < postponed.count {
      // The texts of a predicate are a second place to go to, and its record is here by now.
      if index &+ 4 < postponed.count {
        let test = tree.test(at: postponed[index &+ 4].test)
        if test.hasPredicate { set.table.prefetchTexts(of: Int(test.predicate)) }
      }
      let entry = postponed[index]
      let test = tree.test(at: entry.test)
      if passes(test) {
        judge(tree.candidate(at: entry.candidate), entry.candidate, from: entry.test &+ test.cellCount)
      }
      index &+= 1
    }
    postponed.count = 0
  }

  /// Whether the conditions of a branch, which hold each on its own, hold together and its clauses do, too.
  @inline(never)
  private mutating func holdsAsAWhole(_ candidate: DecisionTree.Candidate) -> Bool {
    guard !reported.contains(candidate.pattern), refused[Int(candidate.branch)] != stamp else { return false }
    let branch = set.branches[Int(candidate.branch)]
    if isConsistent(branch), clausesHold(branch) { return true }
    refused[Int(candidate.branch)] = stamp
    return false
  }

  /// What can be said about a test without a look at anything far away.
  private enum Answer {
    case passes, fails, open
  }

  @inline(__always)
  private mutating func answer(to test: LeafTest, at cell: UInt32) -> Answer {
    let field = scanner.fields.fields[test.field]
    switch test.kind {
    case .absent: return field.first == 0 || field.isScoped ? .passes : .fails
    case .present: return field.first != 0 ? .passes : .fails
    case .found:
      guard field.first != 0 else { return .fails }
      lookUp(test.field)
      return satisfied.contains(test.predicate) ? .passes : .fails
    case .someFound:
      guard field.first != 0 else { return .fails }
      lookUp(test.field)
      guard notes[test.field].predicates & test.predicates != 0 else { return .fails }
    case .unlike:
      guard field.first != 0 else { return .fails }
      let value = scanner.fields.values[Int(field.first) &- 1]
      if value.kind != .string || test.isSurelyUnlike(value.text, Int(value.length)) { return .passes }
    case .range:
      guard field.first != 0 else { return .fails }
      if field.first == field.last {
        return tree.bounds(at: cell &+ 1).contain(number(of: test.field, field.first)) ? .passes : .fails
      }
    case .single:
      guard field.first != 0 else { return .fails }
    case .general: break
    }
    guard isJudged.contains(test.condition) else { return .open }
    return holding.contains(test.condition) ? .passes : .fails
  }

  /// Asks for the memory that an open test will look at first.
  @inline(__always)
  private func askForMemory(of test: LeafTest) {
    if test.hasPredicate {
      set.table.prefetch(Int(test.predicate))
    } else {
      sb_prefetch(set.conditions + Int(test.condition))
    }
  }

  /// Whether an open test passes.
  @inline(never)
  private mutating func passes(_ test: LeafTest) -> Bool {
    // Another candidate may have asked meanwhile.
    if isJudged.contains(test.condition) { return holding.contains(test.condition) }
    let holds =
      if test.hasPredicate {
        someValue(of: scanner.fields.fields[test.field], satisfies: Int(test.predicate))
      } else {
        holdsNow(set.conditions[Int(test.condition)])
      }
    return remember(test.condition, holds)
  }

  /// Whether some value of the condition's field satisfies it. Where the field has values in arrays, a condition that
  /// may also be absent counts as held; `isConsistent` decides.
  @inline(never)
  private mutating func holds(condition number: UInt32) -> Bool {
    if isJudged.contains(number) { return holding.contains(number) }
    return remember(number, holdsNow(set.conditions[Int(number)]))
  }

  @inline(__always)
  private mutating func remember(_ condition: UInt32, _ holds: Bool) -> Bool {
    judged.append(condition)
    _ = isJudged.insert(condition)
    if holds { _ = holding.insert(condition) }
    return holds
  }

  private mutating func holdsNow(_ condition: PatternSet.ConditionRecord) -> Bool {
    let field = scanner.fields.fields[Int(condition.field)]
    if field.first == 0 { return condition.mayBeAbsent }
    if condition.mayBeAbsent, field.isScoped { return true }
    for offset in 0..<Int(condition.predicateCount) {
      let number = set.conditionPredicates[Int(condition.firstPredicate) &+ offset]
      if set.isIndexed[Int(number)], notes[Int(condition.field)].lookedUp == stamp || !set.isQuicklyJudged[Int(number)] {
        lookUp(Int(condition.field))
        if satisfied.contains(number) { return true }
      } else if someValue(of: field, satisfies: Int(number)) {
        return true
      }
    }
    return false
  }

  private mutating func someValue(of field: EventFields.Field, satisfies number: Int) -> Bool {
    if set.hasAllOf, set.isAllOf[number], case .allOf(let members) = set.predicates[number].predicate {
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
    let known = judgedAllOf[number]
    if known &>> 1 == stamp { return known & 1 != 0 }
    let holds = members.allSatisfy { member in
      var next = field.first
      while next != 0 {
        let value = scanner.fields.values[Int(next) &- 1]
        if member.holds(for: value.leaf, scratch: &regexScratch) { return true }
        next = value.next
      }
      return false
    }
    judgedAllOf[number] = stamp &<< 1 | (holds ? 1 : 0)
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

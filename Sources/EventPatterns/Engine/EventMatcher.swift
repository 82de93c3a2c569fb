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
  let tree: DecisionTree
  let values: ValueIndex
  var scanner: EventScanner
  var regexScratch = RegexScratch()
  let runs: FourByteRuns
  /// What is known about a field of the event.
  struct FieldNotes: BitwiseCopyable {
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
  var stamp: UInt32 = 0
  /// Per field.
  let notes: UnsafeMutablePointer<FieldNotes>
  /// The predicates that the indexes found, in a list and as a set.
  var hits = GrowBuffer<UInt32>(capacity: 256)
  let satisfied: NumberSet
  /// The conditions that were judged, and those of them that hold.
  var judged = GrowBuffer<UInt32>(capacity: 64)
  let isJudged: NumberSet
  let holding: NumberSet
  /// Per predicate, if some are about all values of a field: twice the event for which it was judged, plus one if it held.
  let judgedAllOf: UnsafeMutablePointer<UInt32>
  /// Per clause: the same.
  let judgedClauses: UnsafeMutablePointer<UInt32>
  /// Per branch: the event whose array elements or clauses last refused it. (A branch may wait in many places.)
  let refused: UnsafeMutablePointer<UInt32>
  /// The patterns that match, in a list and as a set.
  var matched = GrowBuffer<UInt32>(capacity: 64)
  let reported: NumberSet
  /// What lies below the predicates that the event satisfies, in the order found.
  var ways = GrowBuffer<DecisionTree.Below>(capacity: 64)
  /// A slot of a node's table where a satisfied predicate may be.
  struct Probe: BitwiseCopyable {
    var node: UInt32
    var slot: UInt32
    var predicate: UInt32
  }
  var probes = GrowBuffer<Probe>(capacity: 64)
  /// A candidate whose next test needs memory that has been asked for. Both by their cells.
  struct Postponed: BitwiseCopyable {
    var candidate: UInt32
    var test: UInt32
  }
  var postponed = GrowBuffer<Postponed>(capacity: 64)
  /// Whether the set is so large that what tests need is seldom in a near cache.
  let postpones: Bool
  var verifier = ConsistencyVerifier()

  /// Prepares scratch memory for a set.
  public init(_ set: PatternSet) { self.init(set, trie: set.trie, observedCount: 0) }

  /// - Parameter nearCacheSize: above which size of its tables, in bytes, a set is matched as one that is seldom in a near
  ///   cache. Makes no difference but in time; tests try small sets both ways.
  package init(_ set: PatternSet, nearCacheSize: Int) {
    self.init(set, trie: set.trie, observedCount: 0, nearCacheSize: nearCacheSize)
  }

  /// - Parameter trie: the set's, or one that has the same paths and some that are observed.
  init(_ set: PatternSet, trie: PathTrie, observedCount: Int, nearCacheSize: Int = Self.nearCacheSize) {
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
    postpones = set.tableBytes > nearCacheSize
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
}

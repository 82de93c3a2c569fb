// Patterns, compiled: parse → branches → numbered predicates and conditions → indexes and tree → frozen tables.
//
// What many patterns share is stored once. Two rules that both ask `source ∈ {aws.s3}` share one condition, and every
// condition with `"aws.s3"` on `source` shares one predicate; for each event, each is judged at most once.

/// A frozen set of compiled patterns, to be matched against events by an `EventMatcher`.
///
/// Immutable, so any number of threads may match against it; swap in a new set to change the rules. Building costs
/// time and memory in proportion to the patterns' text.
///
/// `@unchecked Sendable`: the tables are raw memory that is written in `init` only and freed in `deinit`.
public final class PatternSet: @unchecked Sendable {
  /// What one field must be, by numbers.
  struct ConditionRecord: BitwiseCopyable {
    var field: UInt32
    var firstPredicate: UInt32
    var predicateCount: UInt32
    /// Whether the field may be missing.
    var mayBeAbsent: Bool
    /// Whether all of the predicates are found through the value index.
    var isIndexed: Bool

    /// Its predicates in `conditionPredicates`.
    var predicates: Range<Int> { Int(firstPredicate)..<Int(firstPredicate) + Int(predicateCount) }
  }

  /// A branch of a pattern, or of a clause inside one.
  struct BranchRecord: BitwiseCopyable {
    var pattern: UInt32
    var firstCondition: UInt32
    var conditionCount: UInt32
    var firstClause: UInt32
    var clauseCount: UInt32

    /// Its conditions in `branchConditions`.
    var conditions: Range<Int> { Int(firstCondition)..<Int(firstCondition) + Int(conditionCount) }
  }

  /// An inner pattern: a run of branches in `clauseBranches`. Branches refer to clauses by their numbers, in
  /// `branchClauses`.
  struct ClauseRecord: BitwiseCopyable {
    var isNot: Bool
    var firstBranch: UInt32
    var branchCount: UInt32
  }

  /// How many patterns there are; a match is reported by its index among them.
  public let count: Int

  let fieldPaths: [[UInt8]]
  /// All distinct predicates with their fields; the index is the number.
  let predicates: [(field: Int, predicate: Predicate)]
  /// For `equals-field`: the other field; -1 for all other predicates.
  let otherField: UnsafePointer<Int32>
  /// Whether a predicate is found through the value index.
  let isIndexed: UnsafePointer<Bool>
  /// Whether a predicate is found cheaper by judging it than by looking up a field that nobody has looked up yet.
  let isQuicklyJudged: UnsafePointer<Bool>
  /// Whether a predicate is about all of a field's values together.
  let isAllOf: UnsafePointer<Bool>
  /// Whether there is such a one.
  let hasAllOf: Bool
  let table: PredicateTable
  let conditions: UnsafePointer<ConditionRecord>
  let conditionCount: Int
  let conditionPredicates: UnsafePointer<UInt32>
  let branches: UnsafePointer<BranchRecord>
  let branchCount: Int
  let branchConditions: UnsafePointer<UInt32>
  let branchClauses: UnsafePointer<UInt32>
  let clauses: UnsafePointer<ClauseRecord>
  let clauseCount: Int
  let clauseBranches: UnsafePointer<UInt32>
  let trie: PathTrie
  let values: ValueIndex
  let tree: DecisionTree
  private let arena: FrozenArena

  /// Compiles patterns.
  ///
  /// A set is compiled as a whole, and fast enough for each change of a rule: keep the parsed patterns, take one out or
  /// put one in, compile a new set and swap it in. What can be worked out for a pattern alone is worked out when it is
  /// parsed.
  ///
  /// - Complexity: in proportion to the conditions of all patterns, times the depth of the tree, which grows with the
  ///   number of patterns that are alike in their first fields (10,000 patterns: 20 to 40 ms).
  public init(_ patterns: [EventPattern]) {
    var numbering = PatternNumbering(patterns)
    let arena = FrozenArena()
    let hash = ByteHash(seed: UInt64.random(in: 0...UInt64.max))
    let predicates = numbering.predicates
    var builder = DecisionTreeBuilder(numbering, breadths: Self.breadths(of: predicates))
    tree = builder.build(numbering.roots, arena: arena)
    arena.finish(.tree)
    let isIndexed = predicates.indices.map { number in
      switch numbering.access[number] {
      case .none: false
      case .ifAwaited: builder.isKey[number]
      case .always: true
      }
    }
    numbering.markConditions(isIndexed: isIndexed)
    count = patterns.count
    fieldPaths = numbering.paths
    self.predicates = predicates
    otherField = arena.freeze(numbering.otherField)
    self.isIndexed = arena.freeze(isIndexed)
    isQuicklyJudged = arena.freeze(numbering.access.map { $0 == .ifAwaited })
    let isAllOf = predicates.map { if case .allOf = $0.predicate { true } else { false } }
    self.isAllOf = arena.freeze(isAllOf)
    hasAllOf = isAllOf.contains(true)
    table = PredicateTable(predicates.lazy.map(\.predicate), arena: arena)
    arena.finish(.predicates)
    conditions = arena.freeze(numbering.conditions)
    conditionCount = numbering.conditions.count
    conditionPredicates = arena.freeze(numbering.conditionPredicates)
    branches = arena.freeze(numbering.branches)
    branchCount = numbering.branches.count
    branchConditions = arena.freeze(numbering.branchConditions)
    branchClauses = arena.freeze(numbering.branchClauses)
    clauses = arena.freeze(numbering.clauses)
    clauseCount = numbering.clauses.count
    clauseBranches = arena.freeze(numbering.clauseBranches)
    arena.finish(.conditions)
    trie = PathTrie(numbering.paths, hash: hash, arena: arena)
    arena.finish(.paths)
    values = ValueIndex(
      ValueIndex.Builder(predicates, isIndexed: isIndexed, fieldCount: numbering.paths.count, hash: hash),
      table: table,
      arena: arena
    )
    arena.finish(.indexes)
    self.arena = arena
  }

  /// Which share of a field's values satisfies each predicate, as far as the predicates tell: of a range, the share of
  /// the field's ranges that begin in it. 0 for what picks single values out.
  static func breadths(of predicates: [(field: Int, predicate: Predicate)]) -> [Float] {
    var lowerEnds: [Int: [Double]] = [:]
    for (field, predicate) in predicates {
      if case .numeric(let range, _) = predicate { lowerEnds[field, default: []].append(range.lower) }
    }
    for field in lowerEnds.keys { lowerEnds[field]?.sort() }
    return predicates.map { field, predicate in
      switch predicate {
      case .exists: return 0.5
      case .numeric(let range, _):
        guard let ends = lowerEnds[field], ends.count > 1 else { return 0.5 }
        let inside = ends.partitioningIndex { $0 > range.upper } - ends.partitioningIndex { $0 >= range.lower }
        return Float(inside) / Float(ends.count)
      default: return 0
      }
    }
  }

  /// Whether a predicate is among those of a condition.
  func lists(_ predicate: UInt32, in condition: ConditionRecord) -> Bool {
    var low = Int(condition.firstPredicate)
    let end = low + Int(condition.predicateCount)
    var high = end
    while low < high {
      let middle = (low + high) / 2
      if conditionPredicates[middle] < predicate { low = middle + 1 } else { high = middle }
    }
    return low < end && conditionPredicates[low] == predicate
  }

  /// Whether some pattern asks about the field of a path such as `detail.eventName`.
  package func asks(about path: String) -> Bool { fieldPaths.contains(Array(path.utf8)) }

  /// The size of the frozen tables in bytes.
  public var tableBytes: Int { arena.bytes }
  /// The sizes of their parts.
  var tableParts: [(part: Statistics.Part, bytes: Int)] { arena.parts }
}

extension [Double] {
  /// The first index whose element satisfies a condition that all later ones satisfy too.
  fileprivate func partitioningIndex(where belongs: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

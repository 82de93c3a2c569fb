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
  }

  /// A branch of a pattern, or of a clause inside one.
  struct BranchRecord: BitwiseCopyable {
    var pattern: UInt32
    var firstCondition: UInt32
    var conditionCount: UInt32
    var firstClause: UInt32
    var clauseCount: UInt32
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
  public init(_ patterns: [EventPattern]) {
    var numbering = Numbering()
    var roots: [Int] = []
    for (number, pattern) in patterns.enumerated() { roots += numbering.add(pattern, number: number) }
    let arena = FrozenArena()
    let hash = ByteHash(seed: UInt64.random(in: 0...UInt64.max))
    let predicates = numbering.predicates
    var builder = DecisionTreeBuilder(
      conditions: numbering.conditions.map { condition in
        let numbers = numbering.conditionPredicates[
          Int(condition.firstPredicate)..<Int(condition.firstPredicate + condition.predicateCount)
        ]
        let isKeyed = !condition.mayBeAbsent && numbers.allSatisfy { numbering.access[Int($0)] != .none }
        return .init(field: Int(condition.field), keys: isKeyed ? Array(numbers) : nil)
      },
      branches: numbering.branches.map { branch in
        let numbers = numbering.branchConditions[
          Int(branch.firstCondition)..<Int(branch.firstCondition + branch.conditionCount)
        ]
        return .init(pattern: branch.pattern, conditions: Array(numbers), hasClauses: branch.clauseCount > 0)
      },
      breadths: Self.breadths(of: predicates),
      fieldCount: numbering.paths.count
    )
    tree = builder.build(roots, arena: arena)
    arena.finish(.tree)
    let isIndexed = predicates.indices.map { number in
      switch numbering.access[number] {
      case .none: false
      case .ifAwaited: builder.isKey[number]
      case .always: true
      }
    }
    for number in numbering.conditions.indices { numbering.markIndexed(number, isIndexed) }
    count = patterns.count
    fieldPaths = numbering.paths
    self.predicates = predicates
    otherField = arena.freeze(numbering.otherField)
    self.isIndexed = arena.freeze(isIndexed)
    isQuicklyJudged = arena.freeze(numbering.access.map { $0 == .ifAwaited })
    isAllOf = arena.freeze(predicates.map { if case .allOf = $0.predicate { true } else { false } })
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
      predicates,
      isIndexed: isIndexed,
      table: table,
      fieldCount: numbering.paths.count,
      hash: hash,
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

  /// The size of the frozen tables in bytes.
  public var tableBytes: Int { arena.bytes }
  /// The sizes of their parts.
  var tableParts: [(part: Statistics.Part, bytes: Int)] { arena.parts }
}

/// Gives numbers to all that is distinct.
private struct Numbering {
  private struct PredicateKey: Hashable {
    var field: Int
    var predicate: Predicate
  }
  private struct ConditionKey: Hashable {
    var field: Int
    var predicates: [UInt32]
    var mayBeAbsent: Bool
  }

  private(set) var paths: [[UInt8]] = []
  private(set) var predicates: [(field: Int, predicate: Predicate)] = []
  private(set) var otherField: [Int32] = []
  private(set) var access: [ValueIndex.Access] = []
  private(set) var conditions: [PatternSet.ConditionRecord] = []
  private(set) var conditionPredicates: [UInt32] = []
  private(set) var branches: [PatternSet.BranchRecord] = []
  private(set) var branchConditions: [UInt32] = []
  private(set) var branchClauses: [UInt32] = []
  private(set) var clauses: [PatternSet.ClauseRecord] = []
  private(set) var clauseBranches: [UInt32] = []

  private var fieldOfPath: [[UInt8]: Int] = [:]
  private var numberOfPredicate: [PredicateKey: UInt32] = [:]
  private var numberOfCondition: [ConditionKey: UInt32] = [:]
  /// The clauses of the pattern being added, by their place in its source: `$or` multiplies branches, and all of them
  /// share the clauses around it.
  private var clauseAtOffset: [Int: UInt32] = [:]

  /// Adds a pattern; returns the numbers of its branches.
  mutating func add(_ pattern: EventPattern, number: Int) -> [Int] {
    clauseAtOffset.removeAll(keepingCapacity: true)
    return pattern.branches.map { add($0, pattern: number) }
  }

  /// Adds a branch and all that is inside; returns its number.
  private mutating func add(_ branch: Branch, pattern: Int) -> Int {
    let numbers = branch.conditions.map { add($0) }
    let inner = branch.clauses.map { add($0, pattern: pattern) }
    branches.append(
      .init(
        pattern: UInt32(pattern),
        firstCondition: UInt32(branchConditions.count),
        conditionCount: UInt32(numbers.count),
        firstClause: UInt32(branchClauses.count),
        clauseCount: UInt32(inner.count)
      )
    )
    branchConditions += numbers
    branchClauses += inner
    return branches.count - 1
  }

  private mutating func add(_ clause: Clause, pattern: Int) -> UInt32 {
    if let number = clauseAtOffset[clause.offset] { return number }
    let numbers = clause.branches.map { UInt32(add($0, pattern: pattern)) }
    let number = UInt32(clauses.count)
    clauseAtOffset[clause.offset] = number
    clauses.append(
      .init(
        isNot: clause.kind == .not,
        firstBranch: UInt32(clauseBranches.count),
        branchCount: UInt32(numbers.count)
      )
    )
    clauseBranches += numbers
    return number
  }

  private mutating func add(_ condition: Condition) -> UInt32 {
    let field = field(condition.path)
    var numbers: [UInt32] = []
    var mayBeAbsent = false
    for alternative in condition.alternatives {
      if case .absent = alternative.predicate {
        mayBeAbsent = true
      } else {
        numbers.append(number(field, alternative.predicate))
      }
    }
    numbers = Set(numbers).sorted()
    let key = ConditionKey(field: field, predicates: numbers, mayBeAbsent: mayBeAbsent)
    if let number = numberOfCondition[key] { return number }
    let number = UInt32(conditions.count)
    numberOfCondition[key] = number
    conditions.append(
      .init(
        field: UInt32(field),
        firstPredicate: UInt32(conditionPredicates.count),
        predicateCount: UInt32(numbers.count),
        mayBeAbsent: mayBeAbsent,
        isIndexed: false
      )
    )
    conditionPredicates += numbers
    return number
  }

  /// Notes whether all predicates of a condition are found through the value index, once that is known.
  mutating func markIndexed(_ number: Int, _ isIndexed: [Bool]) {
    let condition = conditions[number]
    conditions[number].isIndexed = (0..<Int(condition.predicateCount)).allSatisfy {
      isIndexed[Int(conditionPredicates[Int(condition.firstPredicate) + $0])]
    }
  }

  private mutating func field(_ path: [UInt8]) -> Int {
    if let field = fieldOfPath[path] { return field }
    fieldOfPath[path] = paths.count
    paths.append(path)
    return paths.count - 1
  }

  private mutating func number(_ field: Int, _ predicate: Predicate) -> UInt32 {
    let canonical = Self.canonical(predicate)
    let key = PredicateKey(field: field, predicate: canonical)
    if let number = numberOfPredicate[key] { return number }
    let number = UInt32(predicates.count)
    numberOfPredicate[key] = number
    predicates.append((field, canonical))
    access.append(ValueIndex.access(to: canonical))
    otherField.append(-1)
    if case .equalsField(let path) = predicate { otherField[Int(number)] = Int32(self.field(path)) }
    return number
  }

  /// One form for predicates that accept the same values but are spelled differently (`300` and `3e2`, `root` and `Root`
  /// in any case): an index finds one predicate per key.
  private static func canonical(_ predicate: Predicate) -> Predicate {
    switch predicate {
    case .number(_, let value?): .number(text: [], value: value)
    case .caseless(let text, let anchor): .caseless(text.ascii.map { CaselessText($0) } ?? text, anchor)
    default: predicate
    }
  }
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

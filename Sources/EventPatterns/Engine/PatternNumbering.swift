// Numbers for all that is distinct in a set of patterns: fields, predicates, conditions, and the branches made of them.
//
//     {"source": ["aws.s3"], "detail": {"eventName": ["a", "b"]}}     branch 0: conditions 0 1
//     {"source": ["aws.s3"], "detail": {"eventName": ["b"]}}          branch 1: conditions 0 2
//
//     condition 0: field 0 (source), predicate 0 ("aws.s3")
//     condition 1: field 1 (detail.eventName), predicates 1 ("a"), 2 ("b")
//     condition 2: field 1, predicate 2
//
// What is the same is known by its fingerprint, and most conditions of a large set have been met before.

/// Gives numbers to all that is distinct.
struct PatternNumbering {
  /// The branches of the patterns themselves, without those of clauses.
  private(set) var roots: [UInt32] = []
  private(set) var paths: [[UInt8]] = []
  private(set) var predicates: [(field: Int, predicate: Predicate)] = []
  private(set) var otherField: [Int32] = []
  private(set) var access: [ValueIndex.Access] = []
  /// How many predicates the patterns name themselves. The others stand for what these exclude.
  private(set) var namedPredicateCount = 0
  /// Per predicate that the patterns name: where in `excluded` the predicates of what it excludes end, if they are known.
  private var excludedEnds: [Int] = []
  private var excluded: [UInt32] = []
  private(set) var conditions: [PatternSet.ConditionRecord] = []
  private(set) var conditionPredicates: [UInt32] = []
  private(set) var branches: [PatternSet.BranchRecord] = []
  private(set) var branchConditions: [UInt32] = []
  private(set) var branchClauses: [UInt32] = []
  private(set) var clauses: [PatternSet.ClauseRecord] = []
  private(set) var clauseBranches: [UInt32] = []

  private var fieldOfPath: [[UInt8]: Int] = [:]
  private var numberOfPredicate = FingerprintTable()
  private var numberOfCondition = FingerprintTable()
  /// The clauses of the pattern being added, by their place in its source: `$or` multiplies branches, and all of them
  /// share the clauses around it.
  private var clauseAtOffset: [Int: UInt32] = [:]

  /// Gives numbers to all in some patterns.
  ///
  /// Patterns lie all over memory, and going there costs more than the rest. So of a condition that is known nothing but
  /// the fingerprint is touched, and no pattern is copied, which would count references to all of its parts.
  init(_ patterns: [EventPattern]) {
    for pattern in patterns.indices {
      clauseAtOffset.removeAll(keepingCapacity: true)
      for branch in patterns[pattern].branches.indices {
        roots.append(add(patterns[pattern].branches[branch], of: UInt32(pattern)))
      }
    }
    namedPredicateCount = predicates.count
    indexExclusions()
  }

  // MARK: What is excluded

  /// From how many `anything-but` on a field on one look-up of all that they exclude is better than judging them.
  private static let manyExclusions = 8

  /// Gives numbers to what `anything-but` excludes, in fields that have many: a value that is looked up then tells
  /// for all of them.
  private mutating func indexExclusions() {
    var exclusionsOfField = [Int](repeating: 0, count: paths.count)
    for (field, predicate) in predicates {
      if case .anythingBut = predicate { exclusionsOfField[field] += 1 }
    }
    for number in 0..<namedPredicateCount {
      let (field, predicate) = predicates[number]
      if case .anythingBut(let exclusion) = predicate, exclusionsOfField[field] >= Self.manyExclusions,
        let members = exclusion.members, members.allSatisfy({ ValueIndex.access(to: $0) != .none })
      {
        for member in members {
          let number = self.number(field, member)
          access[Int(number)] = .always
          excluded.append(number)
        }
      }
      excludedEnds.append(excluded.count)
    }
  }

  /// The predicates of what a predicate excludes; none if these are not looked up, or it excludes nothing.
  func exclusions(of predicate: UInt32) -> ArraySlice<UInt32> {
    let number = Int(predicate)
    return excluded[(number == 0 ? 0 : excludedEnds[number - 1])..<excludedEnds[number]]
  }

  // MARK: What patterns are made of

  /// Adds a branch and all that is inside; returns its number.
  private mutating func add(_ branch: Branch, of pattern: UInt32) -> UInt32 {
    let firstCondition = branchConditions.count
    for index in branch.conditions.indices {
      let (number, isNew) = numberOfCondition.number(of: branch.conditions[index].fingerprint)
      branchConditions.append(number)
      if isNew { add(branch.conditions[index]) }
    }
    // Inside a clause there are branches with clauses of their own, so these are put down after all of them.
    let inner = branch.clauses.map { add($0, of: pattern) }
    branches.append(
      .init(
        pattern: pattern,
        firstCondition: UInt32(firstCondition),
        conditionCount: UInt32(branch.conditions.count),
        firstClause: UInt32(branchClauses.count),
        clauseCount: UInt32(inner.count)
      )
    )
    branchClauses += inner
    return UInt32(branches.count - 1)
  }

  private mutating func add(_ clause: Clause, of pattern: UInt32) -> UInt32 {
    if let number = clauseAtOffset[clause.offset] { return number }
    let numbers = clause.branches.map { add($0, of: pattern) }
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

  private mutating func add(_ condition: Condition) {
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
    numbers.sort()
    let first = conditionPredicates.count
    for number in numbers where conditionPredicates.count == first || conditionPredicates.last != number {
      conditionPredicates.append(number)
    }
    conditions.append(
      .init(
        field: UInt32(field),
        firstPredicate: UInt32(first),
        predicateCount: UInt32(conditionPredicates.count - first),
        mayBeAbsent: mayBeAbsent,
        isIndexed: false
      )
    )
  }

  /// Notes which conditions have all of their predicates found through the value index, once that is known.
  mutating func markConditions(isIndexed: [Bool]) {
    for number in conditions.indices {
      conditions[number].isIndexed = conditionPredicates[conditions[number].predicates]
        .allSatisfy { isIndexed[Int($0)] }
    }
  }

  private mutating func field(_ path: [UInt8]) -> Int {
    if let field = fieldOfPath[path] { return field }
    fieldOfPath[path] = paths.count
    paths.append(path)
    return paths.count - 1
  }

  private mutating func number(_ field: Int, _ predicate: Predicate) -> UInt32 {
    let (number, isNew) = numberOfPredicate.number(of: predicate.fingerprint(on: field))
    guard isNew else { return number }
    let canonical = Self.canonical(predicate)
    predicates.append((field, canonical))
    access.append(ValueIndex.access(to: canonical))
    otherField.append(-1)
    if case .equalsField(let path) = predicate { otherField[Int(number)] = Int32(self.field(path)) }
    return number
  }

  /// One form for predicates that accept the same values but are spelled differently: which of them comes first must not
  /// make a difference.
  private static func canonical(_ predicate: Predicate) -> Predicate {
    switch predicate {
    case .number(_, let value?): .number(text: [], value: value)
    case .caseless(let text, let anchor): .caseless(text.ascii.map { CaselessText($0) } ?? text, anchor)
    default: predicate
    }
  }
}

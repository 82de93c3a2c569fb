// Array consistency: the values that satisfy a branch must come from the same elements of the arrays they share.
//
//     pattern  {"e": {"first": ["Anna"], "last": ["Jones"]}}
//     event    {"e": [{"first": "Anna", "last": "Smith"}, {"first": "Peter", "last": "Jones"}]}       no match
//
// The conditions of the branch are taken in the order of their paths, as event-ruler does. Each picks a value that
// satisfies it and thereby an element of every array around it; later conditions may only pick values that agree.
// `exists: false` holds if no value of the field agrees with what was picked before it.
//
// Picking is a search, but one that does not repeat itself: when a condition finds nothing, the search goes back to the
// latest pick that stood in the way of some value (conflict-directed backjumping), not just to the pick before. Picks in
// unrelated arrays are never retried, and for conditions inside one array every element is looked at once. Values of a
// field are sorted by scope, so the elements that were not picked are skipped by binary search.

/// Scratch memory of the search.
struct ConsistencyVerifier {
  /// A picked array element, and the condition that picked it.
  struct Pick: BitwiseCopyable {
    var scope: UInt32
    var level: UInt32
  }

  /// Per array of the event: the pick, or scope 0.
  fileprivate var picks = GrowBuffer<Pick>(capacity: 16)
  /// The arrays picked from, in order, so that picks can be taken back.
  fileprivate var trail = GrowBuffer<UInt32>(capacity: 16)
  /// The values of each condition's field, one run after the other.
  fileprivate var values = GrowBuffer<UInt32>(capacity: 64)
  fileprivate var runs = GrowBuffer<Run>(capacity: 16)

  /// One condition's values.
  struct Run: BitwiseCopyable {
    var condition: UInt32
    var start: Int
    var end: Int
    /// Whether the values' scopes ascend, so that elements can be skipped.
    var isSorted: Bool
  }

  func free() {
    picks.free()
    trail.free()
    values.free()
    runs.free()
  }
}

/// A set of conditions of one branch, by their positions.
private struct LevelSet {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  mutating func insert(_ level: Int) {
    let bit: UInt64 = 1 &<< UInt64(level & 63)
    switch level &>> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  mutating func formUnion(_ other: LevelSet) {
    words.0 |= other.words.0
    words.1 |= other.words.1
    words.2 |= other.words.2
    words.3 |= other.words.3
  }

  func contains(_ level: Int) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(level & 63)
    return switch level &>> 6 {
    case 0: words.0 & bit != 0
    case 1: words.1 & bit != 0
    case 2: words.2 & bit != 0
    default: words.3 & bit != 0
    }
  }
}

extension EventMatcher {
  /// Whether a branch whose conditions all hold on their own also holds with array elements that agree.
  mutating func isConsistent(_ branch: PatternSet.BranchRecord) -> Bool {
    guard scanner.fields.isScoped else { return true }
    var scoped = 0
    var mayBeAbsent = false
    for offset in 0..<Int(branch.conditionCount) {
      let condition = set.conditions[Int(set.branchConditions[Int(branch.firstCondition) &+ offset])]
      if scanner.fields.fields[Int(condition.field)].isScoped {
        scoped &+= 1
        mayBeAbsent = mayBeAbsent || condition.mayBeAbsent
      }
    }
    guard scoped > 1 || mayBeAbsent else { return true }
    prepare(branch)
    return place(0) == nil
  }

  private mutating func prepare(_ branch: PatternSet.BranchRecord) {
    verifier.picks.count = 0
    for _ in 0..<scanner.fields.arrayEnds.count { verifier.picks.append(.init(scope: 0, level: 0)) }
    verifier.trail.count = 0
    verifier.values.count = 0
    verifier.runs.count = 0
    for offset in 0..<Int(branch.conditionCount) {
      let number = set.branchConditions[Int(branch.firstCondition) &+ offset]
      let field = scanner.fields.fields[Int(set.conditions[Int(number)].field)]
      // A field outside all arrays cannot disagree with anything, and it is known to hold.
      guard field.isScoped else { continue }
      let start = verifier.values.count
      var isSorted = true
      var last: UInt32 = 0
      var next = field.first
      while next != 0 {
        let value = scanner.fields.values[Int(next) &- 1]
        isSorted = isSorted && value.scope >= last
        last = value.scope
        verifier.values.append(next &- 1)
        next = value.next
      }
      verifier.runs.append(.init(condition: number, start: start, end: verifier.values.count, isSorted: isSorted))
    }
  }

  /// Finds values for the conditions from a position on. Nothing means success; otherwise the earlier positions whose
  /// picks stood in the way.
  private mutating func place(_ level: Int) -> LevelSet? {
    guard level < verifier.runs.count else { return nil }
    let run = verifier.runs[level]
    let condition = set.conditions[Int(run.condition)]
    var conflicts = LevelSet()
    var someAgrees = false
    var index = run.start
    var triedScope: UInt32 = .max
    while index < run.end {
      let value = scanner.fields.values[Int(verifier.values[index])]
      if let (array, pick) = disagreement(value.scope) {
        conflicts.insert(Int(pick.level))
        index = run.isSorted ? skip(run, from: index, value.scope, array, pick) : index &+ 1
        continue
      }
      someAgrees = true
      if value.scope != triedScope, satisfies(condition, value) {
        triedScope = value.scope
        let mark = verifier.trail.count
        pick(value.scope, level)
        let failure = place(level &+ 1)
        takeBack(to: mark)
        guard let failure else { return nil }
        guard failure.contains(level) else { return failure }
        conflicts.formUnion(failure)
      }
      index &+= 1
    }
    if condition.mayBeAbsent, !someAgrees {
      guard let failure = place(level &+ 1) else { return nil }
      conflicts.formUnion(failure)
    } else if condition.mayBeAbsent {
      // Absence depends on every earlier pick.
      for earlier in 0..<level { conflicts.insert(earlier) }
    }
    return conflicts
  }

  private mutating func satisfies(_ condition: PatternSet.ConditionRecord, _ value: CapturedValue) -> Bool {
    for offset in 0..<Int(condition.predicateCount) {
      let number = Int(set.conditionPredicates[Int(condition.firstPredicate) &+ offset])
      if case .allOf = set.predicates[number].predicate { return true }  // about the field as a whole, and it holds
      if holds(predicate: number, for: value) { return true }
    }
    return false
  }

  /// The outermost array around a scope from which another element was picked.
  private func disagreement(_ scope: UInt32) -> (array: UInt32, pick: ConsistencyVerifier.Pick)? {
    var found: (UInt32, ConsistencyVerifier.Pick)?
    var scope = scope
    while scope != 0 {
      let entry = scanner.fields.scopes[Int(scope)]
      let pick = verifier.picks[Int(entry.array)]
      if pick.scope != 0, pick.scope != scope { found = (entry.array, pick) }
      scope = entry.parent
    }
    return found
  }

  private mutating func pick(_ scope: UInt32, _ level: Int) {
    var scope = scope
    while scope != 0 {
      let entry = scanner.fields.scopes[Int(scope)]
      if verifier.picks[Int(entry.array)].scope == 0 {
        verifier.picks[Int(entry.array)] = .init(scope: scope, level: UInt32(truncatingIfNeeded: level))
        verifier.trail.append(entry.array)
      }
      scope = entry.parent
    }
  }

  private mutating func takeBack(to mark: Int) {
    while verifier.trail.count > mark {
      verifier.trail.count &-= 1
      verifier.picks[Int(verifier.trail[verifier.trail.count])] = .init(scope: 0, level: 0)
    }
  }

  /// The next value that may agree: in the picked element if that is still ahead, else after the array.
  private func skip(
    _ run: ConsistencyVerifier.Run,
    from index: Int,
    _ scope: UInt32,
    _ array: UInt32,
    _ pick: ConsistencyVerifier.Pick
  ) -> Int {
    let target = scope < pick.scope ? pick.scope : scanner.fields.arrayEnds[Int(array)] &+ 1
    var low = index &+ 1
    var high = run.end
    while low < high {
      let middle = (low &+ high) &>> 1
      if scanner.fields.values[Int(verifier.values[middle])].scope < target { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}

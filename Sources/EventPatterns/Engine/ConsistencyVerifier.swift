// Array consistency: the values that satisfy a branch must come from the same elements of the arrays they share.
//
//     pattern  {"e": {"first": ["Anna"], "last": ["Jones"]}}
//     event    {"e": [{"first": "Anna", "last": "Smith"}, {"first": "Peter", "last": "Jones"}]}       no match
//
// The conditions of the branch are taken in the order of their paths, as event-ruler does. Each picks a value that
// satisfies it and thereby an element of every array around it; later conditions may only pick values that agree.
// `exists: false` holds if no value of the field agrees with what was picked before it.
//
// Picking is a search, but one that does not repeat itself (conflict-directed backjumping). When a condition finds
// nothing, it names the earlier conditions whose picks stood in the way, and for each the innermost element it objects
// to. The search goes back to the latest of those conditions, not just to the one before, and there past all values in
// that element. So picks in unrelated arrays are never retried, and a thousand values in one element that lacks
// something else are one try. Values are sorted by scope, so elements are skipped by binary search.

/// Scratch memory of the search.
struct ConsistencyVerifier {
  /// A picked array element, and the condition that picked it.
  struct Pick: BitwiseCopyable {
    var scope: UInt32
    var level: UInt32
  }

  /// One condition's values.
  struct Run: BitwiseCopyable {
    var condition: UInt32
    var start: Int
    var end: Int
    /// The innermost element of the present pick that a later condition objected to, `.max` if it objected to the pick
    /// as a whole.
    var blamed: UInt32
  }

  /// Per array of the event: the pick, or scope 0.
  fileprivate var picks = GrowBuffer<Pick>(capacity: 16)
  /// Per array of the event: the conditions with values in it. Only kept for branches with `exists: false`.
  fileprivate var pickers = GrowBuffer<LevelSet>(capacity: 16)
  /// The arrays picked from, in order, so that picks can be taken back.
  fileprivate var trail = GrowBuffer<UInt32>(capacity: 16)
  /// The values of each condition's field, one run after the other, each sorted by scope.
  fileprivate var values = GrowBuffer<UInt32>(capacity: 64)
  fileprivate var runs = GrowBuffer<Run>(capacity: 16)
  /// The predicates that one value satisfies.
  fileprivate var found = GrowBuffer<UInt32>(capacity: 16)

  func free() {
    picks.free()
    pickers.free()
    trail.free()
    values.free()
    runs.free()
    found.free()
  }
}

/// A set of conditions of one branch, by their positions; a branch has at most 256.
private struct LevelSet: BitwiseCopyable {
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
    prepare(branch, mayBeAbsent: mayBeAbsent)
    return place(0) == nil
  }

  private mutating func prepare(_ branch: PatternSet.BranchRecord, mayBeAbsent: Bool) {
    verifier.picks.count = 0
    verifier.pickers.count = 0
    for _ in 0..<scanner.fields.arrayEnds.count {
      verifier.picks.append(.init(scope: 0, level: 0))
      if mayBeAbsent { verifier.pickers.append(LevelSet()) }
    }
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
        if mayBeAbsent { notePicker(verifier.runs.count, value.scope) }
        next = value.next
      }
      if !isSorted { sortValues(from: start) }
      verifier.runs.append(.init(condition: number, start: start, end: verifier.values.count, blamed: 0))
    }
  }

  private func notePicker(_ level: Int, _ scope: UInt32) {
    var scope = scope
    while scope != 0 {
      let entry = scanner.fields.scopes[Int(scope)]
      (verifier.pickers.base + Int(entry.array)).pointee.insert(level)
      scope = entry.parent
    }
  }

  /// Rare: only if elements that are values stand behind elements that hold some, or names come twice.
  private func sortValues(from start: Int) {
    var run = UnsafeMutableBufferPointer(start: verifier.values.base + start, count: verifier.values.count - start)
    run.sort {
      let left = scanner.fields.values[Int($0)].scope
      let right = scanner.fields.values[Int($1)].scope
      return left == right ? $0 < $1 : left < right
    }
  }

  // MARK: The search

  /// Finds values for the conditions from a position on. Nothing means success; otherwise the earlier positions whose
  /// picks stood in the way.
  private mutating func place(_ level: Int) -> LevelSet? {
    guard level < verifier.runs.count else { return nil }
    let run = verifier.runs[level]
    let condition = set.conditions[Int(run.condition)]
    var conflicts = LevelSet()
    var agreeing: UInt32?
    var index = run.start
    while index < run.end {
      let value = scanner.fields.values[Int(verifier.values[index])]
      if let (array, pick) = disagreement(value.scope) {
        blame(pick, &conflicts)
        // On to the picked element if that is still ahead, else past the array.
        index = first(after: value.scope < pick.scope ? pick.scope &- 1 : scanner.fields.arrayEnds[array], run, index)
        continue
      }
      if agreeing == nil { agreeing = value.scope }
      guard satisfies(condition, value) else {
        index &+= 1
        continue
      }
      let mark = verifier.trail.count
      (verifier.runs.base + level).pointee.blamed = 0
      pick(value.scope, level)
      let failure = place(level &+ 1)
      takeBack(to: mark)
      guard let failure else { return nil }
      guard failure.contains(level) else { return failure }
      conflicts.formUnion(failure)
      let blamed = verifier.runs[level].blamed
      index = first(after: blamed == .max ? value.scope : scanner.fields.scopes[Int(blamed)].last, run, index)
    }
    guard condition.mayBeAbsent else { return conflicts }
    if let agreeing {
      blamePresence(of: agreeing, level, &conflicts)
    } else {
      guard let failure = place(level &+ 1) else { return nil }
      conflicts.formUnion(failure)
    }
    return conflicts
  }

  private mutating func satisfies(_ condition: PatternSet.ConditionRecord, _ value: CapturedValue) -> Bool {
    // A long list: look for what the index finds in the list rather than for the list in the value.
    let isLong = condition.predicateCount > 8
    if isLong {
      verifier.found.count = 0
      set.values.find(value, field: Int(condition.field), runs, into: &verifier.found)
      let isListed = (0..<verifier.found.count).contains { set.lists(verifier.found[$0], in: condition) }
      if isListed || condition.isIndexed { return isListed }
    }
    for offset in 0..<Int(condition.predicateCount) {
      let number = Int(set.conditionPredicates[Int(condition.firstPredicate) &+ offset])
      if isLong, set.isIndexed[number] { continue }
      if case .allOf(let members) = set.predicates[number].predicate {
        if holds(allOf: members, number: number, scanner.fields.fields[Int(condition.field)]) { return true }
      } else if holds(predicate: number, for: value) {
        return true
      }
    }
    return false
  }

  /// The outermost array around a scope from which another element was picked.
  private func disagreement(_ scope: UInt32) -> (array: Int, pick: ConsistencyVerifier.Pick)? {
    var found: (Int, ConsistencyVerifier.Pick)?
    var scope = scope
    while scope != 0 {
      let entry = scanner.fields.scopes[Int(scope)]
      let pick = verifier.picks[Int(entry.array)]
      if pick.scope != 0, pick.scope != scope { found = (Int(entry.array), pick) }
      scope = entry.parent
    }
    return found
  }

  // MARK: Blame

  private func blame(_ pick: ConsistencyVerifier.Pick, _ conflicts: inout LevelSet) {
    conflicts.insert(Int(pick.level))
    let run = verifier.runs.base + Int(pick.level)
    run.pointee.blamed = max(run.pointee.blamed, pick.scope)
  }

  /// Blames what lets a value agree that should be absent: the picks of its elements, and, for arrays around it that
  /// nothing is picked from, the conditions that could have done so.
  private func blamePresence(of scope: UInt32, _ level: Int, _ conflicts: inout LevelSet) {
    var scope = scope
    while scope != 0 {
      let entry = scanner.fields.scopes[Int(scope)]
      let pick = verifier.picks[Int(entry.array)]
      if pick.scope != 0 {
        blame(pick, &conflicts)
      } else {
        for earlier in 0..<level where verifier.pickers[Int(entry.array)].contains(earlier) {
          conflicts.insert(earlier)
          (verifier.runs.base + earlier).pointee.blamed = .max
        }
      }
      scope = entry.parent
    }
  }

  // MARK: Picks

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

  /// The index of the first value of a run, from an index on, whose scope is beyond a scope.
  private func first(after scope: UInt32, _ run: ConsistencyVerifier.Run, _ index: Int) -> Int {
    var low = index &+ 1
    var high = run.end
    while low < high {
      let middle = (low &+ high) &>> 1
      if scanner.fields.values[Int(verifier.values[middle])].scope <= scope { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}

// The branches that the tree leads to, each judged by the tests that it has left; and what these tests come down to:
// conditions, predicates, clauses.

import CSignalbox

extension EventMatcher {
  mutating func judgeCandidates(_ first: UInt32) {
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
  mutating func judge(_ candidate: DecisionTree.Candidate, _ cell: UInt32, from first: UInt32) {
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
  mutating func takeUpPostponed() {
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
  mutating func holdsAsAWhole(_ candidate: DecisionTree.Candidate) -> Bool {
    guard !reported.contains(candidate.pattern), refused[Int(candidate.branch)] != stamp else { return false }
    let branch = set.branches[Int(candidate.branch)]
    if isConsistent(branch), clausesHold(branch) { return true }
    refused[Int(candidate.branch)] = stamp
    return false
  }

  /// What can be said about a test without a look at anything far away.
  enum Answer {
    case passes, fails, open
  }

  @inline(__always)
  mutating func answer(to test: LeafTest, at cell: UInt32) -> Answer {
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
    case .noneFound:
      guard field.first != 0 else { return .fails }
      if field.first == field.last {
        lookUp(test.field)
        if satisfied.contains(test.predicate) { return .fails }
        let others = tree.predicates(at: cell &+ 1)
        for index in 0..<Int(test.otherCount) where satisfied.contains(others[index]) { return .fails }
        return .passes
      }
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
  func askForMemory(of test: LeafTest) {
    if test.hasPredicate {
      set.table.prefetch(Int(test.predicate))
    } else {
      sb_prefetch(set.conditions + Int(test.condition))
    }
  }

  /// Whether an open test passes.
  @inline(never)
  mutating func passes(_ test: LeafTest) -> Bool {
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
  mutating func holds(condition number: UInt32) -> Bool {
    if isJudged.contains(number) { return holding.contains(number) }
    return remember(number, holdsNow(set.conditions[Int(number)]))
  }

  @inline(__always)
  mutating func remember(_ condition: UInt32, _ holds: Bool) -> Bool {
    judged.append(condition)
    _ = isJudged.insert(condition)
    if holds { _ = holding.insert(condition) }
    return holds
  }

  mutating func holdsNow(_ condition: PatternSet.ConditionRecord) -> Bool {
    let field = scanner.fields.fields[Int(condition.field)]
    if field.first == 0 { return condition.mayBeAbsent }
    if condition.mayBeAbsent, field.isScoped { return true }
    for offset in 0..<Int(condition.predicateCount) {
      let number = set.conditionPredicates[Int(condition.firstPredicate) &+ offset]
      if set.isIndexed[Int(number)], notes[Int(condition.field)].lookedUp == stamp || !set.isQuicklyJudged[Int(number)]
      {
        lookUp(Int(condition.field))
        if satisfied.contains(number) { return true }
      } else if someValue(of: field, satisfies: Int(number)) {
        return true
      }
    }
    return false
  }

  mutating func someValue(of field: EventFields.Field, satisfies number: Int) -> Bool {
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

  func equals(_ value: CapturedValue, field: Int) -> Bool {
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

  mutating func clausesHold(_ branch: PatternSet.BranchRecord) -> Bool {
    for offset in 0..<Int(branch.clauseCount) {
      guard holds(clause: Int(set.branchClauses[Int(branch.firstClause) &+ offset])) else { return false }
    }
    return true
  }

  mutating func holds(clause number: Int) -> Bool {
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

  mutating func holds(branch number: Int) -> Bool {
    let branch = set.branches[number]
    for offset in 0..<Int(branch.conditionCount) {
      guard holds(condition: set.branchConditions[Int(branch.firstCondition) &+ offset]) else { return false }
    }
    return isConsistent(branch) && clausesHold(branch)
  }
}

// What is left to find out about a branch at a leaf of the tree, in sixteen bytes, or in several times sixteen.
//
// A condition lies far from others in memory, and its predicates far from it. A leaf with thousands of neighbours is met
// seldom, so each of these would have to be waited for. So a test says itself what most values fail or pass by:
//
//     {"exists": false}                       absent    detail.errorCode
//     ["aws.s3"]                              found     source, predicate 17: among those that the index found?
//     [{"prefix": "a"}, {"prefix": "b"}]      someFound source, one bit per predicate: was none of them found?
//     [{"anything-but": ["x", "y"]}]          noneFound region, predicates 20 and 21: were both not found?
//     [{"numeric": ["<", 5]}]                 range     size, at most 4.999…
//     [{"anything-but": {"suffix": ".md"}}]   single    key, judge predicate 19
//     what has several of these               general   the condition knows

/// A test for one condition.
struct LeafTest: BitwiseCopyable {
  /// How a test is made; those that refuse most for the least come first.
  enum Kind: UInt8 {
    /// Some value is a number between two bounds. They are in the next cell.
    case range
    /// The index finds none of some predicates for the only value. The first is in the test, the others are in the next
    /// cells.
    case noneFound
    /// The field has no value.
    case absent
    /// It has some value.
    case present
    /// The index finds one predicate.
    case found
    /// The index may find one of several predicates; if so, the condition is judged.
    case someFound
    /// Some value satisfies one predicate, which is judged.
    case single
    /// The condition is judged.
    case general
  }

  /// The condition that is tested.
  let condition: UInt32
  private let fieldAndKind: UInt32
  /// `someFound`: a bit for each predicate. Else the predicate's number; `noneFound` has the number of others above it.
  private let payload: UInt64

  @inline(__always)
  var field: Int { Int(fieldAndKind &>> 3) }
  @inline(__always)
  var kind: Kind { unsafeBitCast(UInt8(truncatingIfNeeded: fieldAndKind & 7), to: Kind.self) }
  /// Whether one predicate is all of the condition, and is judged if nothing quicker settles the test.
  @inline(__always)
  var hasPredicate: Bool { kind == .range || kind == .single }
  /// How many cells it takes.
  @inline(__always)
  var cellCount: UInt32 { kind == .range ? 2 : kind == .noneFound ? 1 &+ (otherCount &+ 3) &>> 2 : 1 }
  /// The predicate, where there is one.
  @inline(__always)
  var predicate: UInt32 { UInt32(truncatingIfNeeded: payload) }
  /// One bit per number (modulo 64) of `someFound`'s predicates.
  @inline(__always)
  var predicates: UInt64 { payload }

  /// How many predicates of `noneFound` are in the next cells, four in each.
  @inline(__always)
  var otherCount: UInt32 { UInt32(truncatingIfNeeded: payload &>> 32) }

  /// The test for one of the conditions of a set.
  init(ofCondition number: Int, in patterns: PatternNumbering) {
    let condition = patterns.conditions[number]
    let (kind, payload) = Self.plan(condition, patterns)
    self.condition = UInt32(number)
    fieldAndKind = condition.field << 3 | UInt32(kind.rawValue)
    self.payload = payload
  }

  private static func plan(_ condition: PatternSet.ConditionRecord, _ patterns: PatternNumbering) -> (Kind, UInt64) {
    let numbers = patterns.conditionPredicates[condition.predicates]
    if condition.mayBeAbsent { return numbers.isEmpty ? (.absent, 0) : (.general, 0) }
    guard let first = numbers.first else { return (.general, 0) }
    if numbers.allSatisfy({ patterns.access[Int($0)] == .always }) {
      if numbers.count > 1 { return (.someFound, numbers.reduce(0) { $0 | 1 &<< UInt64($1) }) }
      if case .exists = patterns.predicates[Int(first)].predicate { return (.present, 0) }
      return (.found, UInt64(first))
    }
    guard numbers.count == 1, patterns.otherField[Int(first)] < 0 else { return (.general, 0) }
    let excluded = patterns.exclusions(of: first)
    if let member = excluded.first { return (.noneFound, UInt64(member) | UInt64(excluded.count - 1) << 32) }
    switch patterns.predicates[Int(first)].predicate {
    case .numeric(_, inStrings: false): return (.range, UInt64(first))
    case .allOf: return (.general, 0)
    default: return (.single, UInt64(first))
    }
  }
}

extension LeafTest {
  /// The ends of a range, both of which belong to it.
  struct Bounds: BitwiseCopyable {
    private var lower: Double
    private var upper: Double

    init(_ range: NumericRange) { (lower, upper) = range.closedEnds }

    /// Whether a number is in the range; NaN is in none.
    @inline(__always)
    func contain(_ number: Double) -> Bool { lower <= number && number <= upper }
  }
}

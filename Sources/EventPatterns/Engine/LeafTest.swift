// What is left to find out about a branch at a leaf of the tree, in sixteen bytes (a range has sixteen more for its ends).
//
// A condition lies far from others in memory, and its predicates far from it. A leaf with thousands of neighbours is met
// seldom, so each of these would have to be waited for. So a test says itself what most values fail or pass by:
//
//     {"exists": false}                       absent    detail.errorCode
//     ["aws.s3"]                              found     source, predicate 17: among those that the index found?
//     [{"prefix": "a"}, {"prefix": "b"}]      someFound source, one bit per predicate: was none of them found?
//     [{"anything-but": ["x", "y"]}]          unlike    region, one bit per text: is the value none of them for sure?
//                                                       if not, judge predicate 18
//     [{"numeric": ["<", 5]}]                 range     size, at most 4.999…
//     [{"anything-but": {"suffix": ".md"}}]   single    key, judge predicate 19
//     what has several of these               general   the condition knows

/// A test for one condition.
struct LeafTest: BitwiseCopyable {
  /// How a test is made; the cheaper come first.
  enum Kind: UInt8 {
    /// The field has no value.
    case absent
    /// It has some value.
    case present
    /// Some value is none of several texts; if the bits do not tell, the predicate is judged.
    case unlike
    /// Some value is a number between two bounds. They are in the next cell.
    case range
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
  /// `someFound`: a bit for each predicate. Else the predicate's number; `unlike` has a bit for each text above it.
  private let payload: UInt64

  @inline(__always)
  var field: Int { Int(fieldAndKind &>> 3) }
  @inline(__always)
  var kind: Kind { unsafeBitCast(UInt8(truncatingIfNeeded: fieldAndKind & 7), to: Kind.self) }
  /// Whether one predicate is all of the condition, and is judged if nothing quicker settles the test.
  @inline(__always)
  var hasPredicate: Bool { kind == .unlike || kind == .range || kind == .single }
  /// How many cells it takes.
  @inline(__always)
  var cellCount: UInt32 { kind == .range ? 2 : 1 }
  /// The predicate, where there is one.
  @inline(__always)
  var predicate: UInt32 { UInt32(truncatingIfNeeded: payload) }
  /// One bit per number (modulo 64) of `someFound`'s predicates.
  @inline(__always)
  var predicates: UInt64 { payload }

  /// Whether a text is for sure none of those that `unlike` excludes.
  @inline(__always)
  func isSurelyUnlike(_ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    payload &>> (32 &+ contentBit(text, length)) & 1 == 0
  }

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
    switch patterns.predicates[Int(first)].predicate {
    case .anythingBut(.strings(let texts)): return (.unlike, texts.reduce(UInt64(first)) { $0 | 1 &<< (32 &+ contentBit($1)) })
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

    init(_ range: NumericRange) {
      // Between a double and the next there is no other.
      lower = range.includesLower ? range.lower : range.lower.nextUp
      upper = range.includesUpper ? range.upper : range.upper.nextDown
    }

    /// Whether a number is in the range; NaN is in none.
    @inline(__always)
    func contain(_ number: Double) -> Bool { lower <= number && number <= upper }
  }
}

/// One of 32 bits to know a text by, out of all of its bytes if it is short, else out of the first and the last eight.
@inline(__always)
func contentBit(_ text: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
  let raw = UnsafeRawPointer(text)
  let (head, tail): (UInt64, UInt64)
  if length >= 8 {
    head = raw.loadUnaligned(as: UInt64.self)
    tail = raw.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
  } else if length >= 4 {
    head = UInt64(raw.loadUnaligned(as: UInt32.self))
    tail = UInt64(raw.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self))
  } else if length > 0 {
    head = UInt64(text[0]) | UInt64(text[length &>> 1]) &<< 8
    tail = UInt64(text[length &- 1])
  } else {
    (head, tail) = (0, 0)
  }
  let mixed = ((head ^ UInt64(truncatingIfNeeded: length)) &* 0xA076_1D64_78BD_642F ^ tail) &* 0x9E37_79B9_7F4A_7C15
  return mixed &>> 59
}

private func contentBit(_ text: [UInt8]) -> UInt64 {
  // The zero gives texts without bytes an address.
  (text + [0]).withUnsafeBufferPointer { contentBit($0.baseAddress.unsafelyUnwrapped, text.count) }
}

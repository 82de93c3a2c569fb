// What a pattern asks, as a number. Sets of patterns share what is the same in many, and are compiled anew for every
// change of one; so what is the same has to be found without comparing texts. It is fingerprinted when it is parsed:
//
//     {"source": ["aws.s3", 300]}   {"source": [3e2, "aws.s3"]}     one condition, one fingerprint
//
// Things with the same fingerprint are taken for the same. For two different ones to share 128 bits of SipHash, keyed
// by each process for itself, is far less likely than that the machine errs.

/// A keyed hash of 128 bits that stands for what was hashed, within one process.
struct Fingerprint: Hashable, Comparable, BitwiseCopyable, Sendable {
  fileprivate let high: Int
  fileprivate let low: Int

  /// No fingerprint of anything.
  fileprivate static let zero = Fingerprint(high: 0, low: 0)

  private init(high: Int, low: Int) {
    self.high = high
    self.low = low
  }

  /// Takes the fingerprint of what a function feeds to the hasher. Different things must be fed differently: lists
  /// and texts with their lengths, alternatives with a tag.
  init(of feed: (inout Hasher) -> Void) {
    // As SipHash makes 128 bits: the state after all input gives one word, and after another round the other.
    var hasher = Hasher()
    feed(&hasher)
    var another = hasher
    another.combine(1)
    low = hasher.finalize()
    high = another.finalize()
  }

  static func < (left: Fingerprint, right: Fingerprint) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// Numbers for fingerprints, in the order in which they come. Nothing is hashed once more.
struct FingerprintTable {
  private struct Slot: BitwiseCopyable {
    var fingerprint: Fingerprint
    /// 0 marks an empty slot.
    var numberPlusOne: UInt32
  }

  private var slots = [Slot](repeating: Slot(fingerprint: .zero, numberPlusOne: 0), count: 64)
  private var count: UInt32 = 0

  /// The number of a fingerprint; the next one if it is new.
  mutating func number(of fingerprint: Fingerprint) -> (number: UInt32, isNew: Bool) {
    let slot = slot(of: fingerprint)
    let known = slots[slot].numberPlusOne
    guard known == 0 else { return (known - 1, false) }
    count += 1
    slots[slot] = Slot(fingerprint: fingerprint, numberPlusOne: count)
    if Int(count) * 2 > slots.count { grow() }
    return (count - 1, true)
  }

  /// Where a fingerprint is, or where it goes.
  private func slot(of fingerprint: Fingerprint) -> Int {
    var slot = fingerprint.low & (slots.count - 1)
    while slots[slot].numberPlusOne != 0, slots[slot].fingerprint != fingerprint {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(fingerprint: .zero, numberPlusOne: 0), count: old.count * 2)
    for entry in old where entry.numberPlusOne != 0 { slots[slot(of: entry.fingerprint)] = entry }
  }
}

extension Condition {
  /// The fingerprint of a condition: its field and which predicates it lists, in whatever order and however often.
  static func fingerprint(path: [UInt8], _ alternatives: [Alternative]) -> Fingerprint {
    var predicates = alternatives.map { alternative in Fingerprint { alternative.predicate.feed(&$0) } }
    predicates.sort()
    return Fingerprint { hasher in
      hasher.feed(path)
      for (index, predicate) in predicates.enumerated() where index == 0 || predicate != predicates[index - 1] {
        hasher.combine(predicate)
      }
    }
  }
}

extension Predicate {
  /// The fingerprint of a predicate on a field.
  func fingerprint(on field: Int) -> Fingerprint {
    Fingerprint { hasher in
      hasher.combine(field)
      feed(&hasher)
    }
  }

  /// Feeds the same for predicates that accept the same values but are spelled differently (`300` and `3e2`, `root` and
  /// `Root` in any case).
  fileprivate func feed(_ hasher: inout Hasher) {
    hasher.combine(tag)
    switch self {
    case .exists, .absent: break
    case .string(let text), .prefix(let text), .suffix(let text), .equalsField(let text): hasher.feed(text)
    case .literal(let kind): hasher.combine(kind.rawValue)
    case .number(_, let value?): hasher.combine(value)
    case .number(let text, nil): hasher.feed(text)
    case .address(let network): hasher.combine(network)
    case .caseless(let text, let anchor):
      hasher.combine(anchor)
      hasher.feed(text)
    case .wildcard(let wildcard): hasher.feed(wildcard)
    case .numeric(let range, let inStrings):
      hasher.combine(range)
      hasher.combine(inStrings)
    case .anythingBut(let exclusion): exclusion.feed(&hasher)
    case .regex(let program): hasher.feed(program.source)
    case .allOf(let members): hasher.feed(members) { $1.feed(&$0) }
    }
  }

  private var tag: Int {
    switch self {
    case .string: 0
    case .literal: 1
    case .number(_, _?): 2
    case .number(_, nil): 3
    case .address: 4
    case .prefix: 5
    case .suffix: 6
    case .caseless: 7
    case .wildcard: 8
    case .numeric: 9
    case .exists: 10
    case .absent: 11
    case .anythingBut: 12
    case .regex: 13
    case .allOf: 14
    case .equalsField: 15
    }
  }
}

extension Exclusion {
  fileprivate func feed(_ hasher: inout Hasher) {
    switch self {
    case .strings(let texts):
      hasher.combine(0)
      hasher.feed(texts) { $0.feed($1) }
    case .numbers(let numbers):
      hasher.combine(1)
      hasher.feed(numbers) { $0.combine($1) }
    case .prefixes(let texts):
      hasher.combine(2)
      hasher.feed(texts) { $0.feed($1) }
    case .suffixes(let texts):
      hasher.combine(3)
      hasher.feed(texts) { $0.feed($1) }
    case .caseless(let texts):
      hasher.combine(4)
      hasher.feed(texts) { $0.feed($1) }
    case .wildcards(let wildcards):
      hasher.combine(5)
      hasher.feed(wildcards) { $0.feed($1) }
    }
  }
}

extension Hasher {
  fileprivate mutating func feed(_ text: [UInt8]) {
    combine(text.count)
    text.withUnsafeBytes { combine(bytes: $0) }
  }

  fileprivate mutating func feed<Element>(_ list: [Element], _ feed: (inout Hasher, Element) -> Void) {
    combine(list.count)
    for element in list { feed(&self, element) }
  }

  fileprivate mutating func feed(_ text: CaselessText) { feed(text.ascii ?? text.source) }

  fileprivate mutating func feed(_ wildcard: Wildcard) { feed(wildcard.pieces) { $0.feed($1) } }
}

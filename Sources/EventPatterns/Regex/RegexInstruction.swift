// The compiled form: a flat array of small instructions over bytes. A thread of the matcher is an index into it.

/// One step of a program.
struct RegexInstruction: Sendable {
  /// What the step does.
  enum Operation: UInt8, Sendable {
    /// Takes a byte between `low` and `high`, then goes to `next`.
    case range
    /// Takes a byte of the set number `other`, then goes to `next`.
    case set
    /// Goes to `next` and to `other`.
    case split
    /// Goes to `next` if the assertion with the raw value `low` holds.
    case assertion
    /// The text matches.
    case match
  }

  var operation: Operation
  var low: UInt8 = 0
  var high: UInt8 = 0
  var next: UInt32 = 0
  var other: UInt32 = 0
}

/// A set of bytes.
struct ByteSet: Hashable, Sendable {
  private var low: (UInt64, UInt64) = (0, 0)
  private var high: (UInt64, UInt64) = (0, 0)

  mutating func insert(_ range: ClosedRange<UInt8>) {
    for byte in range {
      let bit: UInt64 = 1 << UInt64(byte & 63)
      switch byte >> 6 {
      case 0: low.0 |= bit
      case 1: low.1 |= bit
      case 2: high.0 |= bit
      default: high.1 |= bit
      }
    }
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let pair = byte < 128 ? low : high
    let word = byte & 64 == 0 ? pair.0 : pair.1
    return word >> UInt64(byte & 63) & 1 == 1
  }

  static func == (left: ByteSet, right: ByteSet) -> Bool { left.low == right.low && left.high == right.high }

  func hash(into hasher: inout Hasher) {
    hasher.combine(low.0)
    hasher.combine(low.1)
    hasher.combine(high.0)
    hasher.combine(high.1)
  }
}

// Ranges of characters as sequences of ranges of bytes: [À-Ö] is C3 [80-96]; [Ā-࿿] is [C4-DF][80-BF] or E0 [A0-BF][80-BF].
// So a program that reads bytes needs no decoding, and what is no UTF-8 matches nothing.

/// One to four byte ranges, to be matched one after the other.
typealias ByteRangeSequence = [ClosedRange<UInt8>]

/// Splits ranges of code points where their UTF-8 changes its form.
enum UTF8Ranges {
  /// Sequences that together match exactly the UTF-8 of the characters in a range.
  static func sequences(for range: ClosedRange<UInt32>) -> [ByteRangeSequence] {
    var result: [ByteRangeSequence] = []
    split(range.lowerBound, range.upperBound, into: &result)
    return result
  }

  private static func split(_ low: UInt32, _ high: UInt32, into result: inout [ByteRangeSequence]) {
    // Where the length changes.
    for border: UInt32 in [0x7F, 0x7FF, 0xFFFF] where low <= border && border < high {
      split(low, border, into: &result)
      split(border + 1, high, into: &result)
      return
    }
    if high > 0x7F {
      // Where the last bytes do not run through all values: cut off what is uneven at either end.
      for bits: UInt32 in [6, 12, 18] {
        let mask: UInt32 = 1 << bits - 1
        guard low & ~mask != high & ~mask else { continue }
        if low & mask != 0 {
          split(low, low | mask, into: &result)
          split((low | mask) + 1, high, into: &result)
          return
        }
        if high & mask != mask {
          split(low, (high & ~mask) - 1, into: &result)
          split(high & ~mask, high, into: &result)
          return
        }
      }
    }
    var (first, last): ([UInt8], [UInt8]) = ([], [])
    JSONEscapes.appendScalar(low, to: &first)
    JSONEscapes.appendScalar(high, to: &last)
    result.append(zip(first, last).map { $0...$1 })
  }
}

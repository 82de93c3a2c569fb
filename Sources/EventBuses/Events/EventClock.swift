// Times and ids of events.

internal import RuleFiles

/// Texts for instants.
enum EventClock {
  /// An instant in seconds since 1970 as envelopes have it: `2026-11-24T00:31:07Z`.
  static func text(_ seconds: Int64) -> String { Instant(seconds: seconds).description }
}

/// Random ids.
public enum EventID {
  /// A random UUID (version 4), in lower case.
  public static func random(using generator: inout some RandomNumberGenerator) -> String {
    var high: UInt64 = generator.next()
    var low: UInt64 = generator.next()
    high = high & ~0xF000 | 0x4000
    low = low & ~(0b11 << 62) | 0b10 << 62
    let digits = StaticDigits.hex
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var at = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          buffer[at] = UInt8(ascii: "-")
          at += 1
        }
        let word = index < 16 ? high : low
        buffer[at] = digits[Int(word >> UInt64((15 - index % 16) * 4) & 15)]
        at += 1
      }
      return at
    }
  }

  private enum StaticDigits {
    static let hex = Array("0123456789abcdef".utf8)
  }
}

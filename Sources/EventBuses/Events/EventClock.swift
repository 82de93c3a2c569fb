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
    let low: UInt64 = generator.next()
    high = high & ~0xF000 | 0x4000
    return text(high, low)
  }

  /// A UUID that begins with the time (version 7), in lower case.
  ///
  /// Events that come one after the other have neighbouring ids, and so neighbouring places in the indexes of the
  /// database: a commit touches few pages however many events are there.
  public static func ordered(at milliseconds: Int64, using generator: inout some RandomNumberGenerator) -> String {
    let random: UInt64 = generator.next()
    let low: UInt64 = generator.next()
    return text(UInt64(bitPattern: milliseconds) << 16 | 0x7000 | random & 0xFFF, low)
  }

  private static func text(_ high: UInt64, _ low: UInt64) -> String {
    let low = low & ~(0b11 << 62) | 0b10 << 62
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

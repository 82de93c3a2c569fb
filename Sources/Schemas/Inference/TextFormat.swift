// Texts that are times. Other formats of JSON Schema (addresses, ids) are guesses that the next event may refute; a time
// is written like nothing else.

/// How the texts at one place are written.
enum TextFormat: String, Sendable {
  /// Any text.
  case plain
  /// A day: `2026-11-24`.
  case date
  /// A time of RFC 3339: `2026-11-24T00:31:07Z`.
  case dateTime = "date-time"

  /// The format of one text.
  init(of text: String) {
    self = Self.format(Array(text.utf8.prefix(48)))
  }

  private static func format(_ bytes: [UInt8]) -> TextFormat {
    func fits(_ pattern: StaticString, at start: Int) -> Bool {
      pattern.withUTF8Buffer { pattern in
        guard start + pattern.count <= bytes.count else { return false }
        return pattern.indices.allSatisfy { index in
          let byte = bytes[start + index]
          return pattern[index] == UInt8(ascii: "0") ? isDigit(byte) : pattern[index] == byte
        }
      }
    }
    guard fits("0000-00-00", at: 0), (1...12).contains(number(bytes[5...6])), (1...31).contains(number(bytes[8...9]))
    else { return .plain }
    if bytes.count == 10 { return .date }
    guard bytes[10] | 0x20 == UInt8(ascii: "t"), fits("00:00:00", at: 11), number(bytes[11...12]) < 24,
      number(bytes[14...15]) < 60, number(bytes[17...18]) <= 60
    else { return .plain }
    var rest = bytes[19...]
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix(while: isDigit)
      guard !fraction.isEmpty else { return .plain }
      rest = rest.dropFirst(1 + fraction.count)
    }
    if rest.count == 1, let zone = rest.first, zone | 0x20 == UInt8(ascii: "z") { return .dateTime }
    guard rest.count == 6, let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
      return .plain
    }
    return fits("00:00", at: rest.startIndex + 1) ? .dateTime : .plain
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}

// Stepping over strings, numbers and literals: where nearly all the bytes of a log file are.

extension RecordWalker {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The offset after the string whose opening quote is at an offset.
  @inline(__always)
  func skipString(_ start: Int) throws(WalkFailure) -> Int {
    var at = start &+ 1
    while true {
      // Eight bytes at a time to the first that is a quote, a backslash, a control character or not ASCII. The
      // subtractions may borrow into bytes above a hit, never below one, so the lowest hit is exact.
      while at &+ 8 <= count {
        let word = UInt64(littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
        let quotes = word ^ (Self.ones &* 0x22)
        let backslashes = word ^ (Self.ones &* 0x5C)
        let hits =
          ((quotes &- Self.ones) & ~quotes | (backslashes &- Self.ones) & ~backslashes
            | (word &- Self.ones &* 0x20) & ~word | word) & Self.highBits
        if hits != 0 {
          at &+= hits.trailingZeroBitCount >> 3
          break
        }
        at &+= 8
      }
      guard at < count else { throw .endOfBytes }
      switch base[at] {
      case UInt8(ascii: "\""): return at &+ 1
      case UInt8(ascii: "\\"): at = try skipEscape(at)
      case 0..<0x20: throw .malformed(.controlCharacter, at: at)
      case 0x80...: at = try skipMultibyte(at)
      default: at &+= 1
      }
    }
  }

  private func skipEscape(_ start: Int) throws(WalkFailure) -> Int {
    guard start + 1 < count else { throw .endOfBytes }
    switch base[start + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"):
      for offset in start + 2..<start + 6 {
        guard offset < count else { throw .endOfBytes }
        guard FieldText.hexValue(base[offset]) != nil else { throw .malformed(.badEscape, at: start) }
      }
      return start + 6
    default:
      throw .malformed(.badEscape, at: start)
    }
  }

  /// The offset after a well-formed UTF-8 sequence of two to four bytes (The Unicode Standard, table 3-7).
  private func skipMultibyte(_ start: Int) throws(WalkFailure) -> Int {
    let second: ClosedRange<UInt8>
    let length: Int
    switch base[start] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw .malformed(.badUTF8, at: start)
    }
    for offset in 1..<length {
      guard start + offset < count else { throw .endOfBytes }
      let range = offset == 1 ? second : 0x80...0xBF
      guard range.contains(base[start + offset]) else { throw .malformed(.badUTF8, at: start) }
    }
    return start + length
  }

  /// The offset after the number at an offset. A number at the end of the bytes may go on in the next ones, unless it
  /// is a whole document (`endsWithBytes`).
  func skipNumber(_ start: Int, endsWithBytes: Bool) throws(WalkFailure) -> Int {
    var at = start
    func digits() throws(WalkFailure) {
      guard at < count else { throw .endOfBytes }
      guard Self.isDigit(base[at]) else { throw .malformed(.badNumber, at: start) }
      while at < count, Self.isDigit(base[at]) { at &+= 1 }
    }
    if base[at] == UInt8(ascii: "-") { at &+= 1 }
    if at < count, base[at] == UInt8(ascii: "0") { at &+= 1 } else { try digits() }
    if at < count, base[at] == UInt8(ascii: ".") {
      at &+= 1
      try digits()
    }
    if at < count, base[at] | 0x20 == UInt8(ascii: "e") {
      at &+= 1
      if at < count, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") { at &+= 1 }
      try digits()
    }
    guard at < count || endsWithBytes else { throw .endOfBytes }
    return at
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// The offset after `true`, `false` or `null`.
  func skipLiteral(_ literal: StaticString, _ start: Int) throws(WalkFailure) -> Int {
    for index in 0..<literal.utf8CodeUnitCount {
      guard start + index < count else { throw .endOfBytes }
      guard base[start + index] == literal.utf8Start[index] else { throw .malformed(.badLiteral, at: start) }
    }
    return start + literal.utf8CodeUnitCount
  }
}

// What a backslash begins, and what stands between square brackets.

extension RegexParser {
  /// Reads an escape outside of a class; nil for `\Q`, which begins a quotation.
  mutating func escape() throws(RegexError) -> RegexNode? {
    let start = at
    guard start + 1 < text.count else { throw RegexError(message: "trailing \\ at end of regexp", offset: start) }
    let letter = text[start + 1]
    let assertion: RegexAssertion? =
      switch letter {
      case UInt8(ascii: "A"): .textStart
      case UInt8(ascii: "z"): .textEnd
      case UInt8(ascii: "b"): .wordBoundary
      case UInt8(ascii: "B"): .notWordBoundary
      default: nil
      }
    if let assertion {
      at += 2
      return .assertion(assertion)
    }
    if letter == UInt8(ascii: "Q") {
      at += 2
      isQuoting = true
      return nil
    }
    if let set = try classEscape() { return .set(set) }
    return literal(try escapedScalar())
  }

  /// Reads `\d` and the like, if that is next.
  private mutating func classEscape() throws(RegexError) -> ScalarSet? {
    let letter = text[at + 1]
    if let set = ScalarSet.perlClass(letter | 0x20) {
      at += 2
      return named(set, isNegated: letter & 0x20 == 0)
    }
    guard letter == UInt8(ascii: "p") || letter == UInt8(ascii: "P") else { return nil }
    var end = characterEnd(min(at + 2, text.count - 1))
    if at + 2 < text.count, text[at + 2] == UInt8(ascii: "{") {
      end = text[at...].firstIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? text.count
    }
    throw error("Unicode character classes are not supported; name the ranges in [...]", from: at, to: end)
  }

  /// Reads an escape that stands for one character.
  private mutating func escapedScalar() throws(RegexError) -> UInt32 {
    let start = at
    at += 1
    let letter = text[at]
    switch letter {
    case UInt8(ascii: "a"): return simple(0x07)
    case UInt8(ascii: "f"): return simple(0x0C)
    case UInt8(ascii: "t"): return simple(0x09)
    case UInt8(ascii: "n"): return simple(0x0A)
    case UInt8(ascii: "r"): return simple(0x0D)
    case UInt8(ascii: "v"): return simple(0x0B)
    case UInt8(ascii: "x"): return try hexadecimal(from: start)
    case UInt8(ascii: "0"): return octal()
    case UInt8(ascii: "1")...UInt8(ascii: "7"):
      // One digit would be a reference to a group, which no linear-time engine has.
      guard at + 1 < text.count, text[at + 1] &- UInt8(ascii: "0") < 8 else { break }
      return octal()
    case 0x80...: break
    default:
      if !ScalarSet.wordCharacters.contains(UInt32(letter)) || letter == UInt8(ascii: "_") {
        return simple(UInt32(letter))
      }
    }
    throw error("invalid escape sequence", from: start, to: characterEnd(at))
  }

  private mutating func simple(_ value: UInt32) -> UInt32 {
    at += 1
    return value
  }

  /// Up to three octal digits.
  private mutating func octal() -> UInt32 {
    var value: UInt32 = 0
    var count = 0
    while count < 3, let byte = next, byte &- UInt8(ascii: "0") < 8 {
      value = value * 8 + UInt32(byte &- UInt8(ascii: "0"))
      at += 1
      count += 1
    }
    return value
  }

  /// `xHH` or `x{H…}`.
  private mutating func hexadecimal(from start: Int) throws(RegexError) -> UInt32 {
    at += 1
    var value: UInt32 = 0
    if take("{") {
      var count = 0
      while let byte = next, let digit = JSONEscapes.hexValue(byte), value <= 0x10FFFF {
        value = value << 4 | UInt32(digit)
        at += 1
        count += 1
      }
      if count > 0, value <= 0x10FFFF, take("}") { return value }
    } else {
      var digits = 0
      while digits < 2, let byte = next, let digit = JSONEscapes.hexValue(byte) {
        value = value << 4 | UInt32(digit)
        at += 1
        digits += 1
      }
      if digits == 2 { return value }
    }
    throw error("invalid escape sequence", from: start, to: at < text.count ? characterEnd(at) : text.count)
  }

  // MARK: Classes

  /// Reads `[…]`.
  mutating func characterClass() throws(RegexError) -> ScalarSet {
    let start = at
    at += 1
    let isNegated = take("^")
    // Ranges that were written out, and those of named sets, which are folded already.
    var set: [ClosedRange<UInt32>] = []
    var whole: [ClosedRange<UInt32>] = []
    var isFirst = true
    while true {
      guard let byte = next else { throw error("missing ]", from: start, to: text.count) }
      if byte == UInt8(ascii: "]"), !isFirst { break }
      isFirst = false
      if byte == UInt8(ascii: "["), at + 1 < text.count, text[at + 1] == UInt8(ascii: ":"),
        let named = try namedClass()
      {
        whole += named.ranges
        continue
      }
      if byte == UInt8(ascii: "\\"), at + 1 < text.count, let named = try classEscape() {
        whole += named.ranges
        continue
      }
      set.append(try classRange(classStart: start))
    }
    at += 1
    var result = ScalarSet(set)
    if flags.foldsCase { result = result.foldingCase }
    result = result.union(ScalarSet(whole))
    return isNegated ? result.inverted : result
  }

  /// Reads `[:name:]` or `[:^name:]`; nil if there is no `:]`.
  private mutating func namedClass() throws(RegexError) -> ScalarSet? {
    let start = at
    var end = at + 2
    while end + 1 < text.count, !(text[end] == UInt8(ascii: ":") && text[end + 1] == UInt8(ascii: "]")) { end += 1 }
    guard end + 1 < text.count else { return nil }
    var name = String(decoding: text[(start + 2)..<end], as: UTF8.self)
    let isNegated = name.hasPrefix("^")
    if isNegated { name.removeFirst() }
    guard let set = ScalarSet.posixClass(name) else {
      throw error("invalid character class range", from: start, to: end + 2)
    }
    at = end + 2
    return named(set, isNegated: isNegated)
  }

  /// A named set, folded before it is turned round: `(?i)\W` does not hold the Kelvin sign, because `(?i)\w` does.
  private func named(_ set: ScalarSet, isNegated: Bool) -> ScalarSet {
    let folded = flags.foldsCase ? set.foldingCase : set
    return isNegated ? folded.inverted : folded
  }

  private mutating func classRange(classStart: Int) throws(RegexError) -> ClosedRange<UInt32> {
    let start = at
    let low = try classScalar(classStart: classStart)
    guard at + 1 < text.count, text[at] == UInt8(ascii: "-"), text[at + 1] != UInt8(ascii: "]") else {
      return low...low
    }
    at += 1
    let high = try classScalar(classStart: classStart)
    guard low <= high else { throw error("invalid character class range", from: start, to: at) }
    return low...high
  }

  private mutating func classScalar(classStart: Int) throws(RegexError) -> UInt32 {
    guard let byte = next else { throw error("missing ]", from: classStart, to: text.count) }
    guard byte == UInt8(ascii: "\\") else { return scalar() }
    guard at + 1 < text.count else { throw RegexError(message: "trailing \\ at end of regexp", offset: at) }
    return try escapedScalar()
  }
}

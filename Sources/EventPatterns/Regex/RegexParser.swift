// RE2's syntax (https://github.com/google/re2/wiki/Syntax), as much of it as can decide yes or no: everything but
// Unicode classes (`\pL`), which are refused with words, and `\C`. Errors are RE2's, because people search for them.

/// Reads a regular expression.
struct RegexParser {
  /// The deepest nesting of groups.
  static let maximumNesting = 250
  /// The largest count of a repetition, and the largest product of counts inside each other.
  static let maximumCount = 1000

  /// What `(?flags)` changes.
  struct Flags {
    var foldsCase = false
    var isMultiline = false
    var dotMatchesNewline = false
  }

  let text: [UInt8]
  var at = 0
  var flags = Flags()
  private var nesting = 0
  /// Inside `\Q…\E`, where everything stands for itself.
  var isQuoting = false

  init(_ text: [UInt8]) { self.text = text }

  /// Reads the whole text.
  mutating func parse() throws(RegexError) -> RegexNode {
    guard let offset = invalidUTF8() else {
      let node = try alternation()
      if at < text.count { throw error("unexpected )", from: at, to: text.count) }
      return node
    }
    throw RegexError(message: "invalid UTF-8", offset: offset)
  }

  var next: UInt8? { at < text.count ? text[at] : nil }

  /// Whether a text comes next; steps over it if so.
  mutating func take(_ expected: StaticString) -> Bool {
    let count = expected.utf8CodeUnitCount
    guard at + count <= text.count else { return false }
    for index in 0..<count where text[at + index] != expected.utf8Start[index] { return false }
    at += count
    return true
  }

  /// An error about a part of the text.
  func error(_ problem: String, from start: Int, to end: Int) -> RegexError {
    RegexError(message: "\(problem): \(String(decoding: text[start..<end], as: UTF8.self))", offset: start)
  }

  // MARK: Structure

  private mutating func alternation() throws(RegexError) -> RegexNode {
    var branches = [try concatenation()]
    while next == UInt8(ascii: "|") {
      at += 1
      branches.append(try concatenation())
    }
    return branches.count == 1 ? branches[0] : .alternation(branches)
  }

  private mutating func concatenation() throws(RegexError) -> RegexNode {
    var nodes: [RegexNode] = []
    while let byte = next, isQuoting || (byte != UInt8(ascii: "|") && byte != UInt8(ascii: ")")) {
      let start = at
      guard let atom = try atom() else { continue }
      nodes.append(try repeated(atom, from: start))
    }
    return .joining(nodes)
  }

  /// Reads the operators after an atom.
  private mutating func repeated(_ atom: RegexNode, from start: Int) throws(RegexError) -> RegexNode {
    if isQuoting {
      guard take("\\E") else { return atom }
      isQuoting = false
    }
    let operatorStart = at
    guard let count = try repetition() else { return atom }
    if next == UInt8(ascii: "?") { at += 1 }
    let second = at
    if try repetition() != nil {
      if next == UInt8(ascii: "?") { at += 1 }
      throw error("bad repetition operator", from: operatorStart, to: at)
    }
    if count.max == 0 { return .empty }
    if case .empty = atom { return .empty }
    let node = RegexNode.repetition(atom, min: count.min, max: count.max)
    if node.copies > Self.maximumCount { throw error("invalid repetition size", from: operatorStart, to: second) }
    return node
  }

  /// Reads `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}`, if one of them comes next.
  private mutating func repetition() throws(RegexError) -> (min: Int, max: Int?)? {
    switch next {
    case UInt8(ascii: "*"):
      at += 1
      return (0, nil)
    case UInt8(ascii: "+"):
      at += 1
      return (1, nil)
    case UInt8(ascii: "?"):
      at += 1
      return (0, 1)
    case UInt8(ascii: "{"):
      return try counted()
    default:
      return nil
    }
  }

  /// Reads `{n}`, `{n,}` or `{n,m}`; a brace that begins none of these is a literal.
  private mutating func counted() throws(RegexError) -> (min: Int, max: Int?)? {
    let start = at
    at += 1
    guard let min = integer() else {
      at = start
      return nil
    }
    var max: Int? = min
    if next == UInt8(ascii: ",") {
      at += 1
      max = integer()
    }
    guard next == UInt8(ascii: "}") else {
      at = start
      return nil
    }
    at += 1
    if min > Self.maximumCount || (max ?? 0) > Self.maximumCount || (max ?? min) < min {
      throw error("invalid repetition size", from: start, to: at)
    }
    return (min, max)
  }

  /// Reads digits; what is too large for any use becomes just that.
  private mutating func integer() -> Int? {
    let start = at
    var value = 0
    while let byte = next, byte &- UInt8(ascii: "0") < 10 {
      value = min(value * 10 + Int(byte &- UInt8(ascii: "0")), 1_000_000)
      at += 1
    }
    return at > start ? value : nil
  }

  // MARK: Atoms

  /// Reads one atom; nil if it was only a change of flags or the border of a quotation.
  private mutating func atom() throws(RegexError) -> RegexNode? {
    let start = at
    if isQuoting {
      if take("\\E") {
        isQuoting = false
        return nil
      }
      return literal(scalar())
    }
    switch text[at] {
    case UInt8(ascii: "("):
      return try group()
    case UInt8(ascii: "["):
      return .set(try characterClass())
    case UInt8(ascii: "."):
      at += 1
      return .set(flags.dotMatchesNewline ? .all : .notNewline)
    case UInt8(ascii: "^"):
      at += 1
      return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case UInt8(ascii: "$"):
      at += 1
      return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case UInt8(ascii: "\\"):
      return try escape()
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
      at += 1
      throw error("missing argument to repetition operator", from: start, to: at)
    case UInt8(ascii: "{"):
      if try counted() != nil { throw error("missing argument to repetition operator", from: start, to: at) }
      fallthrough
    default:
      return literal(scalar())
    }
  }

  /// A character that stands for itself, in both cases if that is asked for.
  func literal(_ scalar: UInt32) -> RegexNode {
    if flags.foldsCase {
      let set = ScalarSet([scalar...scalar]).foldingCase
      if set.ranges != [scalar...scalar] { return .set(set) }
    }
    var bytes: [UInt8] = []
    JSONEscapes.appendScalar(scalar, to: &bytes)
    return .literal(bytes)
  }

  /// Reads one character of the text, which is known to be UTF-8.
  mutating func scalar() -> UInt32 {
    let byte = text[at]
    let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    var value = UInt32(length == 1 ? byte : byte & (0x7F >> UInt8(length)))
    for index in 1..<max(length, 1) { value = value << 6 | UInt32(text[at + index] & 0x3F) }
    at += length
    return value
  }

  private mutating func group() throws(RegexError) -> RegexNode? {
    let start = at
    at += 1
    let outer = flags
    if take("?") {
      if take("P<") || take("<") {
        // `(?<=` and `(?<!` look behind.
        if next == UInt8(ascii: "=") || next == UInt8(ascii: "!") {
          throw error("invalid perl operator", from: start, to: at + 1)
        }
        let nameStart = at
        while let byte = next, byte != UInt8(ascii: ">") { at += byte == UInt8(ascii: ")") ? text.count : 1 }
        let isName =
          at < text.count && at > nameStart
          && text[nameStart..<at].allSatisfy { ScalarSet.wordCharacters.contains(UInt32($0)) || $0 >= 0x80 }
        guard isName else {
          throw error("invalid named capture group", from: start, to: min(max(nameStart, at), text.count))
        }
        at += 1
      } else if try changeFlags(groupStart: start) {
        return nil
      }
    }
    nesting += 1
    guard nesting <= Self.maximumNesting else {
      throw RegexError(message: "expression nests too deeply: more than \(Self.maximumNesting) groups", offset: start)
    }
    let node = try alternation()
    nesting -= 1
    guard take(")") else { throw error("missing )", from: start, to: text.count) }
    flags = outer
    return node
  }

  /// Reads the flags after `(?`; returns true for `(?flags)`, which is no group, and false for `(?flags:`.
  private mutating func changeFlags(groupStart: Int) throws(RegexError) -> Bool {
    var isOn = true
    var hasFlag = false
    var changed = flags
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "i"): changed.foldsCase = isOn
      case UInt8(ascii: "m"): changed.isMultiline = isOn
      case UInt8(ascii: "s"): changed.dotMatchesNewline = isOn
      case UInt8(ascii: "U"): break  // turns laziness round, which a yes or no cannot show
      case UInt8(ascii: "-"):
        guard isOn else { throw error("invalid perl operator", from: groupStart, to: at) }
        isOn = false
        hasFlag = false
        continue
      case UInt8(ascii: ")"), UInt8(ascii: ":"):
        guard isOn || hasFlag else { throw error("invalid perl operator", from: groupStart, to: at) }
        flags = changed
        return byte == UInt8(ascii: ")")
      default:
        throw error("invalid perl operator", from: groupStart, to: characterEnd(at - 1))
      }
      hasFlag = true
    }
    throw error("missing )", from: groupStart, to: text.count)
  }

  /// The offset after the character at an offset.
  func characterEnd(_ start: Int) -> Int {
    var end = start + 1
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    return min(end, text.count)
  }

  private func invalidUTF8() -> Int? {
    var index = 0
    while index < text.count {
      if text[index] < 0x80 {
        index += 1
      } else {
        let length = UTF8Check.sequenceLength(text, at: index)
        if length == 0 { return index }
        index += length
      }
    }
    return nil
  }
}

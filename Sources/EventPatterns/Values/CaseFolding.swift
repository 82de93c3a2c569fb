// What `equals-ignore-case` means by "the same letter".
//
// The reference takes each character of the *pattern* and accepts its lower-case or its upper-case form (full case
// mappings, so `ß` also accepts `SS`); the event's text is not mapped at all. Hence the rule is not symmetric: `k`
// accepts `k` and `K` but not the Kelvin sign, while a Kelvin sign in the pattern accepts itself and `k`. We map
// Unicode scalars; the reference maps UTF-16 units and so can never match letters beyond the BMP.

/// A text whose characters each accept their lower-case and upper-case forms.
struct CaselessText: Sendable, Hashable {
  /// One character: its two spellings.
  struct Character: Sendable, Hashable {
    var lower: [UInt8]
    var upper: [UInt8]
  }

  /// The text as the pattern wrote it.
  var source: [UInt8]
  /// If every character is ASCII: the text in lower case, compared byte by byte.
  var ascii: [UInt8]?
  /// Its characters, if they are not all ASCII.
  var characters: [Character]
  /// How long values can be that the characters fill.
  private var shortest = 0, longest = 0

  /// Prepares a text; a lone surrogate accepts only itself.
  init(_ source: [UInt8]) {
    self.source = source
    if source.allSatisfy({ $0 < 0x80 }) {
      ascii = source.map(Self.lowercased)
      characters = []
    } else {
      characters = Self.characters(of: source)
      shortest = characters.reduce(0) { $0 + min($1.lower.count, $1.upper.count) }
      longest = characters.reduce(0) { $0 + max($1.lower.count, $1.upper.count) }
    }
  }

  private static func characters(of source: [UInt8]) -> [Character] {
    var characters: [Character] = []
    var rest = source[...]
    while !rest.isEmpty {
      // A lone surrogate is no scalar, and decoding would make something else of its three bytes.
      if rest.starts(with: [0xED]), let second = rest.dropFirst().first, second >= 0xA0 {
        let bytes = Array(rest.prefix(3))
        characters.append(Character(lower: bytes, upper: bytes))
        rest = rest.dropFirst(3)
        continue
      }
      let size = 1 + rest.dropFirst().prefix { $0 & 0xC0 == 0x80 }.count
      for scalar in String(decoding: rest.prefix(size), as: UTF8.self).unicodeScalars {
        characters.append(
          Character(
            lower: Array(scalar.properties.lowercaseMapping.utf8),
            upper: Array(scalar.properties.uppercaseMapping.utf8)
          )
        )
      }
      rest = rest.dropFirst(size)
    }
    return characters
  }

  /// An ASCII letter in lower case, any other byte as it is.
  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }

  /// Eight bytes, ASCII letters in lower case.
  @inline(__always)
  static func lowercased(_ bytes: UInt64) -> UInt64 {
    // All eight at once: the top bit of a byte's lower seven bits plus this tells whether they are at least `A`, or
    // beyond `Z`; then bytes that are not ASCII are left out.
    let ones: UInt64 = 0x0101_0101_0101_0101
    let low = bytes & (ones &* 0x7F)
    let fromA = low &+ ones &* UInt64(0x80 - UInt8(ascii: "A"))
    let beyondZ = low &+ ones &* UInt64(0x7F - UInt8(ascii: "Z"))
    return bytes | ((fromA ^ beyondZ) & ~bytes & (ones &* 0x80)) &>> 2
  }

  /// Copies bytes, ASCII letters in lower case.
  static func lowercase(_ bytes: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<UInt8>) {
    var index = 0
    while index &+ 8 <= count {
      let word = UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
      UnsafeMutableRawPointer(output).storeBytes(of: lowercased(word), toByteOffset: index, as: UInt64.self)
      index &+= 8
    }
    while index < count {
      (output + index).initialize(to: lowercased(bytes[index]))
      index &+= 1
    }
  }

  /// Whether bytes are the same as others that are in lower case, but for the case of ASCII letters.
  static func isEqual(_ bytes: UnsafePointer<UInt8>, _ lowercase: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var index = 0
    while index &+ 8 <= count {
      let word = UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let wanted = UnsafeRawPointer(lowercase).loadUnaligned(fromByteOffset: index, as: UInt64.self)
      guard lowercased(word) == wanted else { return false }
      index &+= 8
    }
    while index < count {
      guard lowercased(bytes[index]) == lowercase[index] else { return false }
      index &+= 1
    }
    return true
  }

  /// Which part of a value the text has to fill.
  enum Anchor: Sendable { case whole, prefix, suffix }

  /// Whether a value is, begins with or ends with this text.
  func matches(_ value: UnsafeBufferPointer<UInt8>, _ anchor: Anchor) -> Bool {
    if let ascii {
      guard anchor == .whole ? value.count == ascii.count : value.count >= ascii.count else { return false }
      let offset = anchor == .suffix ? value.count - ascii.count : 0
      for index in ascii.indices where Self.lowercased(value[offset + index]) != ascii[index] { return false }
      return true
    }
    guard value.count >= shortest else { return false }
    switch anchor {
    case .whole: return ends(value, from: 0).contains(value.count)
    case .prefix: return !ends(value, from: 0).isEmpty
    case .suffix:
      let starts = max(0, value.count - longest)...(value.count - shortest)
      return starts.contains { ends(value, from: $0).contains(value.count) }
    }
  }

  /// Where the text may end in a value if it begins at `start`. There can be more than one end, because the two
  /// spellings of a character may differ in length and one may begin with the other.
  private func ends(_ value: UnsafeBufferPointer<UInt8>, from start: Int) -> [Int] {
    func holds(_ spelling: [UInt8], at index: Int) -> Bool {
      index + spelling.count <= value.count && spelling.indices.allSatisfy { value[index + $0] == spelling[$0] }
    }
    var ends = [start]
    for character in characters {
      var next: [Int] = []
      for end in ends {
        for spelling in [character.lower, character.upper] where holds(spelling, at: end) {
          if !next.contains(end + spelling.count) { next.append(end + spelling.count) }
        }
      }
      if next.isEmpty { return [] }
      ends = next
    }
    return ends
  }
}

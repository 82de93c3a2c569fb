import EventPatterns

/// Writes a JSON value in one of its many spellings: white space anywhere, characters escaped that need not be.
struct JSONSpelling {
  private var random: SeededGenerator
  /// Whether to spell freely; else compact.
  private let isFree: Bool
  private var output: [UInt8] = []

  private init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    isFree = seed != 0
  }

  /// The text of a value. The seed 0 stands for the compact spelling.
  static func bytes(of value: JSONValue, seed: UInt64) -> [UInt8] {
    var spelling = JSONSpelling(seed: seed)
    spelling.blank()
    spelling.write(value)
    spelling.blank()
    return spelling.output
  }

  private mutating func write(_ value: JSONValue) {
    switch value {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .number(let text): output += text.utf8
    case .string(let text): write(text)
    case .array(let items):
      list("[", "]", items) { spelling, item in spelling.write(item) }
    case .object(let object):
      list("{", "}", object.members) { spelling, member in
        spelling.write(member.name)
        spelling.blank()
        spelling.output.append(UInt8(ascii: ":"))
        spelling.blank()
        spelling.write(member.value)
      }
    }
  }

  private mutating func list<Item>(
    _ start: String,
    _ end: String,
    _ items: [Item],
    _ write: (inout JSONSpelling, Item) -> Void
  ) {
    output += start.utf8
    blank()
    for (index, item) in items.enumerated() {
      if index > 0 {
        output.append(UInt8(ascii: ","))
        blank()
      }
      write(&self, item)
      blank()
    }
    output += end.utf8
  }

  private mutating func blank() {
    guard isFree, RandomValues.chance(1, in: 5, &random) else { return }
    let count = RandomValues.pick([1, 1, 2, 3, 61, 64], &random)
    output += (0..<count).map { _ in RandomValues.pick([0x20, 0x0A, 0x0D, 0x09], &random) }
  }

  private mutating func write(_ text: String) {
    output.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
      guard mustEscape || (isFree && RandomValues.chance(1, in: 6, &random)) else {
        output += String(scalar).utf8
        continue
      }
      switch (scalar, isFree && Bool.random(using: &random)) {
      case ("\"", false), ("\\", false), ("/", _): output += "\\\(scalar)".utf8
      case ("\n", false): output += "\\n".utf8
      case ("\t", false): output += "\\t".utf8
      default: for unit in String(scalar).utf16 { output += escaped(unit) }
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private mutating func escaped(_ unit: UInt16) -> [UInt8] {
    let digits = String(unit, radix: 16, uppercase: isFree && Bool.random(using: &random))
    return Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
  }
}

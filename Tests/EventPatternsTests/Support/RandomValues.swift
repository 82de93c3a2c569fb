import EventPatterns

/// Small worlds of values in which patterns and events meet often, and often nearly.
enum RandomValues {
  static let names = ["a", "b", "c", "a.b", "detail", "", "a.", "é", "aaaaaaaa1", "aaaaaaaa2"]

  static let texts = [
    "", "x", "xy", "yx", "X", "xyx", "a*b", "é", "É", "e\u{301}", "ß", "SS", "ss", "\u{212A}", "k", "K", "İ", "i", "𐐀",
    "𐐨", "😀", "1", "1.0", "-0", "01", "1e0", "300", " 1", "null", "true", "\"q\"", "a\\b", "/x/y", "\n", "\u{0}",
    "\u{7F}",
    "aaaaaaaaXaaaaaaaa", "aaaaaaaaYaaaaaaaa", "aaaaaaaaXaaaaaaab",
  ]

  static let numbers = [
    "0", "-0", "0.0", "-0.0e5", "1", "1.0", "1e0", "10e-1", "0.1e+1", "300", "300.00", "3e2", "3.0E2", "-5.5", "0.1",
    "1e-1",
    "0.10", "2", "-1", "1e300", "10E299", "1e301", "5e9", "5000000000", "5000000001", "123456789012345",
    "123456789012345.0", "1234567890123456", "12345678901234567", "12345678901234568", "0.12345678901234567",
    "9007199254740991", "9007199254740992", "9007199254740993", "1e22", "1e23", "99999999999999999999", "1e400",
    "1.7976931348623157e308", "1e-300", "0.1000000000000000055511151231257827", "4.35", "100000000000000000000e-20",
  ]

  /// Numbers that may be bounds, by value.
  private static let bounds = [
    "-1e300", "-5.5", "-1", "0", "0.1", "1.0", "2", "3", "10", "3e2", "300.5", "5e9", "5000000001", "123456789012345",
    "9007199254740991", "9007199254740992", "1e300", "1.7976931348623157e308",
  ]

  static let addresses = [
    "10.0.0.1", "10.0.0.01", "010.0.0.1", "10.0.1.1", "10.255.255.255", "11.0.0.0", "192.168.0.1", "::ffff:a00:1",
    "::FFFF:0A00:0001", "0:0:0:0:0:ffff:a00:1", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8:0:0::1",
    "2001:db8:1::",
    "2001:db8::00001", "::", "::1", "0:0:0:0:0:0:0:0", "1::", "fe80::1%eth0", "::ffff:10.0.0.1", "10.0.0", "10.0.0.256",
    "10.0.0.1.", "1:2", "1:::2", ":1::2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:8::",
    "autoscaling.amazonaws.com",
    "0.0.0.0", "255.255.255.255", "127.0.0.1 ",
  ]

  static let networks = [
    "10.0.0.0/24", "10.0.0.128/25", "10.0.0.0/8", "10.0.0.1/31", "10.0.0.77/30", "0.0.0.0/0", "0.0.0.0/1",
    "192.168.0.0/16",
    "::/0", "::/1", "2001:db8::/32", "2001:db8::/127", "2001:db8:0:0:0:0:0:1/64", "::ffff:a00:0/24", "255.0.0.0/8",
  ]

  static let wildcards = [
    "*", "x*", "*x", "x*x", "*y*", "a\\*", "\\*", "*\\**", "", "\\\\", "a\\\\b", "a*a*a", "*/*", "é*",
  ]

  static func pick<Element>(_ items: [Element], _ random: inout SeededGenerator) -> Element {
    items[Int.random(in: items.indices, using: &random)]
  }

  static func chance(_ one: Int, in many: Int, _ random: inout SeededGenerator) -> Bool {
    Int.random(in: 0..<many, using: &random) < one
  }

  /// A text: a special one, a short one of few letters, one of a family that differs in the middle only, a long one.
  static func text(_ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3: return pick(texts, &random)
    case 3: return pick(addresses, &random)
    case 4:
      return "arn:aws:iam::12345678901\(pick(["2", "3", "4"], &random)):role/\(pick(["a", "b"], &random))/end-of-it"
    case 5:
      let count = pick([7, 8, 9, 15, 16, 17, 31, 32, 33, 62, 63, 64, 65, 128], &random)
      return String(repeating: "a", count: count) + pick(["", "b", "\"", "\\"], &random)
    default: return letters(0...5, &random)
    }
  }

  static func letters(_ count: ClosedRange<Int>, _ random: inout SeededGenerator) -> String {
    String((0..<Int.random(in: count, using: &random)).map { _ in pick(["a", "b", "A", "x"], &random) }.joined())
  }

  static func number(_ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: String(Int.random(in: -10...310, using: &random))
    case 1: "\(Int.random(in: -3...12, using: &random)).\(pick(["0", "5", "50", "1"], &random))"
    default: pick(numbers, &random)
    }
  }

  /// The same number in another spelling.
  static func respelled(_ number: String, _ random: inout SeededGenerator) -> String {
    guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else { return number }
    return pick(
      [number, number + ".0", number + "e0", number + (number.hasSuffix("0") ? "" : "0e-1"), number + ".000E+0"],
      &random
    )
  }

  static func address(_ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<3, using: &random) {
    case 0: "10.0.\(Int.random(in: 0...2, using: &random)).\(Int.random(in: 0...255, using: &random))"
    case 1: "2001:db8::\(Int.random(in: 0...3, using: &random))"
    default: pick(addresses, &random)
    }
  }

  static func network(_ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      "10.0.\(Int.random(in: 0...2, using: &random)).\(Int.random(in: 0...255, using: &random))/\(Int.random(in: 20...31, using: &random))"
    default: pick(networks, &random)
    }
  }

  /// The operand of `numeric`.
  static func range(_ random: inout SeededGenerator) -> JSONValue {
    func bound() -> String {
      chance(1, in: 2, &random) ? pick(bounds, &random) : String(Int.random(in: -10...310, using: &random))
    }
    let (one, other) = (bound(), bound())
    let (low, high) = (Double(one) ?? 0) < (Double(other) ?? 0) ? (one, other) : (other, one)
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      return .array([.string(pick(["<", "<=", ">", ">="], &random)), .number(one)])
    case 1: return .array([.string("="), .number(one)])
    default:
      guard (Double(low) ?? 0) < (Double(high) ?? 0) else { return .array([.string("="), .number(low)]) }
      return .array([
        .string(pick([">", ">="], &random)), .number(low), .string(pick(["<", "<="], &random)), .number(high),
      ])
    }
  }

  static func scalar(_ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<6: .string(text(&random))
    case 6..<9: .number(number(&random))
    case 9: .string(address(&random))
    case 10: .bool(.random(using: &random))
    default: .null
    }
  }

  // MARK: Events

  static func event(_ random: inout SeededGenerator) -> JSONValue { .object(object(&random, depth: 3)) }

  static func object(_ random: inout SeededGenerator, depth: Int) -> JSONObject {
    JSONObject(
      (0..<Int.random(in: 0...4, using: &random)).map { _ in (pick(names, &random), value(&random, depth: depth)) }
    )
  }

  static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
    guard depth > 0 else { return scalar(&random) }
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: return .object(object(&random, depth: depth - 1))
    case 2: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth - 1) })
    case 3:
      return .array((0..<Int.random(in: 1...5, using: &random)).map { _ in .object(object(&random, depth: depth - 1)) })
    default: return scalar(&random)
    }
  }
}

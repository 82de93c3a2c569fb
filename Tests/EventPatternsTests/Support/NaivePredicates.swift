import EventPatterns

/// What an entry of a field's list asks of one value, as plainly as possible.
enum NaivePredicates {
  /// Whether a value satisfies an entry. (`exists: false`, `all-of` and `equals-field` are not about one value.)
  static func satisfies(_ value: JSONValue, _ alternative: JSONValue) -> Bool {
    guard case .object(let expression) = alternative, let (name, operand) = expression.members.first else {
      return isLiteral(value, alternative)
    }
    switch name {
    case "exists": return operand == .bool(true)
    case "anything-but": return !isExcluded(value, operand)
    case "numeric": return isInRange(value, operand, inStrings: alternative["as"] != nil)
    case "cidr": return isInNetwork(value, operand)
    default: return isText(value, name, operand)
    }
  }

  /// Whether two values of an event are the same, as `equals-field` asks.
  static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): return Array(a.utf8) == Array(b.utf8)
    case (.number(let a), .number(let b)):
      return a == b || (NaiveNumber.value(a) != nil && NaiveNumber.value(a) == NaiveNumber.value(b))
    default: return left == right
    }
  }

  private static func isLiteral(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
    switch (value, wanted) {
    case (.string(let a), .string(let b)):
      if let address = NaiveAddress.groups(b) { return NaiveAddress.groups(a) == address }
      return Array(a.utf8) == Array(b.utf8)
    case (.number(let a), .number(let b)):
      if let number = NaiveNumber.value(b) { return NaiveNumber.value(a) == number }
      return a == b
    default: return value == wanted
    }
  }

  // MARK: Texts

  private static func isText(_ value: JSONValue, _ name: String, _ operand: JSONValue) -> Bool {
    guard case .string(let string) = value else { return false }
    let text = Array(string.utf8)
    if let wanted = operand["equals-ignore-case"]?.string {
      let scalars = Array(wanted.unicodeScalars)
      return name == "prefix"
        ? isCaseless(text[...], scalars[...], isPrefix: true)
        : text.indices.contains { isCaseless(text[$0...], scalars[...], isPrefix: false) } || scalars.isEmpty
    }
    guard let string = operand.string else { return false }
    let wanted = Array(string.utf8)
    switch name {
    case "exactly": return text == wanted
    case "prefix": return text.starts(with: wanted)
    case "suffix": return text.reversed().starts(with: wanted.reversed())
    case "contains": return (0...text.count).contains { text[$0...].starts(with: wanted) }
    case "equals-ignore-case": return isCaseless(text[...], Array(string.unicodeScalars)[...], isPrefix: false)
    case "wildcard": return isWildcard(text, wanted)
    case "regex": return NaiveExpression.all.contains { $0.source == string && $0.holds(text) }
    default: return false
    }
  }

  /// Each character of the pattern stands for its lower-case and its upper-case form.
  private static func isCaseless(
    _ text: ArraySlice<UInt8>,
    _ wanted: ArraySlice<Unicode.Scalar>,
    isPrefix: Bool
  ) -> Bool {
    guard let first = wanted.first else { return isPrefix || text.isEmpty }
    let (lower, upper) = (Array(first.properties.lowercaseMapping.utf8), Array(first.properties.uppercaseMapping.utf8))
    return (lower == upper ? [lower] : [lower, upper]).contains { form in
      text.starts(with: form) && isCaseless(text.dropFirst(form.count), wanted.dropFirst(), isPrefix: isPrefix)
    }
  }

  /// Keeps the set of all places in the text that the pattern so far can have reached.
  private static func isWildcard(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var reached: Set = [0]
    var rest = pattern[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "*") {
        reached = Set((reached.min() ?? text.count + 1)..<(text.count + 1))
      } else {
        let literal = byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
        reached = Set(reached.filter { $0 < text.count && text[$0] == literal }.map { $0 + 1 })
      }
      if reached.isEmpty { return false }
    }
    return reached.contains(text.count)
  }

  private static func isExcluded(_ value: JSONValue, _ operand: JSONValue) -> Bool {
    func list(_ value: JSONValue) -> [JSONValue] { if case .array(let items) = value { items } else { [value] } }
    if case .object(let inner) = operand, let (name, texts) = inner.members.first {
      return list(texts).contains { isText(value, name, $0) }
    }
    return list(operand).contains { item in
      switch (item, value) {
      case (.string(let a), .string(let b)): Array(a.utf8) == Array(b.utf8)
      case (.number(let a), .number(let b)): NaiveNumber.value(a) == NaiveNumber.value(b)
      default: false
      }
    }
  }

  // MARK: Numbers and addresses

  private static func isInRange(_ value: JSONValue, _ operand: JSONValue, inStrings: Bool) -> Bool {
    let spelling: String
    switch value {
    case .number(let text): spelling = text
    case .string(let text):
      guard inStrings, NaiveNumber.isSpelling(text) else { return false }
      spelling = text
    default: return false
    }
    guard let number = NaiveNumber.value(spelling), case .array(let terms) = operand else { return false }
    return stride(from: 0, to: terms.count - 1, by: 2).allSatisfy { index in
      guard case .number(let text) = terms[index + 1], let bound = NaiveNumber.value(text) else { return false }
      switch terms[index].string {
      case "=": return number == bound
      case "<": return number < bound
      case "<=": return number <= bound
      case ">": return number > bound
      default: return number >= bound
      }
    }
  }

  private static func isInNetwork(_ value: JSONValue, _ operand: JSONValue) -> Bool {
    guard case .string(let text) = value, let parts = operand.string?.split(separator: "/"), parts.count == 2,
      let bits = Int(parts[1]), let network = NaiveAddress.groups(String(parts[0])),
      let address = NaiveAddress.groups(text), network.count == address.count
    else { return false }
    let width = network.count == 4 ? 8 : 16
    func bit(_ address: [Int], _ index: Int) -> Int { address[index / width] >> (width - 1 - index % width) & 1 }
    return (0..<bits).allSatisfy { bit(network, $0) == bit(address, $0) }
  }
}

/// Numbers by value, if a `Double` holds what was written.
enum NaiveNumber {
  static func value(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite, decimal(text) == decimal(value.description) else { return nil }
    return value == 0 ? 0 : value
  }

  /// A spelling that equal decimals share: sign, digits without zeros at the ends, exponent.
  private static func decimal(_ text: String) -> String {
    let parts = text.lowercased().split(separator: "e")
    let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
    var digits = String(mantissa[0]) + fraction
    var exponent = (parts.count > 1 ? Int(parts[1]) ?? 1_000_000 : 0) - fraction.count
    while digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    while digits.first == "0" { digits.removeFirst() }
    return digits.isEmpty ? "0" : "\(text.hasPrefix("-") ? "-" : "")\(digits)e\(exponent)"
  }

  /// Whether a text is a number as JSON writes it.
  static func isSpelling(_ text: String) -> Bool {
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
      case .number(let number)? = try? JSONValue(parsing: text)
    else { return false }
    return Array(number.utf8) == Array(text.utf8)
  }
}

/// IP addresses as Java reads literals.
enum NaiveAddress {
  /// Four numbers of an IPv4 address, eight of an IPv6 address, nothing for what is no address.
  static func groups(_ text: String) -> [Int]? {
    guard text.utf8.count <= 128, text.utf8.allSatisfy({ isHex($0) || $0 == 0x2E || $0 == 0x3A }) else { return nil }
    return text.utf8.contains(UInt8(ascii: ":")) ? version6(text) : version4(text)
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    Array("0123456789abcdefABCDEF".utf8).contains(byte)
  }

  private static func version4(_ text: String) -> [Int]? {
    let octets = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? 999 }
    return text.utf8.count <= 15 && octets.count == 4 && octets.allSatisfy { $0 < 256 } ? octets : nil
  }

  private static func version6(_ text: String) -> [Int]? {
    guard !text.utf8.contains(UInt8(ascii: ".")) else { return nil }
    func groups(_ half: Substring) -> [Int] {
      half.isEmpty
        ? [] : half.split(separator: ":", omittingEmptySubsequences: false).map { Int($0, radix: 16) ?? .max }
    }
    let halves = text.split(separator: "::", omittingEmptySubsequences: false).map(groups)
    guard halves.count <= 2, halves.joined().allSatisfy({ $0 <= 0xFFFF }) else { return nil }
    let missing = 8 - halves.joined().count
    guard halves.count == 1 ? missing == 0 : missing > 0 else { return nil }
    let all = halves.count == 1 ? halves[0] : halves[0] + Array(repeating: 0, count: missing) + halves[1]
    // An IPv4 address in IPv6's clothes is an IPv4 address.
    guard all[..<6] == [0, 0, 0, 0, 0, 0xFFFF] else { return all }
    return [all[6] >> 8, all[6] & 255, all[7] >> 8, all[7] & 255]
  }
}

/// A few regular expressions, each with its meaning in Swift. (`RegexProgramTests` judges expressions in general.)
struct NaiveExpression: Sendable {
  var source: String
  var holds: @Sendable ([UInt8]) -> Bool

  static let all: [NaiveExpression] = [
    .init(source: "") { _ in true },
    .init(source: "^$") { $0.isEmpty },
    .init(source: "^x+$") { !$0.isEmpty && $0.allSatisfy { $0 == UInt8(ascii: "x") } },
    .init(source: "ab") { text in text.indices.contains { text[$0...].starts(with: Array("ab".utf8)) } },
    .init(source: "^(a|b)*$") { $0.allSatisfy { $0 == UInt8(ascii: "a") || $0 == UInt8(ascii: "b") } },
    .init(source: "(?i)^A") { $0.first.map { $0 | 0x20 == UInt8(ascii: "a") } ?? false },
    .init(source: "[0-9]{2}") { text in
      zip(text, text.dropFirst()).contains { (0x30...0x39).contains($0) && (0x30...0x39).contains($1) }
    },
    .init(source: "b$") { $0.last == UInt8(ascii: "b") },
  ]
}

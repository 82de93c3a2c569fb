// A condition of a statement: an operator, a key, and values of which one must fit.

internal import EventPatterns

/// A condition of a policy's statement.
struct PolicyCondition: Sendable, Equatable {
  private enum Comparison: String, CaseIterable {
    case stringEquals = "stringequals"
    case stringEqualsIgnoreCase = "stringequalsignorecase"
    case stringLike = "stringlike"
    case arnEquals = "arnequals"
    case arnLike = "arnlike"
    case bool = "bool"
    case null = "null"
    case ipAddress = "ipaddress"
    case numericEquals = "numericequals"
    case numericLessThan = "numericlessthan"
    case numericLessThanEquals = "numericlessthanequals"
    case numericGreaterThan = "numericgreaterthan"
    case numericGreaterThanEquals = "numericgreaterthanequals"
  }

  let name: String
  let key: String
  let values: [String]

  static func list(_ value: JSONValue?) throws(ResourcePolicy.Malformed) -> [PolicyCondition] {
    guard let value else { return [] }
    guard case .object(let operators) = value else { throw .init(message: "a Condition is a JSON object") }
    var conditions: [PolicyCondition] = []
    for (name, keys) in operators.members {
      guard case .object(let keys) = keys else { throw .init(message: "\(name) in a Condition is an object") }
      for (key, value) in keys.members {
        conditions.append(
          PolicyCondition(name: name, key: key, values: try PolicyStatement.texts(value, "Condition"))
        )
      }
    }
    return conditions
  }

  /// Whether it holds; an operator that is not known gives `isUnknownTrue`.
  func holds(_ request: PolicyRequest, isUnknownTrue: Bool) -> Bool {
    var name = name.lowercased()
    var isForAll = false
    if name.hasPrefix("foranyvalue:") {
      name.removeFirst("foranyvalue:".count)
    } else if name.hasPrefix("forallvalues:") {
      name.removeFirst("forallvalues:".count)
      isForAll = true
    }
    let found = request.conditions[key.lowercased()] ?? []
    if name.hasSuffix("ifexists") {
      if found.isEmpty { return true }
      name.removeLast("ifexists".count)
    }
    var isNegated = false
    for (negation, plain) in [("stringnot", "string"), ("arnnot", "arn"), ("notip", "ip"), ("numericnot", "numeric")]
    where name.hasPrefix(negation) {
      isNegated = true
      name = plain + name.dropFirst(negation.count)
    }
    guard let comparison = Comparison(rawValue: name) else { return isUnknownTrue }
    if comparison == .null { return values.contains(found.isEmpty ? "true" : "false") }
    if isForAll { return found.allSatisfy { fits($0, comparison) != isNegated } }
    // A key that the request does not have fits no value.
    let isFound = found.contains { fits($0, comparison) }
    return isFound != isNegated
  }

  private func fits(_ text: String, _ comparison: Comparison) -> Bool {
    values.contains { value in
      switch comparison {
      case .stringEquals: value == text
      case .stringEqualsIgnoreCase, .bool: value.lowercased() == text.lowercased()
      case .stringLike, .arnEquals, .arnLike: TextGlob.matches(value, text)
      case .ipAddress: AddressRange(value)?.contains(text) ?? false
      case .numericEquals: Self.compare(text, value) { $0 == $1 }
      case .numericLessThan: Self.compare(text, value) { $0 < $1 }
      case .numericLessThanEquals: Self.compare(text, value) { $0 <= $1 }
      case .numericGreaterThan: Self.compare(text, value) { $0 > $1 }
      case .numericGreaterThanEquals: Self.compare(text, value) { $0 >= $1 }
      case .null: false
      }
    }
  }

  private static func compare(_ left: String, _ right: String, _ order: (Double, Double) -> Bool) -> Bool {
    guard let left = Double(left), let right = Double(right) else { return false }
    return order(left, right)
  }
}

/// An IPv4 address range; IPv6 addresses are compared as they are written.
private struct AddressRange {
  var text: String
  var base: UInt32?
  var mask: UInt32

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2 else { return nil }
    var bits = 32
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...128).contains(given) else { return nil }
      bits = given
    }
    self.text = String(first)
    base = Self.number(String(first))
    if base != nil, bits > 32 { return nil }
    mask = bits == 0 ? 0 : ~UInt32(0) << UInt32(max(0, 32 - bits))
  }

  func contains(_ address: String) -> Bool {
    guard let base else { return text == address }
    guard let number = Self.number(address) else { return false }
    return number & mask == base & mask
  }

  private static func number(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard let byte = UInt8(part) else { return nil }
      number = number << 8 | UInt32(byte)
    }
    return number
  }
}

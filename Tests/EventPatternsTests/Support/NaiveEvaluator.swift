import EventPatterns

/// What a pattern means, written down as plainly as possible: JSON trees, strings, recursion, no compilation. It shares
/// nothing with the engine but the JSON reader, and judges the engine in `OracleTests`.
struct NaiveEvaluator {
  private struct Leaf {
    var value: JSONValue
    /// The element taken of each array on the way: (array's number, index).
    var elements: [Int: Int]
  }

  private var leaves: [String: [Leaf]] = [:]
  private var arrayCount = 0

  /// Flattens an event.
  init(event: JSONValue) {
    guard case .object(let object) = event else { return }
    flatten(object, path: nil, elements: [:])
  }

  private mutating func flatten(_ object: JSONObject, path: String?, elements: [Int: Int]) {
    for member in object.members {
      add(member.value, path: path.map { "\($0).\(member.name)" } ?? member.name, elements: elements)
    }
  }

  private mutating func add(_ value: JSONValue, path: String, elements: [Int: Int]) {
    switch value {
    case .object(let object): flatten(object, path: path, elements: elements)
    case .array(let items):
      let array = arrayCount
      arrayCount += 1
      for (index, item) in items.enumerated() {
        switch item {
        case .object, .array: add(item, path: path, elements: elements.merging([array: index]) { $1 })
        default: leaves[path, default: []].append(Leaf(value: item, elements: elements))
        }
      }
    default: leaves[path, default: []].append(Leaf(value: value, elements: elements))
    }
  }

  /// Whether a pattern matches.
  func matches(_ pattern: JSONValue) -> Bool {
    guard case .object(let object) = pattern else { return false }
    return Self.branches(object, path: nil, from: [[:]]).contains { branch in
      let conditions = branch.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
      return holds(conditions[...], elements: [:])
    }
  }

  /// `$or` multiplied out: each branch maps paths to lists of alternatives.
  private static func branches(
    _ object: JSONObject,
    path: String?,
    from start: [[String: [JSONValue]]]
  ) -> [[String: [JSONValue]]] {
    object.members.reduce(start) { branches, member in
      if member.name == "$or", case .array(let sides) = member.value {
        return sides.flatMap { side -> [[String: [JSONValue]]] in
          guard case .object(let object) = side else { return [] }
          return Self.branches(object, path: path, from: branches)
        }
      }
      let inner = path.map { "\($0).\(member.name)" } ?? member.name
      switch member.value {
      case .object(let object): return Self.branches(object, path: inner, from: branches)
      case .array(let alternatives): return branches.map { $0.merging([inner: alternatives]) { $1 } }
      default: return branches
      }
    }
  }

  private func holds(_ conditions: ArraySlice<(key: String, value: [JSONValue])>, elements: [Int: Int]) -> Bool {
    guard let (path, alternatives) = conditions.first else { return true }
    let agreeing = (leaves[path] ?? []).filter { leaf in
      leaf.elements.allSatisfy { elements[$0.key] ?? $0.value == $0.value }
    }
    for alternative in alternatives {
      if alternative["exists"] == .bool(false) {
        if agreeing.isEmpty, holds(conditions.dropFirst(), elements: elements) { return true }
        continue
      }
      for leaf in agreeing where Self.satisfies(leaf.value, alternative) {
        if holds(conditions.dropFirst(), elements: elements.merging(leaf.elements) { $1 }) { return true }
      }
    }
    return false
  }

  // MARK: One value

  private static func satisfies(_ value: JSONValue, _ alternative: JSONValue) -> Bool {
    guard case .object(let expression) = alternative, let (name, operand) = expression.members.first else {
      return same(value, alternative)
    }
    switch name {
    case "exists": return operand == .bool(true)
    case "anything-but": return !excluded(value, operand)
    case "numeric": return inRange(value, operand)
    case "cidr": return inNetwork(value, operand)
    default: return text(value, satisfies: name, operand)
    }
  }

  private static func text(_ value: JSONValue, satisfies name: String, _ operand: JSONValue) -> Bool {
    guard case .string(let text) = value else { return false }
    let (text8, folded) = (Array(text.utf8), Array(text.lowercased().utf8))
    if let wanted = operand["equals-ignore-case"]?.string {
      let other = Array(wanted.lowercased().utf8)
      return name == "prefix" ? folded.starts(with: other) : folded.reversed().starts(with: other.reversed())
    }
    guard let wanted = operand.string else { return false }
    switch name {
    case "prefix": return text8.starts(with: Array(wanted.utf8))
    case "suffix": return text8.reversed().starts(with: Array(wanted.utf8).reversed())
    case "exactly": return text8 == Array(wanted.utf8)
    case "equals-ignore-case": return folded == Array(wanted.lowercased().utf8)
    case "wildcard": return wildcard(Array(wanted.utf8)[...], text8[...])
    default: return false
    }
  }

  private static func wildcard(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      return (text.startIndex...text.endIndex).contains { wildcard(pattern.dropFirst(), text[$0...]) }
    }
    let literal = first == UInt8(ascii: "\\") ? pattern.dropFirst() : pattern
    return text.first == literal.first && wildcard(literal.dropFirst(), text.dropFirst())
  }

  private static func excluded(_ value: JSONValue, _ operand: JSONValue) -> Bool {
    if case .object(let inner) = operand, let (name, texts) = inner.members.first {
      let list = if case .array(let items) = texts { items } else { [texts] }
      return list.contains { text(value, satisfies: name, $0) }
    }
    let list = if case .array(let items) = operand { items } else { [operand] }
    return list.contains { item in
      switch (item, value) {
      case (.string(let a), .string(let b)): Array(a.utf8) == Array(b.utf8)
      case (.number(let a), .number(let b)): number(a) != nil && number(a) == number(b)
      default: false
      }
    }
  }

  private static func same(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
    switch (value, wanted) {
    case (.string(let a), .string(let b)):
      if let address = address(b) { return Self.address(a) == address }
      return Array(a.utf8) == Array(b.utf8)
    case (.number(let a), .number(let b)):
      if let number = number(b) { return Self.number(a) == number }
      return a == b
    default: return value == wanted
    }
  }

  private static func inRange(_ value: JSONValue, _ operand: JSONValue) -> Bool {
    guard case .number(let text) = value, let number = number(text), case .array(let terms) = operand else {
      return false
    }
    return stride(from: 0, to: terms.count - 1, by: 2).allSatisfy { index in
      guard case .number(let boundText) = terms[index + 1], let bound = Self.number(boundText) else { return false }
      switch terms[index].string {
      case "=": return number == bound
      case "<": return number < bound
      case "<=": return number <= bound
      case ">": return number > bound
      default: return number >= bound
      }
    }
  }

  /// The value of a number whose shortest decimal is what was written; the oracle's inputs have no exponents and at
  /// most 17 digits.
  private static func number(_ text: String) -> Double? {
    guard let value = Double(text) else { return nil }
    func plain(_ decimal: String) -> Substring {
      guard decimal.contains(".") else { return decimal[...] }
      let cut = decimal.reversed().drop { $0 == "0" }.drop { $0 == "." }
      return String(cut.reversed())[...]
    }
    let (written, shortest) = (plain(text), plain(value.description))
    return written == shortest || (value == 0 && shortest.hasSuffix("0")) ? value + 0 : nil
  }

  /// A dotted quad of up to three digits each, or an uncompressed IPv6 address or one with a single `::`.
  private static func address(_ text: String) -> [UInt16]? {
    let quads = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
    if quads.count == 4, quads.allSatisfy({ ($0 ?? 999) < 256 }) { return quads.compactMap { $0 } }
    guard text.contains(":"), !text.contains("."), text.allSatisfy({ $0.isHexDigit || $0 == ":" }) else { return nil }
    let halves = text.split(separator: "::", omittingEmptySubsequences: false).map {
      $0.split(separator: ":").map { UInt16($0, radix: 16) }
    }
    guard halves.count <= 2, !halves.joined().contains(nil) else { return nil }
    let groups = halves.map { $0.compactMap { $0 } }
    if halves.count == 1 { return groups[0].count == 8 ? groups[0] : nil }
    let missing = 8 - groups[0].count - groups[1].count
    return missing > 0 ? groups[0] + Array(repeating: 0, count: missing) + groups[1] : nil
  }

  private static func inNetwork(_ value: JSONValue, _ operand: JSONValue) -> Bool {
    guard case .string(let text) = value, let parts = operand.string?.split(separator: "/"), parts.count == 2,
      let bits = Int(parts[1]), let network = address(String(parts[0])), let candidate = address(text),
      network.count == candidate.count
    else { return false }
    let width = network.count == 4 ? 8 : 16
    func bit(_ address: [UInt16], _ index: Int) -> UInt16 { address[index / width] >> (width - 1 - index % width) & 1 }
    return (0..<bits).allSatisfy { bit(network, $0) == bit(candidate, $0) }
  }
}

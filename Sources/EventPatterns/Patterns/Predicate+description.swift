// Predicates in words, for the printed tree and for statistics.

extension Predicate: CustomStringConvertible {
  /// The predicate as the pattern language writes it.
  var description: String {
    func quoted(_ text: [UInt8]) -> String {
      var output: [UInt8] = []
      JSONEscapes.appendQuoted(text, to: &output)
      return String(decoding: output, as: UTF8.self)
    }
    switch self {
    case .string(let text): return quoted(text)
    case .literal(let kind): return kind.description
    case .number(let text, let value): return value.map { "\($0)" } ?? String(decoding: text, as: UTF8.self)
    case .address(let network): return network.description
    case .prefix(let text): return "prefix \(quoted(text))"
    case .suffix(let text): return "suffix \(quoted(text))"
    case .caseless(let text, .whole): return "equals-ignore-case \(quoted(text.source))"
    case .caseless(let text, .prefix): return "prefix equals-ignore-case \(quoted(text.source))"
    case .caseless(let text, .suffix): return "suffix equals-ignore-case \(quoted(text.source))"
    case .wildcard(let wildcard): return "wildcard \(quoted(wildcard.source))"
    case .numeric(let range, _): return range.description
    case .exists: return "exists"
    case .absent: return "is missing"
    case .anythingBut(let exclusion): return "anything-but \(exclusion.description)"
    case .regex(let program): return "regex \(quoted(program.source))"
    case .allOf(let members): return "all-of [\(members.map(\.description).joined(separator: ", "))]"
    case .equalsField(let path): return "equals-field \(String(decoding: path, as: UTF8.self))"
    }
  }
}

extension Exclusion: CustomStringConvertible {
  var description: String {
    func list(_ predicates: [Predicate]) -> String {
      predicates.count == 1 ? predicates[0].description : "[\(predicates.map(\.description).joined(separator: ", "))]"
    }
    return switch self {
    case .strings(let texts): list(texts.map(Predicate.string))
    case .numbers(let numbers): list(numbers.map { .number(text: [], value: $0) })
    case .prefixes(let texts): list(texts.map(Predicate.prefix))
    case .suffixes(let texts): list(texts.map(Predicate.suffix))
    case .caseless(let texts): list(texts.map { .caseless($0, .whole) })
    case .wildcards(let wildcards): list(wildcards.map(Predicate.wildcard))
    }
  }
}

extension NumericRange: CustomStringConvertible {
  var description: String {
    if lower == upper { return "= \(lower)" }
    var parts: [String] = []
    if lower > -.infinity { parts.append("\(includesLower ? ">=" : ">") \(lower)") }
    if upper < .infinity { parts.append("\(includesUpper ? "<=" : "<") \(upper)") }
    return parts.joined(separator: " and ")
  }
}

extension IPNetwork: CustomStringConvertible {
  var description: String {
    let address: String
    if base.isIPv4 {
      let octets = (0..<4).map { index in base.high >> UInt64(56 - 8 * index) & 0xFF }
      address = octets.map { String($0) }.joined(separator: ".")
    } else {
      let groups = (0..<8).map { (index: Int) -> UInt64 in
        let half = index < 4 ? base.high : base.low
        return half >> UInt64(48 - 16 * (index & 3)) & 0xFFFF
      }
      address = groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
    return bits == base.width ? "address \(address)" : "cidr \(address)/\(bits)"
  }
}

extension Wildcard {
  /// The pattern as it is written, stars and backslashes escaped where they are literal.
  var source: [UInt8] {
    var text: [UInt8] = []
    for (index, piece) in pieces.enumerated() {
      if index > 0 { text.append(UInt8(ascii: "*")) }
      for byte in piece {
        if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
        text.append(byte)
      }
    }
    return text
  }
}

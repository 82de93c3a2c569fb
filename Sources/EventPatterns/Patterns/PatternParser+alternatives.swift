// The entries of a field's list: literals and match expressions.

extension PatternParser {
  /// Reads the entry that starts with a token.
  mutating func alternative(_ token: JSONToken) throws(PatternError) -> Alternative {
    let offset = reader.tokenStart
    func plain(_ predicate: Predicate) -> Alternative {
      Alternative(predicate: predicate, offset: offset, extensionName: nil)
    }
    switch token {
    case .string(let text):
      // A string that is an IP address matches every spelling of that address.
      if let address = IPAddress(text) { return plain(.address(IPNetwork(address, bits: address.width))) }
      return plain(.string(text))
    case .number(let text): return plain(.number(text: text, value: Self.number(text)))
    case .bool(let value): return plain(.literal(value ? .true_ : .false_))
    case .null: return plain(.literal(.null))
    case .objectStart: return try matchExpression(at: offset)
    default: throw failure("Match value must be String, number, true, false, or null")
    }
  }

  private static func number(_ text: [UInt8]) -> Double? {
    text.withUnsafeBufferPointer { ComparableNumber.value(of: $0) }
  }

  private mutating func matchExpression(at offset: Int) throws(PatternError) -> Alternative {
    guard case .name(let nameBytes) = try next() else { throw failure("Match expression name not found") }
    let name = String(decoding: nameBytes, as: UTF8.self)
    if language == .extended, let alternative = try extendedExpression(name, at: offset) { return alternative }
    let predicate: Predicate
    switch name {
    case "exactly": predicate = .string(try onlyString("exact match pattern must be a string"))
    case "prefix": predicate = try affix("prefix", .prefix, Predicate.prefix)
    case "suffix": predicate = try affix("suffix", .suffix, Predicate.suffix)
    case "equals-ignore-case":
      let text = try onlyString("equals-ignore-case match pattern must be a string")
      predicate = .caseless(CaselessText(text), .whole)
    case "wildcard":
      let text = try string("wildcard match pattern must be a string")
      predicate = .wildcard(try wildcard(text))
      try end("Only one key allowed in match expression")
    case "numeric":
      let range = try numericExpression()
      guard try next() == .objectEnd else { throw tooManyElements() }
      predicate = .numeric(range, inStrings: false)
    case "anything-but": predicate = .anythingBut(try exclusion())
    case "exists":
      guard case .bool(let exists) = try next() else {
        throw failure("exists match pattern must be either true or false.")
      }
      try end("Only one key allowed in match expression")
      predicate = exists ? .exists : .absent
    case "cidr":
      let text = try string("prefix match pattern must be a string")
      predicate = .address(try network(text))
      try end("Only one key allowed in match expression")
    default: throw failure("Unrecognized match type \(name)")
    }
    return Alternative(predicate: predicate, offset: offset, extensionName: nil)
  }

  // MARK: Strings

  mutating func string(_ complaint: String) throws(PatternError) -> [UInt8] {
    guard case .string(let text) = try next() else { throw failure(complaint) }
    return text
  }

  mutating func end(_ complaint: String) throws(PatternError) {
    guard try next() == .objectEnd else { throw failure(complaint) }
  }

  mutating func onlyString(_ complaint: String) throws(PatternError) -> [UInt8] {
    let text = try string(complaint)
    try end("Only one key allowed in match expression")
    return text
  }

  private func wildcard(_ text: [UInt8]) throws(PatternError) -> Wildcard {
    do {
      return try Wildcard(parsing: text)
    } catch {
      throw failure(error.message)
    }
  }

  /// `prefix` and `suffix`: a string, or `{"equals-ignore-case": string}`.
  private mutating func affix(
    _ name: String,
    _ anchor: CaselessText.Anchor,
    _ make: ([UInt8]) -> Predicate
  ) throws(PatternError) -> Predicate {
    switch try next() {
    case .string(let text):
      try end("Only one key allowed in match expression")
      return make(text)
    case .objectStart:
      guard case .name(let inner) = try next() else {
        throw failure("\(name == "prefix" ? "Prefix" : "Suffix") expression name not found")
      }
      let innerName = String(decoding: inner, as: UTF8.self)
      guard innerName == "equals-ignore-case" else { throw failure("Unsupported \(name) pattern: \(innerName)") }
      let text = try onlyString("equals-ignore-case match pattern must be a string")
      try end("Only one key allowed in match expression")
      return .caseless(CaselessText(text), anchor)
    default: throw failure("\(name) match pattern must be a string")
    }
  }

  // MARK: anything-but

  private mutating func exclusion() throws(PatternError) -> Exclusion {
    var first = try next()
    var operation: String?
    if first == .objectStart {
      guard case .name(let name) = try next() else { throw failure("Anything-But expression name not found") }
      let text = String(decoding: name, as: UTF8.self)
      guard ["equals-ignore-case", "prefix", "suffix", "wildcard"].contains(text) else {
        throw failure("Unsupported anything-but pattern: \(text)")
      }
      operation = text
      first = try next()
    }
    switch first {
    case .arrayStart, .string, .number: break
    default: throw failure("Value of anything-but must be an array or single string/number value.")
    }
    let exclusion =
      if let operation {
        try excludedTexts(first, operation)
      } else {
        try excludedValues(first)
      }
    guard try next() == .objectEnd else { throw tooManyElements() }
    if operation != nil { guard try next() == .objectEnd else { throw tooManyElements() } }
    return exclusion
  }

  private mutating func excludedValues(_ first: JSONToken) throws(PatternError) -> Exclusion {
    var strings: [[UInt8]] = []
    var numbers: [Double] = []
    func add(_ token: JSONToken, _ parser: PatternParser) throws(PatternError) {
      switch token {
      case .string(let text): strings.append(text)
      case .number(let text): numbers.append(try parser.comparable(text))
      default: throw parser.failure("Inside anything but list, start|null|boolean is not supported.")
      }
    }
    if first == .arrayStart {
      while true {
        let token = try next()
        if token == .arrayEnd { break }
        try add(token, self)
      }
    } else {
      try add(first, self)
    }
    guard strings.isEmpty != numbers.isEmpty else {
      throw failure("Inside anything but list, either all values are number or string, mixed type is not supported")
    }
    return strings.isEmpty ? .numbers(numbers) : .strings(strings)
  }

  private mutating func excludedTexts(_ first: JSONToken, _ operation: String) throws(PatternError) -> Exclusion {
    let complaint =
      switch operation {
      case "equals-ignore-case":
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
      case "wildcard": "wildcard match pattern must be a string"
      default: "prefix/suffix match pattern must be a string"
      }
    var texts: [[UInt8]] = []
    func add(_ token: JSONToken, _ parser: PatternParser) throws(PatternError) {
      guard case .string(let text) = token else { throw parser.failure(complaint) }
      if text.isEmpty, operation == "prefix" || operation == "suffix" {
        throw parser.failure("Null prefix/suffix not allowed")
      }
      texts.append(text)
    }
    if first == .arrayStart {
      while true {
        let token = try next()
        if token == .arrayEnd { break }
        try add(token, self)
      }
    } else {
      try add(first, self)
    }
    // event-ruler crashes on an empty list; it means nothing, so it is refused like an empty list of values.
    guard !texts.isEmpty else { throw failure(complaint) }
    switch operation {
    case "prefix": return .prefixes(texts)
    case "suffix": return .suffixes(texts)
    case "wildcard":
      var wildcards: [Wildcard] = []
      for text in texts { wildcards.append(try wildcard(text)) }
      return .wildcards(wildcards)
    default: return .caseless(texts.map { CaselessText($0) })
    }
  }

  // MARK: Numbers

  func comparable(_ text: [UInt8]) throws(PatternError) -> Double {
    guard let value = Self.number(text) else {
      throw failure("Cannot compare number : \(String(decoding: text, as: UTF8.self))")
    }
    return value
  }

  private func tooManyElements() -> PatternError { failure("Too many elements in numeric expression") }

  mutating func numericExpression() throws(PatternError) -> NumericRange {
    guard try next() == .arrayStart else { throw failure("Value of numeric must be an array.") }
    let token = try next()
    guard case .string(let operatorBytes) = token else {
      throw failure("Invalid member in numeric match: \(Self.spelling(token))")
    }
    let comparison = String(decoding: operatorBytes, as: UTF8.self)
    let operand = try next()
    guard ["=", "<", "<=", ">", ">="].contains(comparison) else {
      throw failure("Unrecognized numeric range operator: \(comparison)")
    }
    guard case .number(let text) = operand else {
      throw failure("Value of \(comparison == "=" ? "equals" : comparison) must be numeric")
    }
    var range = NumericRange()
    switch comparison {
    case ">", ">=":
      let after = try next()
      let upper = after == .arrayEnd ? nil : try upperEnd(after, of: &range)
      range.lower = try comparable(text)
      range.includesLower = comparison == ">="
      if let upper { range.upper = try comparable(upper) }
      guard range.lower < range.upper else { throw failure("Bottom must be less than top") }
    default:
      guard try next() == .arrayEnd else { throw tooManyElements() }
      range.upper = try comparable(text)
      range.includesUpper = comparison != "<"
      if comparison == "=" {
        range.lower = range.upper
        range.includesLower = true
      }
    }
    return range
  }

  /// Reads the second half of a range; the number is not judged yet, because the first one comes first.
  private mutating func upperEnd(_ token: JSONToken, of range: inout NumericRange) throws(PatternError) -> [UInt8] {
    guard case .string(let operatorBytes) = token else {
      throw failure("Bad value in numeric range: \(Self.spelling(token))")
    }
    let comparison = String(decoding: operatorBytes, as: UTF8.self)
    guard comparison == "<" || comparison == "<=" else {
      throw failure("Bad numeric range operator: \(comparison)")
    }
    guard case .number(let text) = try next() else { throw failure("Value of \(comparison) must be numeric") }
    guard try next() == .arrayEnd else { throw failure("Too many terms in numeric range expression") }
    range.includesUpper = comparison == "<="
    return text
  }

  private static func spelling(_ token: JSONToken) -> String {
    switch token {
    case .objectStart: "{"
    case .objectEnd: "}"
    case .arrayStart: "["
    case .arrayEnd: "]"
    case .name(let text), .string(let text), .number(let text): String(decoding: text, as: UTF8.self)
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    case .end: ""
    }
  }

  // MARK: CIDR

  private func network(_ text: [UInt8]) throws(PatternError) -> IPNetwork {
    var parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    while parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }  // as Java's split does
    guard parts.count == 2 else { throw failure("Malformed CIDR, one '/' required") }
    guard let bits = Int32(String(decoding: parts[1], as: UTF8.self)) else {
      throw failure("Malformed CIDR, mask bits must be an integer")
    }
    guard bits >= 0 else { throw failure("Malformed CIDR, mask bits must not be negative") }
    guard let address = IPAddress(parts[0]) else {
      throw failure("Nonstandard IP address: \(String(decoding: parts[0], as: UTF8.self))")
    }
    guard bits < address.width else {
      throw failure(address.isIPv4 ? "IPv4 mask bits must be < 32" : "IPv6 mask bits must be < 128")
    }
    return IPNetwork(address, bits: Int(bits))
  }
}

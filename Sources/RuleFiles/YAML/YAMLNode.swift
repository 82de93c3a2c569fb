// A YAML document as a tree in which everything keeps its place and every scalar keeps its source text.
//
// Nothing is converted while reading: whether `012345670123` is an account id or a number is decided where the value is
// used (`YAMLScalar.resolved` against the text), because only the field knows.

/// A node of a YAML document.
package struct YAMLNode: Sendable {
  /// What a node is.
  package enum Content: Sendable {
    /// A single value.
    case scalar(YAMLScalar)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values, in source order; no key comes twice.
    case mapping([YAMLMember])
  }

  /// What the node is.
  package var content: Content
  /// Where it begins.
  package var position: SourcePosition

  /// The scalar, if it is one.
  package var scalar: YAMLScalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }

  /// The items, if it is a sequence.
  package var items: [YAMLNode]? {
    if case .sequence(let items) = content { items } else { nil }
  }

  /// The members, if it is a mapping.
  package var members: [YAMLMember]? {
    if case .mapping(let members) = content { members } else { nil }
  }

  /// Whether the node is null (`~`, `null` or nothing at all).
  package var isNull: Bool { scalar?.resolved == .null }

  /// The source text of a scalar that is not null.
  package var text: String? { isNull ? nil : scalar?.text }

  /// The value of a key, if it is a mapping that has it.
  package subscript(key: String) -> YAMLNode? { member(key)?.value }

  /// The member of a key, if it is a mapping that has it.
  package func member(_ key: String) -> YAMLMember? { members?.first { $0.key == key } }

  /// The place of a UTF-8 offset in the text of a scalar, as good as it is known.
  package func position(inText offset: Int) -> SourcePosition {
    guard let scalar, let column = scalar.textColumn, offset >= 0 else { return position }
    var place = position
    place.column += column + scalar.text.utf8.prefix(offset).count { $0 & 0xC0 != 0x80 }
    return place
  }

  /// What the node is, in words for an error message.
  package var kindInWords: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: "nothing"
      case .bool: "true/false"
      case .integer, .float: "a number"
      case .infinityOrNaN, .string: "text"
      }
    }
  }
}

/// A key with its value.
package struct YAMLMember: Sendable {
  /// The source text of the key.
  package var key: String
  /// Where the key stands.
  package var keyPosition: SourcePosition
  /// The value.
  package var value: YAMLNode
}

/// A single value as it was written.
package struct YAMLScalar: Sendable, Hashable {
  /// The text: what stands there for a plain scalar, the content of the quotes or of the block otherwise.
  package var text: String
  /// Whether it stood without quotes and not as a block.
  package var isPlain: Bool
  /// How many columns after the node's position the text begins; nothing if it runs over several lines.
  package var textColumn: Int?
  /// How many columns it takes in the file, quotes included; nothing if it runs over several lines.
  package var width: Int?
  /// How many lines it takes in the file.
  package var lineCount = 1

  /// What a scalar means by the core schema of YAML 1.2.
  package enum Resolved: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A whole number as JSON writes it.
    case integer(String)
    /// Another number as JSON writes it.
    case float(String)
    /// A number that JSON cannot write.
    case infinityOrNaN
    case string
  }

  /// What the scalar means by the core schema of YAML 1.2: quoted and block scalars are strings.
  package var resolved: Resolved {
    guard isPlain else { return .string }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, first < 0x3A, !(first == 0x2F) else { return .string }
    return resolvedNumber ?? .string
  }

  private var resolvedNumber: Resolved? {
    var rest = Substring(text)
    if rest.hasPrefix("0x") { return Int(rest.dropFirst(2), radix: 16).flatMap(unsigned) }
    if rest.hasPrefix("0o") { return Int(rest.dropFirst(2), radix: 8).flatMap(unsigned) }
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
    let sign = isNegative ? "-" : ""
    if [".inf", ".Inf", ".INF"].contains(rest) { return .infinityOrNaN }
    if [".nan", ".NaN", ".NAN"].contains(text) { return .infinityOrNaN }
    let whole = rest.prefix { $0.isDigit }
    rest.removeFirst(whole.count)
    if rest.isEmpty { return whole.isEmpty ? nil : .integer(sign + whole.withoutLeadingZeros) }
    var fraction: Substring = ""
    if rest.first == "." {
      rest.removeFirst()
      fraction = rest.prefix { $0.isDigit }
      rest.removeFirst(fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    var number = sign + whole.withoutLeadingZeros + "." + (fraction.isEmpty ? "0" : fraction)
    guard let exponent = rest.first else { return .float(number) }
    rest.removeFirst()
    guard exponent == "e" || exponent == "E" else { return nil }
    number.append("e")
    if let character = rest.first, character == "-" || character == "+" {
      if character == "-" { number.append("-") }
      rest.removeFirst()
    }
    guard !rest.isEmpty, rest.allSatisfy({ $0.isDigit }) else { return nil }
    return .float(number + rest)
  }

  private func unsigned(_ value: Int) -> Resolved? {
    text.dropFirst(2).first.map { $0.isHexDigit } == true ? .integer(String(value)) : nil
  }

  /// Whether other readers may take the plain scalar for something else, such as `yes`, `on` or leading zeros.
  package var isAmbiguous: Bool {
    guard isPlain else { return false }
    switch text.lowercased() {
    case "yes", "no", "on", "off": return true
    default: return text.count > 1 && text.hasPrefix("0") && text.allSatisfy { $0.isDigit }
    }
  }

  /// Whether it is twelve digits without quotes: an account id that wants them.
  package var isUnquotedAccount: Bool { isPlain && text.utf8.count == 12 && text.allSatisfy { $0.isDigit } }
}

extension Character {
  fileprivate var isDigit: Bool { isASCII && isWholeNumber }
}

extension Substring {
  fileprivate var withoutLeadingZeros: String {
    let significant = drop { $0 == "0" }
    return significant.isEmpty ? "0" : String(significant)
  }
}

// A pull reader for JSON text: the one place that turns JSON *documents* (patterns, fixtures, rule inputs) into tokens.
//
// Events on the hot path never come here; `EventScanner` reads those. This reader is for text that a person wrote, so
// it says what was wrong in the words of the reader AWS uses (Jackson), because EventBridge hands those words on in
// `InvalidEventPatternException` and people search for them.

/// One token of a JSON text.
public enum JSONToken: Sendable, Equatable {
  /// `{`
  case objectStart
  /// `}`
  case objectEnd
  /// `[`
  case arrayStart
  /// `]`
  case arrayEnd
  /// The name of a member, unescaped, as UTF-8. An escaped lone surrogate stays as its three-byte generalised form.
  case name([UInt8])
  /// A string value, unescaped like a name.
  case string([UInt8])
  /// A number, as it was written.
  case number([UInt8])
  /// `true` or `false`
  case bool(Bool)
  /// `null`
  case null
  /// Nothing but white space was left.
  case end
}

/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong, in the wording EventBridge's users know.
  public var message: String
  /// The offset of the offending byte.
  public var offset: Int

  /// Makes an error at a byte offset.
  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The message and the place.
  public var description: String { "\(message) (at byte \(offset))" }
}

/// Reads tokens one by one and checks the grammar of RFC 8259 on the way.
public struct JSONReader: Sendable {
  /// The deepest nesting that is read (the limit of the reader AWS uses).
  public static let maximumDepth = 1000

  let bytes: [UInt8]
  /// Where the next token is looked for.
  public private(set) var offset: Int
  /// Where the token returned last began.
  public private(set) var tokenStart = 0

  enum Frame { case object, array }
  enum Expectation { case value, firstNameOrEnd, name, colon, firstValueOrEnd, commaOrEnd, nothing }
  var frames: [(kind: Frame, start: Int)] = []
  var expecting = Expectation.value

  /// Whether error texts may quote the text at length. Events hold what does not belong in a log.
  let quotesSource: Bool

  /// Starts reading at an offset of a text.
  public init(_ bytes: [UInt8], from offset: Int = 0) {
    self.init(bytes, from: offset, quotesSource: true)
  }

  init(_ bytes: [UInt8], from offset: Int = 0, quotesSource: Bool) {
    self.bytes = bytes
    self.offset = offset
    self.quotesSource = quotesSource
  }

  /// The next token.
  ///
  /// After the outermost value has ended, what follows it is not looked at and every further call returns `end`.
  public mutating func next() throws(JSONError) -> JSONToken {
    if case .nothing = expecting { return .end }
    while true {
      skipWhitespace()
      guard offset < bytes.count else {
        if frames.isEmpty, case .value = expecting { return .end }
        throw endOfInput()
      }
      tokenStart = offset
      let byte = bytes[offset]
      switch expecting {
      case .colon:
        guard byte == UInt8(ascii: ":") else {
          throw unexpected("was expecting a colon to separate field name and value")
        }
        offset += 1
        expecting = .value
      case .commaOrEnd:
        if byte == UInt8(ascii: ",") {
          offset += 1
          expecting = frames.last?.kind == .object ? .name : .value
        } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
          return try close(byte)
        } else {
          let kind = frames.last?.kind == .object ? "Object" : "Array"
          throw unexpected("was expecting comma to separate \(kind) entries")
        }
      case .firstNameOrEnd, .name:
        if byte == UInt8(ascii: "\"") {
          let name = try string(what: "field name")
          expecting = .colon
          return .name(name)
        }
        if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]"), case .firstNameOrEnd = expecting {
          return try close(byte)
        }
        throw unexpected("was expecting double-quote to start field name")
      case .firstValueOrEnd, .value:
        if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}"), case .firstValueOrEnd = expecting {
          return try close(byte)
        }
        return try value(byte)
      case .nothing:
        return .end
      }
    }
  }

  /// Reads past the value whose first token is the one just read.
  public mutating func skipRest(of token: JSONToken) throws(JSONError) {
    guard token == .objectStart || token == .arrayStart else { return }
    let outer = frames.count - 1
    while frames.count > outer { _ = try next() }
  }

  // MARK: Tokens

  private mutating func value(_ byte: UInt8) throws(JSONError) -> JSONToken {
    switch byte {
    case UInt8(ascii: "{"):
      try open(.object)
      expecting = .firstNameOrEnd
      return .objectStart
    case UInt8(ascii: "["):
      try open(.array)
      expecting = .firstValueOrEnd
      return .arrayStart
    case UInt8(ascii: "\""):
      let text = try string(what: "string value")
      valueEnded()
      return .string(text)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let text = try number()
      valueEnded()
      return .number(text)
    default:
      return try literal()
    }
  }

  private mutating func open(_ kind: Frame) throws(JSONError) {
    guard frames.count < Self.maximumDepth else {
      throw JSONError(
        message: "Document nesting depth (\(frames.count + 1)) exceeds the maximum allowed (\(Self.maximumDepth))",
        offset: offset
      )
    }
    frames.append((kind, offset))
    offset += 1
  }

  private mutating func close(_ byte: UInt8) throws(JSONError) -> JSONToken {
    guard let frame = frames.last else { throw unexpected(Self.validValue) }
    let closesObject = byte == UInt8(ascii: "}")
    guard closesObject == (frame.kind == .object) else {
      let (expected, kind) = frame.kind == .object ? ("}", "Object") : ("]", "Array")
      let place = position(of: frame.start)
      throw JSONError(
        message:
          "Unexpected close marker '\(closesObject ? "}" : "]")': expected '\(expected)' (for \(kind) starting at "
          + "[Source: \(quotedSource); line: \(place.line), column: \(place.column)])",
        offset: offset
      )
    }
    frames.removeLast()
    offset += 1
    valueEnded()
    return closesObject ? .objectEnd : .arrayEnd
  }

  private mutating func valueEnded() {
    expecting = frames.isEmpty ? .nothing : .commaOrEnd
  }

  private mutating func literal() throws(JSONError) -> JSONToken {
    let start = offset
    var end = offset
    while end < bytes.count, Self.isWordByte(bytes[end]) { end += 1 }
    let word = String(decoding: bytes[start..<end], as: UTF8.self)
    let token: JSONToken
    switch word {
    case "true": token = .bool(true)
    case "false": token = .bool(false)
    case "null": token = .null
    case "NaN", "Infinity", "INF":
      throw JSONError(
        message: "Non-standard token '\(word)': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
        offset: start
      )
    case "": throw unexpected(Self.validValue)
    default:
      throw JSONError(
        message:
          "Unrecognized token '\(word.count > 256 ? "\(word.prefix(256))..." : word)': was expecting (JSON String, Number, Array, Object or token 'null', "
          + "'true' or 'false')",
        offset: start
      )
    }
    offset = end
    valueEnded()
    return token
  }

  private mutating func number() throws(JSONError) -> [UInt8] {
    let start = offset
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    guard let first = byte(at: offset), Self.isDigit(first) else {
      throw badNumber(at: offset, "expected digit (0-9) to follow minus sign, for valid numeric value")
    }
    offset += 1
    if first == UInt8(ascii: "0"), let second = byte(at: offset), Self.isDigit(second) {
      throw JSONError(message: "Invalid numeric value: Leading zeroes not allowed", offset: start)
    }
    skipDigits()
    if byte(at: offset) == UInt8(ascii: ".") {
      offset += 1
      guard let digit = byte(at: offset), Self.isDigit(digit) else {
        throw badNumber(at: offset, "Decimal point not followed by a digit")
      }
      skipDigits()
    }
    if let exponent = byte(at: offset), exponent | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if let sign = byte(at: offset), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
      guard let digit = byte(at: offset), Self.isDigit(digit) else {
        throw badNumber(at: offset, "Exponent indicator not followed by a digit")
      }
      skipDigits()
    }
    if let after = byte(at: offset), Self.isWordByte(after) || after == UInt8(ascii: ".") {
      throw unexpected("Expected space separating root-level values")
    }
    return Array(bytes[start..<offset])
  }

  private mutating func string(what: String) throws(JSONError) -> [UInt8] {
    offset += 1
    var start = offset
    var text: [UInt8] = []
    while true {
      guard let byte = byte(at: offset) else {
        throw JSONError(
          message: "Unexpected end-of-input: was expecting closing quote for a \(what)",
          offset: bytes.count
        )
      }
      switch byte {
      case UInt8(ascii: "\""):
        text.append(contentsOf: bytes[start..<offset])
        offset += 1
        return text
      case UInt8(ascii: "\\"):
        text.append(contentsOf: bytes[start..<offset])
        try escape(into: &text)
        start = offset
      case 0..<0x20:
        throw JSONError(
          message: "Illegal unquoted character ((CTRL-CHAR, code \(byte))): has to be escaped using backslash to be "
            + "included in \(what)",
          offset: offset
        )
      case 0x80...:
        let length = UTF8Check.sequenceLength(bytes, at: offset)
        guard length > 0 else {
          throw JSONError(message: "Invalid UTF-8 start byte 0x\(String(byte, radix: 16))", offset: offset)
        }
        offset += length
      default:
        offset += 1
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    let start = offset
    offset += 1
    guard let kind = byte(at: offset) else {
      throw JSONError(message: "Unexpected end-of-input in character escape sequence", offset: bytes.count)
    }
    offset += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var unit = try fourHexDigits()
      if unit & 0xFC00 == 0xD800, byte(at: offset) == UInt8(ascii: "\\"), byte(at: offset + 1) == UInt8(ascii: "u") {
        let mark = offset
        offset += 2
        let low = try fourHexDigits()
        if low & 0xFC00 == 0xDC00 {
          unit = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF)
        } else {
          offset = mark
        }
      }
      JSONEscapes.appendScalar(unit, to: &text)
    default:
      let shown = String(decoding: [kind], as: UTF8.self)
      throw JSONError(message: "Unrecognized character escape '\(shown)' (code \(kind))", offset: start)
    }
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = byte(at: offset), let digit = JSONEscapes.hexValue(byte) else {
        throw unexpected("expected a hex-digit for character escape sequence")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  // MARK: Bytes

  private mutating func skipWhitespace() {
    while offset < bytes.count, Self.isWhitespace(bytes[offset]) { offset += 1 }
  }

  private mutating func skipDigits() {
    while offset < bytes.count, Self.isDigit(bytes[offset]) { offset += 1 }
  }

  private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
  private static func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }
}

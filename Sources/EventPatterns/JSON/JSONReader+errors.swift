// The words for what is wrong in a JSON text: Jackson's, which EventBridge hands on.

extension JSONReader {
  static let validValue =
    "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

  func unexpected(_ expectation: String) -> JSONError {
    guard offset < bytes.count else { return endOfInput() }
    let rest = bytes[offset..<min(offset + 4, bytes.count)]
    let scalar = String(decoding: rest, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    let hex = scalar.value > 255 ? " / 0x\(String(scalar.value, radix: 16))" : ""
    return JSONError(
      message: "Unexpected character ('\(scalar)' (code \(scalar.value)\(hex))): \(expectation)",
      offset: offset
    )
  }

  func badNumber(at index: Int, _ reason: String) -> JSONError {
    guard index < bytes.count else { return endOfInput() }
    let shown = String(decoding: [bytes[index]], as: UTF8.self)
    return JSONError(
      message: "Unexpected character ('\(shown)' (code \(bytes[index]))) in numeric value: \(reason)",
      offset: index
    )
  }

  func endOfInput() -> JSONError {
    guard let frame = frames.last else {
      return JSONError(message: "No content to map due to end-of-input", offset: bytes.count)
    }
    if case .commaOrEnd = expecting {
      let kind = frame.kind == .object ? "Object" : "Array"
      let place = position(of: frame.start)
      return JSONError(
        message: "Unexpected end-of-input: expected close marker for \(kind) (start marker at [Source: "
          + "\(quotedSource); line: \(place.line), column: \(place.column)])",
        offset: bytes.count
      )
    }
    let kind = frame.kind == .object ? "Object" : "Array"
    return JSONError(message: "Unexpected end-of-input within/between \(kind) entries", offset: bytes.count)
  }

  /// The line and column (both from 1) of a byte offset, as error texts name them.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var lineStart = 0
    for index in 0..<min(offset, bytes.count) where bytes[index] == 0x0A {
      line += 1
      lineStart = index + 1
    }
    return (line, offset - lineStart + 1)
  }

  var quotedSource: String { quotesSource ? "(String)\"\(excerpt)\"" : "the event" }

  /// The source text as error texts quote it.
  public var excerpt: String {
    let limit = 500
    let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
    return bytes.count > limit ? "\(text)\"[truncated \(bytes.count - limit) chars]" : text
  }
}

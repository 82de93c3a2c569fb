// The small word rules of rule files: ids, names of environment variables, sizes.

/// The rules for names.
package enum Identifier {
  /// Whether a text is an id: `^[a-z0-9][a-z0-9._-]{0,63}$`.
  package static func isValid(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64, isLetterOrDigit(first) else { return false }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
  }

  /// What is wrong with an id.
  static func complaint(_ text: String) -> String {
    if text.utf8.count > 64 { return "the id has \(text.utf8.count) characters and may have at most 64" }
    return "'\(text)' is not an id: it begins with a-z or 0-9, and a-z, 0-9, '.', '_' and '-' may follow"
  }

  /// The nearest text that is an id.
  static func suggestion(_ text: String) -> String? {
    var bytes = text.lowercased().utf8.map { isLetterOrDigit($0) || "._-".utf8.contains($0) ? $0 : UInt8(ascii: "-") }
    bytes = Array(bytes.drop { !isLetterOrDigit($0) }.prefix(64))
    // A sign that stood for something else at the end says nothing.
    while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
    let suggestion = String(decoding: bytes, as: UTF8.self)
    return isValid(suggestion) && suggestion != text ? "write '\(suggestion)'" : nil
  }

  /// Whether a text can name an environment variable.
  package static func isEnvironmentName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
    return text.utf8.allSatisfy { byte in
      isLetterOrDigit(byte) || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || byte == UInt8(ascii: "_")
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }
}

/// Sizes as rule files write them.
package enum ByteSize {
  /// The bytes of `4096`, `64KB`, `10MB`, `1GB`; nothing if the text is none of these.
  package static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let factor: Int
    switch text.dropFirst(digits.count) {
    case "", "B": factor = 1
    case "KB": factor = 1 << 10
    case "MB": factor = 1 << 20
    case "GB": factor = 1 << 30
    default: return nil
    }
    guard let number = Int(digits), number > 0 else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }
}

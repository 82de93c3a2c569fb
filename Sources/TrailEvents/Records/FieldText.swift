// The text of a JSON scalar: what is between the quotes, unescaped; a number as it was written.

/// Turns spans of JSON text into values and values into JSON text.
enum FieldText {
  /// The text of a string or number at a span; nothing for any other value.
  static func string(_ bytes: UnsafeRawBufferPointer, _ span: Range<Int>?) -> String? {
    guard let span, !span.isEmpty else { return nil }
    switch bytes[span.lowerBound] {
    case UInt8(ascii: "\""):
      let content = UnsafeRawBufferPointer(rebasing: bytes[span.lowerBound + 1..<span.upperBound - 1])
      guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
      return unescaped(content)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return String(decoding: bytes[span], as: UTF8.self)
    default:
      return nil
    }
  }

  /// The bytes that stand between the quotes of a string, or a number's digits: text that may be put between quotes
  /// again as it is. Nothing for other values.
  static func quotable(_ bytes: UnsafeRawBufferPointer, _ span: Range<Int>?) -> UnsafeRawBufferPointer? {
    guard let span, !span.isEmpty else { return nil }
    switch bytes[span.lowerBound] {
    case UInt8(ascii: "\""):
      return UnsafeRawBufferPointer(rebasing: bytes[span.lowerBound + 1..<span.upperBound - 1])
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return UnsafeRawBufferPointer(rebasing: bytes[span])
    default:
      return nil
    }
  }

  /// A text as it stands between the quotes of a JSON string.
  static func escaped(_ text: some Sequence<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0..<0x20:
        output.append(contentsOf: Array("\\u00".utf8))
        output.append(contentsOf: [byte >> 4, byte & 15].map { Array("0123456789abcdef".utf8)[Int($0)] })
      default:
        output.append(byte)
      }
    }
    return output
  }

  /// The value of a hexadecimal digit.
  @inline(__always)
  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
    default: nil
    }
  }

  /// Resolves the escapes of a string that a walk has found well-formed. A lone surrogate becomes U+FFFD.
  private static func unescaped(_ content: UnsafeRawBufferPointer) -> String {
    var units: [UInt16] = []
    var text = ""
    var plain: [UInt8] = []
    func flush() {
      if !units.isEmpty { text += String(decoding: units, as: UTF16.self) }
      if !plain.isEmpty { text += String(decoding: plain, as: UTF8.self) }
      units.removeAll()
      plain.removeAll()
    }
    var at = 0
    while at < content.count {
      let byte = content[at]
      guard byte == UInt8(ascii: "\\") else {
        if !units.isEmpty { flush() }
        plain.append(byte)
        at += 1
        continue
      }
      let kind = content[at + 1]
      if kind == UInt8(ascii: "u") {
        if !plain.isEmpty { flush() }
        units.append(content[at + 2..<at + 6].reduce(0) { $0 << 4 | UInt16(hexValue($1) ?? 0) })
        at += 6
        continue
      }
      if !units.isEmpty { flush() }
      switch kind {
      case UInt8(ascii: "b"): plain.append(0x08)
      case UInt8(ascii: "f"): plain.append(0x0C)
      case UInt8(ascii: "n"): plain.append(0x0A)
      case UInt8(ascii: "r"): plain.append(0x0D)
      case UInt8(ascii: "t"): plain.append(0x09)
      default: plain.append(kind)
      }
      at += 2
    }
    flush()
    return text
  }
}

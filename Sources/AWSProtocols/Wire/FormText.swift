// Percent-encoding and forms.

/// Reading of `a=1&b=2`.
enum FormText {
  /// The parameters of a query string, in order; `+` is a plus sign.
  static func parameters(of text: String) -> [(name: String, value: String)] { parse(text.utf8, plusIsBlank: false) }

  /// The parameters of a form body, in order; `+` is a blank.
  static func form(_ body: [UInt8]) -> [(name: String, value: String)] { parse(body, plusIsBlank: true) }

  private static func parse(_ bytes: some Sequence<UInt8>, plusIsBlank: Bool) -> [(name: String, value: String)] {
    Array(bytes).split(separator: UInt8(ascii: "&")).map { pair in
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let text = { (part: ArraySlice<UInt8>) in
        String(decoding: PercentText.decode(part, plusIsBlank: plusIsBlank), as: UTF8.self)
      }
      return (text(parts[0]), parts.count > 1 ? text(parts[1]) : "")
    }
  }
}

/// Percent-encoding as SigV4 does it: all but letters, digits and `-_.~`.
enum PercentText {
  static func decode(_ bytes: some Collection<UInt8>, plusIsBlank: Bool = false) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), let first = bytes.index(index, offsetBy: 2, limitedBy: bytes.endIndex),
        first < bytes.endIndex, let high = hex(bytes[bytes.index(after: index)]), let low = hex(bytes[first])
      {
        output.append(high << 4 | low)
        index = bytes.index(after: first)
        continue
      }
      output.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      index = bytes.index(after: index)
    }
    return output
  }

  static func encode(_ text: String, keepingSlashes: Bool = false) -> String {
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        output.append(byte)
      case UInt8(ascii: "/") where keepingSlashes: output.append(byte)
      default:
        let digits = Array("0123456789ABCDEF".utf8)
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension StringProtocol {
  /// The text with `%41` read as `A`.
  var percentDecoded: String { String(decoding: PercentText.decode(Array(utf8)), as: UTF8.self) }
}

extension WireRequest {
  /// A text percent-encoded as AWS does it: all but letters, digits and `-_.~`.
  public static func percentEncoded(_ text: String) -> String { PercentText.encode(text) }
}

// Percent-encoding and forms. A form may be as large as a body, and whoever sends it need not be anybody: one pass over
// its bytes, and a limit to how many parameters it may have.

/// Reading of `a=1&b=2`.
enum FormText {
  /// More parameters than any input of ours has: ten messages with ten attributes each are 400.
  static let mostParameters = 5_000

  /// The parameters of a query string, in order; `+` is a plus sign.
  ///
  /// A query string is part of the head, which is small.
  static func parameters(of text: String) -> [(name: String, value: String)] {
    guard !text.isEmpty else { return [] }
    var parameters: [(name: String, value: String)] = []
    let bytes = Array(text.utf8)
    _ = read(bytes.span, plusIsBlank: false) { name, value in
      parameters.append((name, value))
      return true
    }
    return parameters
  }

  /// The parameters of a form body, in order; `+` is a blank.
  static func form(_ body: [UInt8]) throws(SerializationError) -> [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = []
    let isWhole = read(body.span, plusIsBlank: true) { name, value in
      guard parameters.count < mostParameters else { return false }
      parameters.append((name, value))
      return true
    }
    guard isWhole else { throw SerializationError(message: "A form has at most \(mostParameters) parameters") }
    return parameters
  }

  /// The first values of some names, without decoding anything else; a value longer than 256 bytes is no value.
  static func first(_ wanted: [String], in body: [UInt8]) -> [String: String] {
    var found: [String: String] = [:]
    let bytes = body.span
    let names = wanted.map { Array("\($0)=".utf8) }
    var start = 0
    while start < bytes.count, found.count < wanted.count {
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "&") { end += 1 }
      for (name, text) in zip(names, wanted) where end - start <= name.count + 256 && found[text] == nil {
        guard Self.hasPrefix(name, bytes, from: start, to: end) else { continue }
        found[text] = String(
          decoding: PercentText.decode(body[(start + name.count)..<end], plusIsBlank: true),
          as: UTF8.self
        )
      }
      start = end + 1
    }
    return found
  }

  private static func hasPrefix(_ prefix: [UInt8], _ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    guard end - start >= prefix.count else { return false }
    for index in prefix.indices where bytes[start + index] != prefix[index] { return false }
    return true
  }

  /// Gives all parameters to `take` until it wants no more; says whether it took them all.
  private static func read(
    _ bytes: Span<UInt8>,
    plusIsBlank: Bool,
    _ take: (_ name: String, _ value: String) -> Bool
  ) -> Bool {
    var name: String?
    var part: [UInt8] = []
    var start = 0
    var index = 0
    while index <= bytes.count {
      let byte = index < bytes.count ? bytes[index] : UInt8(ascii: "&")
      switch byte {
      case UInt8(ascii: "&"):
        // Two `&` beside each other have nothing between them, not a parameter without a name.
        if index > start {
          let text = String(decoding: part, as: UTF8.self)
          guard take(name ?? text, name == nil ? "" : text) else { return false }
        }
        name = nil
        part.removeAll(keepingCapacity: true)
        start = index + 1
      case UInt8(ascii: "=") where name == nil:
        name = String(decoding: part, as: UTF8.self)
        part.removeAll(keepingCapacity: true)
      case UInt8(ascii: "%") where index + 2 < bytes.count:
        if let high = PercentText.hex(bytes[index + 1]), let low = PercentText.hex(bytes[index + 2]) {
          part.append(high << 4 | low)
          index += 2
        } else {
          part.append(byte)
        }
      case UInt8(ascii: "+") where plusIsBlank: part.append(UInt8(ascii: " "))
      default: part.append(byte)
      }
      index += 1
    }
    return true
  }
}

/// Percent-encoding as SigV4 does it: all but letters, digits and `-_.~`.
enum PercentText {
  private static let digits = Array("0123456789ABCDEF".utf8)

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
    output.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        output.append(byte)
      case UInt8(ascii: "/") where keepingSlashes: output.append(byte)
      default:
        output.append(UInt8(ascii: "%"))
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
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

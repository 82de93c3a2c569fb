// The members of a one-line object without decoding and encoding their values again: how a number is spelled and which
// name comes twice must survive.

internal import EventPatterns

/// Where the values of an object's members stand in its text.
struct RawMembers {
  private let text: [UInt8]
  private var ranges: [String: Range<Int>] = [:]
  private var texts: [String: String] = [:]

  /// Reads an object; of a name that comes twice the last value counts.
  init(of text: [UInt8]) throws(JSONError) {
    self.text = text
    var reader = JSONReader(text)
    guard try reader.next() == .objectStart else {
      throw JSONError(message: "a JSON object was expected", offset: reader.tokenStart)
    }
    while case .name(let name) = try reader.next() {
      let name = String(decoding: name, as: UTF8.self)
      let token = try reader.next()
      let start = reader.tokenStart
      try reader.skipRest(of: token)
      ranges[name] = start..<reader.offset
      if case .string(let value) = token {
        texts[name] = String(decoding: value, as: UTF8.self)
      } else {
        texts[name] = nil
      }
    }
  }

  /// The bytes of a member's value, as they stand in the text.
  func bytes(_ name: String) -> [UInt8]? { ranges[name].map { Array(text[$0]) } }

  /// Where a member's value begins in the text.
  func offset(_ name: String) -> Int? { ranges[name]?.lowerBound }

  /// The value of a member that is a string.
  func text(_ name: String) -> String? { texts[name] }
}

// The regular expressions of AWS's models. They are ours, few and short, and a text is measured before it is matched,
// so a backtracking matcher does no harm here.

internal import Foundation

/// A regular expression that all of a text must match.
public struct TextPattern: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The expression, as error texts quote it.
  public let description: String
  private let expression: NSRegularExpression?
  private let bytes: [Bool]?

  /// Compiles an expression. One that does not compile matches nothing, which every test of it shows.
  public init(stringLiteral value: String) {
    description = value
    bytes = Self.classOnly(value)
    expression = bytes == nil ? try? NSRegularExpression(pattern: "\\A(?:\(value))\\z") : nil
  }

  /// Takes an expression of AWS's that a matcher could take very long for, with another for the same texts.
  ///
  /// - Parameters:
  ///   - text: the expression, as error texts quote it.
  ///   - expression: what is matched.
  public init(_ text: String, matchedAs expression: String) {
    description = text
    bytes = nil
    self.expression = try? NSRegularExpression(pattern: "\\A(?:\(expression))\\z")
  }

  /// Whether all of a text matches.
  public func matches(_ text: String) -> Bool {
    if let bytes { return text.utf8.allSatisfy { bytes[Int($0)] } && !(text.isEmpty && description.hasSuffix("+")) }
    return expression?.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
  }

  /// The bytes of `[...]+` and `[...]*`, the most frequent kind by far: a look-up per byte.
  private static func classOnly(_ pattern: String) -> [Bool]? {
    var rest = Array(pattern.utf8)
    guard rest.first == UInt8(ascii: "["), rest.count > 3 else { return nil }
    guard let last = rest.popLast(), last == UInt8(ascii: "+") || last == UInt8(ascii: "*") else { return nil }
    guard rest.popLast() == UInt8(ascii: "]") else { return nil }
    rest.removeFirst()
    guard rest.first != UInt8(ascii: "^"), !rest.contains(UInt8(ascii: "[")), !rest.contains(UInt8(ascii: "]")) else {
      return nil
    }
    var set = [Bool](repeating: false, count: 256)
    var index = 0
    func take() -> UInt8? {
      guard index < rest.count else { return nil }
      if rest[index] == UInt8(ascii: "\\") {
        // An escaped letter is a class of its own (\w); those are for the real matcher.
        guard index + 1 < rest.count, !(rest[index + 1] | 0x20 >= 0x61 && rest[index + 1] | 0x20 <= 0x7A),
          rest[index + 1] > 0x39 || rest[index + 1] < 0x30
        else { return nil }
        index += 2
        return rest[index - 1]
      }
      index += 1
      return rest[index - 1] < 0x80 ? rest[index - 1] : nil
    }
    while index < rest.count {
      guard let low = take() else { return nil }
      var high = low
      if index + 1 < rest.count, rest[index] == UInt8(ascii: "-") {
        index += 1
        guard let end = take(), end >= low else { return nil }
        high = end
      }
      for byte in low...high { set[Int(byte)] = true }
    }
    return set
  }
}

// The one error of the small notations (spans, rates, schedules, paths, templates): what was wrong, and where in the
// text. The reader of the rule file adds the file and line.

/// Why a short notation in a rule file could not be read.
public struct NotationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wrong and what to write instead, for a person.
  public var message: String
  /// The UTF-8 offset in the text where it went wrong.
  public var offset: Int

  /// Makes an error at an offset.
  public init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The message and the place.
  public var description: String { "\(message) (at character \(offset + 1))" }
}

extension StringProtocol {
  /// The text as a decimal number without sign or blanks; nothing when it is not one or does not fit.
  var plainNumber: Int64? {
    guard !isEmpty, utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    return Int64(self)
  }
}

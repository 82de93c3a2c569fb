// How often something may happen: a count per span.

/// A rate: `10/1m` is ten in a minute, `1/s` one in a second.
public struct Rate: Sendable, Hashable, CustomStringConvertible {
  /// How many, at least one.
  public var count: Int
  /// In what span, at least a second.
  public var span: TimeSpan

  /// A rate of a count in a span.
  ///
  /// Less than one of either is taken as one.
  public init(_ count: Int, per span: TimeSpan) {
    self.count = max(1, count)
    self.span = max(TimeSpan(seconds: 1), span)
  }

  /// Reads a rate such as `10/1m` or `1/s`.
  public init(parsing text: String) throws(NotationError) {
    guard let slash = text.firstIndex(of: "/") else {
      throw NotationError("'\(text)' is not a rate: write a count, a slash and a span, such as 10/1m or 1/s", at: 0)
    }
    let digits = text[..<slash]
    guard let count = digits.plainNumber, (1...1_000_000_000).contains(count) else {
      throw NotationError("'\(digits)' is not a count: the part before the slash is a whole number from 1", at: 0)
    }
    let start = digits.utf8.count + 1
    let spanText = String(text[text.index(after: slash)...])
    // `1/s` is short for `1/1s`.
    let isBareUnit = spanText.count == 1 && spanText.first?.isLetter == true
    let span: TimeSpan
    do {
      span = try TimeSpan(parsing: isBareUnit ? "1\(spanText)" : spanText)
    } catch {
      throw NotationError(error.message, at: isBareUnit ? start : start + error.offset)
    }
    guard span.seconds > 0 else { throw NotationError("a rate needs a span of at least one second", at: start) }
    self.count = Int(count)
    self.span = span
  }

  /// How many a second.
  public var perSecond: Double { Double(count) / Double(span.seconds) }

  /// The rate as it is written.
  public var description: String { "\(count)/\(span)" }
}

// Spans of time as rule files write them: one whole number and one unit.

/// A span of time in whole seconds: `90s`, `10m`, `2h`, `1d`, `1w`.
public struct TimeSpan: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The length in seconds, never negative.
  public var seconds: Int64

  /// The longest span that can be written, ten years: what is longer is a slip of the keyboard.
  public static let longest = TimeSpan(seconds: 3660 * 86_400)

  /// The units, by letter, in seconds.
  private static let units: [(letter: Character, seconds: Int64)] = [
    ("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
  ]

  /// A span of this many seconds.
  public init(seconds: Int64) {
    self.seconds = max(0, seconds)
  }

  /// Reads a span such as `10m`.
  public init(parsing text: String) throws(NotationError) {
    guard !text.isEmpty else { throw NotationError("a span of time was expected, such as 90s, 10m, 2h or 1d", at: 0) }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty else {
      throw NotationError("'\(text)' is not a span of time: write a whole number and a unit, such as 90s or 10m", at: 0)
    }
    guard !unit.isEmpty else {
      throw NotationError(
        "'\(text)' has no unit: write \(text)s, \(text)m, \(text)h or \(text)d",
        at: digits.utf8.count
      )
    }
    guard unit.count == 1, let factor = Self.units.first(where: { $0.letter == unit.first })?.seconds else {
      throw NotationError(
        "'\(unit)' is not a unit of time: use s, m, h, d or w after one whole number",
        at: digits.utf8.count
      )
    }
    guard let count = digits.plainNumber, count <= Self.longest.seconds / factor else {
      throw NotationError("'\(text)' is longer than the longest span, \(Self.longest)", at: 0)
    }
    seconds = count * factor
  }

  /// Orders by length.
  public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.seconds < right.seconds }

  /// The span in the largest unit that divides it: `90s`, `2h`.
  public var description: String { text(in: Self.units[...]) }

  /// The span in days at most, as limits are commonly given: `14d`.
  var inDays: String { text(in: Self.units.dropFirst()) }

  private func text(in units: ArraySlice<(letter: Character, seconds: Int64)>) -> String {
    guard let unit = units.first(where: { seconds >= $0.seconds && seconds.isMultiple(of: $0.seconds) }) else {
      return "0s"
    }
    return "\(seconds / unit.seconds)\(unit.letter)"
  }

  /// The span as the standard library's duration.
  public var duration: Duration { .seconds(seconds) }
}

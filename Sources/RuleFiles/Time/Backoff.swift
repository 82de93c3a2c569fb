// The bounds of the waits between retries.

/// The first and the longest wait between attempts: `1s..5m`.
public struct Backoff: Sendable, Hashable, CustomStringConvertible {
  /// The ceiling of the first wait, at least a second.
  public var first: TimeSpan
  /// The ceiling no wait exceeds.
  public var longest: TimeSpan

  /// Bounds from the first wait to the longest.
  public init(from first: TimeSpan, to longest: TimeSpan) {
    self.first = first
    self.longest = max(first, longest)
  }

  /// Reads bounds such as `1s..5m`.
  public init(parsing text: String) throws(NotationError) {
    let dots = text.utf8.indices.first { text.utf8[$0...].starts(with: "..".utf8) }
    guard let dots else {
      throw NotationError("'\(text)' is not a backoff: write the first and the longest wait, such as 1s..5m", at: 0)
    }
    first = try TimeSpan(parsing: String(text[..<dots]))
    let start = text[..<dots].utf8.count + 2
    do {
      longest = try TimeSpan(parsing: String(text.utf8[dots...].dropFirst(2)) ?? "")
    } catch {
      throw NotationError(error.message, at: start + error.offset)
    }
    guard first.seconds > 0 else { throw NotationError("the first wait of a backoff is at least 1s", at: 0) }
    guard first <= longest else {
      throw NotationError("the longest wait (\(longest)) is shorter than the first (\(first))", at: start)
    }
  }

  /// The ceiling of the wait after a number of failed attempts (from 1), doubling from the first to the longest.
  public func ceiling(afterAttempt attempt: Int) -> TimeSpan {
    let doublings = min(max(0, attempt - 1), 40)
    let (seconds, overflow) = first.seconds.multipliedReportingOverflow(by: 1 << Int64(doublings))
    return overflow ? longest : min(longest, TimeSpan(seconds: seconds))
  }

  /// The bounds as they are written.
  public var description: String { "\(first)..\(longest)" }
}

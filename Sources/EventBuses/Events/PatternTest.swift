// TestEventPattern: one pattern, one event, the matcher of the rules.

internal import EventPatterns

/// Tries a pattern on an event.
public enum PatternTest {
  /// What an event must have. The API Reference names `resources`, too, which AWS does without.
  private static let mandatory = ["id", "detail-type", "source", "account", "time", "region"]

  /// Whether a pattern matches an event.
  ///
  /// Throws `InvalidEventPatternException` or, for an event that is no JSON object, `ValidationException`.
  public static func matches(_ pattern: String, event: String) throws(BusError) -> Bool {
    let set = PatternSet([try Catalog.compiled(pattern)])
    guard case .object(let object)? = try? JSONValue(parsing: event) else {
      throw .validation("Parameter Event is not valid. Reason: it must be a JSON object.")
    }
    let missing = mandatory.filter { object[$0] == nil }
    guard missing.isEmpty else {
      throw .validation("Parameter Event is not valid. Reason: it has no \(missing.joined(separator: ", ")).")
    }
    var matcher = EventMatcher(set)
    do throws(EventError) {
      return try !matcher.matches(Array(event.utf8)).isEmpty
    } catch {
      throw .validation("Parameter Event is not valid. Reason: \(error.message)")
    }
  }
}

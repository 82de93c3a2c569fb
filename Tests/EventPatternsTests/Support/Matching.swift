import EventPatterns
import Testing

/// Whether a pattern matches an event, both as JSON texts.
func matches(
  _ pattern: String,
  _ event: String,
  language: EventPattern.Language = .eventBridge
) throws -> Bool {
  var matcher = EventMatcher(PatternSet([try EventPattern(parsing: pattern, language: language)]))
  return try matcher.matches(Array(event.utf8)) == [0]
}

/// One line of a table: a pattern, an event, and whether they match.
struct MatchCase: Sendable, CustomTestStringConvertible {
  var pattern: String
  var event: String
  var expected: Bool

  init(_ pattern: String, _ event: String, _ expected: Bool) {
    self.pattern = pattern
    self.event = event
    self.expected = expected
  }

  var testDescription: String { "\(pattern) on \(event)" }
}

/// A generator with a seed (SplitMix64), so that a failing case can be made again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

// One case of a conformance file. Patterns and events are taken as the bytes the line holds, never decoded and encoded
// again: how a number is spelled and which name comes twice is what many cases are about.

/// A pattern, an event, and what must come of them.
struct ConformanceCase: Equatable {
  /// What a pattern and an event can come to.
  enum Outcome: String, Equatable {
    case match
    case noMatch = "no-match"
    case invalidPattern = "invalid-pattern"
    case eventError = "event-error"
  }

  var id: String
  var pattern: [UInt8]
  var event: [UInt8]
  var expected: Outcome
  /// The first line of the message that an invalid pattern should bring, where the case knows it.
  var message: String?

  /// Reads a line of a case file; the error says what the line lacks.
  init(line: [UInt8]) throws(CommandFailure) {
    let members: RawMembers
    do {
      members = try RawMembers(of: line)
    } catch {
      throw CommandFailure(.invalid, "not a case: \(error)")
    }
    guard let id = members.text("id") else { throw CommandFailure(.invalid, "the case has no \"id\" (a string)") }
    func bytes(_ name: String) throws(CommandFailure) -> [UInt8] {
      if let text = members.text("\(name)_text") { return Array(text.utf8) }
      if let raw = members.bytes(name) { return raw }
      throw CommandFailure(.invalid, "case \(id) has neither \"\(name)\" nor \"\(name)_text\"")
    }
    guard let expected = members.text("expect").flatMap(Outcome.init(rawValue:)) else {
      throw CommandFailure(
        .invalid,
        "case \(id) needs \"expect\": \"match\", \"no-match\", \"invalid-pattern\" or \"event-error\""
      )
    }
    self.id = id
    self.expected = expected
    pattern = try bytes("pattern")
    event = try bytes("event")
    message = members.text("ruler_message")
  }
}

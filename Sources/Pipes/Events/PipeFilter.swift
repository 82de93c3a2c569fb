// Which messages a pipe takes: those that any of its patterns matches. A pattern that looks into the body wants a body that
// is an object, and one that names the body's text wants a body that is text, as in AWS.

internal import EventPatterns

/// The compiled patterns of a pipe.
struct PipeFilter: Sendable {
  /// What a pattern says of the body.
  private enum Body: Sendable {
    case anything
    case text
    case object
  }

  private let set: PatternSet
  private let bodies: [Body]

  /// Throws ``PipeError`` for a text that is no pattern.
  init(_ patterns: [String]) throws(PipeError) {
    var compiled: [EventPattern] = []
    var bodies: [Body] = []
    for pattern in patterns {
      do throws(PatternError) {
        compiled.append(try EventPattern(parsing: pattern))
      } catch {
        throw .validation(error.eventBridgeMessage(for: Array(pattern.utf8)))
      }
      let body: Body =
        switch (try? JSONValue(parsing: pattern))?["body"] {
        case .none: .anything
        case .object?: .object
        default: .text
        }
      bodies.append(body)
    }
    set = PatternSet(compiled)
    self.bodies = bodies
  }

  /// Parts the events of a batch.
  func part(_ events: [PipeEvent]) -> (taken: [PipeEvent], dropped: [PipeEvent]) {
    var matcher = EventMatcher(set)
    var (taken, dropped): ([PipeEvent], [PipeEvent]) = ([], [])
    for event in events {
      // An event that cannot be matched matches nothing.
      let matched = (try? matcher.matches(event.decoded.bytes)) ?? []
      if matched.contains(where: { admits($0, event) }) { taken.append(event) } else { dropped.append(event) }
    }
    return (taken, dropped)
  }

  private func admits(_ pattern: Int, _ event: PipeEvent) -> Bool {
    switch (bodies[pattern], event.decoded["body"]) {
    case (.anything, _), (.text, .string?), (.object, .object?): true
    case (.text, _), (.object, _): false
    }
  }
}

// Runs cases through the compiled matcher, the same one that every other verb uses.

internal import EventPatterns

/// What running a case showed.
struct ConformanceResult: Equatable {
  var outcome: ConformanceCase.Outcome
  /// The first line of the message that came with a refusal.
  var message: String?
}

extension ConformanceCase {
  /// Compiles the pattern, matches the event.
  func run() -> ConformanceResult {
    let pattern: EventPattern
    do {
      pattern = try EventPattern(parsing: self.pattern, language: .eventBridge)
    } catch {
      return ConformanceResult(outcome: .invalidPattern, message: error.message)
    }
    var matcher = EventMatcher(PatternSet([pattern]))
    do {
      return ConformanceResult(outcome: try matcher.matches(event).isEmpty ? .noMatch : .match)
    } catch {
      return ConformanceResult(outcome: .eventError, message: error.message)
    }
  }

  /// Why a result is not what the case expects; nothing if it is.
  func complaint(about result: ConformanceResult, comparingMessages: Bool) -> String? {
    guard result.outcome == expected else {
      let detail = result.message.map { " (\($0))" } ?? ""
      return "wanted \(expected.rawValue), got \(result.outcome.rawValue)\(detail)"
    }
    guard comparingMessages, expected == .invalidPattern, let message else { return nil }
    let wanted = firstLine(message)
    let got = firstLine(result.message ?? "")
    return wanted == got ? nil : "wanted the message \"\(wanted)\", got \"\(got)\""
  }
}

private func firstLine(_ text: String) -> String {
  String(text.split(separator: "\n", omittingEmptySubsequences: false).first ?? "")
}

// Runs the tests that rules bring along: offline, in virtual time, through the matcher and the decisions that the engine
// uses. Nothing leaves, and every step is looked at whatever stage the rule is at.

internal import EventPatterns
internal import RuleFiles
internal import TrailEvents

/// Runs rule tests.
public enum RuleTestRun {
  /// Runs the tests of all rules (or of those named), in order.
  public static func run(_ rules: RuleSet, only ruleIDs: Set<String>? = nil) -> [RuleTestResult] {
    var decider = Decider(rules)
    var results: [RuleTestResult] = []
    for (index, rule) in rules.repository.rules.enumerated() where ruleIDs?.contains(rule.id) ?? true {
      for test in rule.tests {
        let outcome = RuleTestOutcome(of: test, rule: index, &decider)
        results.append(
          RuleTestResult(
            ruleID: rule.id,
            name: test.name,
            position: test.position,
            failures: RuleTestCheck(rule: rule, test: test, outcome: outcome).failures()
          )
        )
      }
    }
    return results
  }
}

/// What the events of one test set off.
struct RuleTestOutcome {
  /// Why an event could not be used, and where it is given.
  var problems: [RuleTestResult.Failure] = []
  /// What the matcher said of the rule for the last event; nothing if it does not match.
  var lastMatch: RuleMatch?
  /// The last event.
  var lastEvent: JSONValue?
  /// Every decision, in the order of the events.
  var decisions: [Decision] = []
  /// How many events matched but were excepted.
  var suppressed = 0

  init(of test: RuleTest, rule: Int, _ decider: inout Decider) {
    var start: Instant?
    for given in test.given {
      do {
        let event = try TrailEvent(record: given.event.bytes)
        // Virtual time begins with the first event and is what the test's clock says afterwards.
        let begin = start ?? Instant(seconds: event.time)
        start = begin
        let now = Instant(seconds: begin.seconds + given.at.seconds)
        lastMatch = try decider.match(of: rule, event.envelope, at: now)
        lastEvent = try JSONValue(parsing: event.envelope)
        guard let match = lastMatch else { continue }
        guard match.triggers else {
          suppressed += 1
          continue
        }
        decisions += decider.rules.decide(event, matches: [match], at: now, stage: .enforce)
      } catch {
        problems.append(
          RuleTestResult.Failure(position: given.position, message: "the event cannot be used: \(error)")
        )
      }
    }
  }
}

extension Decider {
  /// What the matcher says of one rule. A scheduled rule has no pattern and fires with every event it is given.
  fileprivate mutating func match(of rule: Int, _ envelope: [UInt8], at now: Instant) throws(EventError) -> RuleMatch? {
    if rules.repository.rules[rule].pattern == nil { return RuleMatch(rule: rule) }
    return try matches(envelope, at: now).first { $0.rule == rule }
  }
}

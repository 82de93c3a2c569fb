// One rule and one event: the pattern's conditions with their places in the rule file, and the exceptions.

internal import EventPatterns
internal import RuleFiles
internal import TrailEvents

/// Why a rule is triggered by an event, or not.
struct RuleExplanation {
  var ruleID: String
  var position: SourcePosition
  var event: TrailEvent
  var conditions: [Condition]
  var isMatch: Bool
  /// The exception that keeps the rule quiet.
  var exception: RuleException?
  var nearestChange: String?

  /// A condition with its place in the rule file.
  struct Condition {
    var condition: PatternExplanation.Condition
    var position: SourcePosition
  }

  /// Whether the rule fires.
  var triggers: Bool { isMatch && exception == nil }

  /// Explains; nothing for a rule without a pattern.
  init?(of rule: Rule, event: TrailEvent, now: Instant) throws(CommandFailure) {
    guard let pattern = rule.pattern else { return nil }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: event.envelope)
    } catch {
      throw CommandFailure(.invalid, "the event cannot be read: \(error)")
    }
    let explanation = PatternExplanation(of: pattern.pattern, event: value)
    ruleID = rule.id
    position = rule.position
    self.event = event
    isMatch = explanation.isMatch
    nearestChange = explanation.nearestChange
    conditions = explanation.conditions.map { condition in
      let place = pattern.sourceMap.position(ofByte: condition.offset) ?? pattern.position
      return Condition(condition: condition, position: place)
    }
    exception =
      isMatch
      ? rule.exceptions.first { $0.holds(at: now) && PatternExplanation(of: $0.pattern.pattern, event: value).isMatch }
      : nil
  }

  /// The verdict and its reason, in words.
  private func verdict(_ style: TextStyle) -> String {
    if let exception {
      return style.paint("excepted", .yellow) + ": \(exception.reason) (\(exception.position))"
    }
    let word = isMatch ? style.paint("match", .green) : style.paint("no match", .red)
    return word + (nearestChange.map { ": \($0.shownSafely)" } ?? "")
  }

  /// One line: the rule and the verdict.
  func line(_ style: TextStyle) -> String { "\(ruleID): \(verdict(style))" }

  /// The whole explanation.
  func lines(_ style: TextStyle) -> [String] {
    var lines = [
      "\(style.bold(ruleID))  \(position)",
      "event \(event.eventID.shownSafely)  \(event.source.shownSafely)  \(Instant(seconds: event.time))", "",
    ]
    let width = conditions.reduce(0) { max($0, $1.condition.path.count) }
    for condition in conditions {
      let facts = condition.condition
      let mark = facts.holds ? style.paint("✓", .green) : style.paint("✗", .red)
      let found = facts.found.isEmpty ? "nothing" : facts.found.joined(separator: ", ")
      let role = facts.isAlternative ? " (one side of $or)" : ""
      lines.append(
        "  \(mark) \(facts.path.shownSafely.padded(to: width))  \(style.paint("\(condition.position)", .grey))\(role)"
      )
      lines.append("      wanted  \(facts.wanted.shownSafely)")
      lines.append("      found   \(found.shownSafely)")
    }
    return lines + ["", verdict(style)]
  }

  /// The explanation for programs.
  var json: JSONValue {
    var object = JSONObject([
      ("rule", .string(ruleID)),
      ("position", .string("\(position)")),
      ("eventID", .string(event.eventID)),
      ("match", .bool(isMatch)),
      ("triggers", .bool(triggers)),
    ])
    if let exception {
      object["exception"] = .members([
        "reason": .string(exception.reason), "position": .string("\(exception.position)"),
      ])
    }
    object["conditions"] = .array(
      conditions.map { condition in
        .members([
          "path": .string(condition.condition.path),
          "wanted": JSONValue(showing: Array(condition.condition.wanted.utf8)),
          "found": .array(condition.condition.found.map { JSONValue(showing: Array($0.utf8)) }),
          "holds": .bool(condition.condition.holds),
          "alternative": .bool(condition.condition.isAlternative),
          "position": .string("\(condition.position)"),
        ])
      }
    )
    object["nearestChange"] = nearestChange.map(JSONValue.string)
    return .object(object)
  }
}

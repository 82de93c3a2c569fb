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
  /// The exceptions that keep the rule quiet, and why they hold.
  var exceptions: [Exception] = []
  /// What would end the match or bring it about.
  var nearestChange: String?

  /// A condition with its place in the rule file.
  struct Condition {
    var condition: PatternExplanation.Condition
    var position: SourcePosition
  }

  /// An exception that matches the event.
  struct Exception {
    var reason: String
    var position: SourcePosition
    var conditions: [Condition]
    /// What would end the exception.
    var nearestChange: String?
  }

  /// Whether the rule fires.
  var triggers: Bool { isMatch && exceptions.isEmpty }

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
    conditions = Self.placed(explanation.conditions, in: pattern)
    guard isMatch else { return }
    for candidate in rule.exceptions where candidate.holds(at: now) {
      let reasons = PatternExplanation(of: candidate.pattern.pattern, event: value)
      guard reasons.isMatch else { continue }
      exceptions.append(
        Exception(
          reason: candidate.reason,
          position: candidate.position,
          conditions: Self.placed(reasons.conditions, in: candidate.pattern),
          nearestChange: reasons.nearestChange
        )
      )
    }
  }

  private static func placed(_ conditions: [PatternExplanation.Condition], in pattern: RulePattern) -> [Condition] {
    conditions.map { condition in
      let place = pattern.sourceMap.position(ofByte: condition.offset) ?? pattern.position
      return Condition(condition: condition, position: place)
    }
  }

  /// What would flip the answer whether the rule fires.
  private var flippingChange: String? {
    guard !exceptions.isEmpty else { return nearestChange }
    let changes = exceptions.compactMap(\.nearestChange)
    guard changes.count == exceptions.count else { return nil }
    let head =
      changes.count == 1
      ? "the rule would fire if its exception did not match" : "the rule would fire if none of its exceptions matched"
    return "\(head): \(changes.joined(separator: "; and "))"
  }

  /// The verdict and its reason, in words.
  private func verdict(_ style: TextStyle) -> String {
    let change = flippingChange.map { $0.shownSafely }
    guard exceptions.isEmpty else {
      let reasons = exceptions.map { "\($0.reason.shownSafely) (\($0.position))" }.joined(separator: ", ")
      return style.paint("excepted", .yellow) + ": \(reasons)" + (change.map { "; \($0)" } ?? "")
    }
    let word = isMatch ? style.paint("match", .green) : style.paint("no match", .red)
    return word + (change.map { ": \($0)" } ?? "")
  }

  /// One line: the rule and the verdict.
  func line(_ style: TextStyle) -> String { "\(ruleID): \(verdict(style))" }

  /// The whole explanation.
  func lines(_ style: TextStyle) -> [String] {
    var lines = [
      "\(style.bold(ruleID))  \(position)",
      "event \(event.eventID.shownSafely)  \(event.source.shownSafely)  \(Instant(seconds: event.time))", "",
    ]
    lines += Self.lines(of: conditions, style)
    for exception in exceptions {
      lines += ["", "unless: \(exception.reason.shownSafely)  \(style.paint("\(exception.position)", .grey))", ""]
      lines += Self.lines(of: exception.conditions, style)
    }
    return lines + ["", verdict(style)]
  }

  private static func lines(of conditions: [Condition], _ style: TextStyle) -> [String] {
    var lines: [String] = []
    let width = conditions.reduce(0) { max($0, $1.condition.path.count) }
    for condition in conditions {
      let facts = condition.condition
      let mark = facts.holds ? style.paint("✓", .green) : style.paint("✗", .red)
      let nothing = facts.container.map { "\($0) (conditions look at leaf values only)" } ?? "nothing"
      let found = facts.found.isEmpty ? nothing : facts.found.joined(separator: ", ")
      let role = facts.isAlternative ? " (one side of $or)" : ""
      lines.append(
        "  \(mark) \(facts.path.shownSafely.padded(to: width))  \(style.paint("\(condition.position)", .grey))\(role)"
      )
      lines.append("      wanted  \(facts.wanted.shownSafely)")
      lines.append("      found   \(found.shownSafely)")
    }
    return lines
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
    if let first = exceptions.first {
      object["exception"] = .members(["reason": .string(first.reason), "position": .string("\(first.position)")])
      object["exceptions"] = .array(
        exceptions.map { exception in
          var members = JSONObject([
            ("reason", .string(exception.reason)),
            ("position", .string("\(exception.position)")),
            ("conditions", Self.json(of: exception.conditions)),
          ])
          members["nearestChange"] = exception.nearestChange.map(JSONValue.string)
          return .object(members)
        }
      )
    }
    object["conditions"] = Self.json(of: conditions)
    object["nearestChange"] = flippingChange.map(JSONValue.string)
    return .object(object)
  }

  private static func json(of conditions: [Condition]) -> JSONValue {
    .array(
      conditions.map { condition in
        let facts = condition.condition
        var members = JSONObject([
          ("path", .string(facts.path)),
          ("wanted", JSONValue(showing: Array(facts.wanted.utf8))),
          ("found", .array(facts.found.map { JSONValue(showing: Array($0.utf8)) })),
          ("holds", .bool(facts.holds)),
          ("alternative", .bool(facts.isAlternative)),
          ("position", .string("\(condition.position)")),
        ])
        members["container"] = facts.container.map(JSONValue.string)
        return .object(members)
      }
    )
  }
}

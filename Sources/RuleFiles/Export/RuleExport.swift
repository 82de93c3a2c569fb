// A rule as the request that EventBridge's PutRule takes. What AWS has no word for is refused with the line: an exported
// rule that matches something else than the rule here would be worse than none.

public import EventPatterns

/// A rule in EventBridge's terms.
public struct RuleExport: Sendable {
  /// The PutRule request; nothing if the rule cannot be exported.
  public var request: JSONValue?
  /// Why it cannot, or what is different there.
  public var diagnostics: [Diagnostic]

  /// The longest pattern that EventBridge takes unless the quota is raised, in characters.
  private static let longestPattern = 2048
  /// The longest description that EventBridge takes, in characters.
  private static let longestDescription = 512

  /// Translates a rule.
  public init(_ rule: Rule) {
    var log = DiagnosticLog()
    for exception in rule.exceptions {
      let hint = "put the exception into `when`, for instance with anything-but"
      log.report(.notExportable, at: exception.position, "EventBridge has no 'unless'", hint: hint)
    }
    var members: [(String, JSONValue)] = [("Name", .string(rule.id))]
    if let pattern = rule.pattern, Self.check(pattern, &log) {
      members.append(("EventPattern", .string(String(decoding: pattern.json, as: UTF8.self))))
    }
    if let schedule = rule.schedule { members.append(("ScheduleExpression", .string(schedule.description))) }
    members.append(("State", .string(rule.stage.isLive ? "ENABLED" : "DISABLED")))
    let description = rule.title.isEmpty ? rule.description ?? "" : rule.title
    if !description.isEmpty {
      members.append(("Description", .string(String(description.prefix(Self.longestDescription)))))
    }
    if rule.bus != "default" { members.append(("EventBusName", .string(rule.bus))) }
    diagnostics = log.diagnostics.inReadingOrder()
    request = diagnostics.containsError ? nil : .object(JSONObject(members.map { ($0.0, $0.1) }))
  }

  private static func check(_ pattern: RulePattern, _ log: inout DiagnosticLog) -> Bool {
    if let found = pattern.pattern.firstExtension {
      let place = pattern.sourceMap.position(ofByte: found.offset) ?? pattern.position
      let message = "'\(found.name)' is an extension that EventBridge does not have"
      log.report(
        .patternExtension,
        at: place,
        message,
        hint: "write the condition with EventBridge's match expressions"
      )
      return false
    }
    do {
      _ = try EventPattern(parsing: pattern.json, language: .eventBridge)
    } catch {
      let place = pattern.sourceMap.position(ofByte: error.offset) ?? pattern.position
      log.report(.notExportable, at: place, "EventBridge refuses the pattern: \(error.message)")
      return false
    }
    if pattern.json.count > longestPattern {
      let message =
        "the pattern has \(pattern.json.count) characters; EventBridge takes \(longestPattern) unless the "
        + "quota is raised"
      log.append([Diagnostic(.notExportable, at: pattern.position, message, severity: .warning)])
    }
    return true
  }
}

// How matches look. A match is one event and one rule; every format writes them as they come, so that memory does not
// grow with what is found.

internal import EventPatterns
internal import RuleFiles

/// An event that some rule matched.
struct MatchedEvent {
  /// The event (EventBridge envelope).
  var value: JSONValue
  /// The event's id.
  var eventID: String
  /// The file or stream the record came from.
  var origin: String
}

/// What output says of a rule.
struct RuleLabel: Sendable, Equatable {
  var id: String
  var title: String
  var severity: Severity?
}

/// The format of `match`.
enum MatchFormat: String, CaseIterable, Sendable {
  case text
  case ndjson
  case json
}

/// Writes matches in a format.
struct MatchWriter {
  private let format: MatchFormat?
  private let rules: [RuleLabel]
  private let includesEvent: Bool
  private let console: Console
  private let table: TextTable
  /// Ids that are longer are cut.
  private let ruleWidth: Int
  private var hasHeader = false

  /// A writer for matches of these rules; without a format it writes nothing.
  init(_ format: MatchFormat?, rules: [RuleLabel], includesEvent: Bool, on console: Console) {
    self.format = format
    self.rules = rules
    self.includesEvent = includesEvent
    self.console = console
    let widestRule = rules.reduce(4) { max($0, $1.id.count) }
    let isNarrow = console.outputTerminal.map { $0.width < 140 } ?? false
    ruleWidth = isNarrow ? min(widestRule, 28) : widestRule
    table = TextTable(
      [
        .init(title: "TIME", width: 20),
        .init(title: "RULE", width: ruleWidth),
        .init(title: "ACCOUNT", width: 12),
        .init(title: "REGION", width: 12),
        .init(title: "EVENT", width: isNarrow ? 28 : 34),
        .init(title: "WHO", width: 40, isFlexible: true),
      ],
      terminalWidth: console.outputTerminal?.width
    )
  }

  /// Whether matches are written at all.
  var isSilent: Bool { format == nil }

  /// Writes one match of a rule (by index).
  mutating func write(_ event: MatchedEvent, rule: Int) throws(OutputFailure) {
    switch format {
    case .text: try writeRow(event.value, rules[rule])
    case .ndjson, .json: try console.print(object(event, rules[rule]))
    case nil: return
    }
  }

  private mutating func writeRow(_ event: JSONValue, _ rule: RuleLabel) throws(OutputFailure) {
    let style = console.style
    if !hasHeader {
      hasHeader = true
      try console.print(table.header(style))
    }
    let service = event["source"]?.string.map { $0.hasPrefix("aws.") ? String($0.dropFirst(4)) : $0 }
    let name = [service, Self.eventName(event)].compactMap { $0 }.joined(separator: ":")
    let cells = [
      event["time"]?.string ?? "-", rule.id.cut(to: ruleWidth), event["account"]?.string ?? "-",
      event["region"]?.string ?? "-", name,
      Self.actor(event).map { Self.short($0, account: event["account"]?.string) } ?? "-",
    ]
    try console.print(
      table.line(cells) { index, cell in
        index == 1 ? style.paint(cell, rule.severity) : cell
      }
    )
    if includesEvent { try console.print(event) }
  }

  private func object(_ match: MatchedEvent, _ rule: RuleLabel) -> JSONValue {
    let event = match.value
    var object = JSONObject([("rule", .string(rule.id))])
    if !rule.title.isEmpty { object["title"] = .string(rule.title) }
    if let severity = rule.severity { object["severity"] = .string(severity.rawValue) }
    object["eventID"] = .string(match.eventID)
    for field in ["time", "account", "region", "source"] { object[field] = event[field] }
    object["eventName"] = Self.eventName(event).map(JSONValue.string)
    object["who"] = Self.actor(event).map(JSONValue.string)
    object["origin"] = .string(match.origin)
    if includesEvent { object["event"] = event }
    return .object(object)
  }

  private static func eventName(_ event: JSONValue) -> String? {
    event["detail"]?["eventName"]?.string ?? event["detail"]?["insightDetails"]?["eventName"]?.string
      ?? event["detail-type"]?.string
  }

  /// What is left of an ARN when what the row says already is taken off: `user/alice`, and the account if it is another.
  private static func short(_ actor: String, account: String?) -> String {
    let parts = actor.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn" else { return actor }
    return parts[4].isEmpty || parts[4] == account ?? "" ? String(parts[5]) : "\(parts[4]):\(parts[5])"
  }

  /// The identity in the form people know: the ARN, else a name, else a service.
  private static func actor(_ event: JSONValue) -> String? {
    guard let identity = event["detail"]?["userIdentity"] else { return nil }
    for field in ["arn", "userName", "principalId", "invokedBy", "type"] {
      if let text = identity[field]?.string, !text.isEmpty { return text }
    }
    return nil
  }
}

extension TextStyle {
  /// The text in the colour of a severity.
  func paint(_ text: String, _ severity: Severity?) -> String {
    switch severity {
    case .critical: paint(text, .red, bold: true)
    case .high: paint(text, .red)
    case .medium: paint(text, .yellow)
    case .low: paint(text, .cyan)
    case .informational: paint(text, .grey)
    case nil: text
    }
  }
}

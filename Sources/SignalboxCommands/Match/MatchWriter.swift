// How matches look. A match is one event and one rule; every format writes them as they come, so that memory does not
// grow with what is found.

internal import EventPatterns
internal import RuleFiles

/// What is written about one match.
struct Match {
  /// The rule, by index.
  var rule: Int
  /// The event (EventBridge envelope).
  var event: [UInt8]
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
  private var hasHeader = false

  /// A writer for matches of these rules; without a format it writes nothing.
  init(_ format: MatchFormat?, rules: [RuleLabel], includesEvent: Bool, on console: Console) {
    self.format = format
    self.rules = rules
    self.includesEvent = includesEvent
    self.console = console
    let ruleWidth = rules.reduce(4) { max($0, $1.id.count) }
    table = TextTable(
      [
        .init(title: "TIME", width: 20),
        .init(title: "RULE", width: min(40, ruleWidth)),
        .init(title: "ACCOUNT", width: 12),
        .init(title: "REGION", width: 14),
        .init(title: "EVENT", width: 36),
        .init(title: "WHO", width: 40, isFlexible: true),
      ],
      terminalWidth: console.outputTerminal?.width
    )
  }

  /// Writes one match.
  mutating func write(_ match: Match) throws(OutputFailure) {
    guard let format else { return }
    let event = (try? JSONValue(parsing: match.event)) ?? .null
    switch format {
    case .text: try writeRow(match, event)
    case .ndjson, .json: try console.print(object(match, event))
    }
  }

  private mutating func writeRow(_ match: Match, _ event: JSONValue) throws(OutputFailure) {
    let style = console.style
    if !hasHeader {
      hasHeader = true
      try console.print(table.header(style))
    }
    let rule = rules[match.rule]
    let service = event["source"]?.string.map { $0.hasPrefix("aws.") ? String($0.dropFirst(4)) : $0 }
    let name = [service, Self.eventName(event)].compactMap { $0 }.joined(separator: ":")
    let cells = [
      event["time"]?.string ?? "-", rule.id, event["account"]?.string ?? "-", event["region"]?.string ?? "-", name,
      Self.actor(event) ?? "-",
    ]
    try console.print(
      table.line(cells) { index, cell in
        index == 1 ? style.paint(cell, rule.severity) : cell
      }
    )
    if includesEvent { try console.print(event) }
  }

  private func object(_ match: Match, _ event: JSONValue) -> JSONValue {
    let rule = rules[match.rule]
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

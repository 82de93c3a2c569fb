// Reports for programs.

internal import EventPatterns

extension Report {
  /// One object with the summary, every case and every finding.
  var json: String {
    JSONValue.members([
      "title": .string(title),
      "summary": summaryValue,
      "cases": .array(cases.map { value(of: $0) }),
      "findings": .array(findings.map { Self.value(of: $0) }),
    ]).prettyText + "\n"
  }

  /// A line for each case of a test run and each finding, then the summary.
  var ndjson: String {
    var lines: [JSONValue] = []
    for item in cases {
      if noun == "test" { lines.append(typed("case", value(of: item))) }
      lines += item.findings.map { typed("finding", Self.value(of: $0)) }
    }
    lines.append(typed("summary", summaryValue))
    return lines.map { $0.text + "\n" }.joined()
  }

  private func typed(_ type: String, _ value: JSONValue) -> JSONValue {
    guard case .object(let object) = value else { return value }
    return .object(JSONObject([("type", .string(type))] + object.members))
  }

  private var summaryValue: JSONValue {
    .members([
      "cases": .integer(cases.count),
      "passed": .integer(cases.count - failedCount),
      "failed": .integer(failedCount),
      "errors": .integer(count(.error)),
      "warnings": .integer(count(.warning)),
      "notes": .integer(count(.note)),
    ])
  }

  private func value(of item: Case) -> JSONValue {
    var object = JSONObject([
      (noun, .string(item.name)), ("group", .string(item.group)), ("passed", .bool(item.hasPassed)),
    ])
    object.add(item.position)
    return .object(object)
  }

  private static func value(of finding: Finding) -> JSONValue {
    var object = JSONObject([("code", .string(finding.code)), ("severity", .string(finding.severity.rawValue))])
    object.add(finding.position)
    object["message"] = .string(finding.message)
    if let hint = finding.hint { object["hint"] = .string(hint) }
    for detail in finding.details where object[detail.label] == nil { object[detail.label] = .string(detail.text) }
    return .object(object)
  }
}

extension JSONObject {
  fileprivate mutating func add(_ position: SourcePosition?) {
    guard let position else { return }
    self["file"] = .string(position.file)
    self["line"] = .integer(position.line)
    self["column"] = .integer(position.column)
  }
}

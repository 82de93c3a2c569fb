// SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format).

internal import EventPatterns

extension Report {
  /// The report as a SARIF log with one run.
  var sarif: String {
    var codes: [String] = []
    var summaries: [JSONValue] = []
    for finding in findings where !codes.contains(finding.code) {
      codes.append(finding.code)
      summaries.append(
        .members(["id": .string(finding.code), "shortDescription": .members(["text": .string(finding.summary)])])
      )
    }
    let results = findings.map { result($0, index: codes.firstIndex(of: $0.code) ?? 0) }
    let driver = JSONValue.members(["name": .string("signalbox"), "rules": .array(summaries)])
    let run = JSONValue.members([
      "tool": .members(["driver": driver]),
      "automationDetails": .members(["id": .string("signalbox/\(title)/")]),
      "columnKind": .string("unicodeCodePoints"),
      "results": .array(results),
    ])
    return JSONValue.members([
      "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"),
      "version": .string("2.1.0"),
      "runs": .array([run]),
    ]).prettyText + "\n"
  }

  private func result(_ finding: Finding, index: Int) -> JSONValue {
    var lines = [finding.message]
    if let hint = finding.hint { lines.append("Hint: \(hint)") }
    lines += finding.details.map { "\($0.label): \($0.text)" }
    var object = JSONObject([
      ("ruleId", .string(finding.code)),
      ("ruleIndex", .integer(index)),
      ("level", .string(finding.severity.rawValue)),
      ("message", .members(["text": .string(lines.joined(separator: "\n"))])),
    ])
    if let position = finding.position, position.file != "-" { object["locations"] = .array([location(position)]) }
    return .object(object)
  }

  private func location(_ position: SourcePosition) -> JSONValue {
    .members([
      "physicalLocation": .members([
        "artifactLocation": .members(["uri": .string(Self.uri(position.file))]),
        "region": .members([
          "startLine": .integer(max(1, position.line)), "startColumn": .integer(max(1, position.column)),
        ]),
      ])
    ])
  }

  /// A path as a URI reference: relative paths stay relative, absolute ones get the `file` scheme.
  private static func uri(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in path.hasPrefix("./") ? path.dropFirst(2).utf8 : path[...].utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "@"):
        output.append(byte)
      default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    let text = String(decoding: output, as: UTF8.self)
    return path.hasPrefix("/") ? "file://\(text)" : text
  }
}

// Reports for people: one finding a paragraph, the place first so that editors and terminals can jump to it.

extension Report {
  /// The findings, each with its place, hint and details, then the summary.
  var text: String {
    var output = ""
    for item in cases {
      for finding in item.findings { output += Self.text(of: finding, in: noun == "test" ? item : nil) }
    }
    return output + summary + "\n"
  }

  private static func text(of finding: Finding, in test: Case?) -> String {
    let place = finding.position.map { "\($0): " } ?? ""
    let name = test.map { "\($0.group) / \($0.name): " } ?? ""
    let code = test == nil ? " \(finding.code)" : ""
    var output = "\(place)\(finding.severity.rawValue)\(code): \(name)\(finding.message)\n"
    if let hint = finding.hint { output += "  hint: \(hint)\n" }
    for detail in finding.details { output += indented(detail) }
    return output
  }

  private static func indented(_ detail: Finding.Detail) -> String {
    let lines = detail.text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.count == 1 { return "  \(detail.label): \(detail.text)\n" }
    return "  \(detail.label):\n" + lines.map { "    \($0)\n" }.joined()
  }
}

// Reports as a section of Markdown, for job summaries and comments on pull requests.

extension Report {
  /// A heading with the summary, a table of findings, and the details below it.
  var markdown: String {
    var output = "## signalbox \(title)\n\n\(hasErrors ? "❌" : "✅") \(escaped(summary))\n"
    let rows = cases.flatMap { item in item.findings.map { (item, $0) } }
    guard !rows.isEmpty else { return output }
    output += "\n| | Where | What |\n| --- | --- | --- |\n"
    for (item, finding) in rows {
      let name = noun == "test" ? "**\(escaped(item.group))** / \(escaped(item.name)): " : "\(finding.code): "
      let hint = finding.hint.map { "<br>\(escaped($0))" } ?? ""
      let place = finding.position.map { escaped("\($0)") } ?? ""
      output += "| \(finding.severity.rawValue) | \(place) | \(name)\(escaped(finding.message))\(hint) |\n"
    }
    for (item, finding) in rows where !finding.details.isEmpty {
      output += "\n**\(escaped(item.group))** / \(escaped(item.name)): \(escaped(finding.message))\n"
      for detail in finding.details { output += "\n\(escaped(detail.label)):\n\n\(fenced(detail.text))" }
    }
    return output
  }

  /// The text with Markdown's signs escaped, on one line.
  private func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\n", "\r": " "
      case "<": "&lt;"
      case "&": "&amp;"
      case "\\", "|", "*", "_", "`", "[", "]", "#", "~": "\\\(scalar)"
      default: String(scalar)
      }
    }.joined()
  }

  /// The text in a fence that is longer than any run of backticks inside.
  private func fenced(_ text: String) -> String {
    var longest = 0
    var run = 0
    for byte in text.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\n\(text)\n\(fence)\n"
  }
}

// GitHub's workflow commands: lines that a runner turns into annotations of a pull request.

extension Report {
  /// An annotation for each finding. Nothing to say gives nothing.
  var github: String {
    var output = ""
    for item in cases {
      for finding in item.findings {
        var lines = [finding.message]
        if let hint = finding.hint { lines.append("Hint: \(hint)") }
        lines += finding.details.map { "\($0.label): \($0.text)" }
        let title = noun == "test" ? "\(item.group) / \(item.name)" : "\(finding.code) \(finding.summary)"
        var properties: [String] = []
        if let position = finding.position, position.file != "-" {
          properties += ["file=\(property(position.file))", "line=\(position.line)", "col=\(position.column)"]
        }
        properties.append("title=\(property(title))")
        output += "::\(command(finding.severity)) \(properties.joined(separator: ","))::"
        output += escaped(lines.joined(separator: "\n")) + "\n"
      }
    }
    return output
  }

  private func command(_ severity: Diagnostic.Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .note: "notice"
    }
  }

  private func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "%": "%25"
      case "\r": "%0D"
      case "\n": "%0A"
      default: String(scalar)
      }
    }.joined()
  }

  private func property(_ text: String) -> String {
    escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}

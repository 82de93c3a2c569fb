// The output formats of a report, one function each.

/// How a report is written.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
  /// For people: `file:line:column: error SB101: …`.
  case text
  /// One JSON object.
  case json
  /// One JSON object a line, the last one the summary.
  case ndjson
  /// JUnit XML, which most CI systems show as test results.
  case junit
  /// SARIF 2.1.0, which code-scanning services show beside the lines.
  case sarif
  /// GitHub's workflow commands, which annotate a pull request.
  case github
  /// A Markdown section, for job summaries and comments.
  case markdown
}

extension Report {
  /// The report in a format, with a line break at the end unless there is nothing to say.
  public func rendered(as format: ReportFormat) -> String {
    switch format {
    case .text: text
    case .json: json
    case .ndjson: ndjson
    case .junit: junit
    case .sarif: sarif
    case .github: github
    case .markdown: markdown
    }
  }
}

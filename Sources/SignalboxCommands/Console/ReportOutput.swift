// Reports on standard output: as they are, with a little colour for people at a terminal.

internal import RuleFiles

extension Console {
  /// Prints a report in a format.
  func print(_ report: Report, as format: ReportFormatOption) throws(OutputFailure) {
    let text = report.rendered(as: format.format)
    guard format.format == .text, style.isOn else { return try output.write(text.utf8) }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      try print(style.paintSeverity(line))
    }
  }
}

extension TextStyle {
  /// A finding's line with its severity in colour; every other line as it is.
  func paintSeverity(_ line: Substring) -> String {
    guard isOn, !line.hasPrefix(" ") else { return String(line) }
    for (severity, colour) in [("error", Colour.red), ("warning", .yellow), ("note", .cyan)] {
      for mark in [": \(severity) SB", ": \(severity): "] {
        guard let range = line.firstRange(of: mark) else { continue }
        let rest = line[range.lowerBound...].dropFirst(2 + severity.count)
        return "\(line[..<range.lowerBound]): \(paint(severity, colour, bold: true))\(rest)"
      }
    }
    return String(line)
  }
}

// JUnit XML in the form that Jenkins, GitLab and the test reporters of GitHub read.

extension Report {
  /// The report as JUnit XML: a suite for each group, a failure for each error.
  var junit: String {
    var groups: [String] = []
    for item in cases where !groups.contains(item.group) { groups.append(item.group) }
    var output = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
    output +=
      "<testsuites name=\(attribute("signalbox \(title)")) tests=\"\(cases.count)\" failures=\"\(failedCount)\">\n"
    let byGroup = Dictionary(grouping: cases, by: \.group)
    for group in groups {
      let members = byGroup[group] ?? []
      output += "  <testsuite name=\(attribute(group)) tests=\"\(members.count)\" "
      output += "failures=\"\(members.count { !$0.hasPassed })\" errors=\"0\" skipped=\"0\">\n"
      output += members.map { testcase($0) }.joined()
      output += "  </testsuite>\n"
    }
    return output + "</testsuites>\n"
  }

  private func testcase(_ item: Case) -> String {
    var head = "    <testcase classname=\(attribute(item.group)) name=\(attribute(item.name))"
    if let position = item.position { head += " file=\(attribute(position.file)) line=\"\(position.line)\"" }
    guard !item.findings.isEmpty else { return head + "/>\n" }
    var output = head + ">\n"
    for finding in item.findings where finding.severity == .error {
      output += "      <failure type=\(attribute(finding.code)) message=\(attribute(finding.message))>"
      output += "\(escaped(body(finding)))</failure>\n"
    }
    let others = item.findings.filter { $0.severity != .error }
    if !others.isEmpty {
      output += "      <system-out>\(escaped(others.map { body($0) }.joined(separator: "\n")))</system-out>\n"
    }
    return output + "    </testcase>\n"
  }

  private func body(_ finding: Finding) -> String {
    var lines = ["\(finding.position.map { "\($0): " } ?? "")\(finding.severity.rawValue): \(finding.message)"]
    if let hint = finding.hint { lines.append("hint: \(hint)") }
    lines += finding.details.map { "\($0.label): \($0.text)" }
    return lines.joined(separator: "\n")
  }

  private func attribute(_ text: String) -> String {
    "\"\(escaped(text).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;"))\""
  }

  /// The text with XML's special characters escaped. Characters that XML 1.0 cannot hold become U+FFFD.
  private func escaped(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: output += "&amp;".unicodeScalars
      case 0x3C: output += "&lt;".unicodeScalars
      case 0x3E: output += "&gt;".unicodeScalars
      case 0x22: output += "&quot;".unicodeScalars
      case 0x09, 0x0A, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...: output.append(scalar)
      case 0x0D: output += "&#13;".unicodeScalars
      default: output.append("\u{FFFD}")
      }
    }
    return String(output)
  }
}

// What a run of `validate`, `lint` or `test` found, in one shape that every output format is a pure function of.

/// What was checked and what was wrong with it.
public struct Report: Sendable {
  /// Something that was checked: a file, or a test of a rule.
  public struct Case: Sendable, Hashable {
    /// What it is called: the file, or the test's name.
    public var name: String
    /// What it belongs to: the verb, or the rule's id.
    public var group: String
    /// Where it is written, if that can be said.
    public var position: SourcePosition?
    /// What was wrong with it; without an error it passed.
    public var findings: [Finding]

    /// Makes a case.
    public init(name: String, group: String, position: SourcePosition?, findings: [Finding]) {
      self.name = name
      self.group = group
      self.position = position
      self.findings = findings
    }

    /// Whether nothing was wrong that counts as an error.
    public var hasPassed: Bool { !findings.contains { $0.severity == .error } }
  }

  /// Something that was wrong, or is worth knowing.
  public struct Finding: Sendable, Hashable {
    /// The stable code, such as `SB101`; `test` for a failed expectation.
    public var code: String
    /// What the code means, in one line.
    public var summary: String
    /// How bad it is.
    public var severity: Diagnostic.Severity
    /// Where, if that can be said.
    public var position: SourcePosition?
    /// What was wrong.
    public var message: String
    /// What to write instead.
    public var hint: String?
    /// Longer texts to compare, such as what was wanted and what came; each may have several lines.
    public var details: [Detail]

    /// A longer text with its label.
    public struct Detail: Sendable, Hashable {
      /// Such as `wanted` or `got`.
      public var label: String
      /// The text.
      public var text: String

      /// Makes a detail.
      public init(_ label: String, _ text: String) {
        self.label = label
        self.text = text
      }
    }

    /// Makes a finding.
    public init(
      code: String,
      summary: String,
      severity: Diagnostic.Severity,
      position: SourcePosition?,
      message: String,
      hint: String? = nil,
      details: [Detail] = []
    ) {
      self.code = code
      self.summary = summary
      self.severity = severity
      self.position = position
      self.message = message
      self.hint = hint
      self.details = details
    }

    /// Makes a finding of a diagnostic.
    public init(_ diagnostic: Diagnostic) {
      self.init(
        code: diagnostic.code.rawValue,
        summary: diagnostic.code.summary,
        severity: diagnostic.severity,
        position: diagnostic.position,
        message: diagnostic.message,
        hint: diagnostic.hint
      )
    }
  }

  /// The verb: `validate`, `lint`, `test`.
  public var title: String
  /// What one case is called in a summary: `file`, `test`.
  public var noun: String
  /// What was checked, in order.
  public var cases: [Case]

  /// Makes a report.
  public init(title: String, noun: String, cases: [Case]) {
    self.title = title
    self.noun = noun
    self.cases = cases
  }

  /// Makes a report of diagnostics: one case for each file that was read or that a diagnostic names.
  public init(title: String, diagnostics: [Diagnostic], files: [String]) {
    let byFile = Dictionary(grouping: diagnostics, by: \.position.file)
    let others = Set(byFile.keys).subtracting(files).sorted()
    cases = (files + others).map { file in
      Case(
        name: file,
        group: title,
        position: SourcePosition(file: file, line: 1, column: 1),
        findings: (byFile[file] ?? []).map { Finding($0) }
      )
    }
    self.title = title
    noun = "file"
  }

  /// All findings in the order of the cases.
  public var findings: [Finding] { cases.flatMap(\.findings) }

  /// Whether a finding is an error.
  public var hasErrors: Bool { cases.contains { !$0.hasPassed } }

  /// How many findings have a severity.
  public func count(_ severity: Diagnostic.Severity) -> Int {
    cases.reduce(0) { $0 + $1.findings.count { $0.severity == severity } }
  }

  /// How many cases did not pass.
  public var failedCount: Int { cases.count { !$0.hasPassed } }

  /// One line that sums the report up.
  public var summary: String {
    let total = Self.counted(cases.count, noun)
    if noun == "test" {
      return "\(total): \(cases.count - failedCount) passed, \(failedCount) failed"
    }
    let parts = Diagnostic.Severity.allCases.filter { count($0) > 0 }.map { Self.counted(count($0), $0.rawValue) }
    return parts.isEmpty ? "\(total): no findings" : "\(total): \(parts.joined(separator: ", "))"
  }

  static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

// Where findings are collected while files are read and checked.

/// A growing list of findings.
package struct DiagnosticLog: Sendable {
  /// The findings in the order in which they were made.
  package private(set) var diagnostics: [Diagnostic] = []

  package init() {}

  /// Adds a finding.
  package mutating func report(
    _ code: DiagnosticCode,
    at position: SourcePosition,
    _ message: String,
    hint: String? = nil
  ) {
    diagnostics.append(Diagnostic(code, at: position, message, hint: hint))
  }

  /// Adds findings made elsewhere.
  package mutating func append(_ more: [Diagnostic]) {
    diagnostics += more
  }
}

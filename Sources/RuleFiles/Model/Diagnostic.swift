// What reading, checking and linting rule files have to say. All findings of a run are collected; nothing is thrown.

/// One finding about a rule file, for a person and for tools (SARIF, GitHub annotations).
public struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  /// How bad a finding is.
  public enum Severity: String, Sendable, Hashable, CaseIterable {
    /// The rule set is not usable.
    case error
    /// The rule set works, but probably not as meant.
    case warning
    /// Worth knowing.
    case note
  }

  /// The stable code, listed with its meaning in `DiagnosticCode`.
  public var code: DiagnosticCode
  /// How bad it is.
  public var severity: Severity
  /// Where.
  public var position: SourcePosition
  /// What was wrong and what was expected: one sentence without a final full stop.
  public var message: String
  /// What to write instead, if that can be said.
  public var hint: String?

  /// Makes a finding; its severity is the code's unless said otherwise.
  public init(
    _ code: DiagnosticCode,
    at position: SourcePosition,
    _ message: String,
    hint: String? = nil,
    severity: Severity? = nil
  ) {
    self.code = code
    self.severity = severity ?? code.severity
    self.position = position
    self.message = message
    self.hint = hint
  }

  /// One line: `file:line:column: error SB101: message (hint)`.
  public var description: String {
    "\(position): \(severity.rawValue) \(code.rawValue): \(message)" + (hint.map { " (\($0))" } ?? "")
  }
}

extension Sequence where Element == Diagnostic {
  /// Whether one of the findings makes the rule set unusable.
  public var containsError: Bool { contains { $0.severity == .error } }

  /// The findings in the order a reader meets them: by file, line, column, then code; the same finding only once.
  public func inReadingOrder() -> [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return filter { seen.insert($0).inserted }
      .sorted { ($0.position, $0.code.rawValue, $0.message) < ($1.position, $1.code.rawValue, $1.message) }
  }
}

// What reading a file came to: counts, and what a person should know about it.

/// Something wrong with a log file, at a place in it.
public struct LogFileDiagnostic: Sendable, Equatable, CustomStringConvertible {
  /// The file, as the reader was given it; `-` is standard input.
  public var file: String
  /// The line in the decompressed text, from 1; nothing when the file as a whole is meant.
  public var line: Int?
  /// The byte in the decompressed text; nothing when the file as a whole is meant.
  public var offset: Int?
  /// What was wrong, what was expected, and what became of it.
  public var message: String

  /// Makes a diagnostic.
  public init(file: String, line: Int? = nil, offset: Int? = nil, message: String) {
    self.file = file
    self.line = line
    self.offset = offset
    self.message = message
  }

  /// The place and the message, as `file:line: message (byte n)`.
  public var description: String {
    let place = line.map { ":\($0)" } ?? ""
    let byte = offset.map { " (byte \($0))" } ?? ""
    return "\(file)\(place): \(message)\(byte)"
  }
}

/// What was found in one file.
public struct LogFileSummary: Sendable, Equatable {
  /// The most diagnostics that are kept of one file; the rest is only counted.
  public static let maximumDiagnostics = 100

  /// What a file turned out to be.
  public enum Kind: String, Sendable {
    /// CloudTrail records or EventBridge events, in any of the shapes that are read.
    case log
    /// A digest file of CloudTrail's log file validation.
    case digest
    /// CloudTrail's message that it may write to the bucket.
    case validationMessage
    /// Nothing, or no records.
    case empty
    /// Something else.
    case other
    /// It could not be opened, or not read to its end; trying again may help.
    case unreadable
  }

  /// The file, as the reader was given it.
  public var file: String
  /// CloudTrail records that were delivered.
  public var records = 0
  /// EventBridge events that were delivered.
  public var envelopes = 0
  /// Digest documents that were skipped.
  public var digests = 0
  /// CloudTrail's validation messages that were skipped.
  public var validationMessages = 0
  /// Values, lines or rests of files that were not delivered because they are damaged or no records.
  public var rejected = 0
  /// Whether the bytes themselves end early or are damaged (gzip, reading).
  public var isDamaged = false
  /// What was wrong; at most ``maximumDiagnostics``.
  public var diagnostics: [LogFileDiagnostic] = []
  /// Whether the operating system did not let us open or read the file.
  var isUnreadable = false

  init(file: String) { self.file = file }

  /// Records and events that were delivered.
  public var delivered: Int { records + envelopes }

  /// What the file turned out to be.
  public var kind: Kind {
    if isUnreadable { return .unreadable }
    if delivered > 0 { return .log }
    if rejected > 0 { return .other }
    if digests > 0 { return .digest }
    return validationMessages > 0 ? .validationMessage : .empty
  }

  /// Whether everything in the file was understood.
  public var isClean: Bool { rejected == 0 && !isDamaged && !isUnreadable }

  /// What a person should know about the file, in one line; empty when it is a log without faults.
  public var note: String {
    if let first = diagnostics.first {
      let place = first.line.map { "line \($0): " } ?? ""
      let more = rejected > 1 ? " (and \(rejected - 1) more)" : ""
      return place + first.message + more
    }
    switch kind {
    case .digest: return "skipped: a digest file"
    case .validationMessage: return "skipped: CloudTrail's validation message"
    case .empty: return "no records"
    case .log, .other, .unreadable: return ""
    }
  }

  /// Notes what was wrong; why reading ended takes the place of one more of the others.
  mutating func note(_ message: String, line: Int? = nil, offset: Int? = nil, isLast: Bool = false) {
    if isLast, diagnostics.count == Self.maximumDiagnostics { diagnostics.removeLast() }
    guard diagnostics.count < Self.maximumDiagnostics else { return }
    diagnostics.append(LogFileDiagnostic(file: file, line: line, offset: offset, message: message))
  }
}

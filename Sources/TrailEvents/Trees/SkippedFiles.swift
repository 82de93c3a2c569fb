// What was found and not read, so that a summary can say why there are fewer logs than files.

/// Counts of files that were passed over, by reason.
public struct SkippedFiles: Sendable, Equatable {
  /// Digest files, by their place in CloudTrail's layout or by their content.
  public var digests = 0
  /// Files with CloudTrail's message that it may write to the bucket.
  public var validationMessages = 0
  /// Files that are empty, or whose list of records is.
  public var withoutRecords = 0
  /// Files that are still being written, by their names (`.tmp`, `.part`…).
  public var unfinished = 0
  /// Hidden files and folders (a folder counts once), and files whose names are not those of logs.
  public var foreign = 0

  /// Makes counts of nothing.
  public init() {}

  /// All of them.
  public var total: Int { digests + validationMessages + withoutRecords + unfinished + foreign }

  /// Counts a file that was read and turned out to hold no records.
  public mutating func note(_ summary: LogFileSummary) {
    guard summary.isClean else { return }
    switch summary.kind {
    case .digest: digests += 1
    case .validationMessage: validationMessages += 1
    case .empty: withoutRecords += 1
    case .log, .other, .unreadable: break
    }
  }

  /// Adds counts.
  public static func += (sum: inout SkippedFiles, other: SkippedFiles) {
    sum.digests += other.digests
    sum.validationMessages += other.validationMessages
    sum.withoutRecords += other.withoutRecords
    sum.unfinished += other.unfinished
    sum.foreign += other.foreign
  }
}

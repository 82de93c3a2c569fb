// The joint between Signalbox and wherever events come from. A source hands out events in batches, each with the
// positions that are reached when the batch is accepted. Whoever takes a batch commits events and positions together;
// a source that starts again from what was committed loses nothing and repeats at most what was not.

/// How far one file has been read.
public struct LogFileProgress: Sendable, Equatable {
  /// The file's path as the source names it.
  public var path: String
  /// The size in bytes when it was listed.
  ///
  /// Another size or time means another file under the same name.
  public var size: Int64
  /// The modification time when it was listed, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// How many of its events have been handed out; the next is the one with this index.
  public var records: Int64
  /// Whether there is nothing more to read in it.
  public var isFinished: Bool
  /// What a person should know about the file, in one line; empty when all was well.
  public var note: String

  /// Makes a position.
  public init(
    path: String,
    size: Int64,
    modifiedAt: Int64,
    records: Int64,
    isFinished: Bool,
    note: String = ""
  ) {
    self.path = path
    self.size = size
    self.modifiedAt = modifiedAt
    self.records = records
    self.isFinished = isFinished
    self.note = note
  }
}

/// Events of a source and how far they bring it.
public struct EventBatch: Sendable {
  /// The events in the source's order; may be empty when only positions or notes are new.
  public var events: [TrailEvent] = []
  /// The files touched, each with the position that is reached when the batch is accepted.
  public var files: [LogFileProgress] = []
  /// The files that came to their end in this batch, with counts and what was wrong in them.
  public var finished: [LogFileSummary] = []
  /// Inputs that could not be read, for the log.
  public var problems: [LogFileDiagnostic] = []
  /// Files that were passed over: by name when the source listed them first, by content when they came to their end.
  public var skipped = SkippedFiles()

  /// Makes an empty batch.
  public init() {}

  /// Whether there is nothing to commit and nothing to tell.
  public var isEmpty: Bool {
    events.isEmpty && files.isEmpty && finished.isEmpty && problems.isEmpty && skipped.total == 0
  }
}

/// Somewhere events come from.
///
/// Calls do not overlap. Delivery is at least once: the same event may come again, after a crash or because two files
/// hold it, and is told apart by its `eventID`.
public protocol EventSource: Sendable {
  /// The source's name in positions, logs and statistics.
  var name: String { get }

  /// The next events, at most so many; waits as long as there are none.
  ///
  /// Nil means that the source has come to its end or that the task was cancelled.
  func nextBatch(limit: Int) async throws -> EventBatch?
}

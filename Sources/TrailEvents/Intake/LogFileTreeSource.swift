// A tree of log files as a source: first what is there, oldest first, then whatever arrives.

/// Reads log files, and watches for new ones.
public actor LogFileTreeSource: EventSource {
  /// A file being read.
  private final class OpenFile {
    var reader: LogFileReader
    let file: LogFile
    var records: Int64 = 0

    init(_ file: LogFile, limits: LogFileLimits) {
      self.file = file
      reader = LogFileReader(path: file.path, limits: limits, onlyRegular: true)
    }
  }

  /// What happens when the backlog is read.
  public enum Mode: Sendable {
    /// The source ends.
    case once
    /// It goes on with files that are finished later.
    case watching
  }

  /// A batch is closed when its events have this many bytes, however few they are.
  private static let batchSize = 8 << 20

  /// The source's name in positions, logs and statistics.
  public nonisolated let name: String
  private let tree: LogFileTree
  private let mode: Mode
  private let limits: LogFileLimits
  private let watchCapacity: Int
  private var backlog: FileBacklog
  private var writer: EnvelopeWriter
  private var current: OpenFile?
  private var hasListed = false
  private var problems: [LogFileDiagnostic] = []
  #if os(Linux)
  private var watch: FolderWatch?
  #endif
  /// What was passed over and not yet told.
  private var skipped = SkippedFiles()

  /// Makes a source; nothing is touched before the first batch.
  ///
  /// - Parameters:
  ///   - inputs: files, folders and patterns. Standard input is ``StandardInputSource``'s.
  ///   - known: the committed positions of an earlier run.
  public init(
    name: String,
    inputs: [String],
    mode: Mode,
    known: [LogFileProgress] = [],
    conventions: EnvelopeConventions = EnvelopeConventions(),
    limits: LogFileLimits = LogFileLimits()
  ) {
    self.init(name: name, inputs: inputs, mode: mode, known: known, conventions, limits, watchCapacity: 100_000)
  }

  init(
    name: String,
    inputs: [String],
    mode: Mode,
    known: [LogFileProgress] = [],
    _ conventions: EnvelopeConventions = EnvelopeConventions(),
    _ limits: LogFileLimits = LogFileLimits(),
    watchCapacity: Int
  ) {
    self.name = name
    tree = LogFileTree(inputs)
    self.mode = mode
    self.watchCapacity = watchCapacity
    self.limits = limits
    backlog = FileBacklog(known: known)
    writer = EnvelopeWriter(conventions)
  }

  /// How many files wait to be read, for statistics.
  public var waitingFiles: Int { backlog.count + (current == nil ? 0 : 1) }

  /// The next events with the positions they lead to.
  ///
  /// When watching, waits for the next finished file. Throws ``EventSourceError`` if folders cannot be watched.
  public func nextBatch(limit: Int) async throws -> EventBatch? {
    if !hasListed { try start() }
    while true {
      try takeChanges()
      let batch = readBatch(limit: limit)
      if !batch.isEmpty { return batch }
      guard mode == .watching, try await waitForChanges() else { return nil }
    }
  }

  // MARK: Reading

  private func readBatch(limit: Int) -> EventBatch {
    var batch = EventBatch()
    swap(&batch.problems, &problems)
    swap(&batch.skipped, &skipped)
    var size = 0
    while batch.events.count < limit, size < Self.batchSize {
      if Task.isCancelled { break }
      guard let open = current ?? openNext() else { break }
      current = open
      var isFinished = true
      while let record = open.reader.next() {
        let event = TrailEvent(record, writer: &writer)
        open.records += 1
        size += event.envelope.count
        batch.events.append(event)
        if batch.events.count >= limit || size >= Self.batchSize {
          isFinished = false
          break
        }
      }
      let summary = open.reader.summary
      // A reader that was told to stop has not come to the end of its file.
      let isStopped = Task.isCancelled
      let progress = LogFileProgress(
        path: open.file.path,
        size: open.file.size,
        modifiedAt: open.file.modifiedAt,
        records: open.records,
        // What could not be read is tried again at the next start.
        isFinished: isFinished && !isStopped && summary.kind != .unreadable,
        note: isFinished ? summary.note : ""
      )
      batch.files.append(progress)
      backlog.record(progress)
      if isFinished, !isStopped {
        batch.finished.append(summary)
        batch.skipped.note(summary)
      }
      if isFinished { current = nil }
    }
    return batch
  }

  /// Opens the next file and passes over what was accepted of it before.
  private func openNext() -> OpenFile? {
    while let listed = backlog.first {
      // The file may have been written again, or removed, since it was listed.
      guard let file = LogFileTree([listed.path]).list().files.first, file.isRegular else {
        backlog.dropFirst()
        continue
      }
      guard let skipping = backlog.takeFirst(as: file) else { continue }
      let open = OpenFile(file, limits: limits)
      while open.records < skipping, open.reader.next() != nil { open.records += 1 }
      return open
    }
    return nil
  }

  // MARK: Listing and watching

  private func start() throws {
    hasListed = true
    #if os(Linux)
    if mode == .watching {
      do throws(FileError) { watch = try FolderWatch(capacity: watchCapacity) } catch {
        throw EventSourceError(message: error.message)
      }
    }
    #endif
    // Only this once: a later listing finds the same files again, and half of those by other names.
    skipped = try rescan().skipped
  }

  /// Lists the tree, and takes what has not been read into the backlog.
  @discardableResult
  private func rescan() throws -> LogFileListing {
    #if os(Linux)
    if let watch {
      // Watches first, listing second: what appears between the two is seen twice rather than never.
      for folder in tree.watchedFolders(tree.list()) { try add(folder, to: watch) }
    }
    #endif
    let listing = tree.list()
    problems += listing.problems
    for file in listing.files where !file.isRegular {
      problems.append(
        LogFileDiagnostic(file: file.path, message: "is no plain file; pipes are read by the source `stdin`")
      )
    }
    _ = backlog.add(listing.files.filter(\.isRegular))
    return listing
  }

  #if os(Linux)
  private func add(_ folder: String, to watch: FolderWatch) throws {
    do throws(FileError) {
      _ = try watch.add(folder)
    } catch {
      throw EventSourceError(message: "\(folder) \(error.message)")
    }
  }

  private func takeChanges() throws {
    guard let watch else { return }
    let changes = watch.takeChanges()
    if changes.needsRescan {
      try rescan()
      return
    }
    for path in changes.paths where tree.reaches(path) {
      var found = tree.list(below: path)
      if !found.folders.isEmpty {
        for folder in found.folders { try add(folder, to: watch) }
        found = tree.list(below: path)
      }
      _ = backlog.add(found.files)
    }
  }

  /// Waits for a change; false when the task was cancelled.
  private func waitForChanges() async throws -> Bool {
    guard let watch else { return false }
    for await _ in watch.signals { return !Task.isCancelled }
    return false
  }
  #else
  private func takeChanges() throws {}

  private func waitForChanges() async throws -> Bool {
    throw EventSourceError(message: "folders can be watched on Linux only; use the mode that ends with the backlog")
  }
  #endif
}

/// Why a source cannot go on.
public struct EventSourceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What failed and what to do.
  public var message: String

  /// Makes an error.
  public init(message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}

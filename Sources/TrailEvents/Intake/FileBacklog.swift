// Which files are still to be read: a pure account of what has been seen and what has been finished.

/// The files waiting to be read and the positions of those that were.
struct FileBacklog: Sendable {
  /// Files in the order in which they will be read, from `next` on.
  private var queue: [LogFile] = []
  private var next = 0
  /// The paths in the queue, so that many changes of one file are one reading.
  private var waiting: Set<String> = []
  /// What is known of each path.
  private var known: [String: LogFileProgress]

  init(known: [LogFileProgress]) {
    self.known = Dictionary(known.map { ($0.path, $0) }) { _, last in last }
  }

  /// How many files wait.
  var count: Int { queue.count - next }

  /// Takes note of files that are there; returns whether any of them is to be read.
  mutating func add(_ files: [LogFile]) -> Bool {
    var isNew = false
    for file in files {
      if let progress = known[file.path], progress.isFinished, progress.isOf(file) { continue }
      guard waiting.insert(file.path).inserted else { continue }
      queue.append(file)
      isNew = true
    }
    return isNew
  }

  /// The next file to read, as it was when it was listed.
  var first: LogFile? { next < queue.count ? queue[next] : nil }

  /// Takes the first file from the queue and says how many of its events to pass over, because they were accepted before.
  ///
  /// - Parameter file: the file as it is now. Nothing is returned if it has been finished in the meantime.
  mutating func takeFirst(as file: LogFile) -> Int64? {
    dropFirst()
    guard let progress = known[file.path], progress.isOf(file) else {
      // New or changed: what a changed file held before is recognised by its event ids.
      return 0
    }
    return progress.isFinished ? nil : progress.records
  }

  /// Takes the first file from the queue without reading it.
  mutating func dropFirst() {
    guard next < queue.count else { return }
    waiting.remove(queue[next].path)
    next += 1
    if next == queue.count {
      queue.removeAll()
      next = 0
    }
  }

  /// Remembers how far a file has been read.
  mutating func record(_ progress: LogFileProgress) { known[progress.path] = progress }
}

extension LogFileProgress {
  /// Whether this is a position in that very file, and not in an older one of the same name.
  func isOf(_ file: LogFile) -> Bool { size == file.size && modifiedAt == file.modifiedAt }
}

import Foundation
import Testing

@testable import TrailEvents

@Suite(.timeLimit(.minutes(1))) struct EventSourceTests {
  /// Everything a source that ends has to give, and the positions it ends with.
  private func drain(
    _ source: some EventSource,
    limit: Int
  ) async throws -> (ids: [String], files: [String: LogFileProgress]) {
    var ids: [String] = []
    var files: [String: LogFileProgress] = [:]
    while let batch = try await source.nextBatch(limit: limit) {
      #expect(batch.events.count <= limit)
      #expect(!batch.isEmpty)
      ids += batch.events.map(\.eventID)
      for file in batch.files { files[file.path] = file }
    }
    #expect(try await source.nextBatch(limit: limit) == nil)
    return (ids, files)
  }

  /// A generated tree: files of 0 to 40 records in every shape, and the ids in it in reading order.
  private func tree(_ folder: TemporaryFolder) throws -> [String] {
    var random = SystemRandomNumberGenerator()
    var expected: [String] = []
    for index in 0..<20 {
      let ids = (0..<Int.random(in: 0...40, using: &random)).map { "\(index)-\($0)" }
      let name = String(format: "%02d/%02d/file%02d.json", index / 10, index / 3, index)
      let lines = ids.map { #"{"eventID":"\#($0)","eventName":"E"}"# }.joined(separator: "\n")
      switch index % 4 {
      case 0: try folder.write(name, logFile(ids))
      case 1: try folder.write(name + ".gz", gzip(logFile(ids)))
      case 2: try folder.write(name + "l", lines)
      default: try folder.write(name + "l.gz", gzip(lines))
      }
      expected += ids
    }
    return expected
  }

  @Test(arguments: [1, 2, 7, 40, 1000])
  func everyRecordComesExactlyOnceInAnyBatching(limit: Int) async throws {
    let folder = try TemporaryFolder()
    let expected = try tree(folder)
    let (ids, files) = try await drain(
      LogFileTreeSource(name: "t", inputs: [folder.path], mode: .once),
      limit: limit
    )
    #expect(ids == expected)
    #expect(files.count == 20)
    #expect(files.values.allSatisfy { $0.isFinished })
    let again = LogFileTreeSource(name: "t", inputs: [folder.path], mode: .once, known: Array(files.values))
    #expect(try await again.nextBatch(limit: limit) == nil)
  }

  @Test(arguments: [1, 5, 16])
  func aSourceGoesOnFromWhatWasCommitted(limit: Int) async throws {
    let folder = try TemporaryFolder()
    let expected = try tree(folder)
    var ids: [String] = []
    var known: [String: LogFileProgress] = [:]
    // Every batch is the last before a crash.
    while true {
      let source = LogFileTreeSource(name: "t", inputs: [folder.path], mode: .once, known: Array(known.values))
      guard let batch = try await source.nextBatch(limit: limit) else { break }
      _ = try await source.nextBatch(limit: limit)  // read, but never committed
      ids += batch.events.map(\.eventID)
      for file in batch.files { known[file.path] = file }
    }
    #expect(ids == expected)
  }

  @Test func aChangedFileIsReadAgain() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.json", logFile(["a"]))
    let first = try await drain(LogFileTreeSource(name: "t", inputs: [path], mode: .once), limit: 10)
    #expect(first.ids == ["a"])
    try folder.write("a.json", logFile(["a", "b"]))
    let known = Array(first.files.values)
    let second = try await drain(LogFileTreeSource(name: "t", inputs: [path], mode: .once, known: known), limit: 10)
    #expect(second.ids == ["a", "b"])
  }

  @Test func badFilesAreToldAndFinished() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a.json", "{\"hello\":1}")
    try folder.write("b.json.gz", gzip(logFile(["x", "y"])).dropLast(9))
    try folder.write("c.json", logFile(["z"]))
    let source = LogFileTreeSource(name: "t", inputs: [folder.path, folder.path + "/gone"], mode: .once)
    let batch = try #require(try await source.nextBatch(limit: 100))
    #expect(batch.events.map(\.eventID).last == "z")
    #expect(batch.finished.map(\.kind).first == .other)
    #expect(batch.finished.map(\.isDamaged) == [false, true, false])
    #expect(batch.files.map(\.note.isEmpty) == [false, false, true])
    #expect(batch.problems.count == 1)
    #expect(try await source.nextBatch(limit: 100) == nil)
  }

  @Test func whatCannotBeReadIsTriedAgainAtTheNextStart() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/link.json"
    // A folder under a file's name cannot be read as a file, whoever we are.
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    var reader = LogFileReader(path: path)
    #expect(reader.next() == nil)
    #expect(reader.summary.kind == .unreadable)
    #expect(!reader.summary.isClean)
    var backlog = FileBacklog(known: [
      LogFileProgress(path: path, size: 1, modifiedAt: 2, records: 0, isFinished: false, note: "cannot be opened")
    ])
    let isWaiting = backlog.add([LogFile(path: path, size: 1, modifiedAt: 2)])
    #expect(isWaiting)
  }

  @Test func whatIsNotReadIsCountedOnce() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a.json", "")
    try folder.write("b.json", logFile(["b"]))
    for name in ["c.txt", ".d.json", "e.json.part"] { try folder.write(name, "x") }
    var skipped = SkippedFiles()
    let source = LogFileTreeSource(name: "t", inputs: [folder.path], mode: .once)
    while let batch = try await source.nextBatch(limit: 1) { skipped += batch.skipped }
    #expect(skipped.total == 4)
    #expect(skipped.withoutRecords == 1)
    #expect(skipped.foreign == 2)
    #expect(skipped.unfinished == 1)
    // Nothing else is there: the counts come all the same.
    let other = try TemporaryFolder()
    try other.write("c.txt", "x")
    let only = LogFileTreeSource(name: "t", inputs: [other.path], mode: .once)
    #expect(try await only.nextBatch(limit: 1)?.skipped.foreign == 1)
    #expect(try await only.nextBatch(limit: 1) == nil)
  }

  /// With room for no change at all every change is lost, as when the kernel's queue overflows, and only listing the
  /// tree again can find what is new.
  @Test(arguments: [100_000, 0])
  func newFilesAreSeenWhenTheyAreFinished(capacity: Int) async throws {
    let folder = try TemporaryFolder()
    try folder.write("old.json", logFile(["old"]))
    let source = LogFileTreeSource(name: "t", inputs: [folder.path], mode: .watching, watchCapacity: capacity)
    var ids: [String] = []
    /// Waits until some events have come; the suite's time limit bounds the wait.
    func wait(for expected: [String]) async throws {
      while !Set(expected).isSubset(of: ids) {
        let batch = try #require(try await source.nextBatch(limit: 10))
        ids += batch.events.map(\.eventID)
      }
    }
    try await wait(for: ["old"])
    // Written in place.
    try folder.write("new.json", logFile(["new"]))
    try await wait(for: ["new"])
    // Renamed into place, from a name that is not read.
    try folder.write("moved.json.gz.tmp", gzip(logFile(["moved"])))
    try folder.move("moved.json.gz.tmp", to: "moved.json.gz")
    try await wait(for: ["moved"])
    // In new folders, several at once.
    try folder.write("2024/05/06/deep.json", logFile(["deep"]))
    try await wait(for: ["deep"])
    try folder.write("2024/05/06/deeper/x.json", logFile(["deeper"]))
    try folder.write("2024/05/06/second.json", logFile(["second"]))
    try await wait(for: ["deeper", "second"])
    // A whole folder moved into the tree, and out under another name.
    let outside = try TemporaryFolder()
    try outside.write("in/inside.json", logFile(["inside"]))
    try FileManager.default.moveItem(atPath: outside.path + "/in", toPath: folder.path + "/in")
    try await wait(for: ["inside"])
    try folder.move("in", to: "renamed")
    try folder.write("renamed/later.json", logFile(["later"]))
    try await wait(for: ["later"])
    #expect(Set(ids) == ["old", "new", "moved", "deep", "deeper", "second", "inside", "later"])
  }

  /// A pipe would hold the source up for ever, a device would never end; both are told or passed over.
  @Test func whatIsNoPlainFileIsNeverOpened() async throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path + "/named.json", 0o600) == 0)
    let inputs = [folder.path + "/named.json", "/dev/zero", folder.path]
    let source = LogFileTreeSource(name: "t", inputs: inputs, mode: .watching)
    let first = try #require(try await source.nextBatch(limit: 10))
    #expect(first.problems.count == 2)
    #expect(first.events.isEmpty)
    #expect(mkfifo(folder.path + "/made.json", 0o600) == 0)
    let other = try TemporaryFolder()
    #expect(mkfifo(other.path + "/p", 0o600) == 0)
    #expect(symlink("/dev/zero", other.path + "/z") == 0)
    try FileManager.default.moveItem(atPath: other.path + "/p", toPath: folder.path + "/moved.json")
    try FileManager.default.moveItem(atPath: other.path + "/z", toPath: folder.path + "/zero.json")
    try folder.write("later.json", logFile(["later"]))
    #expect(try await source.nextBatch(limit: 10)?.events.map(\.eventID) == ["later"])
  }

  @Test func aFileThatNeverEndsIsLeftWhenTheTaskEnds() async throws {
    let folder = try TemporaryFolder()
    // A sparse file of a terabyte: zeros, and no line end for ever.
    try folder.write("endless.json", "")
    #expect(truncate(folder.path + "/endless.json", 1 << 40) == 0)
    let source = LogFileTreeSource(name: "t", inputs: [folder.path], mode: .once)
    let reading = Task { try await source.nextBatch(limit: 10) }
    reading.cancel()
    let batch = try await reading.value
    #expect(batch?.files.contains { $0.isFinished } != true)
    #expect(batch?.finished.isEmpty != false)
  }

  @Test func aNamedFileMayComeLater() async throws {
    let folder = try TemporaryFolder()
    let source = LogFileTreeSource(name: "t", inputs: [folder.path + "/late.json"], mode: .watching)
    let first = try #require(try await source.nextBatch(limit: 10))
    #expect(first.problems.count == 1)
    try folder.write("other.json", logFile(["other"]))
    try folder.write("late.json", logFile(["late"]))
    #expect(try await source.nextBatch(limit: 10)?.events.map(\.eventID) == ["late"])
  }

  @Test func waitingEndsWithTheTask() async throws {
    let folder = try TemporaryFolder()
    let source = LogFileTreeSource(name: "t", inputs: [folder.path], mode: .watching)
    let waiting = Task { try await source.nextBatch(limit: 10) == nil }
    waiting.cancel()
    #expect(try await waiting.value)
  }

  @Test func aPipeIsReadAsItComes() async throws {
    let pipe = Pipe()
    let source = StandardInputSource(descriptor: pipe.fileHandleForReading.fileDescriptor)
    for name in ["a", "b"] {
      try pipe.fileHandleForWriting.write(contentsOf: Data("{\"eventID\":\"\(name)\"}\n".utf8))
      // The line comes although the pipe stays open.
      #expect(try await source.nextBatch(limit: 10)?.events.map(\.eventID) == [name])
    }
    try pipe.fileHandleForWriting.write(contentsOf: Data("bad\n{\"eventID\":\"c\"}".utf8))
    try pipe.fileHandleForWriting.close()
    var ids: [String] = []
    var summaries: [LogFileSummary] = []
    while let batch = try await source.nextBatch(limit: 10) {
      ids += batch.events.map(\.eventID)
      summaries += batch.finished
    }
    #expect(ids == ["c"])
    #expect(summaries.map(\.rejected) == [1])
  }

  @Test func aPipeFasterThanItsReaderIsHeldBack() async throws {
    let pipe = Pipe()
    let source = StandardInputSource(descriptor: pipe.fileHandleForReading.fileDescriptor)
    let writing = Task.detached {
      let lines = (0..<5000).map { "{\"eventID\":\"\($0)\"}\n" }.joined()
      try pipe.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
      try pipe.fileHandleForWriting.close()
    }
    let (ids, _) = try await drain(source, limit: 100)
    #expect(ids == (0..<5000).map(String.init))
    try await writing.value
  }

  @Test func waitingForAPipeEndsWithTheTask() async throws {
    let pipe = Pipe()
    let source = StandardInputSource(descriptor: pipe.fileHandleForReading.fileDescriptor)
    let waiting = Task { try await source.nextBatch(limit: 10) == nil }
    waiting.cancel()
    #expect(try await waiting.value)
    try pipe.fileHandleForWriting.close()
  }
}

import Foundation
import Storage
import Testing

/// With `SIGNALBOX_SMALL_DISK` naming a folder on a file system of a few megabytes (a tmpfs of 8 MB, say): what a disk
/// that is really full does. `EmbeddedDatabaseTests` has the same in every run, by SQLite's own page limit.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SIGNALBOX_SMALL_DISK"] != nil))
struct FullDiskTests {
  let disk = ProcessInfo.processInfo.environment["SIGNALBOX_SMALL_DISK"] ?? ""

  @Test func `a full file system is told, loses nothing and heals`() throws {
    let directory = disk + "/\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let database = try EmbeddedDatabase(directory: directory)
    let ballast = URL(fileURLWithPath: directory + "/ballast")
    try Data(count: 1 << 20).write(to: ballast)

    var accepted: [String] = []
    let error = #expect(throws: StorageError.self) {
      for batch in 0..<1000 {
        let entries = (0..<20).map { entry("\(batch)-\($0)", bytes: 3000) }
        try database.journal.append(AcceptedBatch(entries: entries, cursors: ["s": "\(batch)"]), now: 1)
        accepted += entries.map(\.eventID)
      }
    }
    #expect(error == .diskFull(path: database.path))
    #expect(!accepted.isEmpty)
    func stored() throws -> [String] {
      try database.journal.events(after: 0, limit: 100_000).map(\.entry.eventID)
    }
    #expect(try stored() == accepted)
    for _ in 0..<20 {
      #expect(throws: StorageError.diskFull(path: database.path)) {
        try database.journal.append(AcceptedBatch(entries: [entry("more", bytes: 200_000)]), now: 1)
      }
    }
    // A command beside a full engine reads, and one that cannot even open says why.
    do {
      let command = try EmbeddedDatabase(directory: directory, access: .beside())
      #expect(try command.journal.events(after: 0, limit: 100_000).map(\.entry.eventID) == accepted)
    } catch {
      #expect(error == .diskFull(path: database.path))
    }
    try FileManager.default.removeItem(at: ballast)
    try database.journal.append(AcceptedBatch(entries: [entry("after", bytes: 10_000)]), now: 1)
    #expect(try stored() == accepted + ["after"])
  }
}

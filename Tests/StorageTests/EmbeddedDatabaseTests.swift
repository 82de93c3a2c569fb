import Foundation
import GRDB
import Storage
import Testing

@Suite struct EmbeddedDatabaseTests {
  let directory = TestDirectory()

  @Test func `every commit is synced and the journal is a write-ahead log`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    func pragma(_ name: String) throws -> String? {
      try database.pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
    #expect(try pragma("synchronous") == "2")
    #expect(try pragma("journal_mode") == "wal")
    #expect(try pragma("foreign_keys") == "1")
    #expect(try pragma("page_size") == "8192")
    #expect(try pragma("auto_vacuum") == "2")
  }

  @Test func `the write-ahead log begins anew although there is always another commit`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.write { db in try db.execute(sql: "CREATE TABLE scratch (id INTEGER PRIMARY KEY, bytes BLOB)") }
    let log = directory.path + "/signalbox.db-wal"
    let (bytes, rows) = (Data(count: 160_000), 50)
    // Rows are replaced, so that the database stays small and what is written many times over goes through the log.
    for commit in 0..<250 {
      try database.write { db in
        try db.execute(sql: "INSERT OR REPLACE INTO scratch VALUES (?, ?)", arguments: [commit % rows, bytes])
      }
    }
    let length = try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
    #expect(length < 250 * 160_000 * 9 / 10, "the log holds every commit there was")
    #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM scratch") } == rows)
  }

  @Test func `the directory is for its owner only`() throws {
    _ = try EmbeddedDatabase(directory: directory.path)
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
  }

  @Test(arguments: [nil, 0o644])
  func `the database is for its owner only, also in an open directory`(existing: Int?) throws {
    let files = FileManager.default
    try files.createDirectory(
      atPath: directory.path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o755]
    )
    if let existing {
      try EmbeddedDatabase(directory: directory.path).close()
      try files.setAttributes([.posixPermissions: existing], ofItemAtPath: directory.path + "/signalbox.db")
    }
    let database = try EmbeddedDatabase(directory: directory.path)
    for name in ["", "-wal", "-shm"] {
      let attributes = try files.attributesOfItem(atPath: database.path + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "signalbox.db\(name)")
    }
    try database.close()
  }

  @Test func `a second engine is refused and told whom to stop`() throws {
    let first = try EmbeddedDatabase(directory: directory.path)
    let process = ProcessInfo.processInfo.processIdentifier
    let error = #expect(throws: StorageError.self) { try EmbeddedDatabase(directory: directory.path) }
    #expect(error == .owned(directory: directory.path, processID: process))
    #expect(error?.description.contains("in use by process \(process)") == true)
    try first.close()
    try EmbeddedDatabase(directory: directory.path).close()
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/flock")))
  func `another process sees the lock, and a child of ours does not keep it`() throws {
    func lockFromOutside() throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
      process.arguments = ["-n", directory.path + "/signalbox.lock", "true"]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    let database = try EmbeddedDatabase(directory: directory.path)
    #expect(try lockFromOutside() == 1)
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sh")
    child.arguments = ["-c", "read line"]
    let input = Pipe()
    child.standardInput = input
    try child.run()
    try database.close()
    #expect(try lockFromOutside() == 0)
    try input.fileHandleForWriting.close()
    child.waitUntilExit()
  }

  @Test func `a command reads and writes beside the engine`() throws {
    let engine = try EmbeddedDatabase(directory: directory.path)
    let command = try EmbeddedDatabase(directory: directory.path, access: .beside())
    try engine.journal.append(AcceptedBatch(entries: [entry("e1")], deliveries: [decision("d1")]), now: 1000)
    #expect(try command.ledger.list().map(\.decision.deliveryID) == ["d1"])
    try command.outbox.settle([Settlement(deliveryID: "d1", attempt: nil, outcome: .delivered)], now: 2000)
    #expect(try engine.outbox.nextDue(target: "pager") == nil)
  }

  @Test func `writers from two handles take turns`() async throws {
    let engine = try EmbeddedDatabase(directory: directory.path)
    let command = try EmbeddedDatabase(directory: directory.path, access: .beside())
    try await withThrowingTaskGroup { group in
      for (name, database) in [("a", engine), ("b", command)] {
        group.addTask {
          for index in 0..<40 {
            try database.journal.append(AcceptedBatch(entries: [entry("\(name)\(index)")]), now: 1000)
          }
        }
      }
      try await group.waitForAll()
    }
    let events = try engine.journal.events(after: 0, limit: 100)
    #expect(events.map(\.sequence) == Array(1...80))
    #expect(Set(events.map(\.entry.eventID)).count == 80)
  }

  @Test func `a command does not make a database unless it says so`() throws {
    let error = #expect(throws: StorageError.self) {
      try EmbeddedDatabase(directory: directory.path, access: .beside())
    }
    #expect(error == .missing(path: directory.path + "/signalbox.db"))
    #expect(!FileManager.default.fileExists(atPath: directory.path))
    let command = try EmbeddedDatabase(directory: directory.path, access: .beside(creating: true))
    let engine = try EmbeddedDatabase(directory: directory.path)
    #expect(try engine.journal.lastSequence() == 0)
    #expect(try command.journal.lastSequence() == 0)
  }

  @Test func `a newer format is refused with its name`() throws {
    try EmbeddedDatabase(directory: directory.path).close()
    let other = try DatabaseQueue(path: directory.path + "/signalbox.db")
    try other.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('quantum-outbox')") }
    try other.close()
    for access in [EmbeddedDatabase.Access.engine, .beside()] {
      let error = #expect(throws: StorageError.self) {
        try EmbeddedDatabase(directory: directory.path, access: access)
      }
      #expect(
        error?.description.contains("a newer version of Signalbox wrote this database (it has quantum-outbox)") == true
      )
    }
  }

  @Test func `an older format is upgraded, but not under a running engine`() throws {
    let first = try EmbeddedDatabase(directory: directory.path)
    try first.journal.append(AcceptedBatch(entries: [entry("e1")]), now: 1000)
    try first.pool.write { db in
      try db.execute(
        sql: """
          DROP TABLE subscriptions;
          DROP TABLE ended_subscriptions;
          DROP TABLE topic_deduplication;
          DROP TABLE topic_sequences;
          DROP TABLE signing_keys;
          DROP TABLE topics;
          DELETE FROM grdb_migrations WHERE identifier IN (
            'topics', 'topics of accounts', 'confirmations of subscriptions');
          """
      )
    }
    #expect(throws: StorageError.olderFormat(path: directory.path + "/signalbox.db")) {
      try EmbeddedDatabase(directory: directory.path, access: .beside())
    }
    try first.close()
    let second = try EmbeddedDatabase(directory: directory.path)
    #expect(try second.journal.event(withID: "e1") != nil)
    #expect(try second.pool.read { try $0.tableExists("topics") })
  }

  @Test func `files that are not ours are refused and left alone`() throws {
    try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
    let path = directory.path + "/signalbox.db"
    let foreign = try DatabaseQueue(path: path)
    try foreign.write { try $0.execute(sql: "CREATE TABLE recipes (id)") }
    try foreign.close()
    #expect(throws: StorageError.damaged(path: path, detail: "a database of another program")) {
      try EmbeddedDatabase(directory: directory.path)
    }
    let text = Data(String(repeating: "no database at all\n", count: 100).utf8)
    try text.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: StorageError.self) { try EmbeddedDatabase(directory: directory.path) }
    guard case .damaged = error else {
      Issue.record("expected .damaged, not \(String(describing: error))")
      return
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
  }

  @Test func `a place that cannot be a directory is named`() throws {
    try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
    let file = directory.path + "/file"
    try Data().write(to: URL(fileURLWithPath: file))
    let error = #expect(throws: StorageError.self) { try EmbeddedDatabase(directory: file + "/data") }
    #expect(error?.description.hasPrefix(file + "/data: cannot be opened") == true)
  }

  @Test func `what was committed survives a crash`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.journal.append(
      AcceptedBatch(entries: [entry("e1")], cursors: ["stdin": "17"], deliveries: [decision("d1")]),
      now: 1000
    )
    let crashed = try directory.crashed()
    let reopened = try EmbeddedDatabase(directory: crashed.path)
    #expect(try reopened.journal.events(after: 0, limit: 10).map(\.entry) == [entry("e1")])
    #expect(try reopened.sources.position(of: "stdin") == "17")
    #expect(try reopened.outbox.due(target: "pager", now: 1000, limit: 10).count == 1)
  }

  @Test func `a full disk loses nothing and the same handle goes on`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.journal.append(AcceptedBatch(entries: [entry("e0")]), now: 1000)
    func limit(pages: Int) throws {
      try database.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
    }
    let pages = try database.pool.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    try limit(pages: pages + 4)
    let large = AcceptedBatch(
      entries: (1...50).map { entry("e\($0)", bytes: 4000) },
      cursors: ["stdin": "50"],
      deliveries: [decision("d1")]
    )
    let error = #expect(throws: StorageError.self) { try database.journal.append(large, now: 2000) }
    #expect(error == .diskFull(path: database.path))
    #expect(error?.description.contains("the disk is full") == true)
    #expect(try database.journal.events(after: 0, limit: 100).map(\.entry.eventID) == ["e0"])
    #expect(try database.sources.position(of: "stdin") == nil)
    #expect(try database.ledger.list().isEmpty)

    try limit(pages: 1 << 30)
    #expect(try database.journal.append(large, now: 3000).newCount == 50)
    #expect(try database.sources.position(of: "stdin") == "50")
  }

  @Test func `a backup is a database that can be opened`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.journal.append(AcceptedBatch(entries: [entry("e1")]), now: 1000)
    let copy = TestDirectory()
    try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
    try database.backUp(to: copy.path + "/signalbox.db")
    let attributes = try FileManager.default.attributesOfItem(atPath: copy.path + "/signalbox.db")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let restored = try EmbeddedDatabase(directory: copy.path)
    #expect(try restored.journal.event(withID: "e1")?.entry == entry("e1"))
    #expect(throws: StorageError.self) { try database.backUp(to: copy.path + "/signalbox.db") }
  }
}

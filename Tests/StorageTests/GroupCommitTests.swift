import GRDB
import Synchronization
import Testing

@testable import Storage

@Suite struct GroupCommitTests {
  let directory = TestDirectory()

  struct Refused: Error, Equatable {}

  func table() throws -> EmbeddedDatabase {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.write { try $0.execute(sql: "CREATE TABLE notes (text TEXT NOT NULL UNIQUE)") }
    return database
  }

  func notes(_ database: EmbeddedDatabase) throws -> Set<String> {
    try database.read { try String.fetchSet($0, sql: "SELECT text FROM notes") }
  }

  @Test func `writers that wait together have one commit, and each its own fate`() async throws {
    let database = try table()
    let commits = CommitCounter()
    database.pool.add(transactionObserver: commits, extent: .databaseLifetime)
    // While this writer holds the database, the others gather.
    let waiting = Counter()
    let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await database.commit { _ in
          while waiting.count < 100 {}
        }
        return false
      }
      for index in 0..<100 {
        group.addTask {
          waiting.add()
          do {
            try await database.transact { db in
              try db.execute(sql: "INSERT INTO notes VALUES (?)", arguments: ["\(index)"])
              if index.isMultiple(of: 4) { throw Refused() }
            }
            return false
          } catch is Refused {
            return true
          }
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(failures == 25)
    #expect(try notes(database) == Set((0..<100).filter { !$0.isMultiple(of: 4) }.map(String.init)))
    #expect(commits.count < 60)
  }

  @Test func `what the database refuses is an error of storage, and others are kept`() async throws {
    let database = try table()
    try await database.commit { try $0.execute(sql: "INSERT INTO notes VALUES ('a')") }
    await #expect(throws: StorageError.self) {
      try await database.commit { try $0.execute(sql: "INSERT INTO notes VALUES ('a')") }
    }
    await #expect(throws: StorageError.self) { try await database.commit { _ in throw Refused() } }
    await #expect(throws: Refused()) { try await database.transact { _ in throw Refused() } }
    try await database.commit { try $0.execute(sql: "INSERT INTO notes VALUES ('b')") }
    #expect(try notes(database) == ["a", "b"])
    let count = try await database.fetch { try Int.fetchOne($0, sql: "SELECT count(*) FROM notes") }
    #expect(count == 2)
  }

  @Test func `a write that fails after it has changed something is undone, and the others of its group are kept`()
    async throws
  {
    let database = try table()
    let waiting = Counter()
    let runs = Counter()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        _ = try? await database.commit { _ in
          while waiting.count < 20 {}
        }
      }
      for index in 0..<20 {
        group.addTask {
          waiting.add()
          _ = try? await database.transact { db in
            runs.add()
            if index == 7 { throw Refused() }
            try db.execute(sql: "INSERT INTO notes VALUES (?)", arguments: ["\(index)"])
            if index == 11 { throw Refused() }
          }
        }
      }
    }
    #expect(try notes(database) == Set((0..<20).filter { $0 != 7 && $0 != 11 }.map(String.init)))
    // The one that had changed something made its group run again.
    #expect(runs.count > 20)
  }

  @Test func `when the commit itself fails, every write of the group has failed`() async throws {
    let database = try table()
    let refusal = CommitRefusal()
    database.pool.add(transactionObserver: refusal, extent: .databaseLifetime)
    let waiting = Counter()
    let failures = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<300 {
        group.addTask {
          waiting.add()
          do {
            try await database.transact { db in
              while waiting.count < 300 {}
              try db.execute(sql: "INSERT INTO notes VALUES (?)", arguments: ["\(index)"])
            }
            return false
          } catch {
            return true
          }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(failures == 300)
    #expect(try notes(database) == [])
    refusal.isOver.withLock { $0 = true }
    try await database.transact { try $0.execute(sql: "INSERT INTO notes VALUES ('after')") }
    #expect(try notes(database) == ["after"])
  }

  @Test func `arrivals are told with the commit, whoever wrote them`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    let heard = Mutex<[Set<Int64>]>([])
    database.arrivals.listen { queues in heard.withLock { $0.append(queues) } }
    let queue = try database.write { try QueueRows.ensureQueue("q", now: 0, $0) }
    #expect(heard.withLock { $0 } == [])
    func insert(visibleAt: Int64) throws {
      _ = try database.write { db in
        try QueueRows.insertMessage(queue: queue, body: [1], attributes: "{}", visibleAt: visibleAt, now: 0, db)
      }
    }
    try insert(visibleAt: 0)
    #expect(heard.withLock { $0 } == [[queue]])
    // A receipt hides, which is no arrival; to be visible again is one.
    try database.write { try $0.execute(sql: "UPDATE messages SET visible_at = 9") }
    #expect(heard.withLock { $0.count } == 1)
    try database.write { try $0.execute(sql: "UPDATE messages SET visible_at = 3") }
    #expect(heard.withLock { $0.count } == 2)
  }

  @Test func `queues, messages and topics of an older format stay as they were`() throws {
    do {
      let database = try EmbeddedDatabase(directory: directory.path)
      // Back to the tables as they were before accounts had queues.
      try database.pool.writeWithoutTransaction { db in
        try db.execute(
          sql: """
            PRAGMA foreign_keys = OFF;
            DROP TRIGGER messages_reappear;
            DROP TABLE message_move_tasks; DROP TABLE deleted_queues; DROP TABLE message_deduplication;
            DROP TABLE messages; DROP TABLE queues;
            DROP TABLE topic_deduplication; DROP TABLE topic_sequences; DROP TABLE signing_keys;
            DROP TABLE subscriptions; DROP TABLE ended_subscriptions; DROP TABLE topics;
            DELETE FROM grdb_migrations WHERE identifier IN (
              'queues of accounts', 'topics of accounts', 'confirmations of subscriptions');
            """
        )
        try db.execute(sql: Schema.queues)
        try db.execute(sql: Schema.topics)
        try db.execute(
          sql: """
            INSERT INTO queues (queue, name, created_at, delay, max_receive_count, dead_letter_queue)
              VALUES (7, 'work', 5, 2000, 3, 'dead');
            INSERT INTO messages (number, queue, message_id, sent_at, visible_at, receive_count, attributes, body)
              VALUES (41, 7, 'm1', 5, 6, 2, '{"a":"b"}', x'68');
            INSERT INTO messages (number, queue, sent_at, visible_at, attributes, body)
              VALUES (50, 7, 5, 6, '{}', x'68');
            DELETE FROM messages WHERE number = 50;
            INSERT INTO message_deduplication (queue, deduplication_id, message_id, sent_at) VALUES (7, 'd', 'm1', 5);
            INSERT INTO topics (name, created_at) VALUES ('alerts', 5);
            INSERT INTO subscriptions (topic, kind, endpoint) VALUES ('alerts', 'queue', 'work');
            """
        )
      }
      try database.close()
    }
    let database = try EmbeddedDatabase(directory: directory.path)
    let row = try database.read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT q.name, q.account, q.delay, q.max_receive_count, m.number, m.message_id, m.receive_count, m.attributes
          FROM messages AS m JOIN queues AS q ON q.queue = m.queue
          """
      )
    }
    #expect(
      row == [
        "name": "work", "account": "", "delay": 2000, "max_receive_count": 3, "number": 41,
        "message_id": "m1", "receive_count": 2, "attributes": #"{"a":"b"}"#,
      ] as Row
    )
    // Numbers go on after the last one ever given, since they are sequence numbers.
    let number = try database.write { db in
      try QueueRows.insertMessage(queue: 7, body: [1], attributes: "{}", visibleAt: 0, now: 0, db).number
    }
    #expect(number == 51)
    let subscription = try database.read { db in
      try Row.fetchOne(
        db,
        sql: "SELECT t.name, s.protocol, s.endpoint FROM subscriptions AS s JOIN topics AS t ON t.topic = s.topic"
      )
    }
    #expect(subscription == ["name": "alerts", "protocol": "queue", "endpoint": "work"] as Row)
    #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM message_deduplication") } == 1)
  }
}

/// Counts from many tasks.
private final class Counter: Sendable {
  private let value = Atomic(0)
  var count: Int { value.load(ordering: .acquiring) }
  func add() { value.add(1, ordering: .acquiringAndReleasing) }
}

/// Counts commits.
private final class CommitCounter: TransactionObserver, Sendable {
  private let commits = Counter()
  var count: Int { commits.count }
  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseDidCommit(_ db: Database) { commits.add() }
  func databaseDidRollback(_ db: Database) {}
}

/// Refuses commits until it is over.
private final class CommitRefusal: TransactionObserver, Sendable {
  struct Full: Error {}

  let isOver = Mutex(false)

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseWillCommit() throws { if !isOver.withLock({ $0 }) { throw Full() } }
  func databaseDidCommit(_ db: Database) {}
  func databaseDidRollback(_ db: Database) {}
}

import Foundation
import Messaging
import Storage
import Testing

@Suite struct QueuesTests {
  let test: TestDatabase
  var queues: Queues { test.database.queues }

  init() throws {
    test = try TestDatabase()
    try test.database.queues.create("work", now: 0)
  }

  func receive(_ limit: Int = 10, timeout: Int64? = nil, from name: String = "work", now: Int64) throws -> [String] {
    try queues.receive(from: name, limit: limit, visibilityTimeout: timeout, now: now).map(\.message.text)
  }

  @Test func `a message is sent, received and deleted`() throws {
    let sent = try queues.send(message("hello"), to: "work", now: 1000)
    #expect(sent.md5OfBody == "5d41402abc4b2a76b9719d911017c592")
    #expect(UUID(uuidString: sent.messageID) != nil)
    #expect(!sent.isDuplicate)
    let received = try #require(try queues.receive(from: "work", now: 2000).first)
    #expect(received.message.messageID == sent.messageID)
    #expect(received.message.text == "hello")
    #expect(received.message.md5OfBody == sent.md5OfBody)
    #expect(received.message.attributes == ["from": "test"])
    #expect(received.message.sentAt == 1000)
    #expect(received.message.firstReceivedAt == 2000)
    #expect(received.message.receiveCount == 1)
    #expect(try queues.delete(received.receiptHandle, from: "work"))
    #expect(try !queues.delete(received.receiptHandle, from: "work"))
    #expect(try receive(now: 1_000_000).isEmpty)
  }

  @Test func `a received message is hidden until its visibility timeout is over`() throws {
    try queues.send(message("a"), to: "work", now: 0)
    let first = try #require(try queues.receive(from: "work", now: 0).first)
    #expect(try receive(now: 29_999).isEmpty)
    let second = try #require(try queues.receive(from: "work", now: 30_000).first)
    #expect(second.message.receiveCount == 2)
    #expect(second.message.firstReceivedAt == 0)
    #expect(try !queues.delete(first.receiptHandle, from: "work"))
    #expect(try queues.delete(second.receiptHandle, from: "work"))
  }

  @Test func `visibility can be given, extended and ended`() throws {
    try queues.send(message("a"), to: "work", now: 0)
    let received = try #require(try queues.receive(from: "work", visibilityTimeout: 1000, now: 0).first)
    #expect(try queues.changeVisibility(of: received.receiptHandle, in: "work", to: 5000, now: 500))
    #expect(try receive(now: 5499).isEmpty)
    #expect(try queues.changeVisibility(of: received.receiptHandle, in: "work", to: 0, now: 600))
    #expect(try receive(now: 600) == ["a"])
    #expect(try !queues.changeVisibility(of: received.receiptHandle, in: "work", to: 0, now: 600))
  }

  @Test func `an expired receipt cannot extend`() throws {
    try queues.send(message("a"), to: "work", now: 0)
    let received = try #require(try queues.receive(from: "work", now: 0).first)
    #expect(try !queues.changeVisibility(of: received.receiptHandle, in: "work", to: 5000, now: 30_000))
  }

  @Test func `messages come in order and at most so many at a time`() throws {
    for index in 0..<12 { try queues.send(message("\(index)"), to: "work", now: 0) }
    #expect(try receive(3, now: 0) == ["0", "1", "2"])
    #expect(try receive(10, now: 0) == (3...11).map(String.init))
    #expect(try receive(10, now: 0).isEmpty)
  }

  @Test func `delays hide, of the queue and of the message`() throws {
    try queues.create("slow", attributes: QueueAttributes(delay: 2000), now: 0)
    try queues.send(message("default"), to: "slow", now: 0)
    try queues.send(message("own", delay: 500), to: "slow", now: 0)
    #expect(try queues.counts(of: "slow", now: 0) == QueueCounts(delayed: 2))
    #expect(try receive(from: "slow", now: 500) == ["own"])
    #expect(try queues.counts(of: "slow", now: 500) == QueueCounts(inFlight: 1, delayed: 1))
    #expect(try receive(from: "slow", now: 2000) == ["default"])
  }

  @Test func `the same delivery is sent once, also after it was received and deleted`() throws {
    let first = try queues.send(message("a", id: "dlv-1"), to: "work", now: 0)
    let received = try #require(try queues.receive(from: "work", now: 0).first)
    try queues.delete(received.receiptHandle, from: "work")
    let second = try queues.send(message("a", id: "dlv-1"), to: "work", now: 1000)
    #expect(second.isDuplicate)
    #expect(second.messageID == first.messageID)
    #expect(try queues.counts(of: "work", now: 1000) == QueueCounts())
    #expect(try !queues.send(message("a", id: "dlv-2"), to: "work", now: 1000).isDuplicate)
    try queues.create("other", now: 0)
    #expect(try !queues.send(message("a", id: "dlv-1"), to: "other", now: 1000).isDuplicate)
    #expect(try !queues.send(message("a", id: "dlv-1"), to: "work", now: 4 * 86_400_000).isDuplicate)
  }

  @Test func `messages go when their retention is over`() throws {
    try queues.create("short", attributes: QueueAttributes(retention: 60_000), now: 0)
    try queues.send(message("old", id: "x"), to: "short", now: 0)
    try queues.send(message("new"), to: "short", now: 1000)
    #expect(try queues.counts(of: "short", now: 60_000) == QueueCounts(visible: 1))
    #expect(try receive(from: "short", now: 60_000) == ["new"])
    #expect(try queues.expire(now: 60_000) == 1)
    #expect(try queues.peek("short", now: 0).map(\.text) == ["new"])
  }

  @Test func `a message received too often goes to the dead-letter queue`() throws {
    let redrive = QueueAttributes.RedrivePolicy(deadLetterQueue: "work-dlq", maxReceiveCount: 2)
    try queues.create("work", attributes: QueueAttributes(visibilityTimeout: 1000, redrive: redrive), now: 0)
    let sent = try queues.send(message("poison"), to: "work", now: 0)
    try queues.send(message("fine", delay: 5000), to: "work", now: 0)
    #expect(try receive(now: 0) == ["poison"])
    #expect(try receive(now: 1000) == ["poison"])
    #expect(try receive(now: 1999).isEmpty)
    #expect(try receive(now: 5000) == ["fine"])
    let dead = try #require(try queues.peek("work-dlq", now: 5000).first)
    #expect(dead.messageID == sent.messageID)
    #expect(dead.sourceQueue == "work")
    #expect(dead.sentAt == 0)
    #expect(dead.receiveCount == 0)
    #expect(dead.attributes == ["from": "test"])
  }

  @Test func `creating again sets attributes and keeps messages`() throws {
    try queues.send(message("a"), to: "work", now: 0)
    #expect(try !queues.create("work", attributes: QueueAttributes(visibilityTimeout: 5), now: 1))
    #expect(try queues.create("new", now: 1))
    try queues.createIfAbsent("work", now: 2)
    #expect(try queues.attributes(of: "work").visibilityTimeout == 5)
    #expect(try queues.counts(of: "work", now: 1).visible == 1)
    #expect(try queues.list(now: 1).map(\.name) == ["new", "work"])
  }

  @Test func `a queue can be purged and removed`() throws {
    for index in 0..<3 { try queues.send(message("\(index)", id: "\(index)"), to: "work", now: 0) }
    _ = try receive(1, now: 0)
    #expect(try queues.purge("work") == 3)
    #expect(try queues.counts(of: "work", now: 0) == QueueCounts())
    try queues.send(message("b"), to: "work", now: 0)
    #expect(try queues.remove("work"))
    #expect(try !queues.remove("work"))
    #expect(throws: StorageError.self) { try queues.counts(of: "work", now: 0) }
  }

  @Test func `a queue that is not there is named beside those that are`() throws {
    let error = #expect(throws: StorageError.self) { try queues.send(message("a"), to: "wrok", now: 0) }
    #expect(error?.description == "There is no queue named 'wrok' (there are work).")
  }

  @Test(arguments: ["", "a b", "ä", String(repeating: "x", count: 81), "a/b", "a\0"])
  func `names that could not travel are refused`(name: String) throws {
    let error = #expect(throws: StorageError.self) { try queues.create(name, now: 0) }
    guard case .invalid = error else {
      Issue.record("expected .invalid, not \(String(describing: error))")
      return
    }
  }

  @Test(
    arguments: [
      QueueAttributes(visibilityTimeout: -1), QueueAttributes(visibilityTimeout: 43_200_001),
      QueueAttributes(retention: 59_999), QueueAttributes(delay: 900_001),
      QueueAttributes(redrive: .init(deadLetterQueue: "q", maxReceiveCount: 1)),
      QueueAttributes(redrive: .init(deadLetterQueue: "dlq", maxReceiveCount: 0)),
      QueueAttributes(redrive: .init(deadLetterQueue: "d q", maxReceiveCount: 1)),
    ]
  )
  func `attributes out of range are refused`(attributes: QueueAttributes) throws {
    #expect(throws: StorageError.self) { try queues.create("q", attributes: attributes, now: 0) }
    #expect(throws: StorageError.self) { try queues.counts(of: "q", now: 0) }
  }

  @Test(arguments: ["", "x", "1.", "1.2.3", "a.b", "99999999999999999999.a"])
  func `a receipt handle that is none is refused`(handle: String) throws {
    #expect(throws: StorageError.self) { try queues.delete(handle, from: "work") }
  }

  @Test(arguments: [0, 11, -1])
  func `one to ten messages can be received`(limit: Int) throws {
    #expect(throws: StorageError.self) { try queues.receive(from: "work", limit: limit, now: 0) }
  }

  @Test func `two processes never get the same message`() async throws {
    for index in 0..<100 { try queues.send(message("\(index)"), to: "work", now: 0) }
    let path = test.path
    let received = try await withThrowingTaskGroup(of: [String].self) { group in
      for _ in 0..<2 {
        group.addTask {
          let database = try EmbeddedDatabase(directory: path, access: .beside())
          var bodies: [String] = []
          while case let batch = try database.queues.receive(from: "work", limit: 3, now: 0), !batch.isEmpty {
            bodies += batch.map(\.message.text)
          }
          return bodies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(received.count == 100)
    #expect(Set(received).count == 100)
  }
}

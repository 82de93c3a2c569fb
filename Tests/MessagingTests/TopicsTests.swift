import Messaging
import Storage
import Testing

@Suite struct TopicsTests {
  let test: TestDatabase
  var database: EmbeddedDatabase { test.database }

  init() throws {
    test = try TestDatabase()
  }

  @Test func `publishing reaches every subscriber once, however often it is tried`() throws {
    let topics = database.topics
    try topics.set("alerts", subscribers: [.queue("audit"), .target("pager"), .queue("work"), .target("chat")], now: 0)
    #expect(
      try topics.subscribers(of: "alerts") == [.queue("audit"), .queue("work"), .target("chat"), .target("pager")]
    )
    let publication = Publication(id: "dlv-1", body: Array("opened".utf8), attributes: ["severity": "high"])
    let first = try topics.publish(publication, to: "alerts", now: 1000)
    #expect(first.messages.keys.sorted() == ["audit", "work"])
    #expect(first.deliveries.keys.sorted() == ["chat", "pager"])
    let second = try topics.publish(publication, to: "alerts", now: 2000)
    #expect(second.messages.values.map(\.isDuplicate) == [true, true])
    #expect(second.deliveries == first.deliveries)
    for queue in ["audit", "work"] {
      let messages = try database.queues.peek(queue, now: 2000)
      #expect(messages.map(\.text) == ["opened"])
      #expect(messages.first?.attributes == ["severity": "high"])
    }
    for target in ["chat", "pager"] {
      let due = try database.outbox.due(target: target, now: 2000, limit: 10)
      #expect(due.map(\.record.decision.deliveryID) == [first.deliveries[target]])
      #expect(due.map(\.record.decision.payload) == [Array("opened".utf8)])
    }
    #expect(Set(first.deliveries.values).count == 2)
    #expect(first.deliveries["pager"]?.count == 36)
    #expect(first.deliveries["pager"]?.hasPrefix("dlv-") == true)
  }

  @Test func `what a rule publishes is recorded under its rule and event`() throws {
    try database.topics.set("alerts", subscribers: [.target("pager")], now: 0)
    let event = JournalEntry(eventID: "e1", account: "111122223333", region: "us-east-1", envelope: Array("{}".utf8))
    let parent = DecidedDelivery(
      deliveryID: "dlv-1",
      eventID: "e1",
      ruleID: "r1",
      ruleTitle: "title",
      ruleSetHash: "hash",
      stepID: "tell",
      targetID: "alerts",
      kind: .send,
      state: .pending,
      decidedAt: 0,
      payload: []
    )
    try database.journal.append(AcceptedBatch(entries: [event], deliveries: [parent]), now: 0)
    try database.topics.publish(Publication(id: "dlv-1", body: [1]), to: "alerts", now: 5)
    let due = try #require(try database.outbox.due(target: "pager", now: 5, limit: 1).first)
    #expect(due.record.decision.ruleID == "r1")
    #expect(due.record.decision.ruleSetHash == "hash")
    #expect(due.record.decision.eventID == "e1")
    #expect(due.record.decision.stepID == "tell")
    #expect(due.event == Array("{}".utf8))
  }

  @Test func `one subscriber's failure is not another's`() throws {
    try database.topics.set("alerts", subscribers: [.queue("audit"), .target("dead"), .target("alive")], now: 0)
    let published = try database.topics.publish(Publication(id: "p", body: [1]), to: "alerts", now: 0)
    let id = try #require(published.deliveries["dead"])
    let letter = DeadLetter(queue: "dlq", errorCode: "CONNECTION_FAILURE", errorMessage: "refused", exhausted: nil)
    try database.outbox.settle([Settlement(deliveryID: id, attempt: nil, outcome: .deadLettered(letter))], now: 1)
    #expect(try database.outbox.due(target: "alive", now: 1, limit: 9).count == 1)
    #expect(try database.queues.counts(of: "audit", now: 1).visible == 1)
    #expect(try database.queues.peek("dlq", now: 1).map(\.body) == [[1]])
  }

  @Test func `subscriptions change and topics go`() throws {
    let topics = database.topics
    try topics.subscribe(.queue("a"), to: "t", now: 0)
    try topics.subscribe(.queue("a"), to: "t", now: 0)
    try topics.subscribe(.target("x"), to: "t", now: 0)
    #expect(try topics.subscribers(of: "t") == [.queue("a"), .target("x")])
    #expect(try topics.unsubscribe(.target("x"), from: "t"))
    #expect(try !topics.unsubscribe(.target("x"), from: "t"))
    try database.queues.remove("a")
    #expect(try topics.subscribers(of: "t").isEmpty)
    let published = try topics.publish(Publication(id: "p", body: []), to: "t", now: 0)
    #expect(published.messages.isEmpty && published.deliveries.isEmpty)
    try topics.set("t", subscribers: [.queue("b")], now: 0)
    #expect(try topics.subscribers(of: "t") == [.queue("b")])
    #expect(try topics.list() == ["t"])
    #expect(try topics.remove("t"))
    let error = #expect(throws: StorageError.self) {
      try topics.publish(Publication(id: "p", body: []), to: "t", now: 0)
    }
    #expect(error?.description == "There is no topic named 't' (there are no topics yet).")
    #expect(throws: StorageError.self) { try topics.set("a b", subscribers: [], now: 0) }
    #expect(throws: StorageError.self) { try topics.set("t", subscribers: [.queue("a b")], now: 0) }
  }
}

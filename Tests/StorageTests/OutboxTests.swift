import GRDB
import Storage
import Testing

@Suite struct OutboxTests {
  let directory = TestDirectory()
  let database: EmbeddedDatabase

  init() throws {
    database = try EmbeddedDatabase(directory: directory.path)
    try database.journal.append(AcceptedBatch(entries: [entry("e1"), entry("e2")]), now: 1000)
  }

  func decide(_ deliveries: DecidedDelivery...) throws {
    try database.journal.commitDecisions(of: "router", through: 2, deliveries: deliveries)
  }

  func due(_ target: String = "pager", now: Int64, excluding: Set<String> = [], limit: Int = 10) throws -> [String] {
    try database.outbox.due(target: target, now: now, limit: limit, excluding: excluding)
      .map(\.record.decision.deliveryID)
  }

  @Test func `due deliveries come per target, oldest first, without those in flight`() throws {
    try decide(
      decision("late", first: 5000),
      decision("second", first: 2000),
      decision("first", first: 1000),
      decision("other", target: "queue", first: 500)
    )
    #expect(try due(now: 999).isEmpty)
    #expect(try due(now: 2000) == ["first", "second"])
    #expect(try due(now: 9000, limit: 1) == ["first"])
    #expect(try due(now: 9000, excluding: ["first", "second"]) == ["late"])
    #expect(try due("queue", now: 9000) == ["other"])
    #expect(try database.outbox.nextDue(target: "pager") == 1000)
    #expect(try database.outbox.nextDue(target: "pager", excluding: ["first"]) == 2000)
    #expect(try database.outbox.nextDue(target: "nobody") == nil)
    let work = try database.outbox.targetsWithWork()
    #expect(work.map(\.target) == ["pager", "queue"])
    #expect(work.map(\.pending) == [3, 1])
  }

  @Test func `large deliveries come fewer at a time`() throws {
    try decide(decision("a"), decision("b"), decision("c"))
    let size = entry("e1").envelope.count + decision("a").payload.count
    let due = try database.outbox.due(target: "pager", now: 9000, limit: 10, byteLimit: size + 1)
    #expect(due.map(\.record.decision.deliveryID) == ["a", "b"])
    #expect(try database.outbox.due(target: "pager", now: 9000, limit: 10, byteLimit: 1).count == 1)
  }

  @Test func `a due delivery brings everything that an attempt needs`() throws {
    try decide(decision("d2", event: "e2"))
    let delivery = try #require(try database.outbox.due(target: "pager", now: 1000, limit: 1).first)
    #expect(delivery.record.decision == decision("d2", event: "e2"))
    #expect(delivery.record.eventSequence == 2)
    #expect(delivery.record.queuedAt == 1000)
    #expect(delivery.record.attempts == 0)
    #expect(delivery.event == entry("e2").envelope)
  }

  @Test(arguments: [DeliveryState.planned, .shadowed, .suppressed, .renderFailed])
  func `a refusal is a record and no work`(state: DeliveryState) throws {
    try decide(decision("d1", state: state))
    #expect(try due(now: 9000).isEmpty)
    #expect(try database.outbox.targetsWithWork().isEmpty)
    let record = try #require(try database.ledger.show("d1")?.record)
    #expect(record.decision == decision("d1", state: state))
    #expect(record.settledAt == 1000)
  }

  @Test func `attempts are counted until one succeeds`() throws {
    try decide(decision("d1"))
    let failed = Settlement(
      deliveryID: "d1",
      attempt: attempt(1, at: 1000, error: "TIMEOUT"),
      outcome: .retry(at: 6000)
    )
    #expect(try database.outbox.settle([failed], now: 2000) == 1)
    #expect(try due(now: 5999).isEmpty)
    let again = try #require(try database.outbox.due(target: "pager", now: 6000, limit: 1).first)
    #expect(again.record.attempts == 1)
    let done = Settlement(deliveryID: "d1", attempt: attempt(2, at: 6000), outcome: .delivered)
    #expect(try database.outbox.settle([done], now: 7000) == 1)
    #expect(try database.outbox.settle([done], now: 8000) == 0)
    let (record, attempts) = try #require(try database.ledger.show("d1"))
    #expect(record.decision.state == .delivered)
    #expect(record.settledAt == 7000)
    #expect(record.attempts == 2)
    #expect(attempts == [attempt(1, at: 1000, error: "TIMEOUT"), attempt(2, at: 6000)])
  }

  @Test func `giving up without a dead-letter queue is a failure with its reason`() throws {
    try decide(decision("d1"))
    try database.outbox.settle(
      [Settlement(deliveryID: "d1", attempt: nil, outcome: .failed(reason: "older than 24h"))],
      now: 2000
    )
    let record = try #require(try database.ledger.show("d1")?.record)
    #expect(record.decision.state == .failed)
    #expect(record.decision.reason == "older than 24h")
    #expect(record.attempts == 0)
  }

  @Test func `a repaired target's deliveries can be made due at once`() throws {
    try decide(decision("a", first: 1000), decision("b", first: 8000), decision("c", target: "other", first: 8000))
    #expect(try database.outbox.retryNow(target: "pager", now: 2000) == 1)
    #expect(try due(now: 2000) == ["a", "b"])
    #expect(try due("other", now: 2000).isEmpty)
  }

  @Test func `attempts are brought forward when the clock was set back`() throws {
    try decide(decision("a", first: 500), decision("b", first: 90_000), decision("c", first: 70_000))
    #expect(try database.outbox.bringForward(by: 60_000, now: 20_000) == 2)
    #expect(try due(now: 20_000) == ["a", "c"])
    #expect(try due(now: 30_000) == ["a", "c", "b"])
  }

  @Test func `a crash leaves unsettled deliveries due`() throws {
    try decide(decision("d1"), decision("d2"))
    _ = try database.outbox.due(target: "pager", now: 1000, limit: 10)
    try database.outbox.settle([Settlement(deliveryID: "d1", attempt: attempt(1, at: 1), outcome: .delivered)], now: 2)
    let crashed = try directory.crashed()
    let reopened = try EmbeddedDatabase(directory: crashed.path)
    #expect(try reopened.outbox.due(target: "pager", now: 1000, limit: 10).map(\.record.decision.deliveryID) == ["d2"])
  }

  @Test func `a settlement that cannot be stored settles none of its batch`() throws {
    try decide(decision("d1"), decision("d2"))
    try database.pool.write {
      try $0.execute(
        sql: """
          CREATE TRIGGER full BEFORE INSERT ON attempts WHEN NEW.summary = 'HTTP 500'
          BEGIN SELECT RAISE(ABORT, 'no'); END
          """
      )
    }
    #expect(throws: StorageError.self) {
      try database.outbox.settle(
        [
          Settlement(deliveryID: "d1", attempt: attempt(1, at: 1), outcome: .delivered),
          Settlement(deliveryID: "d2", attempt: attempt(1, at: 1, error: "TIMEOUT"), outcome: .retry(at: 5)),
        ],
        now: 2
      )
    }
    #expect(try due(now: 9000) == ["d1", "d2"])
    #expect(try database.ledger.show("d1")?.attempts == [])
  }
}

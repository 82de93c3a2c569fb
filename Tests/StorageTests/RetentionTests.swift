import Storage
import Testing

@Suite struct RetentionTests {
  let directory = TestDirectory()
  let database: EmbeddedDatabase

  init() throws {
    database = try EmbeddedDatabase(directory: directory.path)
  }

  func append(_ ids: ClosedRange<Int>, bytes: Int = 0, at now: Int64) throws {
    try database.journal.append(AcceptedBatch(entries: ids.map { entry("e\($0)", bytes: bytes) }), now: now)
  }

  func kept() throws -> [String] {
    try database.journal.events(after: 0, limit: 10_000).map(\.entry.eventID)
  }

  @Test(arguments: [1, 2, 3, 100])
  func `old events go unless they have work to do`(chunk: Int) throws {
    try append(1...5, at: 1000)
    try append(6...7, at: 5000)
    try database.journal.commitDecisions(
      of: "router",
      through: 7,
      deliveries: [
        decision("d2", event: "e2"), decision("d4", event: "e4"), decision("p", event: "e3", state: .planned),
      ]
    )
    try database.outbox.settle([Settlement(deliveryID: "d4", attempt: nil, outcome: .delivered)], now: 2000)
    let policy = RetentionPolicy(journalAge: 1000, ledgerAge: nil)
    #expect(try database.prune(policy, consumers: ["router"], now: 6000, chunk: chunk).events == 4)
    #expect(try kept() == ["e2", "e6", "e7"])
    try database.outbox.settle([Settlement(deliveryID: "d2", attempt: nil, outcome: .delivered)], now: 2000)
    #expect(try database.prune(policy, consumers: ["router"], now: 6001, chunk: chunk).events == 3)
    #expect(try kept().isEmpty)
    try append(8...8, at: 7000)
    #expect(try database.journal.events(after: 0, limit: 1).first?.sequence == 8)
  }

  @Test func `events that a consumer has not read stay, whether or not it has begun`() throws {
    try append(1...4, at: 1000)
    let policy = RetentionPolicy(journalAge: 0, ledgerAge: nil)
    #expect(try database.prune(policy, consumers: ["router"], now: 9000).events == 0)
    try database.journal.commitDecisions(of: "router", through: 3, deliveries: [])
    try database.journal.commitDecisions(of: "history", through: 2, deliveries: [])
    #expect(try database.prune(policy, consumers: ["router"], now: 9000).events == 2)
    #expect(try kept() == ["e3", "e4"])
  }

  @Test func `a database that is too big loses its oldest events and gives the space back`() throws {
    for batch in 0..<10 { try append((batch * 100 + 1)...(batch * 100 + 100), bytes: 4000, at: 1000) }
    let before = try database.usedBytes()
    #expect(before > 4_000_000)
    let policy = RetentionPolicy(journalAge: nil, databaseBytes: 2_000_000, ledgerAge: nil)
    let result = try database.prune(policy, now: 2000, chunk: 100)
    #expect(result.events > 400 && result.events < 900)
    #expect(try database.usedBytes() <= 2_000_000)
    #expect(try kept().last == "e1000")
    #expect(try kept().count == 1000 - result.events)
    // Nothing that may go is left: the limit cannot be kept and that must end.
    #expect(try database.prune(RetentionPolicy(journalAge: nil, databaseBytes: 1, ledgerAge: nil), now: 1).events > 0)
    #expect(try kept().isEmpty)
  }

  @Test func `old records go unless pending or waiting in a dead-letter queue`() throws {
    try database.journal.append(
      AcceptedBatch(
        entries: [entry("e1")],
        deliveries: [
          decision("pending"), decision("dead"), decision("done"), decision("planned", state: .planned),
          decision("young", state: .planned, at: 9000),
        ]
      ),
      now: 1000
    )
    let letter = DeadLetter(queue: "dlq", errorCode: "TIMEOUT", errorMessage: "no answer", exhausted: nil)
    try database.outbox.settle(
      [
        Settlement(deliveryID: "dead", attempt: attempt(1, at: 1), outcome: .deadLettered(letter)),
        Settlement(deliveryID: "done", attempt: attempt(1, at: 1), outcome: .delivered),
      ],
      now: 2000
    )
    let policy = RetentionPolicy(journalAge: nil, ledgerAge: 1000)
    #expect(try database.prune(policy, now: 9000, chunk: 1).records == 2)
    #expect(try database.ledger.list().map(\.decision.deliveryID) == ["young", "dead", "pending"])
  }
}

import Storage
import Testing

@Suite struct LedgerTests {
  let directory = TestDirectory()
  let database: EmbeddedDatabase

  init() throws {
    database = try EmbeddedDatabase(directory: directory.path)
    try database.journal.append(
      AcceptedBatch(
        entries: [entry("e1"), entry("e2")],
        deliveries: [
          decision("d1", event: "e1", rule: "r1", target: "pager", at: 1000),
          decision("d2", event: "e1", rule: "r2", target: "queue", state: .planned, at: 2000),
          decision("d3", event: "e2", rule: "r1", target: "queue", state: .suppressed, at: 3000),
          decision("d4", event: "e2", rule: "r2", target: "pager", at: 4000),
        ]
      ),
      now: 1000
    )
  }

  @Test(
    arguments: [
      (LedgerQuery(), ["d4", "d3", "d2", "d1"]),
      (LedgerQuery(ruleID: "r1"), ["d3", "d1"]),
      (LedgerQuery(targetID: "queue"), ["d3", "d2"]),
      (LedgerQuery(state: .pending), ["d4", "d1"]),
      (LedgerQuery(eventID: "e1"), ["d2", "d1"]),
      (LedgerQuery(since: 3000), ["d4", "d3"]),
      (LedgerQuery(before: 3), ["d2", "d1"]),
      (LedgerQuery(limit: 1), ["d4"]),
      (LedgerQuery(ruleID: "r2", targetID: "pager", state: .pending, eventID: "e2", since: 1), ["d4"]),
      (LedgerQuery(ruleID: "r3"), []),
    ] as [(LedgerQuery, [String])]
  )
  func `filters narrow the list, newest first`(query: LedgerQuery, expected: [String]) throws {
    #expect(try database.ledger.list(query).map(\.decision.deliveryID) == expected)
  }

  @Test func `states are counted`() throws {
    #expect(try database.ledger.counts() == [.pending: 2, .planned: 1, .suppressed: 1])
    #expect(try database.ledger.show("nothing")?.record == nil)
  }
}

import Foundation
import Storage
import Testing

@Suite struct JournalTests {
  let directory = TestDirectory()
  let database: EmbeddedDatabase

  init() throws {
    database = try EmbeddedDatabase(directory: directory.path)
  }

  @Test func `events get ascending numbers and duplicates none`() throws {
    let first = try database.journal.append(AcceptedBatch(entries: [entry("a"), entry("b"), entry("a")]), now: 1000)
    #expect(first.sequences == [1, 2, nil])
    #expect(first.newCount == 2)
    let second = try database.journal.append(AcceptedBatch(entries: [entry("b"), entry("c")]), now: 2000)
    #expect(second.sequences[0] == nil)
    let sequence = try #require(second.sequences[1])
    #expect(sequence > 2)
    let events = try database.journal.events(after: 0, limit: 10)
    #expect(events.map(\.entry.eventID) == ["a", "b", "c"])
    #expect(events.map(\.journalledAt) == [1000, 1000, 2000])
    #expect(try database.journal.events(after: 1, limit: 1).map(\.entry.eventID) == ["b"])
    #expect(try database.journal.lastSequence() == sequence)
    #expect(try database.journal.event(withID: "c")?.sequence == sequence)
    #expect(try database.journal.event(withID: "d") == nil)
  }

  @Test func `an envelope comes back byte for byte`() throws {
    var odd = entry("odd")
    odd.envelope = [0, 255, 10, 34] + Array("é😀".utf8)
    let empty = JournalEntry(eventID: "empty", account: "", region: "", envelope: [])
    try database.journal.append(AcceptedBatch(entries: [odd, empty]), now: 1000)
    #expect(try database.journal.events(after: 0, limit: 10).map(\.entry) == [odd, empty])
  }

  @Test func `a batch is durable with its positions and decisions, and decisions on duplicates are dropped`() throws {
    try database.journal.append(AcceptedBatch(entries: [entry("e1")], deliveries: [decision("d1")]), now: 1000)
    let file = SourceFile(source: "trail", path: "a.gz", size: 10, modifiedAt: 5, records: 2, isFinished: true)
    try database.journal.append(
      AcceptedBatch(
        entries: [entry("e1"), entry("e2"), entry("e2")],
        cursors: ["stdin": "2"],
        files: [file],
        deliveries: [decision("other", event: "e1"), decision("d2", event: "e2")]
      ),
      now: 2000
    )
    #expect(try database.ledger.list().map(\.decision.deliveryID) == ["d2", "d1"])
    #expect(try database.ledger.show("d2")?.record.eventSequence == database.journal.event(withID: "e2")?.sequence)
    #expect(try database.sources.file("a.gz", of: "trail") == file)
    #expect(try database.sources.position(of: "stdin") == "2")
  }

  @Test func `a consumer's position and decisions move together and never back`() throws {
    try database.journal.append(AcceptedBatch(entries: [entry("e1"), entry("e2")]), now: 1000)
    #expect(try database.journal.position(of: "router") == 0)
    try database.journal.commitDecisions(of: "router", through: 2, deliveries: [decision("d1")])
    try database.journal.commitDecisions(of: "router", through: 1, deliveries: [decision("d1")])
    #expect(try database.journal.position(of: "router") == 2)
    #expect(try database.journal.position(of: "history") == 0)
    #expect(try database.ledger.list().count == 1)
  }

  @Test func `deciding again after a crash does not deliver again`() throws {
    try database.journal.append(AcceptedBatch(entries: [entry("e1")], deliveries: [decision("d1")]), now: 1000)
    try database.outbox.settle(
      [Settlement(deliveryID: "d1", attempt: attempt(1, at: 1000), outcome: .delivered)],
      now: 2000
    )
    try database.journal.commitDecisions(of: "router", through: 1, deliveries: [decision("d1")])
    #expect(try database.outbox.due(target: "pager", now: 9000, limit: 10).isEmpty)
    #expect(try database.ledger.show("d1")?.record.decision.state == .delivered)
  }

  @Test func `files of a tree are listed in pages, replaced and forgotten`() throws {
    func file(_ path: String, records: Int64, note: String = "") -> SourceFile {
      SourceFile(source: "s", path: path, size: 1, modifiedAt: 1, records: records, isFinished: false, note: note)
    }
    try database.journal.append(AcceptedBatch(files: ["c", "a", "b"].map { file($0, records: 1) }), now: 1)
    try database.journal.append(AcceptedBatch(files: [file("b", records: 7, note: "cut off")]), now: 2)
    #expect(
      try database.sources.files(of: "s", limit: 2) == [file("a", records: 1), file("b", records: 7, note: "cut off")]
    )
    #expect(try database.sources.files(of: "s", after: "b").map(\.path) == ["c"])
    try database.sources.forget(files: ["a", "zzz"], of: "s")
    #expect(try database.sources.files(of: "s").map(\.path) == ["b", "c"])
    #expect(try database.sources.files(of: "other").isEmpty)
  }

  /// Prints how fast batches of 1000 go in with `SIGNALBOX_MEASURE=1`; no assertion, machines differ.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["SIGNALBOX_MEASURE"] != nil))
  func `measure appending`() throws {
    let batches = 50
    let clock = ContinuousClock()
    let elapsed = try clock.measure {
      for batch in 0..<batches {
        let entries = (0..<1000).map { _ in entry(UUID().uuidString, bytes: 1500) }
        try database.journal.append(AcceptedBatch(entries: entries, cursors: ["s": "\(batch)"]), now: 1)
      }
    }
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    print("append: \(Int(Double(batches * 1000) / seconds)) events/s in commits of 1000")
  }
}

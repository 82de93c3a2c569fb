import Storage
import Testing

@Suite struct EngineFiguresTests {
  let directory = TestDirectory()
  let database: EmbeddedDatabase

  init() throws { database = try EmbeddedDatabase(directory: directory.path) }

  @Test func `a new database has done nothing`() throws {
    let figures = try database.figures()
    #expect(figures.events == 0)
    #expect(figures.deliveries == 0)
    #expect(figures.attempts == 0)
    #expect(figures.deadLetters == 0)
    #expect(figures.backlog.isEmpty)
  }

  @Test func `what waits is told by target, with the first that is due`() throws {
    try database.journal.append(AcceptedBatch(entries: [entry("e1"), entry("e2")]), now: 1000)
    try database.journal.commitDecisions(
      of: "router",
      through: 2,
      deliveries: [
        decision("late", first: 5000), decision("first", first: 2000), decision("other", target: "queue", first: 500),
      ]
    )
    let figures = try database.figures()
    #expect(figures.events == 2)
    #expect(figures.deliveries == 3)
    #expect(
      figures.backlog == [
        EngineFigures.Backlog(target: "pager", pending: 2, dueAt: 2000),
        EngineFigures.Backlog(target: "queue", pending: 1, dueAt: 500),
      ]
    )
  }
}

import EventPatterns
import Foundation
import Server
import Testing

@testable import SignalboxCommands
@testable import Storage

@Suite struct StatusTests {
  private let hour: Int64 = 3_600_000

  private func report(_ change: (inout StatusReport) -> Void = { _ in }) -> StatusReport {
    var report = StatusReport(
      now: 100 * hour,
      directory: "/data",
      process: 4711,
      notice: nil,
      figures: EngineFigures(
        events: 1234, deliveries: 8, attempts: 9, deadLetters: 0, backlog: [], deadLetterQueues: []
      ),
      troubles: EngineTroubles(letters: [], failures: []),
      newestEvent: nil,
      busRules: 0
    )
    change(&report)
    return report
  }

  private func text(_ report: StatusReport) -> String {
    report.lines(TextStyle(isOn: false)).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
  }

  @Test func whatWaitsIsSaidWithItsLag() {
    let busy = report { report in
      report.newestEvent = report.now - 2000
      report.figures.backlog = [
        EngineFigures.Backlog(target: "late", pending: 3, dueAt: report.now - 41_000),
        EngineFigures.Backlog(target: "soon", pending: 1, dueAt: report.now + 2 * hour),
      ]
    }
    let text = text(busy)
    #expect(text.contains("1,234, the newest 2s ago"))
    #expect(text.contains("4 pending"))
    #expect(text.contains("3 to late, due for 41s"))
    #expect(text.contains("1 to soon, next in 2h 0m"))
    #expect(busy.lag == 41_000)
    #expect(busy.json["lagSeconds"] == .number("41"))
    #expect(busy.json["backlog"]?[0]?["pending"] == .number("3"))
  }

  @Test(arguments: [
    (0, "0s"), (59_999, "59s"), (61_000, "1m 1s"), (3_661_000, "1h 1m"), (90_000_000, "1d 1h"), (-5, "0s"),
  ])
  func spansAreReadable(_ milliseconds: Int64, _ text: String) {
    #expect(StatusReport.span(milliseconds) == text)
  }

  @Test func failuresAndLettersAreSaid() {
    let sick = report { report in
      report.troubles.letters = [EngineTroubles.Letters(queue: "dead", count: 2)]
      report.troubles.failures = [
        EngineTroubles.Failure(
          endedAt: 0,
          rule: "r",
          target: "pager",
          deliveryID: "dlv-1",
          code: "TIMEOUT",
          summary: "no answer"
        )
      ]
    }
    #expect(text(sick).contains("2 in dead"))
    #expect(text(sick).contains("1970-01-01T00:00:00.000Z TIMEOUT r → pager:\nno answer (dlv-1)"))
    #expect(sick.json["lastFailures"]?[0]?["code"] == .string("TIMEOUT"))
  }

  @Test func anEngineThatDoesNotRunIsAFinding() async throws {
    #expect(!report { $0.process = nil }.isWell)
    try await withFolder { folder in
      let data = folder.path + "/data"
      try EmbeddedDatabase(directory: data).close()
      let idle = await signalbox("status", "--data", data)
      #expect(idle.status == 1, "\(idle.diagnostics)")
      #expect(idle.output.contains("none runs on"))
      // As an engine that was killed leaves it.
      try folder.write("data/engine.json", #"{"processID":1,"version":"x","startedAt":0}"#)
      let killed = await signalbox("status", "--data", data, "--format", "json")
      #expect(try JSONValue(parsing: killed.output)["running"] == .bool(false))
      #expect(try JSONValue(parsing: killed.output)["version"] == nil)
    }
  }

  @Test func anEngineThatRunsIsFoundByItsLock() async throws {
    try await withFolder { folder in
      let data = folder.path + "/data"
      let engine = try EmbeddedDatabase(directory: data)
      let process = ProcessInfo.processInfo.processIdentifier
      try folder.write(
        "data/engine.json",
        #"{"processID":\#(process),"version":"9","startedAt":0,"endpoint":"http://127.0.0.1:1","#
          + #""rules":{"hash":"0123456789abcdef","count":3,"live":2,"since":0}}"#
      )
      let running = await signalbox("status", "--data", data)
      #expect(running.status == 0, "\(running.diagnostics)")
      #expect(running.output.contains("signalbox 9, process \(process)"))
      #expect(running.output.contains("3 rules of files, 2 live, hash 0123456789ab"))
      try folder.write(
        "data/engine.json",
        #"{"processID":\#(process),"version":"9","startedAt":0,"refusal":{"at":0,"reasons":["rules/a.yaml:1:1: no"]}}"#
      )
      let refused = await signalbox("status", "--data", data)
      #expect(refused.status == 1)
      #expect(refused.output.contains("rules/a.yaml:1:1: no"))
      try engine.close()
      #expect(await signalbox("status", "--data", data).status == 1)
    }
  }

  @Test func whatIsNotThereIsSaid() async throws {
    let none = await signalbox("status", "--data", "/nonexistent/signalbox")
    #expect(none.status == 3)
    #expect(none.diagnostics.contains("signalbox.db"))
  }
}

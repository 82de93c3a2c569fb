import EventPatterns
import Messaging
import Storage
import Testing

@testable import SignalboxCommands

@Suite struct EngineCommandTests {
  @Test func queuesByHand() async throws {
    try await withFolder { folder in
      let data = folder.path + "/data"
      let sent = await signalbox(
        "queue",
        "send",
        "--data",
        data,
        "--create",
        "work",
        #"{"n": 1}"#,
        "--attribute",
        "a=b=c"
      )
      #expect(sent.status == 0, "\(sent.diagnostics)")

      let list = await signalbox("queue", "list", "--data", data, "--format", "json")
      #expect(try JSONValue(parsing: list.output)[0]?["messages"] == .number("1"))

      let received = await signalbox("queue", "receive", "--data", data, "work")
      let message = try JSONValue(parsing: received.output)
      #expect(message["body"]?.text == #"{"n":1}"#)
      #expect(message["attributes"]?["a"]?.string == "b=c")
      #expect(message["messageID"]?.string == sent.lines.first)

      let hidden = await signalbox("queue", "receive", "--data", data, "work")
      #expect(hidden.output.isEmpty)

      let handle = try #require(message["receiptHandle"]?.string)
      #expect(await signalbox("queue", "delete", "--data", data, "work", handle).status == 0)
      #expect(await signalbox("queue", "delete", "--data", data, "work", handle).status == 2)
      #expect(await signalbox("queue", "show", "--data", data, "work", "--format", "json").output == "[]\n")
    }
  }

  @Test func deadLettersGoBackToTheOutbox() async throws {
    try await withFolder { folder in
      let data = folder.path + "/data"
      let database = try EmbeddedDatabase(directory: data)
      let delivery = DecidedDelivery(
        deliveryID: "dlv-1",
        eventID: "e-1",
        ruleID: "r",
        ruleTitle: "Title",
        ruleSetHash: "hash",
        stepID: "tell",
        targetID: "hook",
        kind: .send,
        state: .pending,
        decidedAt: 1000,
        payload: Array(#"{"text":"hi"}"#.utf8)
      )
      let event = JournalEntry(eventID: "e-1", account: "111122223333", region: "us-east-1", envelope: Array("{}".utf8))
      _ = try database.journal.append(AcceptedBatch(entries: [event], deliveries: [delivery]), now: 1000)
      let letter = DeadLetter(queue: "dead", errorCode: "TIMEOUT", errorMessage: "no answer", exhausted: nil)
      let attempt = AttemptRecord(
        attempt: 1,
        startedAt: 2000,
        endedAt: 3000,
        errorCode: "TIMEOUT",
        summary: "no answer"
      )
      try database.outbox.settle(
        [Settlement(deliveryID: "dlv-1", attempt: attempt, outcome: .deadLettered(letter))],
        now: WallClock.milliseconds
      )

      let list = await signalbox("dlq", "list", "--data", data)
      #expect(list.lines.last?.contains("dead") == true, "\(list.output) \(list.diagnostics)")
      let shown = await signalbox("dlq", "show", "--data", data, "dead", "--format", "ndjson")
      let message = try JSONValue(parsing: shown.output)
      #expect(message["attributes"]?["ERROR_CODE"]?.string == "TIMEOUT")

      let ledger = await signalbox(
        "deliveries",
        "list",
        "--data",
        data,
        "--state",
        "dead-lettered",
        "--format",
        "ndjson"
      )
      #expect(try JSONValue(parsing: ledger.output)["deliveryID"]?.string == "dlv-1")
      let one = await signalbox("deliveries", "show", "--data", data, "dlv-1", "--format", "json")
      #expect(try JSONValue(parsing: one.output)["request"]?["text"]?.string == "hi")
      #expect(try JSONValue(parsing: one.output)["history"]?[0]?["errorCode"]?.string == "TIMEOUT")

      #expect(await signalbox("dlq", "redrive", "--data", data, "dead").status == 0)
      let pending = await signalbox("deliveries", "list", "--data", data, "--state", "pending", "--format", "json")
      #expect(try JSONValue(parsing: pending.output)[0]?["deliveryID"]?.string == "dlv-1")
    }
  }

  @Test(arguments: [
    (["queue", "list", "--data", "/no/such/folder"], 3),
    (["queue", "list"], 3),
    (["deliveries", "list", "--data", "x", "--state", "odd"], 3),
    (["deliveries", "list", "--data", "x", "--since", "yesterday"], 3),
    (["queue", "send", "--data", "x", "q", "body", "--attribute", "odd"], 3),
    (["dlq", "drop", "--data", "x", "q"], 3),
    (["dlq", "drop", "--data", "x", "q", "m", "--all"], 3),
  ])
  func mistakesInTheCommandLine(arguments: [String], status: Int) async {
    let diagnostics = ByteSink()
    let got = await runSignalbox(arguments, console: Console(output: ByteSink(), diagnostics: diagnostics))
    #expect(got == Int32(status))
    #expect(!diagnostics.contents.isEmpty)
  }

  @Test func whatIsNotThereIsInvalidInput() async throws {
    try await withFolder { folder in
      _ = try EmbeddedDatabase(directory: folder.path)
      #expect(await signalbox("queue", "show", "--data", folder.path, "none").status == 2)
      #expect(await signalbox("deliveries", "show", "--data", folder.path, "dlv-none").status == 2)
    }
  }
}

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

  @Test func aShownRequestIsStillJSON() throws {
    let hostile = "{\"a\":\r\n {\"text\": \"x\u{9B}2J\u{202E}\\u001b[2J\\n\"}}\n"
    let lines = DeliveriesCommand.Show.request(Array(hostile.utf8))
    #expect(lines.first == "request")
    let text = lines.dropFirst().joined(separator: "\n")
    #expect(text.contains(#""x\u009b2J\u202e\u001b[2J\n""#), "\(text)")
    #expect(try JSONValue(parsing: text) == JSONValue(parsing: hostile))
    let run = DeliveriesCommand.Show.request(Array(#"{"argv": ["aws", "iam", "x y"]}"#.utf8))
    #expect(run.first == #"argv      ["aws","iam","x y"]"#)
    #expect(DeliveriesCommand.Show.request(Array("hello\nyou".utf8)) == [#"request   hello\u{a}you"#])
  }

  @Test func emptyListsSayWhichNameIsUnknown() async throws {
    try await withFolder { folder in
      _ = try EmbeddedDatabase(directory: folder.path)
      let slip = await signalbox("deliveries", "list", "--data", folder.path, "--rule", "nix", "--state", "failed")
      #expect(slip.status == 0)
      #expect(slip.diagnostics.contains("for the rule 'nix'"), "\(slip.diagnostics)")
      #expect(!slip.diagnostics.contains("event"))
    }
  }

  @Test func lettersOfAQueueNameTheirRule() async throws {
    try await withFolder { folder in
      let data = folder.path
      let database = try EmbeddedDatabase(directory: data)
      let now = WallClock.milliseconds
      _ = try database.queues.create("dead", now: now)
      _ = try database.queues.create(
        "work",
        attributes: QueueAttributes(redrive: .init(deadLetterQueue: "dead", maxReceiveCount: 1)),
        now: now
      )
      let message = OutgoingMessage(body: Array("hi".utf8), attributes: ["signalbox.rule": "trail-stopped"])
      _ = try database.queues.send(message, to: "work", now: now)
      for _ in 0..<2 { _ = try database.queues.receive(from: "work", visibilityTimeout: 0, now: now) }
      let shown = await signalbox("dlq", "show", "--data", data, "dead")
      let row = shown.lines.last?.split(separator: " ").map(String.init) ?? []
      #expect(row.dropFirst(2).prefix(3) == ["1", "-", "trail-stopped"], "\(shown.output) \(shown.diagnostics)")
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

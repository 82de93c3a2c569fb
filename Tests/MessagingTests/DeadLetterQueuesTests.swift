import Messaging
import Storage
import Testing

@Suite struct DeadLetterQueuesTests {
  let test: TestDatabase
  var database: EmbeddedDatabase { test.database }
  var deadLetters: DeadLetterQueues { test.database.deadLetterQueues }

  init() throws {
    test = try TestDatabase()
  }

  /// Journals an event, decides a delivery of it and gives that up after two attempts.
  func giveUp(
    _ id: String = "dlv-1",
    exhausted: DeadLetter.ExhaustedCondition? = .maximumRetryAttempts
  ) throws {
    let event = JournalEntry(
      eventID: "event of \(id)",
      account: "111122223333",
      region: "eu-west-1",
      envelope: Array(#"{"id":"\#(id)"}"#.utf8)
    )
    let delivery = DecidedDelivery(
      deliveryID: id,
      eventID: event.eventID,
      ruleID: "trail-stopped",
      ruleTitle: "CloudTrail was stopped",
      ruleSetHash: "hash",
      stepID: "tell",
      targetID: "pager",
      kind: .send,
      state: .pending,
      decidedAt: 1000,
      payload: Array("rendered".utf8)
    )
    try database.journal.append(AcceptedBatch(entries: [event], deliveries: [delivery]), now: 1000)
    let attempt = AttemptRecord(attempt: 1, startedAt: 1, endedAt: 2, errorCode: "TIMEOUT", summary: "no answer")
    try database.outbox.settle([Settlement(deliveryID: id, attempt: attempt, outcome: .retry(at: 3000))], now: 2000)
    let letter = DeadLetter(queue: "dlq", errorCode: "TIMEOUT", errorMessage: "no answer in 10s", exhausted: exhausted)
    let settlement = Settlement(deliveryID: id, attempt: attempt, outcome: .deadLettered(letter))
    #expect(try database.outbox.settle([settlement], now: 4000) == 1)
    #expect(try database.outbox.settle([settlement], now: 5000) == 0)
  }

  @Test(arguments: [DeadLetter.ExhaustedCondition.maximumRetryAttempts, .maximumEventAge, nil])
  func `a dead letter carries the event and EventBridge's attributes`(
    exhausted: DeadLetter.ExhaustedCondition?
  ) throws {
    try giveUp(exhausted: exhausted)
    let letter = try #require(try database.queues.peek("dlq", now: 4000).first)
    #expect(letter.text == #"{"id":"dlv-1"}"#)
    var expected = [
      "RULE_ARN": "arn:aws:events:eu-west-1:111122223333:rule/trail-stopped",
      "TARGET_ARN": "arn:aws:events:eu-west-1:111122223333:target/pager",
      "ERROR_CODE": "TIMEOUT",
      "ERROR_MESSAGE": "no answer in 10s",
      "RETRY_ATTEMPTS": "1",
      "SIGNALBOX_DELIVERY_ID": "dlv-1",
    ]
    expected["EXHAUSTED_RETRY_CONDITION"] = exhausted?.rawValue
    #expect(letter.attributes == expected)
    #expect(letter.deliveryID == "dlv-1")
    let record = try #require(try database.ledger.show("dlv-1")?.record)
    #expect(record.decision.state == .deadLettered)
    #expect(record.decision.reason == "no answer in 10s")
    #expect(try deadLetters.list(now: 4000).map(\.name) == ["dlq"])
    #expect(try deadLetters.show(letter.messageID, in: "dlq") == letter)
  }

  @Test func `a redriven delivery is due again with a fresh policy and keeps its history`() throws {
    try giveUp()
    let result = try deadLetters.redrive("dlq", now: 9000)
    #expect(result.deliveries == 1)
    #expect(result.messages == 0)
    #expect(result.stayed.isEmpty)
    #expect(try database.queues.peek("dlq", now: 9000).isEmpty)
    let due = try #require(try database.outbox.due(target: "pager", now: 9000, limit: 1).first)
    #expect(due.record.decision.deliveryID == "dlv-1")
    #expect(due.record.attempts == 0)
    #expect(due.record.queuedAt == 9000)
    #expect(due.record.decision.decidedAt == 1000)
    #expect(due.record.decision.payload == Array("rendered".utf8))
    #expect(due.event == Array(#"{"id":"dlv-1"}"#.utf8))
    #expect(try database.ledger.show("dlv-1")?.attempts.count == 2)
  }

  @Test func `a redriven delivery has its event even when the journal forgot it`() throws {
    try giveUp()
    let policy = RetentionPolicy(journalAge: 0, ledgerAge: 0)
    let pruned = try database.prune(policy, now: 8000)
    #expect(pruned.events == 1)
    #expect(pruned.records == 0)
    #expect(try deadLetters.redrive("dlq", now: 9000).deliveries == 1)
    let due = try #require(try database.outbox.due(target: "pager", now: 9000, limit: 1).first)
    #expect(due.event == Array(#"{"id":"dlv-1"}"#.utf8))
    let letter = DeadLetter(queue: "dlq", errorCode: "TIMEOUT", errorMessage: "again", exhausted: nil)
    try database.outbox.settle(
      [Settlement(deliveryID: "dlv-1", attempt: nil, outcome: .deadLettered(letter))],
      now: 9500
    )
    let message = try #require(try database.queues.peek("dlq", now: 9500).first)
    #expect(message.text == #"{"id":"dlv-1"}"#)
    #expect(message.attributes["RULE_ARN"] == "arn:aws:events:eu-west-1:111122223333:rule/trail-stopped")
  }

  @Test func `a queue that is made for dead letters keeps them as long as it can`() throws {
    try giveUp()
    #expect(try database.queues.attributes(of: "dlq").retention == 14 * 86_400_000)
    #expect(try database.queues.expire(now: 4000 + 13 * 86_400_000) == 0)
    let redrive = QueueAttributes.RedrivePolicy(deadLetterQueue: "dlq", maxReceiveCount: 1)
    try database.queues.create("work", attributes: QueueAttributes(redrive: redrive), now: 0)
    #expect(try database.queues.attributes(of: "work").retention == 4 * 86_400_000)
  }

  /// Decides a step that cannot be rendered, for an event that comes with it.
  func failToRender(_ id: String = "dlv-9") throws -> DecidedDelivery {
    let event = JournalEntry(
      eventID: "event of \(id)",
      account: "111122223333",
      region: "eu-west-1",
      envelope: Array(#"{"id":"\#(id)"}"#.utf8)
    )
    var delivery = DecidedDelivery(
      deliveryID: id,
      eventID: event.eventID,
      ruleID: "trail-stopped",
      ruleTitle: "CloudTrail was stopped",
      ruleSetHash: "hash",
      stepID: "tell",
      targetID: "pager",
      kind: .send,
      state: .renderFailed,
      reason: "<detail.name!> is required",
      decidedAt: 1000,
      payload: []
    )
    delivery.deadLetter = DeadLetter(
      queue: "dlq",
      errorCode: "INVALID_PARAMETER",
      errorMessage: delivery.reason,
      exhausted: nil
    )
    for _ in 0..<2 {
      try database.journal.append(AcceptedBatch(entries: [event], deliveries: [delivery]), now: 1000)
      try database.journal.commitDecisions(of: "router", through: 1, deliveries: [delivery])
    }
    return delivery
  }

  @Test func `what cannot be rendered is a dead letter, once`() throws {
    _ = try failToRender()
    let letters = try database.queues.peek("dlq", now: 4000)
    #expect(letters.map(\.text) == [#"{"id":"dlv-9"}"#])
    #expect(
      letters.first?.attributes == [
        "RULE_ARN": "arn:aws:events:eu-west-1:111122223333:rule/trail-stopped",
        "TARGET_ARN": "arn:aws:events:eu-west-1:111122223333:target/pager",
        "ERROR_CODE": "INVALID_PARAMETER",
        "ERROR_MESSAGE": "<detail.name!> is required",
        "RETRY_ATTEMPTS": "0",
        "SIGNALBOX_DELIVERY_ID": "dlv-9",
      ]
    )
    let record = try #require(try database.ledger.show("dlv-9")?.record)
    #expect(record.decision.state == .renderFailed)
    #expect(try database.prune(RetentionPolicy(ledgerAge: 0), now: 9000).records == 0)
  }

  @Test func `what cannot be rendered stays unless it can be rendered again`() throws {
    var delivery = try failToRender()
    let letter = try #require(try database.queues.peek("dlq", now: 4000).first)
    #expect(try deadLetters.redrive("dlq", now: 5000).stayed[letter.messageID]?.contains("never rendered") == true)
    #expect(
      try deadLetters.redrive("dlq", now: 5000) { _, _ in .refused("still not") }.stayed == [
        letter.messageID: "still not"
      ]
    )
    #expect(try database.queues.peek("dlq", now: 5000) == [letter])
    #expect(try database.ledger.show("dlv-9")?.record.decision.state == .renderFailed)

    delivery.state = .pending
    delivery.ruleSetHash = "mended"
    delivery.targetID = "chat"
    delivery.payload = Array("rendered".utf8)
    delivery.parameters = [DeliveryParameter(name: "a", value: "b")]
    let result = try deadLetters.redrive("dlq", now: 9000) { record, event in
      #expect(record.decision.stepID == "tell")
      #expect(event == Array(#"{"id":"dlv-9"}"#.utf8))
      return .rendered(delivery)
    }
    #expect(result.deliveries == 1)
    #expect(result.stayed.isEmpty)
    #expect(try database.queues.peek("dlq", now: 9000).isEmpty)
    let due = try #require(try database.outbox.due(target: "chat", now: 9000, limit: 1).first)
    #expect(due.record.decision.payload == delivery.payload)
    #expect(due.record.decision.parameters == delivery.parameters)
    #expect(due.record.decision.ruleSetHash == "mended")
    #expect(due.record.decision.reason.isEmpty)
    #expect(due.record.queuedAt == 9000)
    #expect(due.event == Array(#"{"id":"dlv-9"}"#.utf8))
  }

  @Test func `one message can be chosen and unknown ones are named`() throws {
    for index in 1...3 { try giveUp("dlv-\(index)") }
    let letters = try database.queues.peek("dlq", now: 4000)
    let result = try deadLetters.redrive("dlq", messageIDs: [letters[1].messageID, "nothing"], now: 9000)
    #expect(result.deliveries == 1)
    #expect(result.stayed == ["nothing": "there is no such message in queue 'dlq'"])
    #expect(
      try database.outbox.due(target: "pager", now: 9000, limit: 9).map(\.record.decision.deliveryID) == ["dlv-2"]
    )
    #expect(try database.queues.peek("dlq", now: 4000).map(\.deliveryID) == ["dlv-1", "dlv-3"])
  }

  @Test func `what receivers failed on goes back to its queue`() throws {
    let redrive = QueueAttributes.RedrivePolicy(deadLetterQueue: "work-dlq", maxReceiveCount: 1)
    try database.queues.create("work", attributes: QueueAttributes(redrive: redrive), now: 0)
    try database.queues.send(message("poison"), to: "work", now: 0)
    _ = try database.queues.receive(from: "work", now: 0)
    #expect(try database.queues.receive(from: "work", now: 30_000).isEmpty)
    try database.queues.send(message("direct"), to: "work-dlq", now: 0)
    #expect(try deadLetters.list(now: 0).map(\.name) == ["work-dlq"])

    let result = try deadLetters.redrive("work-dlq", now: 40_000)
    #expect(result.messages == 1)
    #expect(result.stayed.values.map { $0.contains("sent to this queue directly") } == [true])
    let received = try #require(try database.queues.receive(from: "work", now: 40_000).first)
    #expect(received.message.text == "poison")
    #expect(received.message.receiveCount == 1)
    #expect(received.message.sourceQueue == nil)
  }

  @Test func `more letters than one transaction takes are all redriven`() throws {
    for index in 0..<7 { try giveUp("dlv-\(index)") }
    _ = try database.queues.receive(from: "dlq", limit: 2, now: 4000)
    #expect(try deadLetters.redrive("dlq", now: 5000).deliveries == 5)
    #expect(try deadLetters.redrive("dlq", now: 99_000).deliveries == 2)
  }

  @Test func `dropping deletes and leaves a note in the ledger`() throws {
    try giveUp("dlv-1")
    try giveUp("dlv-2")
    let first = try #require(try database.queues.peek("dlq", now: 4000).first)
    #expect(try deadLetters.drop("dlq", messageIDs: [first.messageID], now: 9000) == 1)
    #expect(
      try database.ledger.show("dlv-1")?.record.decision.reason
        == "no answer in 10s (dropped from dead-letter queue dlq)"
    )
    #expect(try database.ledger.show("dlv-2")?.record.decision.reason == "no answer in 10s")
    #expect(try deadLetters.drop("dlq", now: 9000) == 1)
    #expect(try database.queues.peek("dlq", now: 9000).isEmpty)
    #expect(throws: StorageError.self) { try deadLetters.drop("nothing", now: 0) }
  }
}

import Foundation
import Messaging
import Storage
import Testing
import TrailEvents

@Suite struct QueueServiceTests {
  typealias Fixture = QueueServiceFixture
  let fixture: QueueServiceFixture
  var service: QueueService { fixture.service }
  let me = QueueServiceFixture.me

  init() throws { fixture = try QueueServiceFixture() }

  /// Runs what must be refused and gives the code and text.
  func refusal(_ body: () async throws -> Void) async -> MessagingError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? MessagingError
    }
  }

  // MARK: Queues

  @Test func `a queue has SQS's attributes`() async throws {
    let queue = try await fixture.queue("q", ["VisibilityTimeout": "45", "DelaySeconds": "2"])
    #expect(queue.arn.description == "arn:aws:sqs:us-east-1:111122223333:q")
    #expect(queue.path == "/111122223333/q")
    try await fixture.send("a", to: queue)
    let values = try await service.attributes(of: queue, named: ["All"], as: me)
    #expect(
      values == [
        "VisibilityTimeout": "45", "DelaySeconds": "2", "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
        "QueueArn": queue.arn.description, "CreatedTimestamp": "1000", "LastModifiedTimestamp": "1000",
        "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "1",
      ]
    )
    let some = try await service.attributes(of: queue, named: ["QueueArn", "VisibilityTimeout"], as: me)
    #expect(some.count == 2)
  }

  @Test(
    arguments: [
      ("a b", [:], "InvalidParameterValue"), ("", [:], "InvalidParameterValue"),
      (String(repeating: "x", count: 81), [:], "InvalidParameterValue"), ("a.b", [:], "InvalidParameterValue"),
      ("q", ["VisibilityTimeout": "43201"], "InvalidAttributeValue"),
      ("q", ["DelaySeconds": "901"], "InvalidAttributeValue"), ("q", ["DelaySeconds": "x"], "InvalidAttributeValue"),
      ("q", ["MaximumMessageSize": "1023"], "InvalidAttributeValue"),
      ("q", ["MessageRetentionPeriod": "59"], "InvalidAttributeValue"),
      ("q", ["ReceiveMessageWaitTimeSeconds": "21"], "InvalidAttributeValue"),
      ("q", ["Policy": "{"], "InvalidAttributeValue"), ("q", ["Nonsense": "1"], "InvalidAttributeName"),
      ("q", ["FifoQueue": "false"], "InvalidAttributeName"), ("q", ["FifoQueue": "true"], "InvalidParameterValue"),
      ("q.fifo", [:], "InvalidParameterValue"), ("q", ["ContentBasedDeduplication": "true"], "InvalidAttributeName"),
      ("q", ["RedrivePolicy": #"{"maxReceiveCount":1}"#], "InvalidParameterValue"),
      (
        "q", ["RedrivePolicy": #"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:d","maxReceiveCount":1}"#],
        "InvalidParameterValue"
      ),
      ("q.fifo", ["FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"], "InvalidAttributeValue"),
    ] as [(String, [String: String], String)]
  )
  func `bad names and attributes are refused`(name: String, attributes: [String: String], code: String) async throws {
    let error = await refusal { _ = try await fixture.queue(name, attributes) }
    #expect(error?.code.rawValue == code)
    #expect(try await service.list(in: Fixture.home).items.isEmpty)
  }

  @Test func `making a queue again is fine with the same attributes only`() async throws {
    let first = try await fixture.queue("q", ["VisibilityTimeout": "45"])
    #expect(try await fixture.queue("q", ["VisibilityTimeout": "45"]) == first)
    #expect(try await fixture.queue("q") == first)
    let error = await refusal { _ = try await fixture.queue("q", ["VisibilityTimeout": "46"]) }
    #expect(error?.code.rawValue == "QueueNameExists")
    #expect(
      error?.message
        == "A queue already exists with the same name and a different value for attribute VisibilityTimeout"
    )
  }

  @Test func `a removed queue's name rests for a minute`() async throws {
    let queue = try await fixture.queue()
    try await service.delete(queue, as: me)
    #expect(await refusal { try await service.delete(queue, as: me) }?.code.rawValue == "QueueDoesNotExist")
    fixture.clock.advance(seconds: 59)
    #expect(await refusal { _ = try await fixture.queue() }?.code.rawValue == "QueueDeletedRecently")
    fixture.clock.advance(seconds: 1)
    _ = try await fixture.queue()
  }

  @Test func `accounts and Regions have queues of their own`() async throws {
    let other = Scope(account: "444455556666", region: "us-east-1")
    let elsewhere = Scope(account: "111122223333", region: "eu-west-1")
    for scope in [Fixture.home, other, elsewhere] { _ = try await service.create("q", in: scope) }
    try await fixture.send("mine", to: QueueAddress("q", in: Fixture.home))
    for scope in [other, elsewhere] {
      #expect(try await service.list(in: scope).items == [QueueAddress("q", in: scope)])
      let messages = try await service.receive(
        ReceiveRequest(),
        from: QueueAddress("q", in: scope),
        as: .account(scope.account)
      )
      #expect(messages.isEmpty)
    }
    // Rule files and commands see the home queues.
    #expect(try fixture.test.database.queues.list(now: 0).map(\.name) == ["q"])
    #expect(try fixture.test.database.queues.peek("q", now: fixture.clock.now).map(\.text) == ["mine"])
  }

  @Test func `a policy opens a queue to others, and nothing else does`() async throws {
    let queue = try await fixture.queue()
    let stranger = MessagingCaller.account("444455556666")
    let message = OutgoingMessage(body: Array("x".utf8))
    let error = await refusal { _ = try await service.send(message, to: queue, as: stranger) }
    #expect(error?.code == .accessDenied)
    try await service.addPermission("them", accounts: ["444455556666"], actions: ["SendMessage"], to: queue, as: me)
    _ = try await service.send(message, to: queue, as: stranger)
    #expect(
      await refusal { _ = try await service.receive(ReceiveRequest(), from: queue, as: stranger) }?.code
        == .accessDenied
    )
    #expect(
      await refusal {
        try await service.addPermission("them", accounts: ["444455556666"], actions: ["*"], to: queue, as: me)
      }?.code == .invalidParameterValue
    )
    try await service.removePermission("them", from: queue, as: me)
    #expect(await refusal { _ = try await service.send(message, to: queue, as: stranger) }?.code == .accessDenied)
    #expect(try await fixture.attribute("Policy", of: queue) == nil)

    let rule = try #require(ARN("arn:aws:events:us-east-1:111122223333:rule/r"))
    let policy = """
      {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},
      "Action":"sqs:SendMessage","Resource":"\(queue.arn)","Condition":{"ArnEquals":{"aws:SourceArn":"\(rule)"}}}]}
      """
    try await service.setAttributes(of: queue, to: ["Policy": policy], as: me)
    _ = try await service.send(message, to: queue, as: .service("events.amazonaws.com", for: rule))
    let another = try #require(ARN("arn:aws:events:us-east-1:111122223333:rule/other"))
    #expect(
      await refusal {
        _ = try await service.send(message, to: queue, as: .service("events.amazonaws.com", for: another))
      }?
      .code == .accessDenied
    )
  }

  @Test func `lists come in pages`() async throws {
    for index in 0..<5 { _ = try await fixture.queue("a\(index)") }
    _ = try await fixture.queue("b")
    #expect(try await service.list(in: Fixture.home, prefix: "a").items.count == 5)
    var names: [String] = []
    var token: String?
    repeat {
      let page = try await service.list(in: Fixture.home, prefix: "a", limit: 2, after: token)
      names += page.items.map(\.name)
      #expect(page.items.count <= 2)
      token = page.nextToken
    } while token != nil
    #expect(names == ["a0", "a1", "a2", "a3", "a4"])
    #expect(await refusal { _ = try await service.list(in: Fixture.home, limit: 0) } != nil)
  }

  @Test func `tags are put on, changed and taken off`() async throws {
    let queue = try await service.create("q", in: Fixture.home, tags: ["a": "1"])
    try await service.tag(queue, ["a": "2", "b": "3"], as: me)
    try await service.untag(queue, ["b", "c"], as: me)
    #expect(try await service.tags(of: queue, as: me) == ["a": "2"])
  }

  @Test func `a queue is purged once a minute`() async throws {
    let queue = try await fixture.queue()
    try await fixture.send("a", to: queue)
    try await service.purge(queue, as: me)
    #expect(try await fixture.texts(from: queue).isEmpty)
    #expect(await refusal { try await service.purge(queue, as: me) }?.code.rawValue == "PurgeQueueInProgress")
    fixture.clock.advance(seconds: 60)
    try await service.purge(queue, as: me)
  }

  // MARK: Messages

  @Test func `digests of attributes are SQS's`() async throws {
    let queue = try await fixture.queue()
    var message = OutgoingMessage(body: Array("hé".utf8))
    message.messageAttributes = [
      "s": MessageAttribute("v"), "b": MessageAttribute(dataType: "Binary", value: .binary([1, 2])),
      "n": MessageAttribute(dataType: "Number.int", value: .text("12")),
    ]
    let sent = try await service.send(message, to: queue, as: me)
    #expect(sent.md5OfBody == "eb3adb0d29526e24ed9b1fb1a9f0ac6c" || sent.md5OfBody.count == 32)
    let received = try #require(try await fixture.receive(from: queue).first?.message)
    #expect(received.messageAttributes == message.messageAttributes)
    #expect(received.senderID == "111122223333")
    // Computed with botocore's own check of the digest in mind: name, type, transport and value, each with its length.
    #expect(
      ["timestamp": MessageAttribute(dataType: "Number", value: .text("1493147359900"))].md5
        == "235c5c510d26fb653d073faed50ae77c"
    )
  }

  @Test(
    arguments: [
      (OutgoingMessage(body: []), "MissingParameter"),
      (OutgoingMessage(body: Array("a\u{1}b".utf8)), "InvalidMessageContents"),
      (OutgoingMessage(body: Array("a\u{FFFF}".utf8)), "InvalidMessageContents"),
      (OutgoingMessage(body: [UInt8](repeating: 65, count: 1_048_577)), "InvalidParameterValue"),
      (OutgoingMessage(body: [65], attributes: ["AWS.x": "1"]), "InvalidParameterValue"),
      (OutgoingMessage(body: [65], attributes: ["a..b": "1"]), "InvalidParameterValue"),
      (OutgoingMessage(body: [65], attributes: ["a": ""]), "InvalidParameterValue"),
      (OutgoingMessage(body: [65], delay: 901_000), "InvalidParameterValue"),
      (OutgoingMessage(body: [65], deduplicationID: "x"), "InvalidParameterValue"),
    ]
  )
  func `messages that SQS does not take are refused`(message: OutgoingMessage, code: String) async throws {
    let queue = try await fixture.queue()
    #expect(await refusal { _ = try await service.send(message, to: queue, as: me) }?.code.rawValue == code)
    #expect(try await fixture.attribute("ApproximateNumberOfMessages", of: queue) == "0")
  }

  @Test func `batches are refused as a whole or entry by entry`() async throws {
    let queue = try await fixture.queue()
    func entry(_ id: String, _ body: String = "x") -> BatchEntry<OutgoingMessage> {
      BatchEntry(id: id, OutgoingMessage(body: Array(body.utf8)))
    }
    func code(_ entries: [BatchEntry<OutgoingMessage>]) async -> String? {
      await refusal { _ = try await service.send(entries, to: queue, as: me) }?.code.rawValue
    }
    #expect(await code([]) == "EmptyBatchRequest")
    #expect(await code((0..<11).map { entry("\($0)") }) == "TooManyEntriesInBatchRequest")
    #expect(await code([entry("a"), entry("a")]) == "BatchEntryIdsNotDistinct")
    #expect(await code([entry("a b")]) == "InvalidBatchEntryId")
    let half = String(repeating: "x", count: 600_000)
    #expect(await code([entry("a", half), entry("b", half)]) == "BatchRequestTooLong")
    let results = try await service.send([entry("a"), entry("b", "\u{1}"), entry("c", "y")], to: queue, as: me)
    #expect(results.map(\.id) == ["a", "b", "c"])
    #expect(results.map { $0.outcome.failure?.code.rawValue } == [nil, "InvalidMessageContents", nil])
    #expect(try await fixture.texts(from: queue) == ["x", "y"])
  }

  @Test func `receipts delete, hide and expire`() async throws {
    let queue = try await fixture.queue()
    let other = try await fixture.queue("other")
    try await fixture.send("a", to: queue)
    let received = try #require(try await fixture.receive(from: queue).first)
    for bad in ["garbage", "", received.receiptHandle + "="] {
      #expect(
        await refusal { try await service.deleteMessage(bad, from: queue, as: me) }?.code.rawValue
          == "ReceiptHandleIsInvalid"
      )
    }
    #expect(
      await refusal { try await service.deleteMessage(received.receiptHandle, from: other, as: me) }?.code.rawValue
        == "ReceiptHandleIsInvalid"
    )
    let change = VisibilityChange(receiptHandle: received.receiptHandle, timeout: 0)
    try await service.changeVisibility(change, in: queue, as: me)
    #expect(
      await refusal { try await service.changeVisibility(change, in: queue, as: me) }?.code.rawValue
        == "MessageNotInflight"
    )
    let again = try #require(try await fixture.receive(from: queue).first)
    #expect(again.message.receiveCount == 2)
    fixture.clock.advance(seconds: 20)
    let late = VisibilityChange(receiptHandle: again.receiptHandle, timeout: 43_190)
    #expect(
      await refusal { try await service.changeVisibility(late, in: queue, as: me) }?.message.contains("Total") == true
    )
    try await service.deleteMessage(received.receiptHandle, from: queue, as: me)
    #expect(try await fixture.attribute("ApproximateNumberOfMessagesNotVisible", of: queue) == "1")
    let results = try await service.deleteMessages(
      [BatchEntry(id: "a", again.receiptHandle), BatchEntry(id: "b", "x")],
      from: queue,
      as: me
    )
    #expect(results.map { $0.outcome.failure?.code.rawValue } == [nil, "ReceiptHandleIsInvalid"])
    #expect(try await fixture.attribute("ApproximateNumberOfMessagesNotVisible", of: queue) == "0")
  }

  @Test func `a waiting receiver gets what is sent meanwhile`() async throws {
    let queue = try await fixture.queue()
    let (service, me) = (service, me)
    // Nothing but being woken ends the wait before its time, however busy the machine is.
    var request = ReceiveRequest(wait: 20)
    request.longestSleep = 20_000
    let patient = request
    func receive() async throws -> (texts: [String], at: ContinuousClock.Instant) {
      let messages = try await service.receive(patient, from: queue, as: me)
      return (messages.map(\.message.text), ContinuousClock.now)
    }
    async let received = receive()
    try await fixture.send("a", to: queue)
    let sent = ContinuousClock.now
    let first = try await received
    #expect(first.texts == ["a"])
    #expect(first.at - sent < .seconds(15))
    // What rules and commands write to the home queues counts, too.
    async let other = receive()
    _ = try fixture.test.database.queues.send(message("b"), to: "q", now: fixture.clock.now)
    let sentAgain = ContinuousClock.now
    let second = try await other
    #expect(second.texts == ["b"])
    #expect(second.at - sentAgain < .seconds(15))
  }

  @Test func `a receiver that waits in vain comes back, and a cancelled one at once`() async throws {
    let queue = try await fixture.queue("q", ["ReceiveMessageWaitTimeSeconds": "20"])
    let waiting = Task { [service, me] in try await service.receive(ReceiveRequest(), from: queue, as: me) }
    waiting.cancel()
    #expect(try await waiting.value.isEmpty)
    #expect(try await fixture.receive(from: queue, wait: 0).isEmpty)
  }

  // MARK: FIFO

  @Test func `a FIFO queue keeps each group's order and blocks groups in flight`() async throws {
    let queue = try await fixture.queue("q.fifo", ["FifoQueue": "true", "VisibilityTimeout": "10"])
    var numbers: [String] = []
    for (index, group) in ["a", "a", "b", "a", "b"].enumerated() {
      let sent = try await fixture.send("\(group)\(index)", to: queue, group: group, id: "\(index)")
      numbers.append(try #require(sent.sequenceNumber))
    }
    #expect(numbers == numbers.sorted() && Set(numbers.map(\.count)) == [20])
    let first = try await fixture.receive(1, from: queue)
    #expect(first.map(\.message.text) == ["a0"])
    #expect(try await fixture.texts(from: queue) == ["b2", "b4"])
    #expect(try await fixture.texts(from: queue).isEmpty)
    try await service.deleteMessage(first[0].receiptHandle, from: queue, as: me)
    #expect(try await fixture.texts(1, from: queue) == ["a1"])
    fixture.clock.advance(seconds: 10)
    #expect(try await fixture.texts(from: queue) == ["a1", "b2", "a3", "b4"])
    #expect(
      await refusal { try await service.deleteMessage(first[0].receiptHandle, from: queue, as: me) } == nil
    )
  }

  @Test func `an expired receipt of a FIFO queue is refused`() async throws {
    let queue = try await fixture.queue("q.fifo", ["FifoQueue": "true", "VisibilityTimeout": "10"])
    try await fixture.send("a", to: queue, group: "g", id: "1")
    let received = try #require(try await fixture.receive(from: queue).first)
    fixture.clock.advance(seconds: 10)
    let error = await refusal { try await service.deleteMessage(received.receiptHandle, from: queue, as: me) }
    #expect(error?.message.hasSuffix("The receipt handle has expired.") == true)
  }

  @Test(arguments: ["queue", "messageGroup"])
  func `duplicates within five minutes are dropped`(scope: String) async throws {
    let queue = try await fixture.queue(
      "q.fifo",
      ["FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": scope]
    )
    let first = try await fixture.send("x", to: queue, group: "a")
    let second = try await fixture.send("x", to: queue, group: "a")
    #expect(second.messageID == first.messageID && second.sequenceNumber == first.sequenceNumber)
    let otherGroup = try await fixture.send("x", to: queue, group: "b")
    #expect(otherGroup.isDuplicate == (scope == "queue"))
    #expect(try await !fixture.send("x", to: queue, group: "a", id: "own").isDuplicate)
    fixture.clock.advance(seconds: 299)
    #expect(try await fixture.send("x", to: queue, group: "a").isDuplicate)
    fixture.clock.advance(seconds: 1)
    #expect(try await !fixture.send("x", to: queue, group: "a").isDuplicate)
  }

  @Test func `a FIFO queue wants a group and an id`() async throws {
    let queue = try await fixture.queue("q.fifo", ["FifoQueue": "true"])
    #expect(await refusal { try await fixture.send("x", to: queue, id: "1") }?.code == .missingParameter)
    #expect(await refusal { try await fixture.send("x", to: queue, group: "g") }?.code == .invalidParameterValue)
    #expect(
      await refusal { try await fixture.send("x", to: queue, group: "g h", id: "1") }?.code == .invalidParameterValue
    )
  }

  @Test func `an attempt that is made again gets the same messages`() async throws {
    let queue = try await fixture.queue("q.fifo", ["FifoQueue": "true"])
    for index in 0..<3 { try await fixture.send("\(index)", to: queue, group: "g", id: "\(index)") }
    let first = try await fixture.receive(2, from: queue, attempt: "x")
    #expect(try await fixture.receive(2, from: queue, attempt: "x") == first)
    #expect(try await fixture.receive(2, from: queue, attempt: "y").isEmpty)
    #expect(try await fixture.receive(2, from: queue).isEmpty)
  }

  // MARK: Dead letters

  /// A queue whose messages go to a dead-letter queue after one receipt.
  func queueWithDeadLetters() async throws -> (queue: QueueAddress, deadLetters: QueueAddress) {
    let deadLetters = try await fixture.queue("dlq")
    let policy = #"{"deadLetterTargetArn":"\#(deadLetters.arn)","maxReceiveCount":"1"}"#
    return (try await fixture.queue("q", ["RedrivePolicy": policy, "VisibilityTimeout": "0"]), deadLetters)
  }

  @Test func `messages move to the dead-letter queue and back`() async throws {
    let (queue, deadLetters) = try await queueWithDeadLetters()
    #expect(
      try await fixture.attribute("RedrivePolicy", of: queue)
        == #"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dlq","maxReceiveCount":1}"#
    )
    #expect(try await service.deadLetterSources(of: deadLetters, as: me).items == [queue])
    for index in 0..<3 { try await fixture.send("\(index)", to: queue) }
    #expect(try await fixture.texts(from: queue).count == 3)
    #expect(try await fixture.texts(from: queue).isEmpty)
    let dead = try await fixture.receive(from: deadLetters, timeout: 0)
    #expect(dead.map(\.message.text) == ["0", "1", "2"])
    #expect(dead.map(\.message.sourceQueue) == ["q", "q", "q"])

    #expect(await refusal { _ = try await service.startMove(from: queue, to: nil, rate: nil, as: me) } != nil)
    let missing = QueueAddress("missing", in: QueueServiceFixture.home)
    for (parameter, source, destination) in [("SourceArn", missing, nil), ("DestinationArn", deadLetters, missing)] {
      let error = await refusal { _ = try await service.startMove(from: source, to: destination, rate: nil, as: me) }
      #expect(error?.message == "The resource that you specified for the \(parameter) parameter doesn't exist.")
    }
    let handle = try await service.startMove(from: deadLetters, to: nil, rate: nil, as: me)
    #expect(
      await refusal { _ = try await service.startMove(from: deadLetters, to: nil, rate: nil, as: me) }?.code.rawValue
        == "UnsupportedOperation"
    )
    while try await service.moveSome() != nil {}
    let task = try #require(try await service.moves(from: deadLetters, limit: 1, as: me).first)
    #expect(task.status == .completed && task.moved == 3 && task.toMove == 3 && task.handle == nil)
    #expect(try await fixture.texts(from: queue) == ["0", "1", "2"])
    #expect(
      await refusal { _ = try await service.cancelMove(handle, as: me) }?.code.rawValue == "UnsupportedOperation"
    )
    #expect(
      await refusal { _ = try await service.cancelMove("eA==", as: me) }?.code.rawValue == "ResourceNotFoundException"
    )
  }

  @Test func `a move goes at its rate until it is cancelled, and fails without a source`() async throws {
    let (queue, deadLetters) = try await queueWithDeadLetters()
    for index in 0..<5 { try await fixture.send("\(index)", to: deadLetters) }
    let handle = try await service.startMove(from: deadLetters, to: queue, rate: 2, as: me)
    #expect(try await service.moveSome() == .seconds(1))
    #expect(try await service.cancelMove(handle, as: me) == 2)
    #expect(try await service.moveSome() == nil)
    #expect(try await service.moves(from: deadLetters, limit: 1, as: me).map(\.status) == [.cancelled])
    _ = try await service.startMove(from: deadLetters, to: nil, rate: nil, as: me)
    _ = try await service.moveSome()
    let failed = try #require(try await service.moves(from: deadLetters, limit: 10, as: me).first)
    #expect(failed.status == .failed && failed.failure == "CouldNotDetermineMessageSource")
    #expect(try await fixture.attribute("ApproximateNumberOfMessages", of: deadLetters) == "3")
  }

  @Test func `a move whose destination goes fails and stops nobody else's`() async throws {
    let (queue, deadLetters) = try await queueWithDeadLetters()
    let other = try await fixture.queue("other")
    for index in 0..<5 { try await fixture.send("\(index)", to: deadLetters) }
    _ = try await service.startMove(from: deadLetters, to: other, rate: 1, as: me)
    _ = try await service.moveSome()
    try await service.delete(other, as: me)
    _ = try await service.moveSome()
    let task = try #require(try await service.moves(from: deadLetters, limit: 1, as: me).first)
    #expect(task.status == .failed && task.failure == "AWS.SimpleQueueService.NonExistentQueue" && task.moved == 1)
    _ = try await service.startMove(from: deadLetters, to: queue, rate: nil, as: me)
    while try await service.moveSome() != nil {}
    #expect(try await fixture.texts(from: queue) == ["1", "2", "3", "4"])
  }

  @Test func `a dead-letter queue says whose it is`() async throws {
    let deadLetters = try await fixture.queue("dlq", ["RedriveAllowPolicy": #"{"redrivePermission":"denyAll"}"#])
    let policy = #"{"deadLetterTargetArn":"\#(deadLetters.arn)","maxReceiveCount":1}"#
    #expect(
      await refusal { _ = try await fixture.queue("q", ["RedrivePolicy": policy]) }?.code == .invalidParameterValue
    )
    let mine = #"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:111122223333:q"]}"#
    try await service.setAttributes(of: deadLetters, to: ["RedriveAllowPolicy": mine], as: me)
    _ = try await fixture.queue("q", ["RedrivePolicy": policy])
    #expect(
      await refusal { _ = try await fixture.queue("p", ["RedrivePolicy": policy]) }?.code == .invalidParameterValue
    )
  }

  @Test func `what waits in one commit is kept or undone by itself`() async throws {
    let queue = try await fixture.queue()
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<200 {
        group.addTask { [service, me] in
          let body = index.isMultiple(of: 5) ? "" : "\(index)"
          return (try? await service.send(OutgoingMessage(body: Array(body.utf8)), to: queue, as: me)) != nil
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.count { $0 } == 160)
    #expect(try await fixture.attribute("ApproximateNumberOfMessages", of: queue) == "160")
  }
}

import Messaging
import Storage
import Testing
import TrailEvents

@Suite("Policies of queues")
struct QueuePolicyTests {
  typealias Action = @Sendable (QueueService, QueueAddress, MessagingCaller) async throws -> Void

  static let owner = QueueServiceFixture.me
  static let stranger = MessagingCaller.account("444455556666")
  static let message = OutgoingMessage(body: Array("x".utf8))

  let fixture: QueueServiceFixture

  init() throws { fixture = try QueueServiceFixture() }

  func isRefused(_ action: Action, _ queue: QueueAddress, _ caller: MessagingCaller) async throws -> Bool {
    do {
      try await action(fixture.service, queue, caller)
      return false
    } catch let error as MessagingError {
      if error.code == .accessDenied { return true }
      // It got as far as the operation's own checks.
      return false
    }
  }

  /// A queue whose policy has these statements.
  func queue(named name: String = "q", _ statements: String) async throws -> QueueAddress {
    try await fixture.queue(name, ["Policy": #"{"Version":"2012-10-17","Statement":[\#(statements)]}"#])
  }

  /// What is asked for, and whether a policy can give it to another account.
  static let actions: [(name: String, isGrantable: Bool, action: Action)] = [
    ("SendMessage", true, { _ = try await $0.send(message, to: $1, as: $2) }),
    ("SendMessageBatch", true, { _ = try await $0.send([BatchEntry(id: "a", message)], to: $1, as: $2) }),
    ("ReceiveMessage", true, { _ = try await $0.receive(ReceiveRequest(), from: $1, as: $2) }),
    ("DeleteMessage", true, { try await $0.deleteMessage("AAAA", from: $1, as: $2) }),
    (
      "ChangeMessageVisibility", true,
      { try await $0.changeVisibility(VisibilityChange(receiptHandle: "AAAA", timeout: 1), in: $1, as: $2) }
    ),
    ("GetQueueAttributes", true, { _ = try await $0.attributes(of: $1, named: ["All"], as: $2) }),
    ("GetQueueUrl", true, { _ = try await $0.address(of: $1.name, in: $1.scope, as: $2) }),
    ("ListDeadLetterSourceQueues", true, { _ = try await $0.deadLetterSources(of: $1, as: $2) }),
    ("PurgeQueue", true, { try await $0.purge($1, as: $2) }),
    (
      "AddPermission", false,
      { try await $0.addPermission("l", accounts: ["444455556666"], actions: ["*"], to: $1, as: $2) }
    ),
    ("RemovePermission", false, { try await $0.removePermission("l", from: $1, as: $2) }),
    ("SetQueueAttributes", false, { try await $0.setAttributes(of: $1, to: ["DelaySeconds": "1"], as: $2) }),
    ("TagQueue", false, { try await $0.tag($1, ["a": "b"], as: $2) }),
    ("UntagQueue", false, { try await $0.untag($1, ["a"], as: $2) }),
    ("ListQueueTags", false, { _ = try await $0.tags(of: $1, as: $2) }),
    ("StartMessageMoveTask", false, { _ = try await $0.startMove(from: $1, to: nil, rate: nil, as: $2) }),
    ("ListMessageMoveTasks", false, { _ = try await $0.moves(from: $1, limit: 1, as: $2) }),
    ("DeleteQueue", false, { try await $0.delete($1, as: $2) }),
  ]

  @Test(arguments: actions.map(\.name))
  func `A star opens to others what can be given to them`(name: String) async throws {
    let (_, isGrantable, action) = try #require(Self.actions.first { $0.name == name })
    let queue = try await queue(#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#)
    #expect(try await isRefused(action, queue, Self.stranger) == !isGrantable)
    #expect(try await !isRefused(action, queue, Self.owner))
  }

  @Test(arguments: actions.map(\.name))
  func `Nothing is open without a policy, and a Deny wins over the owner, too`(name: String) async throws {
    let (_, _, action) = try #require(Self.actions.first { $0.name == name })
    let closed = try await fixture.queue("closed")
    #expect(try await isRefused(action, closed, Self.stranger))
    let denied = try await queue(
      #"{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"sqs:*"}"#
    )
    #expect(try await isRefused(action, denied, Self.stranger))
    #expect(try await isRefused(action, denied, Self.owner))
  }

  @Test func `A move task stays in its account, and only the owner cancels it`() async throws {
    let letters = try await queue(named: "dlq", #"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#)
    let redrive = #"{"deadLetterTargetArn":"\#(letters.arn)","maxReceiveCount":1}"#
    _ = try await fixture.queue("q", ["RedrivePolicy": redrive])
    let theirs = Scope(account: "444455556666", region: "us-east-1")
    let policy = #"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#
    let other = try await fixture.service.create("other", in: theirs, attributes: ["Policy": policy])
    await #expect(throws: MessagingError.self) {
      try await fixture.service.startMove(from: letters, to: other, rate: nil, as: Self.owner)
    }
    let handle = try await fixture.service.startMove(from: letters, to: nil, rate: nil, as: Self.owner)
    let cancel: Action = { service, _, caller in _ = try await service.cancelMove(handle, as: caller) }
    #expect(try await isRefused(cancel, letters, Self.stranger))
    #expect(try await !isRefused(cancel, letters, Self.owner))
  }

  @Test(arguments: ["SetQueueAttributes", "DeleteQueue", "Nonsense"])
  func `AddPermission gives away only what can be given`(action: String) async throws {
    let queue = try await fixture.queue()
    let error = await #expect(throws: MessagingError.self) {
      try await fixture.service.addPermission(
        "l",
        accounts: ["444455556666"],
        actions: [action],
        to: queue,
        as: Self.owner
      )
    }
    #expect(error?.message.contains("Only the queue owner is allowed to invoke this action.") == true)
  }

  @Test func `A rule or a topic is judged by what it is`() async throws {
    let rule = try #require(ARN("arn:aws:events:us-east-1:111122223333:rule/r"))
    let send: Action = { _ = try await $0.send(Self.message, to: $1, as: $2) }
    let events = MessagingCaller.service("events.amazonaws.com", for: rule)
    let table: [(statement: String, isOpen: Bool)] = [
      (#""Principal":{"Service":"events.amazonaws.com"}"#, true),
      (#""Principal":{"Service":"sns.amazonaws.com"}"#, false),
      (#""Principal":{"AWS":"111122223333"}"#, false),
      (
        #""Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/*"},"#
          + #""StringEquals":{"aws:SourceAccount":"111122223333"},"Bool":{"aws:SecureTransport":"true"}}"#,
        true
      ),
      (#""Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}}"#, false),
      (#""Principal":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"1970-01-01T00:16:39Z"}}"#, false),
      (#""Principal":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"1970-01-01T00:16:41Z"}}"#, true),
    ]
    for (index, row) in table.enumerated() {
      let queue = try await queue(
        named: "q\(index)",
        #"{"Effect":"Allow","Action":"sqs:SendMessage",\#(row.statement)}"#
      )
      #expect(try await isRefused(send, queue, events) == !row.isOpen, "\(row.statement)")
    }
  }

  @Test func `A receiver that is gone before its messages are written leaves them to the next one`() async throws {
    let queue = try await fixture.queue()
    try await fixture.send("m", to: queue)
    let service = fixture.service
    let gone = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await service.receive(ReceiveRequest(wait: 20), from: queue, as: Self.owner)
    }
    #expect(try await gone.value.isEmpty)
    let received = try #require(try await fixture.receive(from: queue).first)
    #expect(received.message.text == "m" && received.message.receiveCount == 2)
  }
}

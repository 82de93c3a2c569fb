import Messaging
import Storage
import Testing
import TrailEvents

@Suite("Policies of topics")
struct TopicPolicyTests {
  typealias Action = @Sendable (TopicService, TopicAddress, MessagingCaller) async throws -> Void

  static let home = QueueServiceFixture.home
  static let owner = QueueServiceFixture.me
  static let stranger = MessagingCaller.account("444455556666")

  let fixture: QueueServiceFixture
  let service: TopicService

  init() throws {
    let fixture = try QueueServiceFixture()
    self.fixture = fixture
    service = try TopicService(
      database: fixture.test.database,
      queues: fixture.service,
      endpoint: "http://127.0.0.1:4010"
    ) { [clock = fixture.clock] in clock.now }
  }

  func isRefused(_ action: Action, _ topic: TopicAddress, _ caller: MessagingCaller) async throws -> Bool {
    do {
      try await action(service, topic, caller)
      return false
    } catch let error as MessagingError {
      return error.code == .accessDenied
    }
  }

  func topic(_ statements: String) async throws -> TopicAddress {
    try await service.create("t", in: Self.home, attributes: ["Policy": #"{"Statement":[\#(statements)]}"#])
  }

  /// What is asked for, and whether a star in a policy gives it to another account.
  static let actions: [(name: String, isOpened: Bool, action: Action)] = [
    ("Publish", true, { _ = try await $0.publish(PublishRequest("x"), to: $1, as: $2) }),
    ("GetTopicAttributes", true, { _ = try await $0.attributes(of: $1, as: $2) }),
    ("ListSubscriptionsByTopic", true, { _ = try await $0.subscriptions(of: $1, as: $2) }),
    (
      "Subscribe", true,
      { _ = try await $0.subscribe(to: $1, protocol: "email", endpoint: "a@example.com", as: $2) }
    ),
    ("SetTopicAttributes", false, { try await $0.setAttribute("DisplayName", to: "d", of: $1, as: $2) }),
    (
      "AddPermission", false,
      { try await $0.addPermission("l", accounts: ["444455556666"], actions: ["Publish"], to: $1, as: $2) }
    ),
    ("RemovePermission", false, { try await $0.removePermission("l", from: $1, as: $2) }),
    ("DeleteTopic", false, { try await $0.delete($1, as: $2) }),
  ]

  @Test(arguments: actions.map(\.name))
  func `A star opens to others what does not change the topic`(name: String) async throws {
    let (_, isOpened, action) = try #require(Self.actions.first { $0.name == name })
    let topic = try await topic(#"{"Effect":"Allow","Principal":"*","Action":"SNS:*","Resource":"*"}"#)
    #expect(try await isRefused(action, topic, Self.stranger) == !isOpened)
    #expect(try await !isRefused(action, topic, Self.owner))
  }

  @Test(arguments: actions.map(\.name))
  func `An action that is named is open, unless a Deny says otherwise`(name: String) async throws {
    let (_, _, action) = try #require(Self.actions.first { $0.name == name })
    let topic = try await topic(#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sns:\#(name)"}"#)
    #expect(try await !isRefused(action, topic, Self.stranger))
    #expect(try await isRefused(action, topic, .account("777788889999")) == (name != "DeleteTopic"))
    let denied = try await service.create(
      "denied",
      in: Self.home,
      attributes: [
        "Policy": #"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:\#(name)"},"#
          + #"{"Effect":"Deny","Principal":"*","Action":"sns:*"}]}"#
      ]
    )
    #expect(try await isRefused(action, denied, Self.stranger))
    #expect(try await isRefused(action, denied, Self.owner))
  }

  @Test func `Protocol and endpoint of a subscription are known to conditions`() async throws {
    let topic = try await topic(
      #"{"Effect":"Allow","Principal":"*","Action":"SNS:Subscribe","Condition":{"StringEquals":{"sns:Protocol":"email"},"#
        + #""StringLike":{"sns:Endpoint":"*@example.com"}}}"#
    )
    let table = [
      ("email", "a@example.com", true), ("email", "a@example.org", false), ("email-json", "a@example.com", false),
    ]
    for (name, endpoint, isOpen) in table {
      let subscribe: Action = { _ = try await $0.subscribe(to: $1, protocol: name, endpoint: endpoint, as: $2) }
      #expect(try await isRefused(subscribe, topic, Self.stranger) == !isOpen, "\(name) \(endpoint)")
    }
  }

  @Test func `Dead letters go to no queue of another account`() async throws {
    let topic = try await service.create("t", in: Self.home)
    let policy = #"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:444455556666:theirs"}"#
    let error = await #expect(throws: MessagingError.self) {
      try await service.subscribe(
        to: topic,
        protocol: "http",
        endpoint: "http://localhost:1/",
        attributes: ["RedrivePolicy": policy],
        as: Self.owner
      )
    }
    #expect(error?.code == .invalidParameter)
    let made = try await service.subscribe(
      to: topic,
      protocol: "http",
      endpoint: "http://localhost:1/",
      as: Self.owner
    )
    await #expect(throws: MessagingError.self) {
      try await service.setAttribute("RedrivePolicy", to: policy, of: made.address, as: Self.owner)
    }
  }

  @Test func `A queue is subscribed without a question by its own account only`() async throws {
    let topic = try await topic(#"{"Effect":"Allow","Principal":"*","Action":"SNS:Subscribe"}"#)
    let queue = try await fixture.queue("q")
    let theirs = try await fixture.service.create("theirs", in: Scope(account: "444455556666", region: "us-east-1"))
    for (address, isConfirmed) in [(queue, false), (theirs, true)] {
      let made = try await service.subscribe(
        to: topic,
        protocol: "sqs",
        endpoint: address.arn.description,
        as: Self.stranger
      )
      #expect(made.isConfirmed == isConfirmed)
    }
  }
}

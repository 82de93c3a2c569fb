// Who may end a subscription, what its endpoint is told, and how it comes back.

import EventPatterns
import Messaging
import Storage
import Testing
import TrailEvents

@Suite struct ConfirmationTests {
  let fixture: QueueServiceFixture
  let service: TopicService
  let home = QueueServiceFixture.home
  let me = QueueServiceFixture.me

  init() throws {
    let fixture = try QueueServiceFixture()
    self.fixture = fixture
    service = try Self.service(fixture)
  }

  private static func service(_ fixture: QueueServiceFixture) throws -> TopicService {
    try TopicService(
      database: fixture.test.database,
      queues: fixture.service,
      endpoint: "http://127.0.0.1:4010",
      secrets: SecretBox()
    ) { [clock = fixture.clock] in clock.now }
  }

  /// What an endpoint was sent last.
  private func last(to subscription: SubscriptionSummary) throws -> (type: String?, body: JSONValue)? {
    let lane = "sns:\(subscription.address.arn)"
    let due = try fixture.test.database.outbox.due(target: lane, now: fixture.clock.now, limit: 10)
    return try due.last.map { delivery in
      let decision = delivery.record.decision
      return (decision.parameters.first?.value, try JSONValue(parsing: decision.payload))
    }
  }

  /// A topic with an HTTP subscription, confirmed by a call that was signed or not.
  private func subscribed(
    isAuthenticated: Bool = false,
    as subscriber: MessagingCaller? = nil
  ) async throws -> SubscriptionSummary {
    let topic = try await service.create("t", in: home)
    let policy = """
      {"Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Subscribe","Resource":"*"}]}
      """
    try await service.setAttribute("Policy", to: policy, of: topic, as: me)
    let subscription = try await service.subscribe(
      to: topic,
      protocol: "http",
      endpoint: "http://127.0.0.1:9/",
      as: subscriber ?? me
    )
    let token = try #require(try last(to: subscription)?.body["Token"]?.string)
    return try await service.confirm(token, of: topic, isAuthenticated: isAuthenticated)
  }

  private func isThere(_ subscription: SubscriptionSummary) async throws -> Bool {
    try await service.subscriptions(in: home).items.contains { $0.address == subscription.address }
  }

  // MARK: Who may

  @Test(arguments: [false, true])
  func `without a signature only a subscription ends whose confirmation was not authenticated`(
    isAuthenticated: Bool
  ) async throws {
    let subscription = try await subscribed(isAuthenticated: isAuthenticated)
    let attributes = try await service.attributes(of: subscription.address, as: me)
    #expect(attributes["ConfirmationWasAuthenticated"] == "\(isAuthenticated)")
    var refusal: MessagingError?
    do throws(MessagingError) { try await service.unsubscribe(subscription.address, as: nil) } catch { refusal = error }
    #expect(refusal?.code == (isAuthenticated ? .accessDenied : nil))
    #expect(try await isThere(subscription) == isAuthenticated)
  }

  @Test func `a token that comes again without a signature opens nothing`() async throws {
    let topic = try await service.create("t", in: home)
    let subscription = try await service.subscribe(
      to: topic,
      protocol: "http",
      endpoint: "http://127.0.0.1:9/",
      as: me
    )
    let token = try #require(try last(to: subscription)?.body["Token"]?.string)
    _ = try await service.confirm(token, of: topic, isAuthenticated: true)
    _ = try await service.confirm(token, of: topic)
    await #expect(throws: MessagingError.self) { try await service.unsubscribe(subscription.address, as: nil) }
  }

  @Test func `a queue that its account subscribed, and what is not confirmed, end by signed calls only`() async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await fixture.queue("q")
    let endpoints = [("sqs", queue.arn.description), ("http", "http://127.0.0.1:9/")]
    for (name, endpoint) in endpoints {
      let subscription = try await service.subscribe(to: topic, protocol: name, endpoint: endpoint, as: me)
      await #expect(throws: MessagingError.self) { try await service.unsubscribe(subscription.address, as: nil) }
      try await service.unsubscribe(subscription.address, as: me)
      #expect(try await !isThere(subscription))
    }
  }

  // MARK: What is told

  @Test func `an endpoint is told that its subscription was ended, and restores it`() async throws {
    let subscription = try await subscribed()
    let topic = subscription.address.topic
    try await service.setAttribute("SignatureVersion", to: "2", of: topic, as: me)
    try await service.setAttribute("FilterPolicy", to: #"{"a":["b"]}"#, of: subscription.address, as: me)
    try await service.unsubscribe(subscription.address, serverEndpoint: "http://here", as: nil)
    let (type, body) = try #require(try last(to: subscription))
    let token = try #require(body["Token"]?.string)
    #expect(type == "UnsubscribeConfirmation" && body["Type"]?.string == "UnsubscribeConfirmation")
    #expect(
      body["Message"]?.string
        == "You have chosen to deactivate subscription \(subscription.address.arn).\nTo cancel this operation and "
        + "restore the subscription, visit the SubscribeURL included in this message."
    )
    #expect(
      body["SubscribeURL"]?.string == "http://here/?Action=ConfirmSubscription&TopicArn=\(topic.arn)&Token=\(token)"
    )
    #expect(body["SignatureVersion"]?.string == "2")
    // The way to the endpoint is there for that message, after a restart, too.
    let restarted = try Self.service(fixture)
    #expect(restarted.route(of: "sns:\(subscription.address.arn)")?.endpoint == "http://127.0.0.1:9/")
    let restored = try await restarted.confirm(token, of: topic)
    #expect(restored == subscription)
    let attributes = try await restarted.attributes(of: restored.address, as: me)
    #expect(attributes["FilterPolicy"] == #"{"a":["b"]}"# && attributes["PendingConfirmation"] == "false")
  }

  @Test func `a token restores nothing after two days, nor beside a new subscription`() async throws {
    let subscription = try await subscribed()
    let topic = subscription.address.topic
    try await service.unsubscribe(subscription.address, as: nil)
    let token = try #require(try last(to: subscription)?.body["Token"]?.string)
    let again = try await service.subscribe(to: topic, protocol: "http", endpoint: "http://127.0.0.1:9/", as: me)
    await #expect(throws: MessagingError.self) { try await service.confirm(token, of: topic) }
    try await service.unsubscribe(again.address, as: me)
    fixture.clock.advance(seconds: 2 * 86_400)
    await #expect(throws: MessagingError.self) { try await service.confirm(token, of: topic) }
  }

  @Test(arguments: [("111122223333", false), ("444455556666", true)])
  func `the owner of a subscription is not told, and is if the topic's owner ends it`(
    owner: String,
    isTold: Bool
  ) async throws {
    let subscription = try await subscribed(as: .account(owner))
    try await service.unsubscribe(subscription.address, as: me)
    let expected = isTold ? "UnsubscribeConfirmation" : "SubscriptionConfirmation"
    #expect(try #require(try last(to: subscription)).type == expected)
  }
}

import Delivery
import Foundation
import HTTPTesting
import Messaging
import Outbound
import Storage
import Testing
import TrailEvents

@testable import Targets

@Suite struct SubscriptionTargetTests {
  /// Subscribes a local endpoint and posts what waits for it.
  func post(
    answering status: Int,
    _ body: (Route, DeliveryRequest, LocalHTTPServer) async throws -> Void
  ) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "signalbox-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let database = try EmbeddedDatabase(directory: path)
    let home = Scope(account: "111122223333", region: "us-east-1")
    let queues = QueueService(database: database, home: home) { 1000 }
    let topics = try TopicService(database: database, queues: queues, endpoint: "http://127.0.0.1:1") { 1000 }
    let server = try LocalHTTPServer { _ in .status(status, body: Array("ok".utf8)) }
    let http = try HTTPClient()

    let topic = try await topics.create("t", in: home)
    let subscription = try await topics.subscribe(
      to: topic,
      protocol: "http",
      endpoint: server.origin + "/hook",
      attributes: ["DeliveryPolicy": #"{"healthyRetryPolicy":{"numRetries":2,"minDelayTarget":1,"maxDelayTarget":9}}"#],
      as: .account(home.account)
    )
    let lane = "sns:\(subscription.address.arn)"
    let resolver = SubscriptionRoutes.resolver(topics, http: http, network: .any) { Delivery.Instant(seconds: 1) }
    #expect(resolver(.run, lane) == nil && resolver(.send, "other") == nil)
    let route = try #require(resolver(.send, lane))
    let due = try #require(try database.outbox.due(target: lane, now: 1000, limit: 1).first?.record)
    let request = DeliveryRequest(
      deliveryID: due.decision.deliveryID,
      ruleID: "",
      stepID: due.decision.stepID,
      eventID: due.decision.eventID,
      decidedAt: 1,
      attempt: 1,
      payload: due.decision.payload,
      event: [],
      parameters: due.decision.parameters.map { ($0.name, $0.value) }
    )
    try await body(route, request, server)
    server.stop()
    await http.shutdown()
    try database.close()
  }

  @Test func `the endpoint gets the message with SNS's headers`() async throws {
    try await post(answering: 200) { route, request, server in
      _ = try await route.target.deliver(request)
      #expect(route.retry.attemptLimit == 3 && route.retry.longestBackoff == .seconds(9))
      #expect(route.deadLetterQueue == nil)
      let seen = try #require(server.requests.first)
      #expect(seen.method == "POST" && seen.target == "/hook" && seen.body == request.payload)
      #expect(seen.header("x-amz-sns-message-type") == "SubscriptionConfirmation")
      #expect(seen.header("x-amz-sns-topic-arn") == "arn:aws:sns:us-east-1:111122223333:t")
      #expect(seen.header("content-type") == "text/plain; charset=UTF-8")
    }
  }

  @Test(arguments: [(400, false), (404, false), (429, true), (500, true), (503, true)])
  func `failures are tried again as SNS does`(status: Int, isRetryable: Bool) async throws {
    try await post(answering: status) { route, request, _ in
      do {
        _ = try await route.target.deliver(request)
        Issue.record("HTTP \(status) is no success")
      } catch let failure as DeliveryFailure {
        #expect(failure.isRetryable == isRetryable)
      }
    }
  }
}

// HTTP endpoints that are subscribed to topics. A delivery is one POST with SNS's headers; everything about when it is
// tried again is the subscription's delivery policy.

public import Delivery
public import Messaging
public import Outbound
import Storage

/// The ways to HTTP subscriptions.
public enum SubscriptionRoutes {
  /// Finds the route of a lane that belongs to a subscription; nothing for other lanes.
  ///
  /// - Parameter network: which addresses subscriptions may reach.
  public static func resolver(
    _ topics: TopicService,
    http: HTTPClient,
    network: AddressPolicy,
    now: @escaping @Sendable () -> Instant
  ) -> RouteTable.Resolver {
    { kind, lane in
      guard kind == .send, let subscription = topics.route(of: lane) else { return nil }
      let retries = subscription.retries
      return Route(
        target: SubscriptionTarget(subscription: subscription, http: http, network: network, now: now),
        limits: LaneLimits(
          concurrency: 8,
          rate: retries.ratePerSecond.map { TokenBucket(count: $0, per: .seconds(1), burst: $0) }
        ),
        retry: RetryPolicy(
          ageLimit: .seconds(3600),
          attemptLimit: retries.count + 1,
          firstBackoff: .seconds(retries.shortestDelay),
          longestBackoff: .seconds(retries.longestDelay)
        ),
        deadLetterQueue: subscription.deadLetterQueue
      )
    }
  }
}

/// Posts to a subscribed endpoint.
struct SubscriptionTarget: Target {
  let subscription: HTTPSubscription
  let http: HTTPClient
  let network: AddressPolicy
  let now: @Sendable () -> Instant

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    var headers = [
      HTTPHeader("Content-Type", subscription.retries.contentType ?? "text/plain; charset=UTF-8"),
      HTTPHeader("User-Agent", "Amazon Simple Notification Service Agent"),
    ]
    let parameters = request.parameters.filter { $0.name != DeadLetter.messageAttributes }
    headers += parameters.map { HTTPHeader($0.name, $0.value) }
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(
        HTTPRequest(
          method: "POST",
          url: subscription.endpoint,
          headers: headers,
          body: request.payload,
          timeout: .seconds(15),
          network: network,
          responseCap: WebhookTarget.answerCap
        )
      )
    } catch {
      throw WebhookOutcome.failure(for: error, retryOn: .standard)
    }
    let answer = String(decoding: response.body, as: UTF8.self)
    // SNS takes 4xx for good, except 429: the endpoint will not change its mind about the same message.
    if (400..<500).contains(response.status), response.status != 429 {
      throw DeliveryFailure(.errorFromTarget, "HTTP \(response.status)", retryable: false, output: answer)
    }
    if let failure = WebhookOutcome.failure(for: response, retryOn: .standard, answer: answer, now: now().seconds) {
      throw failure
    }
    return DeliveryReceipt(summary: "HTTP \(response.status)", output: answer)
  }
}

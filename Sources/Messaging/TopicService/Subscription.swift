// A subscription's row, and what its attributes mean.

internal import Foundation
internal import GRDB
internal import Storage
internal import Synchronization
internal import TrailEvents

/// A subscription as publishing needs it.
struct Subscription: Sendable {
  var key: Int64
  var address: SubscriptionAddress
  var `protocol`: String
  var endpoint: String
  var owner: String
  var isConfirmed: Bool
  /// Whether only whoever signs may end it.
  var isAuthenticated: Bool
  var token: String?
  /// As clients have set them, by name.
  var attributes: [String: String]

  /// The columns that `init(_:of:)` reads.
  static let columns =
    "subscription, identifier, protocol, endpoint, owner, is_confirmed, token, attributes, is_authenticated"

  init(_ row: Row, of topic: TopicAddress) throws {
    key = row[0]
    address = SubscriptionAddress(row[1], of: topic)
    `protocol` = row[2]
    endpoint = row[3]
    owner = row[4]
    isConfirmed = row[5]
    token = row[6]
    attributes = try TopicService.values(in: row[7])
    isAuthenticated = row[8]
  }

  /// Whether subscribers get the message alone, without SNS's envelope.
  var isRaw: Bool { attributes["RawMessageDelivery"] == "true" }

  /// The dead-letter queue for what cannot be delivered.
  var deadLetterQueue: QueueAddress? {
    attributes["RedrivePolicy"].flatMap { TopicService.deadLetterQueue(in: $0) }
  }

  /// The lane of the outbox that its deliveries wait in.
  var lane: String { "sns:\(address.arn)" }

  /// As clients see it.
  var summary: SubscriptionSummary {
    SubscriptionSummary(
      address: address,
      protocol: `protocol`,
      endpoint: endpoint,
      owner: owner.isEmpty ? address.topic.scope.account : owner,
      isConfirmed: isConfirmed
    )
  }
}

/// What a delivery to an HTTP endpoint of a subscription goes by.
public struct HTTPSubscription: Sendable, Equatable {
  /// Which subscription it is.
  public var address: SubscriptionAddress
  /// The URL.
  public var endpoint: String
  /// How failures are tried again.
  public var retries: DeliveryRetries
  /// The dead-letter queue as deliveries name it; nil when what is given up is only recorded.
  public var deadLetterQueue: String?

  /// The names of a delivery's parameters that become headers.
  public static let headers = [
    "x-amz-sns-message-type", "x-amz-sns-message-id", "x-amz-sns-topic-arn", "x-amz-sns-subscription-arn",
    "x-amz-sns-rawdelivery",
  ]
}

extension TopicService {
  /// How deliveries of a lane go, if it is one of an HTTP subscription.
  public func route(of lane: String) -> HTTPSubscription? { routes.withLock { $0[lane] } }

  /// The path where the certificate of signed messages is served, and the certificate (PEM).
  public func signingCertificate() throws(MessagingError) -> (path: String, pem: String) {
    do {
      return try signer.certificate()
    } catch {
      throw MessagingError(error)
    }
  }

  func httpSubscriptions(_ db: Database) throws -> [String: HTTPSubscription] {
    var known: [String: HTTPSubscription] = [:]
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT \(Subscription.columns.split(separator: ", ").map { "s.\($0)" }.joined(separator: ", ")),
          t.account, t.region, t.name, t.attributes
        FROM subscriptions AS s JOIN topics AS t ON t.topic = s.topic WHERE s.protocol IN ('http', 'https')
        """
    )
    // Those that were ended are still to be told so.
    let ended = try Row.fetchAll(
      db,
      sql: """
        SELECT 0, s.identifier, s.protocol, s.endpoint, s.owner, 0, s.token, s.attributes, 0,
          t.account, t.region, t.name, t.attributes
        FROM ended_subscriptions AS s JOIN topics AS t ON t.topic = s.topic WHERE s.protocol IN ('http', 'https')
        """
    )
    for row in rows + ended {
      let account: String = row[9]
      let topic = TopicAddress(row[11], in: account.isEmpty ? queues.home : .init(account: account, region: row[10]))
      let subscription = try Subscription(row, of: topic)
      known[subscription.lane] = route(of: subscription, topicAttributes: try Self.values(in: row[12]))
    }
    return known
  }

  func route(of subscription: Subscription, topicAttributes: [String: String]) -> HTTPSubscription {
    let policy = subscription.attributes["DeliveryPolicy"] ?? topicAttributes["DeliveryPolicy"]
    return HTTPSubscription(
      address: subscription.address,
      endpoint: subscription.endpoint,
      retries: policy.flatMap { try? DeliveryRetries(parsing: $0) } ?? DeliveryRetries(),
      deadLetterQueue: subscription.deadLetterQueue.flatMap { queue in
        // An earlier version took those of other accounts, too.
        queue.scope.account == subscription.summary.owner ? queue : nil
      }.map { queues.deadLetterReference(to: $0) }
    )
  }
}

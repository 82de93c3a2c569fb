// Messages for topics of this installation, published by the transaction that decides about them.

internal import GRDB
internal import Messaging
internal import TrailEvents

/// Publishes to topics within a transaction.
struct TopicPublishing: Sendable {
  /// The topics; nothing if there are none.
  let topics: TopicService?
  /// What was signed before the transaction.
  private let signatures: TopicService.SignatureCache?

  /// Signs what is going to be published.
  init(_ topics: TopicService?, _ publications: [RoutingOutcome.Publication], now: Int64) async {
    self.topics = topics
    let messages = publications.compactMap { publication in
      TopicAddress(arn: publication.topic.description).map { topic in
        (request: PublishRequest(publication.message), id: Self.id(of: publication), topic: topic)
      }
    }
    // What cannot be signed now is signed within the transaction.
    signatures = messages.isEmpty ? nil : try? await topics?.signatures(for: messages, now: now)
  }

  /// Publishes; throws ``RefusedDelivery`` when the topic does not take the message, and then has written nothing.
  ///
  /// - Returns: the lanes that have new rows.
  func publish(_ publication: RoutingOutcome.Publication, now: Int64, _ db: Database) throws -> [String] {
    guard let topics, var signatures, let topic = TopicAddress(arn: publication.topic.description) else {
      throw RefusedDelivery(code: "NO_RESOURCE", message: "there is no topic \(publication.topic)")
    }
    do {
      return try topics.publish(
        PublishRequest(publication.message),
        id: Self.id(of: publication),
        to: topic,
        as: publication.sender,
        now: now,
        &signatures,
        db
      ).lanes
    } catch let error as MessagingError where error.isSenderFault {
      throw RefusedDelivery(error, by: publication.topic)
    }
  }

  /// The same delivery is the same message.
  private static func id(of publication: RoutingOutcome.Publication) -> String {
    TopicService.identifier(of: publication.deliveryID)
  }
}

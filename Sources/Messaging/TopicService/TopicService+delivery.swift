// What becomes of a message for one subscription: in its queue, in the outbox, with its dead letters, or on record.

internal import Crypto
internal import GRDB
internal import Storage
internal import Synchronization
internal import TrailEvents

extension TopicService {
  /// Puts a message into a subscribed queue; what that refuses is a dead letter.
  func deliver(
    _ message: OutgoingMessage,
    of notification: Notification,
    to subscription: Subscription,
    as caller: MessagingCaller,
    now: Int64,
    _ db: Database
  ) throws {
    do {
      if subscription.protocol == "queue" {
        // The queue of a rule file, which needs no policy.
        var message = message
        let subscriber = Subscriber.queue(subscription.endpoint)
        message.deduplicationID =
          message.deduplicationID
          ?? subscriber.deliveryID(of: notification.messageID, topic: notification.topic.name)
        guard let queue = try Queues.find(subscription.endpoint, db) else {
          throw MessagingError(.queueDoesNotExist, "There is no queue \(subscription.endpoint).")
        }
        _ = try Queues.send(message, to: queue, now: now, db)
      } else if let queue = QueueAddress(arn: subscription.endpoint) {
        try queues.send(message, to: queue, as: caller, now: now, db)
      }
    } catch let error as MessagingError {
      try giveUp(message, of: notification, to: subscription, error, as: caller, now: now, db)
    }
  }

  private func giveUp(
    _ message: OutgoingMessage,
    of notification: Notification,
    to subscription: Subscription,
    _ error: MessagingError,
    as caller: MessagingCaller,
    now: Int64,
    _ db: Database
  ) throws {
    var refusal = RefusedNotification(
      topic: notification.topic.arn,
      subscription: subscription.address.arn,
      endpoint: subscription.endpoint,
      messageID: notification.messageID,
      code: error.deliveryCode,
      reason: error.message
    )
    if let queue = subscription.deadLetterQueue {
      do {
        try queues.send(message, to: queue, as: caller, now: now, db)
        refusal.deadLetterQueue = queue.arn
      } catch let second as MessagingError {
        refusal.reason += " (nor can the dead-letter queue have it: \(second.message))"
      }
    }
    var record = delivery(of: message.body, id: notification.messageID, to: subscription, headers: [], now: now)
    record.ruleID = refusal.topic.description
    record.state = refusal.deadLetterQueue == nil ? .failed : .deadLettered
    record.reason = "\(refusal.code): \(refusal.reason)"
    try Outbox.insert([record], db)
    // Only what is committed has happened.
    if let listener = refusalListener.withLock({ $0 }) {
      let refused = refusal
      db.afterNextTransaction { _ in listener(refused) }
    }
  }

  /// A delivery to a subscription through the outbox.
  func delivery(
    of body: [UInt8],
    id: String,
    to subscription: Subscription,
    headers: [String],
    now: Int64
  ) -> DecidedDelivery {
    let topic = subscription.address.topic
    let isTarget = subscription.protocol == "target"
    let deliveryID =
      isTarget
      ? Subscriber.target(subscription.endpoint).deliveryID(of: id, topic: topic.name)
      : Self.deliveryID(id, subscription)
    return DecidedDelivery(
      deliveryID: deliveryID,
      eventID: id,
      ruleID: "",
      ruleTitle: "published to topic \(topic.name)",
      ruleSetHash: "",
      stepID: subscription.address.identifier,
      targetID: isTarget ? subscription.endpoint : subscription.lane,
      kind: .send,
      state: .pending,
      decidedAt: now,
      parameters: zip(HTTPSubscription.headers, headers).map { DeliveryParameter(name: $0, value: $1) },
      payload: body
    )
  }

  /// What one subscription gets of a publication, whenever they meet again.
  static func deliveryID(_ publication: String, _ subscription: Subscription) -> String {
    "dlv-" + hex(SHA256.hash(data: Array("\(publication)\0\(subscription.address.arn)".utf8)).prefix(16))
  }
}

// What a subscribed queue does not take is not tried again: the queue is gone, or does not let the topic send. Somebody has
// to hear of it, because nothing else shows that messages do not arrive.

public import TrailEvents

/// A message that a subscribed queue has refused.
public struct RefusedNotification: Sendable, Equatable {
  /// The topic.
  public var topic: ARN
  /// The subscription's ARN.
  public var subscription: String
  /// Where the message should have gone.
  public var endpoint: String
  /// The id of the message that was published.
  public var messageID: String
  /// Why: `NO_RESOURCE`, `NO_PERMISSIONS` or `INVALID_PARAMETER`, as with rules.
  public var code: String
  /// What the queue said, for a person.
  public var reason: String
  /// The dead-letter queue that has the message now; nothing if it is lost.
  public var deadLetterQueue: ARN?
}

extension MessagingError {
  /// What a refusal means for whoever delivers, in EventBridge's words.
  var deliveryCode: String {
    switch code {
    case .queueDoesNotExist, .notFound: "NO_RESOURCE"
    case .accessDenied: "NO_PERMISSIONS"
    default: "INVALID_PARAMETER"
    }
  }
}

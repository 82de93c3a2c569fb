// What subscribed queues refuse is given up at once. It is said in the log, of many alike only some, and counted.

internal import Delivery
internal import Logging
internal import Messaging
internal import Synchronization

/// Hears of messages that subscribed queues have refused.
final class RefusedNotifications: Sendable {
  private struct State {
    var thinning = Thinning()
    var refused = 0
    var deadLettered = 0
  }

  private let state = Mutex(State())
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// Counts a refusal, and says so.
  func note(_ refusal: RefusedNotification) {
    let count = state.withLock { state in
      state.refused += 1
      if refusal.deadLetterQueue != nil { state.deadLettered += 1 }
      return state.thinning.count("\(refusal.subscription)#\(refusal.code)")
    }
    guard let count else { return }
    let place = refusal.deadLetterQueue.map { "it is in the dead-letter queue \($0)" } ?? "it has no dead-letter queue"
    logger.warning(
      "given up a message to \(refusal.endpoint); \(place)",
      metadata: [
        "topic": "\(refusal.topic)", "subscription": "\(refusal.subscription)", "message": "\(refusal.messageID)",
        "target": "\(refusal.endpoint)", "code": "\(refusal.code)", "error": "\(refusal.reason)",
        "so-far": .stringConvertible(count),
      ]
    )
  }

  /// The text that Prometheus reads.
  var metrics: String {
    let (refused, deadLettered) = state.withLock { ($0.refused, $0.deadLettered) }
    var text = MetricsText()
    text.gauge(
      "signalbox_failed_notifications_total",
      refused,
      "Messages of topics that subscribed queues refused.",
      .counter
    )
    text.gauge(
      "signalbox_redriven_notifications_total",
      deadLettered,
      "Those of them that went to the dead-letter queue of their subscription.",
      .counter
    )
    return text.text
  }
}

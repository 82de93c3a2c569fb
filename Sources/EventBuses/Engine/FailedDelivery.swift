// What could not be delivered in the transaction that decided about it: a queue or topic that does not take it, a template
// that gives no JSON for the event, a bus that is not there. Trying again would give the same answer, so it is given up at
// once, and said in the words in which the dispatcher says it of all other deliveries.

internal import Delivery
internal import Logging
internal import Messaging
internal import Storage
internal import Synchronization
internal import TrailEvents

/// A delivery that was given up by the transaction that decided it.
struct FailedDelivery: Sendable, Equatable {
  var deliveryID: String
  var eventID: String
  /// The rule's ARN, or the id of a rule of a file.
  var rule: String
  /// The target's ARN, or the id of a target of a file.
  var target: String
  /// EventBridge's error code.
  var code: String
  /// What happened, for a person.
  var message: String
  /// Where the event is now, as dead letters name queues.
  var deadLetterQueue: String?
  /// How often it was tried: not at all if there was nothing to send.
  var attempt: Int

  /// Describes one that was given up when it was decided.
  init(_ delivery: DecidedDelivery, to targetARN: String?) {
    deliveryID = delivery.deliveryID
    eventID = delivery.eventID
    rule = delivery.ruleID
    target = targetARN ?? delivery.targetID
    code = delivery.deadLetter?.errorCode ?? FailureReason(delivery.reason).code ?? "INVALID_JSON"
    message = delivery.deadLetter?.errorMessage ?? FailureReason(delivery.reason).message
    deadLetterQueue = delivery.deadLetter?.queue
    attempt = 0
  }

  /// Describes one that a queue or topic refused.
  init(_ delivery: DecidedDelivery, to target: ARN, _ refusal: RefusedDelivery, deadLetterQueue: String?) {
    deliveryID = delivery.deliveryID
    eventID = delivery.eventID
    rule = delivery.ruleID
    self.target = target.description
    code = refusal.code
    message = refusal.message
    self.deadLetterQueue = deadLetterQueue
    attempt = 1
  }
}

extension BusEngine {
  /// Counts what was given up, and says so in the log; of many alike only some, each with the count.
  func note(_ failures: [FailedDelivery]) {
    for failure in failures {
      let count = failed.withLock { $0.count("\(failure.rule)#\(failure.target)#\(failure.code)") }
      guard let count else { continue }
      let place = failure.deadLetterQueue.map { "it is in the dead-letter queue \(DeadLetter.readable($0))" }
      logger.warning(
        "given up a delivery to \(failure.target); \(place ?? "it has no dead-letter queue")",
        metadata: [
          "delivery": "\(failure.deliveryID)", "event": "\(failure.eventID)", "rule": "\(failure.rule)",
          "target": "\(failure.target)", "attempt": .stringConvertible(failure.attempt), "code": "\(failure.code)",
          "error": "\(failure.message)", "so-far": .stringConvertible(count),
        ]
      )
    }
  }
}

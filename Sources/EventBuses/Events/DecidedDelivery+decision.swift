// From a decision to the row of it.

package import Decisions
package import Delivery
package import Storage

extension DecidedDelivery {
  /// Whether it was given up when it was decided; what a rule of a file would not have sent anyway was not.
  var isGivenUp: Bool {
    switch state {
    case .failed, .deadLettered: true
    case .renderFailed: deadLetter != nil || ruleID.hasPrefix("arn:")
    case .pending, .delivered, .planned, .shadowed, .suppressed: false
    }
  }

  /// The row of a decision.
  ///
  /// What should have left the engine and cannot be rendered is a dead letter at once: trying again gives the same
  /// answer, and nobody looks for it among the records.
  package init(_ decision: Decision, _ routes: RouteTable, at now: Instant) {
    let state: DeliveryState =
      switch decision.disposition {
      case .deliver: .pending
      case .planned: .planned
      case .shadowed: .shadowed
      case .suppressed: .suppressed
      case .failed: .renderFailed
      }
    self.init(
      deliveryID: decision.deliveryID,
      eventID: decision.eventID,
      ruleID: decision.ruleID,
      ruleTitle: decision.ruleTitle,
      ruleSetHash: decision.ruleSetHash,
      stepID: decision.stepID,
      targetID: decision.targetID,
      kind: decision.kind == .send ? .send : .run,
      state: state,
      reason: decision.reason,
      decidedAt: now.milliseconds,
      parameters: decision.parameters.map { DeliveryParameter(name: $0.name, value: $0.value) },
      payload: decision.payload
    )
    guard state == .renderFailed, decision.isLive, let queue = routes.deadLetterQueue(kind, targetID) else { return }
    deadLetter = DeadLetter(
      queue: queue,
      errorCode: decision.errorCode,
      errorMessage: decision.reason,
      exhausted: nil
    )
  }
}

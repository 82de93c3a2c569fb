// The life of a delivery as values: decided, tried, settled. The rows behind them are the outbox while the state is
// `pending` and the ledger ever after.

/// Whether a step sends a message or runs an action.
public enum DeliveryKind: String, Sendable {
  /// A `send` step.
  case send
  /// A `run` step.
  case run
}

/// Where a delivery stands.
public enum DeliveryState: String, Sendable, CaseIterable {
  /// In the outbox: to be tried now or later.
  case pending
  /// The target took it.
  case delivered
  /// Given up; the event is in a dead-letter queue.
  case deadLettered = "dead-lettered"
  /// Given up, and the target has no dead-letter queue.
  case failed
  /// A `run` step of a rule at stage `notify`: recorded, not executed.
  case planned
  /// A step of a rule at stage `shadow`: recorded, nothing leaves.
  case shadowed
  /// An exception of the rule (`unless`) held.
  case suppressed
  /// The input could not be rendered from the event; the event is in a dead-letter queue if it was to leave the engine.
  case renderFailed = "render-failed"
}

/// A rendered value of an action's `with`.
public struct DeliveryParameter: Sendable, Equatable {
  /// The parameter's name.
  public var name: String
  /// Its rendered value.
  public var value: String

  /// Makes a parameter.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// What the rules decided about one event, rule and step: something to deliver, or the record of why not.
public struct DecidedDelivery: Sendable, Equatable {
  /// The idempotency key, the same whenever this event, rule and step meet again.
  public var deliveryID: String
  /// The event's id.
  ///
  /// Its sequence number is looked up in the journal when the row is written.
  public var eventID: String
  /// The rule that matched.
  public var ruleID: String
  /// The rule's title, as it was then.
  public var ruleTitle: String
  /// The hash of the rule set that decided.
  public var ruleSetHash: String
  /// The step of the rule's `then`.
  public var stepID: String
  /// The target or action.
  public var targetID: String
  /// Whether it is a `send` or a `run`.
  public var kind: DeliveryKind
  /// `.pending` puts it into the outbox; `.planned`, `.shadowed`, `.suppressed`, `.renderFailed` only record it.
  public var state: DeliveryState
  /// Why it is not delivered, for a person: the reason of the exception, the field that could not be rendered.
  public var reason: String
  /// When it was decided, in milliseconds since 1970.
  public var decidedAt: Int64
  /// When it is to be tried first, in milliseconds since 1970.
  public var firstAttemptAt: Int64
  /// The rendered values of an action, in file order.
  public var parameters: [DeliveryParameter]
  /// The rendered input: what a webhook posts, what a queue gets.
  public var payload: [UInt8]
  /// What goes into a dead-letter queue together with this decision, because there is nothing that could be tried; not
  /// part of the record.
  public var deadLetter: DeadLetter?

  /// Makes a decision; `firstAttemptAt` is `decidedAt` unless given.
  public init(
    deliveryID: String,
    eventID: String,
    ruleID: String,
    ruleTitle: String,
    ruleSetHash: String,
    stepID: String,
    targetID: String,
    kind: DeliveryKind,
    state: DeliveryState,
    reason: String = "",
    decidedAt: Int64,
    firstAttemptAt: Int64? = nil,
    parameters: [DeliveryParameter] = [],
    payload: [UInt8]
  ) {
    self.deliveryID = deliveryID
    self.eventID = eventID
    self.ruleID = ruleID
    self.ruleTitle = ruleTitle
    self.ruleSetHash = ruleSetHash
    self.stepID = stepID
    self.targetID = targetID
    self.kind = kind
    self.state = state
    self.reason = reason
    self.decidedAt = decidedAt
    self.firstAttemptAt = firstAttemptAt ?? decidedAt
    self.parameters = parameters
    self.payload = payload
  }
}

/// A delivery as the database has it.
public struct DeliveryRecord: Sendable, Equatable {
  /// Ascending in the order of decision.
  public var number: Int64
  /// What was decided; its `state` and `reason` are the current ones.
  public var decision: DecidedDelivery
  /// The event's place in the journal, nil when it was not there when the row was written.
  public var eventSequence: Int64?
  /// When it went into the outbox: `decidedAt`, or the latest redrive.
  ///
  /// The retry policy's age counts from here.
  public var queuedAt: Int64
  /// When it is to be tried next, in milliseconds since 1970 (meaningful while pending).
  public var nextAttemptAt: Int64
  /// When it was settled, nil while pending.
  public var settledAt: Int64?
  /// Attempts made since `queuedAt`.
  public var attempts: Int
}

/// A delivery that is to be tried.
public struct DueDelivery: Sendable, Equatable {
  /// The delivery.
  public var record: DeliveryRecord
  /// The event's envelope; empty when the journal no longer has it and no dead letter brought it back.
  public var event: [UInt8]
}

/// One attempt, for the record.
public struct AttemptRecord: Sendable, Equatable {
  /// The attempt's number since the delivery was queued, from 1.
  public var attempt: Int
  /// When it began, in milliseconds since 1970.
  public var startedAt: Int64
  /// When it ended, in milliseconds since 1970.
  public var endedAt: Int64
  /// EventBridge's error code, nil when it succeeded.
  public var errorCode: String?
  /// One line for people: `HTTP 200`, `exit 1`.
  public var summary: String
  /// What the other side said, cut to what a record should hold.
  public var output: String

  /// Makes a record.
  public init(
    attempt: Int,
    startedAt: Int64,
    endedAt: Int64,
    errorCode: String? = nil,
    summary: String,
    output: String = ""
  ) {
    self.attempt = attempt
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.errorCode = errorCode
    self.summary = summary
    self.output = output
  }
}

// The joint between the dispatcher and whatever a rule's step reaches. Targets know how to try once; when to try,
// how often, how many at a time and what happens in the end is the dispatcher's.

/// One attempt of one delivery, as a target sees it.
public struct DeliveryRequest: Sendable {
  /// The idempotency key: the same for every attempt of the same event, rule and step, across restarts.
  public var deliveryID: String
  /// The rule that matched.
  public var ruleID: String
  /// The step of the rule's `then`.
  public var stepID: String
  /// The event's id (`eventID` of the CloudTrail record).
  public var eventID: String
  /// When the delivery was decided, in seconds since 1970.
  public var decidedAt: Int64
  /// This attempt, from 1.
  public var attempt: Int
  /// The rendered input: what a webhook posts, what a queue gets.
  public var payload: [UInt8]
  /// The whole event (EventBridge envelope), for actions that read it on standard input.
  public var event: [UInt8]
  /// The rendered `with` values of an action, by parameter name, in file order.
  public var parameters: [(name: String, value: String)]
  /// How many bytes of the other side's answer the caller wants, as they came; a longer one is cut there.
  public var answerLimit = 0

  /// Makes a request.
  public init(
    deliveryID: String,
    ruleID: String,
    stepID: String,
    eventID: String,
    decidedAt: Int64,
    attempt: Int,
    payload: [UInt8],
    event: [UInt8],
    parameters: [(name: String, value: String)] = []
  ) {
    self.deliveryID = deliveryID
    self.ruleID = ruleID
    self.stepID = stepID
    self.eventID = eventID
    self.decidedAt = decidedAt
    self.attempt = attempt
    self.payload = payload
    self.event = event
    self.parameters = parameters
  }
}

/// What a successful attempt brought back, for the record.
public struct DeliveryReceipt: Sendable, Equatable {
  /// One line for people: `HTTP 200`, `exit 0`, `message 4f1c…`.
  public var summary: String
  /// What the other side said, cut to what a record should hold. Never holds secrets.
  public var output: String
  /// What the other side answered, for a caller who asked for it (`answerLimit`) and uses it: never for records.
  public var answer: [UInt8]

  /// Makes a receipt.
  public init(summary: String, output: String = "", answer: [UInt8] = []) {
    self.summary = summary
    self.output = output
    self.answer = answer
  }
}

/// Why an attempt failed and whether another one makes sense.
public struct DeliveryFailure: Error, Sendable, Equatable {
  /// EventBridge's `ERROR_CODE` values for dead letters (Amazon EventBridge User Guide, "Using dead-letter queues").
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// The code as EventBridge writes it.
    public var rawValue: String
    /// Wraps a code.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No connection could be made or it broke.
    public static let connectionFailure = Code(rawValue: "CONNECTION_FAILURE")
    /// The target answered with an error.
    public static let errorFromTarget = Code(rawValue: "ERROR_FROM_TARGET")
    /// A fault of our own.
    public static let internalError = Code(rawValue: "INTERNAL_ERROR")
    /// The rendered input is not what the target takes.
    public static let invalidParameter = Code(rawValue: "INVALID_PARAMETER")
    /// The rendered input is not JSON although it must be.
    public static let invalidJSON = Code(rawValue: "INVALID_JSON")
    /// The target refused us.
    public static let noPermissions = Code(rawValue: "NO_PERMISSIONS")
    /// The target does not exist.
    public static let noResource = Code(rawValue: "NO_RESOURCE")
    /// A limit of the target's was reached.
    public static let resourceLimitExceeded = Code(rawValue: "RESOURCE_LIMIT_EXCEEDED")
    /// The target asked us to slow down.
    public static let throttling = Code(rawValue: "THROTTLING")
    /// There was no answer in time.
    public static let timeout = Code(rawValue: "TIMEOUT")
  }

  /// The code that goes into the dead letter.
  public var code: Code
  /// What happened, for a person; never holds secrets.
  public var message: String
  /// Whether a later attempt may succeed.
  public var isRetryable: Bool
  /// The wait the target asked for (`Retry-After`).
  public var retryAfter: Duration?
  /// What the other side said, cut to what a record should hold.
  public var output: String

  /// Makes a failure.
  public init(_ code: Code, _ message: String, retryable: Bool, retryAfter: Duration? = nil, output: String = "") {
    self.code = code
    self.message = message
    self.isRetryable = retryable
    self.retryAfter = retryAfter
    self.output = output
  }
}

/// Something a delivery can go to.
///
/// An implementation tries exactly once per call, keeps to its own deadline, and may be called again with the same
/// `deliveryID` (after a crash, too), so it hands that id on wherever the other side can use it. Calls may overlap.
public protocol Target: Sendable {
  /// Tries once.
  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt
}

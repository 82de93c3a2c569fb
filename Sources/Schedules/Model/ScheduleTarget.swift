// What a schedule invokes, and what it hands over.

internal import EventPatterns
internal import TrailEvents

/// What a schedule invokes.
public struct ScheduleTarget: Codable, Sendable, Equatable {
  /// What an event for a bus says of itself.
  public struct BusEvent: Codable, Sendable, Equatable {
    /// The source.
    public var source: String
    /// The kind of event.
    public var detailType: String

    /// Makes the parameters of an event.
    public init(source: String, detailType: String) {
      self.source = source
      self.detailType = detailType
    }
  }

  /// What it is, or the operation of a service that is to be called: `arn:aws:scheduler:::aws-sdk:sqs:sendMessage`.
  public var arn: String
  /// The role that invokes it.
  public var roleARN: String
  /// What it is handed, with `<aws.scheduler.…>` in it; a notification if there is none.
  public var input: String?
  /// For a bus.
  public var event: BusEvent?
  /// The message group, for a FIFO queue.
  public var messageGroupID: String?
  /// The queue for what it could not be given.
  public var deadLetterARN: String?
  /// How often after the first attempt, 0 to 185.
  public var retryAttempts: Int
  /// For how long, in seconds, 60 to 86,400.
  public var retryAge: Int
  /// Parameters of services that are not here, by their name in the API, as JSON: for where they are forwarded to.
  public var others: [String: String]

  /// Makes a target.
  public init(
    arn: String,
    roleARN: String,
    input: String? = nil,
    event: BusEvent? = nil,
    messageGroupID: String? = nil,
    deadLetterARN: String? = nil,
    retryAttempts: Int = 185,
    retryAge: Int = 86_400,
    others: [String: String] = [:]
  ) {
    self.arn = arn
    self.roleARN = roleARN
    self.input = input
    self.event = event
    self.messageGroupID = messageGroupID
    self.deadLetterARN = deadLetterARN
    self.retryAttempts = retryAttempts
    self.retryAge = retryAge
    self.others = others
  }
}

/// What kind of thing a target's ARN names.
enum InvocationKind: Sendable, Equatable {
  /// A queue of this installation.
  case queue
  /// A topic of this installation.
  case topic
  /// A bus of this installation.
  case bus
  /// An operation of a service, with the input as its parameters.
  case call(service: String, operation: String)
  /// Something that only an installation's settings know how to reach, if anything does.
  case service

  init(_ arn: ARN) {
    switch (arn.service, arn.type) {
    case ("sqs", _): self = .queue
    case ("sns", _): self = .topic
    case ("events", "event-bus"): self = .bus
    case ("scheduler", "aws-sdk"):
      let parts = arn.name.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { fallthrough }
      self = .call(service: String(parts[0]), operation: parts[1].prefix(1).uppercased() + parts[1].dropFirst())
    default: self = .service
    }
  }
}

extension ScheduleTarget {
  /// Refuses what can never be invoked.
  func check(in scope: Scope) throws(ScheduleError) {
    guard let arn = ARN(arn) else { throw .validation("Provided Arn is not in correct format.") }
    guard let role = ARN(roleARN), role.service == "iam", role.account == scope.account else {
      // Whoever may name another account's role would act for that account.
      throw ScheduleError("AccessDeniedException", "Cross-account pass role is not allowed.")
    }
    let kind = InvocationKind(arn)
    let isFIFO = arn.resource.hasSuffix(".fifo")
    if kind == .queue, isFIFO, messageGroupID == nil {
      throw .validation("SqsParameters with a MessageGroupId must be specified for a FIFO queue.")
    }
    if messageGroupID != nil, kind != .queue || !isFIFO {
      throw .validation("SqsParameters can only be specified for a FIFO queue.")
    }
    if kind == .bus, event == nil {
      throw .validation("EventBridgeParameters must be specified for an event bus.")
    }
    if event != nil, kind != .bus { throw .validation("EventBridgeParameters can only be specified for an event bus.") }
    if let queue = deadLetterARN.flatMap({ ARN($0) }), queue.scope != scope {
      throw .validation("DeadLetterConfig must name a standard SQS queue of the schedule's account and Region.")
    }
    try checkInput(kind, arn)
  }

  private func checkInput(_ kind: InvocationKind, _ arn: ARN) throws(ScheduleError) {
    let needsJSON =
      switch kind {
      case .bus, .call: true
      case .service: ["lambda", "states"].contains(arn.service)
      case .queue, .topic: false
      }
    guard needsJSON else { return }
    guard let input else {
      if case .call = kind {
        throw .validation("Input must be specified for a universal target: the operation's parameters.")
      }
      return
    }
    let value = try? JSONValue(parsing: input)
    if case .object? = value { return }
    let wantsObject = if case .service = kind { false } else { true }
    if value == nil || wantsObject {
      throw .validation("Input of \(self.arn) must be \(wantsObject ? "a JSON object" : "well-formed JSON").")
    }
  }
}

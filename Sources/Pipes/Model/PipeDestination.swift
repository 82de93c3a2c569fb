// What kind of thing the ARN of an enrichment or target names, and what may be said of it.

internal import EventBuses
internal import EventPatterns
public import TrailEvents

/// Where events of a pipe go.
struct PipeDestination: Sendable, Equatable {
  /// The kinds of things.
  enum Kind: Sendable, Equatable {
    /// A queue of this installation.
    case queue
    /// A topic of this installation.
    case topic
    /// A bus of this installation.
    case bus
    /// An HTTP endpoint.
    case apiDestination
    /// What gets a batch as one list: a function, a state machine.
    case function
    /// Something else that only an installation's settings know how to reach, if anything does.
    case service

    init(_ text: String) {
      guard let arn = ARN(text) else {
        self = .service
        return
      }
      self.init(arn)
    }

    init(_ arn: ARN) {
      switch (arn.service, arn.type) {
      case ("sqs", _): self = .queue
      case ("sns", _): self = .topic
      case ("events", "event-bus"): self = .bus
      case ("events", "api-destination"): self = .apiDestination
      case ("lambda", _), ("states", _): self = .function
      default: self = .service
      }
    }

    /// How many events it takes at a time, if that is limited.
    var largestBatch: Int? {
      switch self {
      case .queue, .topic, .bus: 10
      case .apiDestination, .function, .service: nil
      }
    }
  }

  let arn: ARN
  let kind: Kind

  /// - Parameter isElsewhere: whether something is not looked for in this installation, though it could be here.
  init(_ arn: ARN, isElsewhere: (ARN) -> Bool = { _ in false }) {
    self.arn = arn
    let kind = Kind(arn)
    self.kind = kind != .function && isElsewhere(arn) ? .service : kind
  }
}

extension PipeDefinition {
  /// Refuses what can never work.
  public func check(in scope: Scope) throws(PipeError) {
    guard let role = ARN(roleARN), role.account == scope.account else {
      // Whoever may name another account's role would act for that account.
      throw PipeError("AccessDeniedException", "Cross-account pass role is not allowed.")
    }
    try checkSource(in: scope)
    _ = try PipeFilter(filters)
    try checkEnrichment(in: scope)
    try checkTarget(in: scope)
  }

  private func checkSource(in scope: Scope) throws(PipeError) {
    guard let arn = ARN(source), arn.service == "sqs" else {
      throw .validation(
        "Source \(source) is not supported. Sources of pipes are Amazon SQS queues: arn:aws:sqs:REGION:ACCOUNT:QUEUE."
      )
    }
    guard arn.scope == scope else {
      throw .validation("Source \(source) must be a queue of the pipe's account and Region.")
    }
    let isFIFO = arn.resource.hasSuffix(".fifo")
    if isFIFO, let batchSize, batchSize > 10 {
      throw .validation("BatchSize must be less than or equal to 10 for a FIFO queue.")
    }
    if isFIFO, let batchingWindow, batchingWindow > 0 {
      throw .validation("MaximumBatchingWindowInSeconds is not supported for a FIFO queue.")
    }
    if let batchSize, batchSize > 10, batchingWindow ?? 0 < 1 {
      throw .validation(
        "MaximumBatchingWindowInSeconds must be greater than 0 when BatchSize is greater than 10."
      )
    }
  }

  private func checkEnrichment(in scope: Scope) throws(PipeError) {
    guard let text = enrichment.arn else { return }
    guard let arn = ARN(text) else { throw .validation("Enrichment \(text) is not in the format of an ARN.") }
    switch PipeDestination.Kind(arn) {
    case .apiDestination: try Self.checkOwner(arn, in: scope)
    case .function: break
    case .service where arn.service == "execute-api": break
    case .queue, .topic, .bus, .service:
      throw .validation(
        "Enrichment \(text) is not supported. Enrichments of pipes are Lambda functions, state machines, API "
          + "Gateway endpoints and API destinations."
      )
    }
    _ = try StageInput(enrichment.template)
  }

  /// An API destination has the secrets of its account.
  private static func checkOwner(_ arn: ARN, in scope: Scope) throws(PipeError) {
    guard arn.scope == scope else {
      throw .validation("\(arn) must be an API destination of the pipe's account and Region.")
    }
  }

  private func checkTarget(in scope: Scope) throws(PipeError) {
    guard let arn = ARN(target.arn) else { throw .validation("Target \(target.arn) is not in the format of an ARN.") }
    let kind = PipeDestination.Kind(arn)
    if kind == .apiDestination { try Self.checkOwner(arn, in: scope) }
    if let most = kind.largestBatch, batchSize ?? 0 > most {
      throw .validation("BatchSize must be less than or equal to \(most), the most that the target takes at a time.")
    }
    let isFIFO = kind == .queue && arn.resource.hasSuffix(".fifo")
    if isFIFO, target.queue?.groupID?.isEmpty ?? true {
      throw .validation("SqsQueueParameters with a MessageGroupId must be specified for a FIFO queue.")
    }
    let given: [(String, Bool, Bool)] = [
      ("SqsQueueParameters", target.queue != nil, kind == .queue),
      ("EventBridgeEventBusParameters", target.bus != nil, kind == .bus),
      ("HttpParameters", target.http != nil, kind == .apiDestination || arn.service == "execute-api"),
      ("LambdaFunctionParameters", target.function != nil, arn.service == "lambda"),
      ("StepFunctionStateMachineParameters", target.stateMachine != nil, arn.service == "states"),
    ]
    if let wrong = given.first(where: { $0.1 && !$0.2 }) {
      throw .validation("\(wrong.0) cannot be specified for the target \(target.arn).")
    }
    _ = try StageInput(target.template)
    try PipeText.check(target)
  }
}

/// A value of a parameter: a text, or a path into the event.
enum PipeText: Sendable, Equatable {
  case constant(String)
  case path(JSONPath)

  init(_ text: String) throws(PipeError) {
    guard text.hasPrefix("$.") || text == "$" else {
      self = .constant(text)
      return
    }
    do throws(JSONPath.Malformed) {
      self = .path(try JSONPath(parsing: text))
    } catch {
      throw .validation("Invalid JSON path: \(text)")
    }
  }

  /// The text for an event.
  func text(for event: PipeEvent) -> String {
    switch self {
    case .constant(let text): text
    case .path(let path): path.text(in: event.decoded)
    }
  }

  /// Refuses values that begin as paths and are none.
  fileprivate static func check(_ target: PipeTarget) throws(PipeError) {
    let bus = target.bus
    let texts = [target.queue?.groupID, target.queue?.deduplicationID, bus?.detailType, bus?.source, bus?.time]
    for text in texts.compactMap(\.self) + (bus?.resources ?? []) { _ = try PipeText(text) }
    for text in target.others.values {
      if let value = try? JSONValue(parsing: text) { _ = try PipeParameter(value) }
    }
  }
}

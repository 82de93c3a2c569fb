// A pipe ready to work: its patterns and templates compiled, its ARNs understood.

internal import EventBuses
internal import EventPatterns
internal import Messaging
internal import TrailEvents

/// A compiled pipe.
struct PipePlan: Sendable {
  /// An enrichment or a target.
  struct Stage: Sendable {
    let name: String
    let destination: PipeDestination
    let input: StageInput
    let http: RuleTarget.HTTPParameters?
    private let httpPaths: [(name: String, path: JSONPath)]

    init(
      _ name: String,
      _ destination: PipeDestination,
      _ template: String?,
      _ http: RuleTarget.HTTPParameters?
    ) throws(PipeError) {
      self.name = name
      self.destination = destination
      input = try StageInput(template)
      self.http = http
      httpPaths = http?.paths ?? []
    }

    /// The values of HTTP parameters that are paths into the event.
    func parameters(for event: PipeEvent) -> [(name: String, value: String)] {
      httpPaths.map { ($0.name, $0.path.text(in: event.decoded)) }
    }
  }

  /// What events for a bus say of themselves.
  struct BusTexts: Sendable {
    var detailType: PipeText
    var source: PipeText
    var resources: [PipeText]
    var time: PipeText?
  }

  let key: PipeKey
  /// What was asked for when this was compiled.
  let version: Int
  let source: QueueAddress
  let batchSize: Int
  /// In seconds.
  let batchingWindow: Int
  let filter: PipeFilter?
  let enrichment: Stage?
  let target: Stage
  let groupID: PipeText?
  let deduplicationID: PipeText?
  let bus: BusTexts
  /// What a service elsewhere is told, by name.
  let parameters: [(name: String, value: PipeParameter)]
  /// Whether the answer of the target names messages that failed.
  let readsAnswer: Bool
  let names: PipeNames

  /// Throws ``PipeError`` for what `check` refuses.
  ///
  /// - Parameter isElsewhere: whether something is not looked for in this installation, though it could be here.
  init(
    _ pipe: PipeRecord,
    as key: PipeKey,
    isElsewhere: (ARN) -> Bool = { _ in false }
  ) throws(PipeError) {
    let definition = pipe.definition
    try definition.check(in: key.scope)
    guard let source = QueueAddress(arn: definition.source), let targetARN = ARN(definition.target.arn) else {
      throw .validation("Source and Target must be ARNs.")
    }
    self.key = key
    version = pipe.version
    self.source = source
    batchSize = definition.batchSize ?? PipeDefinition.defaultBatchSize
    batchingWindow = definition.batchingWindow ?? 0
    filter = definition.filters.isEmpty ? nil : try PipeFilter(definition.filters)
    let enrichment = definition.enrichment
    if let arn = enrichment.arn.flatMap({ ARN($0) }) {
      self.enrichment = try Stage("enrichment", PipeDestination(arn), enrichment.template, enrichment.http)
    } else {
      self.enrichment = nil
    }
    let target = definition.target
    let destination = PipeDestination(targetARN, isElsewhere: isElsewhere)
    self.target = try Stage("target", destination, target.template, target.http)
    groupID = try Self.text(target.queue?.groupID)
    deduplicationID = try Self.text(target.queue?.deduplicationID)
    var resources: [PipeText] = []
    for text in target.bus?.resources ?? [] { resources.append(try PipeText(text)) }
    bus = BusTexts(
      detailType: try PipeText(target.bus?.detailType ?? "Event from aws:sqs"),
      source: try PipeText(target.bus?.source ?? "Pipe \(definition.name)"),
      resources: resources,
      time: try Self.text(target.bus?.time)
    )
    parameters = try Self.parameters(of: target, bus)
    readsAnswer = (target.function ?? target.stateMachine ?? .requestResponse) == .requestResponse
    names = PipeNames(
      pipeARN: definition.arn(in: key.scope).description,
      pipeName: definition.name,
      sourceARN: definition.source,
      enrichmentARN: enrichment.arn,
      targetARN: target.arn
    )
  }

  private static func text(_ text: String?) throws(PipeError) -> PipeText? {
    guard let text, !text.isEmpty else { return nil }
    return try PipeText(text)
  }

  /// Pipes act with a role of their account, and so as their account.
  var caller: MessagingCaller { .account(key.scope.account) }
  /// Whether a batch waits for somebody else's answers.
  var isRemote: Bool {
    switch target.destination.kind {
    case .queue, .topic, .bus: enrichment != nil
    case .apiDestination, .function, .service: true
    }
  }
  /// Whether messages of a group go one after the other.
  var isFIFO: Bool { source.name.hasSuffix(".fifo") }
}

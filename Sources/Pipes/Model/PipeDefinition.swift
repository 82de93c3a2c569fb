// What is asked of a pipe: where its events come from, which of them it takes, and what it does with them.

public import TrailEvents

/// What is asked of a pipe.
public struct PipeDefinition: Codable, Sendable, Equatable {
  /// How many messages a pipe takes at a time unless it says so.
  public static let defaultBatchSize = 10

  /// Its name, unique in its account and Region.
  public var name: String
  /// What it is for.
  public var description: String?
  /// The ARN of the queue that its events come from.
  public var source: String
  /// Event patterns: a message that none of them matches is deleted. Without any the pipe takes every message.
  public var filters: [String]
  /// How many messages it takes at a time.
  public var batchSize: Int?
  /// How long it waits for a batch to fill, in seconds.
  public var batchingWindow: Int?
  /// What it asks to make more of its events.
  public var enrichment: PipeEnrichment
  /// What it hands them to.
  public var target: PipeTarget
  /// The role that it acts with.
  public var roleARN: String
  /// Where logs should go, as JSON: kept and shown.
  public var logging: String?
  /// The key that should encrypt; kept, not used.
  public var kmsKey: String?

  /// Makes a definition.
  public init(
    name: String,
    source: String,
    filters: [String] = [],
    enrichment: PipeEnrichment = PipeEnrichment(),
    target: PipeTarget,
    roleARN: String
  ) {
    self.name = name
    self.source = source
    self.filters = filters
    self.enrichment = enrichment
    self.target = target
    self.roleARN = roleARN
  }

  /// Its ARN.
  public func arn(in scope: Scope) -> ARN { ARN(service: "pipes", in: scope, resource: "pipe/\(name)") }
}

/// A change of a pipe: what is nothing stays, parameters of one kind are replaced together.
public struct PipeChange: Sendable {
  /// The description; an empty one takes it away.
  public var description: String?
  /// Whether it is to run.
  public var desired: PipeRecord.DesiredState?
  /// The patterns.
  public var filters: [String]?
  /// Batch size and window.
  public var batching: (size: Int?, window: Int?)?
  /// The ARN of the enrichment; an empty one takes it away.
  public var enrichmentARN: String?
  /// The template of the enrichment; an empty one takes it away.
  public var enrichmentTemplate: String?
  /// For an enrichment that is an API destination.
  public var enrichmentHTTP: PipeEnrichment?
  /// The ARN of the target.
  public var targetARN: String?
  /// Parameters of the target; its ARN does not matter.
  public var target: PipeTarget?
  /// The role.
  public var roleARN: String
  /// Where logs should go.
  public var logging: String?
  /// The key that should encrypt; an empty one takes it away.
  public var kmsKey: String?

  /// Makes a change of nothing but the role.
  public init(roleARN: String) { self.roleARN = roleARN }

  /// A definition with this change.
  func applied(to definition: PipeDefinition) -> PipeDefinition {
    func text(_ new: String?, _ old: String?) -> String? {
      guard let new else { return old }
      return new.isEmpty ? nil : new
    }
    var changed = definition
    changed.description = text(description, definition.description)
    changed.filters = filters ?? definition.filters
    if let batching { (changed.batchSize, changed.batchingWindow) = batching }
    changed.enrichment.arn = text(enrichmentARN, definition.enrichment.arn)
    changed.enrichment.template = text(enrichmentTemplate, definition.enrichment.template)
    if let enrichmentHTTP { changed.enrichment.http = enrichmentHTTP.http }
    if changed.enrichment.arn == nil { changed.enrichment = PipeEnrichment() }
    if let targetARN, targetARN != definition.target.arn {
      // Parameters of one kind of target mean nothing to another; a template does.
      let isSame = PipeDestination.Kind(targetARN) == PipeDestination.Kind(definition.target.arn)
      if !isSame { changed.target = PipeTarget(arn: targetARN, template: definition.target.template) }
      changed.target.arn = targetARN
    }
    if let target {
      changed.target.template = text(target.template, changed.target.template)
      changed.target.queue = target.queue ?? changed.target.queue
      changed.target.bus = target.bus ?? changed.target.bus
      changed.target.http = target.http ?? changed.target.http
      changed.target.function = target.function ?? changed.target.function
      changed.target.stateMachine = target.stateMachine ?? changed.target.stateMachine
      changed.target.others.merge(target.others) { $1 }
    }
    changed.roleARN = roleARN
    changed.logging = logging ?? definition.logging
    changed.kmsKey = text(kmsKey, definition.kmsKey)
    return changed
  }
}

// What a pipe hands its events to, and how.

public import EventBuses

/// The target of a pipe with its parameters.
public struct PipeTarget: Codable, Sendable, Equatable {
  /// What events for a bus say of themselves; values may be paths into the event.
  public struct BusEvent: Codable, Sendable, Equatable {
    /// The endpoint of several Regions; kept, not used.
    public var endpointID: String?
    /// The kind of event.
    public var detailType: String?
    /// The source.
    public var source: String?
    /// What it is about.
    public var resources: [String]
    /// The path of the event's time.
    public var time: String?

    /// Makes parameters.
    public init(
      endpointID: String? = nil,
      detailType: String? = nil,
      source: String? = nil,
      resources: [String] = [],
      time: String? = nil
    ) {
      self.endpointID = endpointID
      self.detailType = detailType
      self.source = source
      self.resources = resources
      self.time = time
    }
  }

  /// What messages for a FIFO queue have; values may be paths into the event.
  public struct QueueMessage: Codable, Sendable, Equatable {
    /// The message group.
    public var groupID: String?
    /// What makes it a duplicate of another.
    public var deduplicationID: String?

    /// Makes parameters.
    public init(groupID: String? = nil, deduplicationID: String? = nil) {
      self.groupID = groupID
      self.deduplicationID = deduplicationID
    }
  }

  /// How a function or state machine is called.
  public enum InvocationType: String, Codable, Sendable, CaseIterable {
    /// Its answer is waited for and may name messages that failed.
    case requestResponse = "REQUEST_RESPONSE"
    /// Its answer does not matter.
    case fireAndForget = "FIRE_AND_FORGET"
  }

  /// What it is.
  public var arn: String
  /// What makes its input of an event; the event as it is without one.
  public var template: String?
  /// For a queue.
  public var queue: QueueMessage?
  /// For a bus.
  public var bus: BusEvent?
  /// For an API destination.
  public var http: RuleTarget.HTTPParameters?
  /// For a Lambda function.
  public var function: InvocationType?
  /// For a state machine.
  public var stateMachine: InvocationType?
  /// Parameters of services that are not here, by their name in the API, as JSON: for where they are forwarded to.
  /// Texts may be paths into the event.
  public var others: [String: String]

  /// Makes a target.
  public init(arn: String, template: String? = nil, others: [String: String] = [:]) {
    self.arn = arn
    self.template = template
    self.others = others
  }
}

/// What a pipe asks to make more of its events.
public struct PipeEnrichment: Codable, Sendable, Equatable {
  /// What it is; nothing for a pipe without.
  public var arn: String?
  /// What makes its input of an event.
  public var template: String?
  /// For an API destination.
  public var http: RuleTarget.HTTPParameters?

  /// Makes an enrichment.
  public init(arn: String? = nil, template: String? = nil, http: RuleTarget.HTTPParameters? = nil) {
    self.arn = arn
    self.template = template
    self.http = http
  }
}

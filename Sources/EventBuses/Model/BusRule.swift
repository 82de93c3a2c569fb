// A rule as the API knows it: a pattern or a schedule, and up to five targets.

/// A rule of a bus.
public struct BusRule: Codable, Sendable, Equatable {
  /// Whether a rule takes events.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// It does, but for read-only management events from CloudTrail.
    case enabled = "ENABLED"
    /// It does not.
    case disabled = "DISABLED"
    /// It does, those events included.
    case enabledWithAllManagementEvents = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  }

  /// Its name, unique on its bus.
  public var name: String
  /// The bus.
  public var bus: String
  /// What events it takes.
  public var pattern: String?
  /// When it fires on its own.
  public var schedule: String?
  /// Whether it takes events.
  public var state: State
  /// What it is for.
  public var description: String?
  /// The role for targets that name none; kept, not used.
  public var roleARN: String?
  /// Who made it on behalf of the account, if somebody did: it cannot be changed without force.
  public var managedBy: String?
  /// The account that made it.
  public var createdBy: String
  /// The archive that it feeds.
  public var archive: String?
  /// Whether it stands in a rule file, which is the only place to change it.
  public var isFromFile = false
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When its schedule was set, in milliseconds since 1970: a rate counts from here.
  public var scheduledAt: Int64
  /// Its targets, in the order in which they came.
  public var targets: [RuleTarget] = []

  /// The key of a rule in its Region's table; `|` stands in no name.
  static func key(bus: String, name: String) -> String { "\(bus)|\(name)" }

  /// Its key.
  var key: String { Self.key(bus: bus, name: name) }
}

/// A target of a rule.
public struct RuleTarget: Codable, Sendable, Equatable {
  /// An input transformer.
  public struct Transformer: Codable, Sendable, Equatable {
    /// The paths of its variables, by name.
    public var paths: [String: String]
    /// The template.
    public var template: String

    /// Makes a transformer.
    public init(paths: [String: String], template: String) {
      self.paths = paths
      self.template = template
    }
  }

  /// What goes into the request to an API destination; values may be paths into the event.
  public struct HTTPParameters: Codable, Sendable, Equatable {
    /// What takes the place of the `*`s in the URL.
    public var pathValues: [String]
    /// Headers.
    public var headers: [String: String]
    /// The query.
    public var query: [String: String]

    /// Makes parameters.
    public init(pathValues: [String] = [], headers: [String: String] = [:], query: [String: String] = [:]) {
      self.pathValues = pathValues
      self.headers = headers
      self.query = query
    }
  }

  /// When failures are tried again.
  public struct Retry: Codable, Sendable, Equatable {
    /// How often after the first attempt, 0 to 185.
    public var attempts: Int?
    /// For how long, in seconds, 60 to 86,400.
    public var age: Int?

    /// Makes a policy.
    public init(attempts: Int? = nil, age: Int? = nil) {
      self.attempts = attempts
      self.age = age
    }
  }

  /// Its id, unique in its rule.
  public var id: String
  /// What it is.
  public var arn: String
  /// The role that may reach it; kept, not used.
  public var roleARN: String?
  /// A constant in place of the event.
  public var input: String?
  /// The part of the event that it gets.
  public var inputPath: String?
  /// What makes its input from the event.
  public var transformer: Transformer?
  /// The message group, for a FIFO queue.
  public var messageGroupID: String?
  /// For an API destination.
  public var http: HTTPParameters?
  /// The queue for events that it could not be given.
  public var deadLetterARN: String?
  /// When failures are tried again.
  public var retry: Retry?
  /// Parameters of services that are not here, by their name in the API, as JSON: for where they are forwarded to.
  public var others: [String: String]

  /// Makes a target.
  public init(
    id: String,
    arn: String,
    roleARN: String? = nil,
    input: String? = nil,
    inputPath: String? = nil,
    transformer: Transformer? = nil,
    messageGroupID: String? = nil,
    http: HTTPParameters? = nil,
    deadLetterARN: String? = nil,
    retry: Retry? = nil,
    others: [String: String] = [:]
  ) {
    self.id = id
    self.arn = arn
    self.roleARN = roleARN
    self.input = input
    self.inputPath = inputPath
    self.transformer = transformer
    self.messageGroupID = messageGroupID
    self.http = http
    self.deadLetterARN = deadLetterARN
    self.retry = retry
    self.others = others
  }
}

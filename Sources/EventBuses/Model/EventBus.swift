// A bus, and the partner sources that buses may take events from.

/// An event bus.
public struct EventBus: Codable, Sendable, Equatable {
  /// What a bus writes to its log.
  public struct LogSettings: Codable, Sendable, Equatable {
    /// `NONE` or `FULL`.
    public var includeDetail: String?
    /// `OFF`, `ERROR`, `INFO` or `TRACE`.
    public var level: String?

    /// Makes settings.
    public init(includeDetail: String? = nil, level: String? = nil) {
      self.includeDetail = includeDetail
      self.level = level
    }
  }

  /// The bus that every account has in every Region.
  public static let defaultName = "default"

  /// Its name; a partner's bus is named after its source.
  public var name: String
  /// What it is for.
  public var description: String?
  /// The key that it is said to be encrypted with; kept, not used.
  public var kmsKey: String?
  /// The queue for events that no target could be given.
  public var deadLetterARN: String?
  /// What it logs.
  public var log: LogSettings?
  /// The partner source that it takes events from.
  public var sourceName: String?
  /// Who else may use it, as a policy document.
  public var policy: String?
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was changed last, in milliseconds since 1970.
  public var modifiedAt: Int64

  /// Makes a bus.
  public init(
    name: String,
    description: String? = nil,
    kmsKey: String? = nil,
    deadLetterARN: String? = nil,
    log: LogSettings? = nil,
    sourceName: String? = nil,
    createdAt: Int64 = 0
  ) {
    self.name = name
    self.description = description
    self.kmsKey = kmsKey
    self.deadLetterARN = deadLetterARN
    self.log = log
    self.sourceName = sourceName
    self.createdAt = createdAt
    modifiedAt = createdAt
  }
}

/// A source that a partner offers to an account.
public struct PartnerSource: Codable, Sendable, Equatable {
  /// Where it stands.
  public enum State: String, Codable, Sendable {
    /// No bus takes its events yet.
    case pending = "PENDING"
    /// Its events go to a bus.
    case active = "ACTIVE"
    /// The partner has withdrawn it.
    case deleted = "DELETED"
  }

  /// Its name, `aws.partner/PARTNER/…`.
  public var name: String
  /// The account that offers it.
  public var partnerAccount: String
  /// Where it stands.
  public var state: State
  /// When it was offered, in milliseconds since 1970.
  public var createdAt: Int64

  /// When the offer runs out, in milliseconds since 1970: two weeks after it was made.
  public var expiresAt: Int64 { createdAt + 14 * 86_400_000 }
}

/// A global endpoint: configuration that is kept and shown.
public struct BusEndpoint: Codable, Sendable, Equatable {
  /// Its name.
  public var name: String
  /// What it is for.
  public var description: String?
  /// `RoutingConfig` as JSON, as it was given.
  public var routing: String
  /// `ENABLED` or `DISABLED`.
  public var replicationState: String
  /// The ARNs of the two buses.
  public var busARNs: [String]
  /// The role for replication.
  public var roleARN: String?
  /// The part of the URL that names it.
  public var identifier: String
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was changed last, in milliseconds since 1970.
  public var modifiedAt: Int64

  /// Makes an endpoint.
  public init(
    name: String,
    description: String?,
    routing: String,
    replicationState: String,
    busARNs: [String],
    roleARN: String?,
    identifier: String,
    now: Int64
  ) {
    self.name = name
    self.description = description
    self.routing = routing
    self.replicationState = replicationState
    self.busARNs = busARNs
    self.roleARN = roleARN
    self.identifier = identifier
    createdAt = now
    modifiedAt = now
  }
}

/// A tag of a bus or a rule.
public struct ResourceTag: Codable, Sendable, Equatable {
  /// The key.
  public var key: String
  /// The value.
  public var value: String

  /// Makes a tag.
  public init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}

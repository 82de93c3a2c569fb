// Archives keep events of a bus; replays send them to it again.

/// An archive of a bus.
public struct Archive: Codable, Sendable, Equatable {
  /// Its name, unique in its account and Region.
  public var name: String
  /// The ARN of the bus.
  public var sourceARN: String
  /// What it is for.
  public var description: String?
  /// What events it keeps; all of them without.
  public var pattern: String?
  /// For how many days; 0 is for ever.
  public var retentionDays: Int
  /// The key that it is said to be encrypted with; kept, not used.
  public var kmsKey: String?
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// What its events are stored under: an archive that is made again begins empty.
  public var storageID: String
}

/// A replay of an archive.
public struct Replay: Codable, Sendable, Equatable {
  /// Where it stands.
  public enum State: String, Codable, Sendable {
    case starting = "STARTING"
    case running = "RUNNING"
    case cancelling = "CANCELLING"
    case completed = "COMPLETED"
    case cancelled = "CANCELLED"
    case failed = "FAILED"

    /// Whether there is something left to do.
    public var isActive: Bool { self == .starting || self == .running || self == .cancelling }
  }

  /// Its name, unique in its account and Region for as long as it is remembered.
  public var name: String
  /// What it is for.
  public var description: String?
  /// The ARN of the archive.
  public var archiveARN: String
  /// The events from this instant on, in milliseconds since 1970.
  public var from: Int64
  /// The events before this instant, in milliseconds since 1970.
  public var until: Int64
  /// The ARN of the bus.
  public var destinationARN: String
  /// The ARNs of the rules that see the events; all of them if there are none.
  public var filterARNs: [String]
  /// Where it stands.
  public var state: State
  /// Why.
  public var stateReason: String?
  /// When it was started, in milliseconds since 1970.
  public var startedAt: Int64
  /// When it ended, in milliseconds since 1970.
  public var endedAt: Int64?
  /// The time of the event replayed last, in milliseconds since 1970.
  public var lastEventTime: Int64?
  /// The row of the archive up to which it has come.
  public var position: Int64 = 0

  /// Makes a replay that is to begin.
  public init(
    name: String,
    description: String?,
    archiveARN: String,
    from: Int64,
    until: Int64,
    destinationARN: String,
    filterARNs: [String],
    startedAt: Int64
  ) {
    self.name = name
    self.description = description
    self.archiveARN = archiveARN
    self.from = from
    self.until = until
    self.destinationARN = destinationARN
    self.filterARNs = filterARNs
    self.startedAt = startedAt
    state = .starting
  }
}

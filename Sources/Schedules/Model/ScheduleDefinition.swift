// A schedule as its owner describes it, and as it is kept.

internal import RuleFiles
public import TrailEvents

/// What a schedule is to do, and when.
public struct ScheduleDefinition: Codable, Sendable, Equatable {
  /// Whether a schedule fires.
  public enum State: String, Codable, Sendable {
    /// It does.
    case enabled = "ENABLED"
    /// It does not.
    case disabled = "DISABLED"
  }

  /// What happens to a schedule that has fired for the last time.
  public enum Completion: String, Codable, Sendable {
    /// It stays.
    case keep = "NONE"
    /// It is deleted.
    case delete = "DELETE"
  }

  /// The group.
  public var group: String
  /// Its name, unique in its group.
  public var name: String
  /// `at(…)`, `rate(…)` or `cron(…)`.
  public var expression: String
  /// The IANA name of the zone whose clocks the expression speaks of.
  public var timeZone: String
  /// Nothing fires before, in milliseconds since 1970.
  public var start: Int64?
  /// Nothing fires after, in milliseconds since 1970.
  public var end: Int64?
  /// Whether it may fire anywhere in a window after its time.
  public var isFlexible: Bool
  /// The length of that window in minutes, 1 to 1440.
  public var windowMinutes: Int?
  /// Whether it fires.
  public var state: State
  /// What it is for.
  public var description: String?
  /// A key that AWS would encrypt with; kept, not used.
  public var kmsKey: String?
  /// What happens after the last firing.
  public var completion: Completion
  /// What it invokes.
  public var target: ScheduleTarget

  /// Makes a definition.
  public init(
    group: String = ScheduleGroup.defaultName,
    name: String,
    expression: String,
    timeZone: String = "UTC",
    start: Int64? = nil,
    end: Int64? = nil,
    isFlexible: Bool = false,
    windowMinutes: Int? = nil,
    state: State = .enabled,
    description: String? = nil,
    kmsKey: String? = nil,
    completion: Completion = .keep,
    target: ScheduleTarget
  ) {
    self.group = group
    self.name = name
    self.expression = expression
    self.timeZone = timeZone
    self.start = start
    self.end = end
    self.isFlexible = isFlexible
    self.windowMinutes = windowMinutes
    self.state = state
    self.description = description
    self.kmsKey = kmsKey
    self.completion = completion
    self.target = target
  }

  /// The ARN, in an account and Region.
  public func arn(in scope: Scope) -> ARN {
    ARN(service: "scheduler", in: scope, resource: "schedule/\(group)/\(name)")
  }

  /// Whether another definition fires at the same times.
  func isTimed(as other: ScheduleDefinition) -> Bool {
    expression == other.expression && timeZone == other.timeZone && start == other.start && end == other.end
      && isFlexible == other.isFlexible && windowMinutes == other.windowMinutes && state == other.state
  }

  /// Whether it has the same expression, so that a rate goes on counting from where it began.
  func isCounted(as other: ScheduleDefinition) -> Bool {
    expression == other.expression && timeZone == other.timeZone && start == other.start
  }
}

/// A schedule as it is kept.
public struct ScheduleRecord: Codable, Sendable, Equatable {
  /// What its owner says.
  public var definition: ScheduleDefinition
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was changed last, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// Since when it is timed as it is, in milliseconds since 1970.
  public var timedAt: Int64
  /// Where a rate without a start counts from, in milliseconds since 1970.
  public var countedFrom: Int64
  /// The token of the request that made it.
  public var token: String?
}

/// A group of schedules.
public struct ScheduleGroup: Codable, Sendable, Equatable {
  /// The name of the group that is always there.
  public static let defaultName = "default"

  /// Its name.
  public var name: String
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it or its tags were changed last, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// Its tags, in the order in which they came.
  public var tags: [Tag] = []
  /// The token of the request that made it.
  public var token: String?

  /// A tag.
  public struct Tag: Codable, Sendable, Equatable {
    /// Its key.
    public var key: String
    /// Its value.
    public var value: String

    /// Makes a tag.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// The ARN of a group.
  public static func arn(_ name: String, in scope: Scope) -> ARN {
    ARN(service: "scheduler", in: scope, resource: "schedule-group/\(name)")
  }
}

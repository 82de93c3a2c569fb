// Making, changing, finding and deleting schedules. What is answered is on the disk.

internal import Delivery
internal import GRDB
internal import RuleFiles
internal import Storage
public import TrailEvents

/// Which schedules are listed.
public struct ScheduleQuery: Sendable, Equatable {
  /// Those of a group; of all groups if it does not say.
  public var group: String?
  /// Those whose names begin so.
  public var prefix: String?
  /// Those in a state.
  public var state: ScheduleDefinition.State?
  /// Those after this one, in the order of group and name.
  public var after: (group: String, name: String)?
  /// How many.
  public var limit: Int

  /// Makes a query for a page of all schedules.
  public init(
    group: String? = nil,
    prefix: String? = nil,
    state: ScheduleDefinition.State? = nil,
    after: (group: String, name: String)? = nil,
    limit: Int = 100
  ) {
    self.group = group
    self.prefix = prefix
    self.state = state
    self.after = after
    self.limit = limit
  }

  /// Whether two ask for the same page.
  public static func == (a: ScheduleQuery, b: ScheduleQuery) -> Bool {
    a.group == b.group && a.prefix == b.prefix && a.state == b.state && a.limit == b.limit
      && a.after?.group == b.after?.group && a.after?.name == b.after?.name
  }
}

extension ScheduleEngine {
  /// How long ago a single time, or the start of a schedule, may be when the schedule is made: clocks differ.
  private static let tolerance: Int64 = 300_000

  /// Makes a schedule.
  ///
  /// - Parameter token: a request with the token of the one that made the schedule gets the same answer.
  /// - Returns: the schedule's ARN.
  public func create(_ definition: ScheduleDefinition, token: String?, in scope: Scope) async throws -> ARN {
    let now = clock.now.milliseconds
    let timing = try check(definition, in: scope)
    try Self.checkStart(definition, now: now)
    let limit = surroundings.limits.schedules
    let schedule = ScheduleRecord(
      definition: definition,
      createdAt: now,
      modifiedAt: now,
      timedAt: now,
      countedFrom: now,
      token: token
    )
    let firing = schedule.firing(after: Self.beginning(timing, now: now), in: scope)
    try await database.transact { db in
      try Self.ensure(group: definition.group, in: scope, now: now, db)
      if let known = try ScheduleRows.find(definition.group, definition.name, in: scope, db) {
        // A client that did not get the answer asks again.
        if let token, known.token == token, known.definition == definition { return }
        throw ScheduleError.conflict("Schedule \(definition.name) already exists.")
      }
      guard try !ScheduleRows.isFull(scope, limit: limit, db) else {
        throw ScheduleError.quota("The maximum number of schedules, \(limit), has been reached.")
      }
      try ScheduleRows.save(schedule, in: scope, firing: firing, db)
    }
    change.ring()
    return definition.arn(in: scope)
  }

  /// Puts another definition in the place of a schedule's.
  ///
  /// - Returns: the schedule's ARN.
  public func update(_ definition: ScheduleDefinition, in scope: Scope) async throws -> ARN {
    let now = clock.now.milliseconds
    let timing = try check(definition, in: scope)
    try await database.transact { db in
      try Self.ensure(group: definition.group, in: scope, now: now, db)
      guard var schedule = try ScheduleRows.find(definition.group, definition.name, in: scope, db) else {
        throw ScheduleError.notFound(schedule: definition.name)
      }
      let before = schedule.definition
      if definition.start != before.start { try Self.checkStart(definition, now: now) }
      schedule.definition = definition
      schedule.modifiedAt = now
      if !definition.isCounted(as: before) { schedule.countedFrom = now }
      if definition.isTimed(as: before) {
        try ScheduleRows.save(schedule, in: scope, firing: nil, db)
      } else {
        schedule.timedAt = now
        // What was not changed and has fired does not fire again, and a rate does not begin anew.
        let begin = definition.isCounted(as: before) ? Instant(seconds: now / 1000) : Self.beginning(timing, now: now)
        try ScheduleRows.save(schedule, in: scope, firing: .some(schedule.firing(after: begin, in: scope)), db)
      }
    }
    change.ring()
    return definition.arn(in: scope)
  }

  /// Deletes a schedule; what it has invoked is delivered all the same.
  public func delete(_ name: String, of group: String, token: String?, in scope: Scope) async throws {
    let now = clock.now.milliseconds
    try await database.transact { db in
      let resource = "\(group)/\(name)"
      if try ScheduleRows.remove(group, name, in: scope, db) {
        if let token { try DeletionRows.note(token, resource, in: scope, now: now, db) }
        return
      }
      if let token, try DeletionRows.isDone(token, resource, in: scope, db) { return }
      try Self.ensure(group: group, in: scope, now: now, db)
      throw ScheduleError.notFound(schedule: name)
    }
  }

  /// The schedule of a name.
  public func schedule(_ name: String, of group: String, in scope: Scope) async throws -> ScheduleRecord {
    let (schedule, hasGroup) = try await database.fetch { db in
      (
        try ScheduleRows.find(group, name, in: scope, db),
        try group == ScheduleGroup.defaultName || GroupRows.find(group, in: scope, db) != nil
      )
    }
    if let schedule { return schedule }
    throw hasGroup ? ScheduleError.notFound(schedule: name) : ScheduleError.notFound(group: group)
  }

  /// A page of schedules, in the order of group and name.
  public func schedules(_ query: ScheduleQuery, in scope: Scope) async throws -> [ScheduleRecord] {
    let (schedules, hasGroup) = try await database.fetch { db in
      (
        try ScheduleRows.list(query, in: scope, db),
        try query.group.map { try $0 == ScheduleGroup.defaultName || GroupRows.find($0, in: scope, db) != nil } ?? true
      )
    }
    guard hasGroup else { throw ScheduleError.notFound(group: query.group ?? "") }
    return schedules
  }

  // MARK: Checks

  private func check(_ definition: ScheduleDefinition, in scope: Scope) throws(ScheduleError) -> ScheduleTiming {
    let timing = try definition.timing(countedFrom: 0)
    if definition.isFlexible, definition.windowMinutes == nil {
      throw .validation("MaximumWindowInMinutes must be specified when the mode of FlexibleTimeWindow is FLEXIBLE.")
    }
    if let start = definition.start, let end = definition.end, end <= start {
      throw .validation("The EndDate you specify must be later than the StartDate.")
    }
    try definition.target.check(in: scope)
    return timing
  }

  private static func checkStart(_ definition: ScheduleDefinition, now: Int64) throws(ScheduleError) {
    guard !definition.expression.hasPrefix("at("), let start = definition.start else { return }
    guard start >= now - tolerance else {
      throw .validation("The StartDate you specify cannot be earlier than 5 minutes ago.")
    }
  }

  /// What the first firing of a new timing lies after.
  private static func beginning(_ timing: ScheduleTiming, now: Int64) -> RuleFiles.Instant {
    switch timing.expression {
    // A rate fires at once; a single time that has just gone by is made up for, and one of long ago is not.
    case .at: RuleFiles.Instant(seconds: (now - tolerance) / 1000)
    case .every(.rate): RuleFiles.Instant(seconds: now / 1000 - 1)
    case .every(.cron): RuleFiles.Instant(seconds: now / 1000)
    }
  }
}

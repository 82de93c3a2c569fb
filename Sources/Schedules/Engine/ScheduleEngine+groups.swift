// Groups of schedules and their tags. The default group is always there; its row is made when something asks for it.

internal import Delivery
internal import GRDB
internal import Storage
public import TrailEvents

extension ScheduleEngine {
  /// How many tags a group may have.
  private static let mostTags = 50

  /// Makes a group.
  ///
  /// - Parameter token: a request with the token of the one that made the group gets the same answer.
  /// - Returns: the group's ARN.
  public func createGroup(_ name: String, tags: [ScheduleGroup.Tag], token: String?, in scope: Scope) async throws
    -> ARN
  {
    let (now, limit) = (clock.now.milliseconds, surroundings.limits.groups)
    try Self.check(tags)
    try await database.transact { db in
      try Self.ensure(group: ScheduleGroup.defaultName, in: scope, now: now, db)
      if let known = try GroupRows.find(name, in: scope, db) {
        if let token, known.token == token, known.tags == tags { return }
        throw ScheduleError.conflict("Schedule group \(name) already exists.")
      }
      guard try GroupRows.list(in: scope, db).count < limit else {
        throw ScheduleError.quota("The maximum number of schedule groups, \(limit), has been reached.")
      }
      let group = ScheduleGroup(name: name, createdAt: now, modifiedAt: now, tags: tags, token: token)
      try GroupRows.save(group, in: scope, db)
    }
    return ScheduleGroup.arn(name, in: scope)
  }

  /// Deletes a group with all of its schedules; what they have invoked is delivered all the same.
  public func deleteGroup(_ name: String, token: String?, in scope: Scope) async throws {
    guard name != ScheduleGroup.defaultName else {
      throw ScheduleError.validation("The default schedule group cannot be deleted.")
    }
    let now = clock.now.milliseconds
    try await database.transact { db in
      if try GroupRows.remove(name, in: scope, db) {
        try ScheduleRows.removeAll(of: name, in: scope, db)
        if let token { try DeletionRows.note(token, name, in: scope, now: now, db) }
        return
      }
      if let token, try DeletionRows.isDone(token, name, in: scope, db) { return }
      throw ScheduleError.notFound(group: name)
    }
  }

  /// The group of a name.
  public func group(_ name: String, in scope: Scope) async throws -> ScheduleGroup {
    if name == ScheduleGroup.defaultName { try await makeDefaultGroup(in: scope) }
    guard let group = try await database.fetch({ try GroupRows.find(name, in: scope, $0) }) else {
      throw ScheduleError.notFound(group: name)
    }
    return group
  }

  /// All groups, in the order of their names.
  public func groups(in scope: Scope) async throws -> [ScheduleGroup] {
    try await makeDefaultGroup(in: scope)
    return try await database.fetch { try GroupRows.list(in: scope, $0) }
  }

  // MARK: Tags

  /// The tags of a group.
  public func tags(of resource: String, in scope: Scope) async throws -> [ScheduleGroup.Tag] {
    try await group(try Self.group(named: resource, in: scope), in: scope).tags
  }

  /// Adds tags to a group, or replaces those with the same keys.
  public func tag(_ resource: String, _ tags: [ScheduleGroup.Tag], in scope: Scope) async throws {
    try Self.check(tags)
    try await changeTags(of: resource, in: scope) { known in
      for tag in tags {
        if let index = known.firstIndex(where: { $0.key == tag.key }) { known[index] = tag } else { known.append(tag) }
      }
    }
  }

  /// Removes tags of a group; keys that are not there are no error.
  public func untag(_ resource: String, _ keys: [String], in scope: Scope) async throws {
    try await changeTags(of: resource, in: scope) { known in known.removeAll { keys.contains($0.key) } }
  }

  private func changeTags(
    of resource: String,
    in scope: Scope,
    _ change: @escaping @Sendable (inout [ScheduleGroup.Tag]) -> Void
  ) async throws {
    let (name, now) = (try Self.group(named: resource, in: scope), clock.now.milliseconds)
    try await database.transact { db in
      try Self.ensure(group: name, in: scope, now: now, db)
      guard var group = try GroupRows.find(name, in: scope, db) else { throw ScheduleError.notFound(group: name) }
      change(&group.tags)
      try Self.check(group.tags)
      group.modifiedAt = now
      try GroupRows.save(group, in: scope, db)
    }
  }

  /// The group that an ARN names; those of other accounts and Regions are not there.
  private static func group(named resource: String, in scope: Scope) throws(ScheduleError) -> String {
    guard let arn = ARN(resource), arn.service == "scheduler", arn.type == "schedule-group", arn.scope == scope else {
      throw .notFound(group: ARN(resource)?.name ?? resource)
    }
    return arn.name
  }

  private static func check(_ tags: [ScheduleGroup.Tag]) throws(ScheduleError) {
    guard Set(tags.map(\.key)).count == tags.count else { throw .validation("A tag key may be given only once.") }
    guard tags.count <= mostTags else { throw .validation("A schedule group can have up to \(mostTags) tags.") }
    if let tag = tags.first(where: { $0.key.lowercased().hasPrefix("aws:") }) {
      throw .validation("Tag keys that begin with aws: are AWS's own: \(tag.key).")
    }
  }

  // MARK: The default group

  private func makeDefaultGroup(in scope: Scope) async throws {
    let isThere = try await database.fetch { try GroupRows.find(ScheduleGroup.defaultName, in: scope, $0) != nil }
    guard !isThere else { return }
    let now = clock.now.milliseconds
    try await database.transact { try Self.ensure(group: ScheduleGroup.defaultName, in: scope, now: now, $0) }
  }

  /// Refuses a group that is not there, and makes the default one.
  static func ensure(group name: String, in scope: Scope, now: Int64, _ db: Database) throws {
    guard try GroupRows.find(name, in: scope, db) == nil else { return }
    guard name == ScheduleGroup.defaultName else { throw ScheduleError.notFound(group: name) }
    try GroupRows.save(ScheduleGroup(name: name, createdAt: now, modifiedAt: now), in: scope, db)
  }
}

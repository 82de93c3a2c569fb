// Discoverers: one for a bus. From the answer on, the events of its bus are looked at.

internal import GRDB
internal import Storage
public import TrailEvents

extension SchemaRegistries {
  /// Makes a discoverer of a bus of the account, which looks at once.
  public func createDiscoverer(
    ofBus busARN: String,
    description: String?,
    isCrossAccount: Bool,
    tags: [String: String],
    in scope: Scope
  ) async throws -> Discoverer {
    guard let arn = ARN(busARN), arn.service == "events", arn.type == "event-bus", arn.scope == scope else {
      throw SchemasError.badRequest("SourceArn is not the ARN of an event bus of this account and Region.")
    }
    guard surroundings.hasBus(arn) else { throw SchemasError.badRequest("The event bus \(arn.name) does not exist.") }
    try Tags.check(tags)
    let discoverer = Discoverer(
      id: Discoverer.id(ofBus: arn.name),
      busARN: busARN,
      description: description,
      isCrossAccount: isCrossAccount,
      tags: tags
    )
    let limit = limits.discoverers
    try await database.transact { db in
      guard try DiscovererRows.discoverer(discoverer.id, in: scope, db) == nil else {
        throw SchemasError.conflict("There is a discoverer of the event bus already: \(discoverer.id).")
      }
      guard try DiscovererRows.discoverers(in: scope, db).count < limit else {
        throw SchemasError.forbidden("There are \(limit) discoverers, which is the most that an account may have.")
      }
      try Self.makeDiscoveredRegistry(in: scope, db)
      try DiscovererRows.save(discoverer, in: scope, db)
    }
    watch(busARN, true)
    return discoverer
  }

  /// The discoverer of an id.
  public func discoverer(_ id: String, in scope: Scope) async throws -> Discoverer {
    try await fetch { try Self.discoverer(id, in: scope, $0) }
  }

  /// The discoverers, in the order of their ids.
  public func discoverers(in scope: Scope) async throws -> [Discoverer] {
    try await fetch { try DiscovererRows.discoverers(in: scope, $0) }
  }

  /// Changes what is given.
  public func updateDiscoverer(
    _ id: String,
    description: String? = nil,
    isCrossAccount: Bool? = nil,
    state: Discoverer.State? = nil,
    in scope: Scope
  ) async throws -> Discoverer {
    let changed = try await database.transact { db in
      var discoverer = try Self.discoverer(id, in: scope, db)
      if let description { discoverer.description = description }
      if let isCrossAccount { discoverer.isCrossAccount = isCrossAccount }
      if let state { discoverer.state = state }
      try DiscovererRows.save(discoverer, in: scope, db)
      return discoverer
    }
    watch(changed.busARN, changed.state == .started)
    return changed
  }

  /// Removes a discoverer; what it has found stays.
  public func deleteDiscoverer(_ id: String, in scope: Scope) async throws {
    let deleted = try await database.transact { db in
      let discoverer = try Self.discoverer(id, in: scope, db)
      try DiscovererRows.delete(id, in: scope, db)
      return discoverer
    }
    watch(deleted.busARN, false)
  }

  static func discoverer(_ id: String, in scope: Scope, _ db: Database) throws -> Discoverer {
    guard let discoverer = try DiscovererRows.discoverer(id, in: scope, db) else {
      throw SchemasError.notFound("Discoverer with id \(id) does not exist.")
    }
    return discoverer
  }

  /// Makes the registry for what is found, unless it is there.
  private static func makeDiscoveredRegistry(in scope: Scope, _ db: Database) throws {
    guard try RegistryRows.registry(Registry.discovered, in: scope, db) == nil else { return }
    let registry = Registry(name: Registry.discovered, description: "What discoverers have found")
    try RegistryRows.insert(registry, in: scope, db)
  }
}

// The engine behind EventBridge Schemas. What there is lies in the database and is read from there: registries are asked
// now and then, by people. Only which buses are looked at is kept in memory, because every event asks that.
//
//   events on watched buses ─► bus_arrivals ─► Discovery ─► schemas, versions ─► news on the default bus
//   control plane ───────────────────────────────────────► the same rows

public import Delivery
internal import GRDB
public import Logging
public import Storage
internal import Synchronization
public import TrailEvents

/// The schema registries of an installation.
public final class SchemaRegistries: Sendable {
  /// What the registries need of the world.
  public struct Surroundings: Sendable {
    /// The present.
    public var clock: any Clock
    /// Whether there is an event bus, given by its ARN.
    public var hasBus: @Sendable (_ arn: ARN) -> Bool
    /// Tells the world about a new version of a schema. It is told at most once: news is lost if the process ends here.
    public var announce: @Sendable (SchemaNews) async -> Void
    /// Makes a random id.
    public var newID: @Sendable () -> String

    /// Makes surroundings.
    public init(
      clock: any Clock,
      hasBus: @escaping @Sendable (_ arn: ARN) -> Bool,
      newID: @escaping @Sendable () -> String,
      announce: @escaping @Sendable (SchemaNews) async -> Void = { _ in }
    ) {
      self.clock = clock
      self.hasBus = hasBus
      self.newID = newID
      self.announce = announce
    }
  }

  let database: EmbeddedDatabase
  let limits: SchemaLimits
  let surroundings: Surroundings
  let logger: Logger
  private let watched: Mutex<Set<String>>
  /// What has been said often enough.
  let notices = Mutex(Thinning())
  /// Rung when there is something to look at.
  let bell = WakeUp()

  /// Opens the registries of a database. Blocks.
  public init(
    database: EmbeddedDatabase,
    limits: SchemaLimits = SchemaLimits(),
    surroundings: Surroundings,
    logger: Logger
  ) throws {
    self.database = database
    self.limits = limits
    self.surroundings = surroundings
    self.logger = logger
    watched = Mutex(try database.read { try DiscovererRows.watchedBuses($0) })
  }

  var now: Int64 { surroundings.clock.now.milliseconds }

  /// Whether the events of a bus, given by its ARN, are looked at.
  public func isWatched(_ bus: @autoclosure () -> String) -> Bool {
    watched.withLock { watched in
      // Most installations have no discoverer, and every event asks.
      !watched.isEmpty && watched.contains(bus())
    }
  }

  /// Says that there are new events on buses that are looked at.
  public func noteArrivals() { bell.ring() }

  func watch(_ bus: String, _ isWatched: Bool) {
    watched.withLock { if isWatched { $0.insert(bus) } else { $0.remove(bus) } }
  }

  // MARK: Registries

  /// Makes a registry.
  public func createRegistry(_ registry: Registry, in scope: Scope) async throws -> Registry {
    try Registry.check(name: registry.name)
    guard registry.name != Registry.discovered, !registry.name.hasPrefix("aws.") else {
      throw SchemasError.forbidden("The name \(registry.name) is reserved: names that begin with aws. are AWS's.")
    }
    try Tags.check(registry.tags)
    let limit = limits.registries
    return try await database.transact { db in
      guard try RegistryRows.registry(registry.name, in: scope, db) == nil else {
        throw SchemasError.conflict("Registry with name \(registry.name) already exists.")
      }
      guard try RegistryRows.registries(in: scope, db).count(where: { $0.name != Registry.discovered }) < limit else {
        throw SchemasError.forbidden("There are \(limit) registries, which is the most that an account may have.")
      }
      try RegistryRows.insert(registry, in: scope, db)
      return registry
    }
  }

  /// The registry of a name.
  public func registry(_ name: String, in scope: Scope) async throws -> Registry {
    try await fetch { try Self.registry(name, in: scope, $0) }
  }

  /// The registries, in the order of their names.
  public func registries(in scope: Scope) async throws -> [Registry] {
    try await database.fetch { try RegistryRows.registries(in: scope, $0) } + [BuiltInSchemas.registry]
  }

  /// Gives a registry another description.
  public func updateRegistry(_ name: String, description: String?, in scope: Scope) async throws -> Registry {
    try Registry.checkWritable(name)
    return try await database.transact { db in
      var registry = try Self.registry(name, in: scope, db)
      if let description { registry.description = description }
      try RegistryRows.update(registry, in: scope, db)
      return registry
    }
  }

  /// Removes a registry with all of its schemas.
  public func deleteRegistry(_ name: String, in scope: Scope) async throws {
    try Registry.checkWritable(name)
    try await database.transact { db in
      _ = try Self.registry(name, in: scope, db)
      try RegistryRows.delete(name, in: scope, db)
    }
  }

  /// Reads one unchanging state; throws what the body refuses as it is.
  func fetch<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
    let result: Result<R, SchemasError> = try await database.fetch { db in
      do {
        return .success(try body(db))
      } catch let refusal as SchemasError {
        return .failure(refusal)
      }
    }
    return try result.get()
  }

  static func registry(_ name: String, in scope: Scope, _ db: Database) throws -> Registry {
    if name == Registry.builtIn { return BuiltInSchemas.registry }
    guard let registry = try RegistryRows.registry(name, in: scope, db) else {
      throw SchemasError.notFound("Registry with name \(name) does not exist.")
    }
    return registry
  }
}

/// A new version of a schema.
public struct SchemaNews: Sendable, Equatable {
  /// Where the schema is.
  public var scope: Scope
  /// The registry that it is in.
  public var registry: String
  /// Its name.
  public var schema: String
  /// The kind of document.
  public var type: SchemaType
  /// The number of the version.
  public var version: Int
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// Whether the schema is new, too.
  public var isNewSchema: Bool
}

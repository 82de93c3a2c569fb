// Schemas and their versions. A version is never changed: another document makes another version.

internal import GRDB
internal import Storage
public import TrailEvents

/// A schema, and one of its versions.
public struct VersionedSchema: Sendable, Equatable {
  /// The schema.
  public var schema: RegisteredSchema
  /// The version.
  public var version: SchemaVersion
}

/// What UpdateSchema is to change; what is nil stays.
public struct SchemaChange: Sendable {
  /// What it is for.
  public var description: String?
  /// Another kind of document.
  public var type: SchemaType?
  /// Another document.
  public var content: String?
  /// The client's token: the same change twice is made once.
  public var token: String?

  /// Makes a change.
  public init(
    description: String? = nil,
    type: SchemaType? = nil,
    content: String? = nil,
    token: String? = nil
  ) {
    self.description = description
    self.type = type
    self.content = content
    self.token = token
  }
}

extension SchemaRegistries {
  /// Makes a schema with its first version.
  public func createSchema(_ schema: RegisteredSchema, content: String, in scope: Scope) async throws
    -> VersionedSchema
  {
    try Registry.checkWritable(schema.registry)
    try RegisteredSchema.check(name: schema.name)
    try Tags.check(schema.tags)
    _ = try SchemaContent.check(content, as: schema.type)
    let (limit, now) = (limits.schemas, now)
    let made = try await database.transact { db in
      _ = try Self.registry(schema.registry, in: scope, db)
      guard try SchemaRows.schema(schema.name, of: schema.registry, in: scope, db) == nil else {
        throw SchemasError.conflict("Schema with name \(schema.name) already exists.")
      }
      guard try SchemaRows.count(of: schema.registry, in: scope, db) < limit else {
        throw SchemasError.forbidden("The registry has \(limit) schemas, which is the most that it may have.")
      }
      var schema = schema
      schema.modifiedAt = now
      var row = try SchemaRows.insert(schema, in: scope, db)
      return try Self.addVersion(content, to: &row, now: now, db)
    }
    await announce(made, isNewSchema: true, in: scope)
    return made
  }

  /// The schema of a name with a version of it, the newest if none is named.
  public func schema(
    _ name: String,
    of registry: String,
    version: String? = nil,
    in scope: Scope
  ) async throws -> VersionedSchema {
    if registry == Registry.builtIn {
      return try BuiltInSchemas.schema(name, version: try version.map(Self.number))
    }
    return try await fetch { db in
      let row = try Self.row(name, of: registry, in: scope, db)
      return VersionedSchema(schema: row.schema, version: try Self.version(version, of: row, db))
    }
  }

  /// The schemas of a registry, in the order of their names.
  public func schemas(of registry: String, in scope: Scope) async throws -> [RegisteredSchema] {
    if registry == Registry.builtIn { return BuiltInSchemas.all.map(\.schema) }
    return try await fetch { db in
      _ = try Self.registry(registry, in: scope, db)
      return try SchemaRows.schemas(of: registry, in: scope, db).map(\.schema)
    }
  }

  /// Changes a schema; another document is a new version, the same one is none.
  public func updateSchema(
    _ name: String,
    of registry: String,
    _ change: SchemaChange,
    in scope: Scope
  ) async throws -> VersionedSchema {
    try Registry.checkWritable(registry)
    if change.content == nil, change.type != nil {
      throw SchemasError.badRequest("Type is given without Content: a kind is that of a document.")
    }
    let (limit, now) = (limits.versions, now)
    let (changed, isNew) = try await database.transact { db in
      var row = try Self.row(name, of: registry, in: scope, db)
      if let token = change.token, let known = try VersionRows.version(madeWith: token, of: row, db) {
        return (VersionedSchema(schema: row.schema, version: known), false)
      }
      if let description = change.description { row.schema.description = description }
      let newest = try Self.version(nil, of: row, db)
      let type = change.type ?? row.schema.type
      guard let content = change.content, content != newest.content || type != newest.type else {
        row.schema.modifiedAt = now
        try SchemaRows.update(row, db)
        return (VersionedSchema(schema: row.schema, version: newest), false)
      }
      _ = try SchemaContent.check(content, as: type)
      guard row.schema.versionCount < limit else {
        throw SchemasError.forbidden("The schema has \(limit) versions, which is the most that it may have.")
      }
      row.schema.type = type
      return (try Self.addVersion(content, token: change.token, to: &row, now: now, db), true)
    }
    if isNew { await announce(changed, isNewSchema: false, in: scope) }
    return changed
  }

  /// Removes a schema with its versions.
  public func deleteSchema(_ name: String, of registry: String, in scope: Scope) async throws {
    try Self.checkDeletable(registry)
    try await database.transact { db in
      try SchemaRows.delete(try Self.row(name, of: registry, in: scope, db), db)
    }
  }

  // MARK: Versions

  /// The versions of a schema, the oldest first, without their documents.
  public func versions(
    of name: String,
    of registry: String,
    in scope: Scope
  ) async throws -> (schema: RegisteredSchema, versions: [SchemaVersion]) {
    if registry == Registry.builtIn {
      let found = try BuiltInSchemas.schema(name, version: nil)
      return (found.schema, [found.version])
    }
    return try await fetch { db in
      let row = try Self.row(name, of: registry, in: scope, db)
      return (row.schema, try VersionRows.versions(of: row, db))
    }
  }

  /// Removes a version that is not the only one.
  public func deleteVersion(
    _ version: String,
    of name: String,
    of registry: String,
    in scope: Scope
  ) async throws {
    try Self.checkDeletable(registry)
    try await database.transact { db in
      let row = try Self.row(name, of: registry, in: scope, db)
      let found = try Self.version(version, of: row, db)
      guard row.schema.versionCount > 1 else {
        throw SchemasError.badRequest("Version \(version) is the only one of schema \(name): delete the schema.")
      }
      try VersionRows.delete(found.number, of: row, db)
      if let newest = try VersionRows.newest(of: row, db), newest.type != row.schema.type {
        var row = row
        row.schema.type = newest.type
        try SchemaRows.update(row, db)
      }
    }
  }

  // MARK: Parts

  /// What discoverers have found may be removed, and is found again.
  private static func checkDeletable(_ registry: String) throws(SchemasError) {
    guard registry != Registry.builtIn else {
      throw .forbidden("The registry \(registry) is managed: it cannot be changed.")
    }
  }

  static func row(_ name: String, of registry: String, in scope: Scope, _ db: Database) throws -> SchemaRow {
    _ = try Self.registry(registry, in: scope, db)
    guard let row = try SchemaRows.schema(name, of: registry, in: scope, db) else {
      throw SchemasError.notFound("Schema with name \(name) does not exist in registry \(registry).")
    }
    return row
  }

  /// The version of a number, or the newest.
  static func version(_ text: String?, of row: SchemaRow, _ db: Database) throws -> SchemaVersion {
    let found =
      if let text {
        try VersionRows.version(try number(text), of: row, db)
      } else {
        try VersionRows.newest(of: row, db)
      }
    guard let found else {
      throw SchemasError.notFound("Version \(text ?? "") of schema \(row.schema.name) does not exist.")
    }
    return found
  }

  static func number(_ text: String) throws(SchemasError) -> Int {
    guard let number = Int(text), number > 0 else {
      throw .badRequest("SchemaVersion is not valid: it is a whole number from 1, and not '\(text.prefix(64))'.")
    }
    return number
  }

  /// Adds a version to a schema.
  static func addVersion(
    _ content: String,
    token: String? = nil,
    to row: inout SchemaRow,
    now: Int64,
    _ db: Database
  ) throws -> VersionedSchema {
    row.newestVersion += 1
    row.schema.modifiedAt = now
    row.schema.versionCount += 1
    let version = SchemaVersion(number: row.newestVersion, type: row.schema.type, createdAt: now, content: content)
    try VersionRows.insert(version, token: token, of: row, db)
    try SchemaRows.update(row, db)
    return VersionedSchema(schema: row.schema, version: version)
  }

  func announce(_ made: VersionedSchema, isNewSchema: Bool, in scope: Scope) async {
    await surroundings.announce(
      SchemaNews(
        scope: scope,
        registry: made.schema.registry,
        schema: made.schema.name,
        type: made.version.type,
        version: made.version.number,
        createdAt: made.version.createdAt,
        isNewSchema: isNewSchema
      )
    )
  }
}

// Schemas and their versions in the database.

internal import EventPatterns
internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

/// A schema with its place in the database.
struct SchemaRow: Sendable {
  var id: Int64
  var schema: RegisteredSchema
  /// The highest number that a version ever had.
  var newestVersion: Int
}

/// Rows of schemas.
enum SchemaRows {
  private static let columns = """
    schema, registry, name, type, description, tags, modified_at, newest_version,
    (SELECT count(*) FROM schema_versions AS v WHERE v.schema = schemas.schema) AS versions
    """

  static func schema(_ name: String, of registry: String, in scope: Scope, _ db: Database) throws -> SchemaRow? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT \(columns) FROM schemas WHERE account = ? AND region = ? AND registry = ? AND name = ?"
      ),
      arguments: [scope.account, scope.region, registry, name]
    ).flatMap(row)
  }

  /// The schemas of a registry, in the order of their names.
  static func schemas(of registry: String, in scope: Scope, _ db: Database) throws -> [SchemaRow] {
    try Row.fetchAll(
      db,
      sql: "SELECT \(columns) FROM schemas WHERE account = ? AND region = ? AND registry = ? ORDER BY name",
      arguments: [scope.account, scope.region, registry]
    ).compactMap(row)
  }

  static func count(of registry: String, in scope: Scope, _ db: Database) throws -> Int {
    try Int.fetchOne(
      db,
      sql: "SELECT count(*) FROM schemas WHERE account = ? AND region = ? AND registry = ?",
      arguments: [scope.account, scope.region, registry]
    ) ?? 0
  }

  /// Makes the row of a schema that has no version yet.
  static func insert(_ schema: RegisteredSchema, in scope: Scope, _ db: Database) throws -> SchemaRow {
    try db.execute(
      sql: """
        INSERT INTO schemas (account, region, registry, name, type, description, tags, modified_at, newest_version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
        """,
      arguments: [
        scope.account, scope.region, schema.registry, schema.name, schema.type.rawValue, schema.description,
        Tags.text(schema.tags), schema.modifiedAt,
      ]
    )
    return SchemaRow(id: db.lastInsertedRowID, schema: schema, newestVersion: 0)
  }

  /// Writes what may change about a schema.
  static func update(_ row: SchemaRow, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE schemas SET type = ?, description = ?, tags = ?, modified_at = ?, newest_version = ? WHERE schema = ?
        """,
      arguments: [
        row.schema.type.rawValue, row.schema.description, Tags.text(row.schema.tags), row.schema.modifiedAt,
        row.newestVersion, row.id,
      ]
    )
  }

  static func delete(_ row: SchemaRow, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM schemas WHERE schema = ?", arguments: [row.id])
  }

  // MARK: What a discoverer has learned

  static func shape(of row: SchemaRow, _ db: Database) throws -> ValueShape? {
    guard let found = try Row.fetchOne(db, sql: "SELECT shape FROM schemas WHERE schema = ?", arguments: [row.id])
    else { return nil }
    return (try? JSONValue(parsing: found.bytes(at: 0))).flatMap { ValueShape(stored: $0) }
  }

  static func setShape(_ shape: ValueShape, of row: SchemaRow, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE schemas SET shape = ? WHERE schema = ?",
      arguments: [Data(shape.stored.bytes), row.id]
    )
  }

  private static func row(_ row: Row) -> SchemaRow? {
    guard let type = SchemaType(rawValue: row[3]) else { return nil }
    return SchemaRow(
      id: row[0],
      schema: RegisteredSchema(
        registry: row[1],
        name: row[2],
        type: type,
        description: row[4],
        tags: Tags.read(row[5]),
        modifiedAt: row[6],
        versionCount: row[8]
      ),
      newestVersion: row[7]
    )
  }
}

/// Rows of versions.
enum VersionRows {
  private static let columns = "version, type, created_at, content"

  static func version(_ number: Int, of row: SchemaRow, _ db: Database) throws -> SchemaVersion? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT \(columns) FROM schema_versions WHERE schema = ? AND version = ?"),
      arguments: [row.id, number]
    ).flatMap { try version($0) }
  }

  static func newest(of row: SchemaRow, _ db: Database) throws -> SchemaVersion? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT \(columns) FROM schema_versions WHERE schema = ? ORDER BY version DESC LIMIT 1"),
      arguments: [row.id]
    ).flatMap { try version($0) }
  }

  /// The version that a client has made with a token.
  static func version(madeWith token: String, of row: SchemaRow, _ db: Database) throws -> SchemaVersion? {
    try Row.fetchOne(
      db,
      sql: "SELECT \(columns) FROM schema_versions WHERE schema = ? AND client_token = ?",
      arguments: [row.id, token]
    ).flatMap { try version($0) }
  }

  /// The versions of a schema, the oldest first, without their documents.
  static func versions(of row: SchemaRow, _ db: Database) throws -> [SchemaVersion] {
    try Row.fetchAll(
      db,
      sql: "SELECT version, type, created_at, x'' FROM schema_versions WHERE schema = ? ORDER BY version",
      arguments: [row.id]
    ).compactMap { try version($0) }
  }

  static func insert(_ version: SchemaVersion, token: String? = nil, of row: SchemaRow, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO schema_versions (schema, version, type, created_at, client_token, content) VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        row.id, version.number, version.type.rawValue, version.createdAt, token, Data(version.content.utf8),
      ]
    )
  }

  static func delete(_ number: Int, of row: SchemaRow, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM schema_versions WHERE schema = ? AND version = ?", arguments: [row.id, number])
  }

  /// Lets go of the oldest versions, so that so many are left.
  static func keepNewest(_ count: Int, of row: SchemaRow, _ db: Database) throws {
    try db.execute(
      sql: """
        DELETE FROM schema_versions WHERE schema = ?1 AND version NOT IN (
          SELECT version FROM schema_versions WHERE schema = ?1 ORDER BY version DESC LIMIT ?2)
        """,
      arguments: [row.id, count]
    )
  }

  private static func version(_ row: Row) throws -> SchemaVersion? {
    guard let type = SchemaType(rawValue: row[1]) else { return nil }
    return SchemaVersion(
      number: row[0],
      type: type,
      createdAt: row[2],
      content: String(decoding: try row.bytes(at: 3), as: UTF8.self)
    )
  }
}

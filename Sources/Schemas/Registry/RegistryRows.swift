// Registries in the database.

internal import GRDB
internal import Storage
internal import TrailEvents

/// Rows of registries.
enum RegistryRows {
  /// A policy and the revision that it is at.
  struct Policy: Equatable {
    var document: String
    var revision: String
  }

  static func registry(_ name: String, in scope: Scope, _ db: Database) throws -> Registry? {
    try Row.fetchOne(
      db,
      sql: "SELECT name, description, tags FROM schema_registries WHERE account = ? AND region = ? AND name = ?",
      arguments: [scope.account, scope.region, name]
    ).map(registry)
  }

  static func registries(in scope: Scope, _ db: Database) throws -> [Registry] {
    try Row.fetchAll(
      db,
      sql: "SELECT name, description, tags FROM schema_registries WHERE account = ? AND region = ? ORDER BY name",
      arguments: [scope.account, scope.region]
    ).map(registry)
  }

  static func insert(_ registry: Registry, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO schema_registries (account, region, name, description, tags) VALUES (?, ?, ?, ?, ?)",
      arguments: [scope.account, scope.region, registry.name, registry.description, Tags.text(registry.tags)]
    )
  }

  /// Writes what may change about a registry.
  static func update(_ registry: Registry, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE schema_registries SET description = ?, tags = ? WHERE account = ? AND region = ? AND name = ?",
      arguments: [registry.description, Tags.text(registry.tags), scope.account, scope.region, registry.name]
    )
  }

  /// Removes a registry with its schemas.
  static func delete(_ name: String, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: "DELETE FROM schemas WHERE account = ? AND region = ? AND registry = ?",
      arguments: [scope.account, scope.region, name]
    )
    try db.execute(
      sql: "DELETE FROM schema_registries WHERE account = ? AND region = ? AND name = ?",
      arguments: [scope.account, scope.region, name]
    )
  }

  static func policy(of name: String, in scope: Scope, _ db: Database) throws -> Policy? {
    let row = try Row.fetchOne(
      db,
      sql: "SELECT policy, policy_revision FROM schema_registries WHERE account = ? AND region = ? AND name = ?",
      arguments: [scope.account, scope.region, name]
    )
    guard let row, let document: String = row[0], let revision: String = row[1] else { return nil }
    return Policy(document: document, revision: revision)
  }

  static func setPolicy(_ policy: Policy?, of name: String, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE schema_registries SET policy = ?, policy_revision = ? WHERE account = ? AND region = ? AND name = ?
        """,
      arguments: [policy?.document, policy?.revision, scope.account, scope.region, name]
    )
  }

  private static func registry(_ row: Row) -> Registry {
    Registry(name: row[0], description: row[1], tags: Tags.read(row[2]))
  }
}

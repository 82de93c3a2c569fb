// Discoverers in the database.

internal import GRDB
internal import Storage
internal import TrailEvents

/// Rows of discoverers.
enum DiscovererRows {
  private static let columns = "id, bus, description, state, is_cross_account, tags"

  static func discoverer(_ id: String, in scope: Scope, _ db: Database) throws -> Discoverer? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT \(columns) FROM schema_discoverers WHERE account = ? AND region = ? AND id = ?"
      ),
      arguments: [scope.account, scope.region, id]
    ).map(discoverer)
  }

  static func discoverers(in scope: Scope, _ db: Database) throws -> [Discoverer] {
    try Row.fetchAll(
      db,
      sql: "SELECT \(columns) FROM schema_discoverers WHERE account = ? AND region = ? ORDER BY id",
      arguments: [scope.account, scope.region]
    ).map(discoverer)
  }

  /// The ARNs of the buses whose events are looked at.
  static func watchedBuses(_ db: Database) throws -> Set<String> {
    Set(
      try String.fetchAll(
        db,
        sql: "SELECT bus FROM schema_discoverers WHERE state = ?",
        arguments: [Discoverer.State.started.rawValue]
      )
    )
  }

  static func save(_ discoverer: Discoverer, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO schema_discoverers
          (account, region, id, bus, description, state, is_cross_account, tags)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        scope.account, scope.region, discoverer.id, discoverer.busARN, discoverer.description,
        discoverer.state.rawValue, discoverer.isCrossAccount, Tags.text(discoverer.tags),
      ]
    )
  }

  static func delete(_ id: String, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: "DELETE FROM schema_discoverers WHERE account = ? AND region = ? AND id = ?",
      arguments: [scope.account, scope.region, id]
    )
  }

  private static func discoverer(_ row: Row) -> Discoverer {
    Discoverer(
      id: row[0],
      busARN: row[1],
      description: row[2],
      state: Discoverer.State(rawValue: row[3]) ?? .stopped,
      isCrossAccount: row[4],
      tags: Tags.read(row[5])
    )
  }
}

// Pipes in the database, as statements of a transaction that somebody else has begun.

internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

/// Which pipe: its account, Region and name.
struct PipeKey: Sendable, Hashable {
  var scope: Scope
  var name: String
}

/// The rows of pipes.
enum PipeRows {
  static func find(_ key: PipeKey, _ db: Database) throws -> PipeRecord? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT document FROM pipes WHERE account = ? AND region = ? AND name = ?"),
      arguments: [key.scope.account, key.scope.region, key.name]
    ).map(record)
  }

  static func save(_ pipe: PipeRecord, as key: PipeKey, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO pipes (account, region, name, document) VALUES (?, ?, ?, ?)
        ON CONFLICT (account, region, name) DO UPDATE SET document = excluded.document
        """
    ).execute(arguments: [key.scope.account, key.scope.region, key.name, Data(try json(pipe).utf8)])
  }

  static func remove(_ key: PipeKey, _ db: Database) throws {
    try db.execute(
      sql: "DELETE FROM pipes WHERE account = ? AND region = ? AND name = ?",
      arguments: [key.scope.account, key.scope.region, key.name]
    )
  }

  static func count(in scope: Scope, _ db: Database) throws -> Int {
    try Int.fetchOne(
      db,
      sql: "SELECT count(*) FROM pipes WHERE account = ? AND region = ?",
      arguments: [scope.account, scope.region]
    ) ?? 0
  }

  /// All pipes of an account and Region, in the order of their names.
  static func list(in scope: Scope, _ db: Database) throws -> [PipeRecord] {
    try Row.fetchAll(
      db,
      sql: "SELECT document FROM pipes WHERE account = ? AND region = ? ORDER BY name",
      arguments: [scope.account, scope.region]
    ).map(record)
  }

  /// The keys of all pipes.
  static func keys(_ db: Database) throws -> [PipeKey] {
    try Row.fetchAll(db, sql: "SELECT account, region, name FROM pipes").map { row in
      PipeKey(scope: Scope(account: row[0], region: row[1]), name: row[2])
    }
  }

  private static func record(_ row: Row) throws -> PipeRecord {
    try JSONDecoder().decode(PipeRecord.self, from: Data(try row.bytes(at: 0)))
  }
}

// Groups of schedules, and what is remembered of deletions, as statements of a transaction that somebody else has begun.

internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

/// The rows of groups.
enum GroupRows {
  static func find(_ name: String, in scope: Scope, _ db: Database) throws -> ScheduleGroup? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT document FROM schedule_groups WHERE account = ? AND region = ? AND name = ?"),
      arguments: [scope.account, scope.region, name]
    ).map { try ScheduleRows.decoded(ScheduleGroup.self, $0.bytes(at: 0)) }
  }

  static func save(_ group: ScheduleGroup, in scope: Scope, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO schedule_groups (account, region, name, document) VALUES (?, ?, ?, ?)
        ON CONFLICT (account, region, name) DO UPDATE SET document = excluded.document
        """
    ).execute(arguments: [scope.account, scope.region, group.name, try ScheduleRows.encoded(group)])
  }

  /// Removes a group and says whether it was there.
  static func remove(_ name: String, in scope: Scope, _ db: Database) throws -> Bool {
    try db.execute(
      sql: "DELETE FROM schedule_groups WHERE account = ? AND region = ? AND name = ?",
      arguments: [scope.account, scope.region, name]
    )
    return db.changesCount > 0
  }

  /// All groups, in the order of their names.
  static func list(in scope: Scope, _ db: Database) throws -> [ScheduleGroup] {
    try Row.fetchAll(
      db,
      sql: "SELECT document FROM schedule_groups WHERE account = ? AND region = ? ORDER BY name",
      arguments: [scope.account, scope.region]
    ).map { try ScheduleRows.decoded(ScheduleGroup.self, $0.bytes(at: 0)) }
  }
}

/// Deletions that were done, by the token of the request: a client that did not get the answer asks again.
enum DeletionRows {
  private static let kept: Int64 = 86_400_000

  static func isDone(_ token: String, _ resource: String, in scope: Scope, _ db: Database) throws -> Bool {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT 1 FROM schedule_deletions WHERE account = ? AND region = ? AND token = ? AND resource = ?"
      ),
      arguments: [scope.account, scope.region, token, resource]
    ) != nil
  }

  static func note(_ token: String, _ resource: String, in scope: Scope, now: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM schedule_deletions WHERE deleted_at < ?").execute(arguments: [now - kept])
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO schedule_deletions (account, region, token, resource, deleted_at) VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [scope.account, scope.region, token, resource, now])
  }
}

// Schedules and groups in the database, as statements of a transaction that somebody else has begun.

internal import Foundation
internal import GRDB
internal import RuleFiles
internal import Storage
internal import TrailEvents

/// A schedule that is due.
struct DueSchedule: Sendable {
  var row: Int64
  var scope: Scope
  var occurrence: Int64
  var schedule: ScheduleRecord
}

/// The rows of schedules.
enum ScheduleRows {
  static func find(_ group: String, _ name: String, in scope: Scope, _ db: Database) throws -> ScheduleRecord? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT document FROM schedules WHERE account = ? AND region = ? AND group_name = ? AND name = ?"
      ),
      arguments: [scope.account, scope.region, group, name]
    ).map { try decoded(ScheduleRecord.self, $0.bytes(at: 0)) }
  }

  /// Writes a schedule; when it fires next stays as it is unless it is said.
  static func save(_ schedule: ScheduleRecord, in scope: Scope, firing: Firing??, _ db: Database) throws {
    let definition = schedule.definition
    if let firing {
      try db.cachedStatement(
        sql: """
          INSERT INTO schedules (account, region, group_name, name, state, due_at, occurrence, document)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account, region, group_name, name) DO UPDATE SET state = excluded.state,
            due_at = excluded.due_at, occurrence = excluded.occurrence, document = excluded.document
          """
      ).execute(
        arguments: [
          scope.account, scope.region, definition.group, definition.name, definition.state.rawValue, firing?.dueAt,
          firing?.occurrence.seconds, try encoded(schedule),
        ]
      )
    } else {
      try db.cachedStatement(
        sql: "UPDATE schedules SET document = ? WHERE account = ? AND region = ? AND group_name = ? AND name = ?"
      ).execute(arguments: [try encoded(schedule), scope.account, scope.region, definition.group, definition.name])
    }
  }

  /// Removes a schedule and says whether it was there.
  static func remove(_ group: String, _ name: String, in scope: Scope, _ db: Database) throws -> Bool {
    try db.cachedStatement(
      sql: "DELETE FROM schedules WHERE account = ? AND region = ? AND group_name = ? AND name = ?"
    ).execute(arguments: [scope.account, scope.region, group, name])
    return db.changesCount > 0
  }

  static func removeAll(of group: String, in scope: Scope, _ db: Database) throws {
    try db.execute(
      sql: "DELETE FROM schedules WHERE account = ? AND region = ? AND group_name = ?",
      arguments: [scope.account, scope.region, group]
    )
  }

  /// Schedules in the order of group and name.
  static func list(_ query: ScheduleQuery, in scope: Scope, _ db: Database) throws -> [ScheduleRecord] {
    var sql = "SELECT document FROM schedules WHERE account = ? AND region = ?"
    var arguments: [any DatabaseValueConvertible] = [scope.account, scope.region]
    if let group = query.group {
      sql += " AND group_name = ?"
      arguments.append(group)
    }
    if let prefix = query.prefix {
      // The characters of names are ASCII, so that what comes after all names with a prefix ends in DEL.
      sql += " AND name >= ? AND name < ?"
      arguments += [prefix, prefix + "\u{7F}"]
    }
    if let state = query.state {
      sql += " AND state = ?"
      arguments.append(state.rawValue)
    }
    if let last = query.after {
      sql += " AND (group_name, name) > (?, ?)"
      arguments += [last.group, last.name]
    }
    sql += " ORDER BY group_name, name LIMIT ?"
    arguments.append(query.limit)
    return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments))
      .map { try decoded(ScheduleRecord.self, $0.bytes(at: 0)) }
  }

  /// Whether an account has as many schedules in a Region as it may.
  static func isFull(_ scope: Scope, limit: Int, _ db: Database) throws -> Bool {
    // Numbers of rows are not given twice while the rows are there: below the limit nobody has to count.
    guard try Int.fetchOne(db, sql: "SELECT max(schedule) FROM schedules") ?? 0 >= limit else { return false }
    return try Int.fetchOne(
      db,
      sql: "SELECT count(*) FROM schedules WHERE account = ? AND region = ?",
      arguments: [scope.account, scope.region]
    ) ?? 0 >= limit
  }

  // MARK: Firing

  static func due(at now: Int64, limit: Int, _ db: Database) throws -> [DueSchedule] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT schedule, account, region, occurrence, document FROM schedules
          WHERE due_at <= ? ORDER BY due_at LIMIT ?
          """
      ),
      arguments: [now, limit]
    ).map { row in
      DueSchedule(
        row: row[0],
        scope: Scope(account: row[1], region: row[2]),
        occurrence: row[3],
        schedule: try decoded(ScheduleRecord.self, row.bytes(at: 4))
      )
    }
  }

  /// When the next schedule is due, in milliseconds since 1970.
  static func nextDue(_ db: Database) throws -> Int64? {
    try Int64.fetchOne(db, sql: "SELECT min(due_at) FROM schedules WHERE due_at IS NOT NULL")
  }

  static func note(_ firing: Firing?, of row: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "UPDATE schedules SET due_at = ?, occurrence = ? WHERE schedule = ?")
      .execute(arguments: [firing?.dueAt, firing?.occurrence.seconds, row])
  }

  static func remove(row: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM schedules WHERE schedule = ?").execute(arguments: [row])
  }

  // MARK: Documents

  static func encoded(_ value: some Encodable) throws -> Data { Data(try json(value).utf8) }

  static func decoded<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(bytes))
  }
}

// What a database has to do with its secrets when it is opened: see whether the key is the one that they are sealed with,
// and seal what an earlier version has left in clear text, so that not even the free pages of the file have it.

internal import Foundation
internal import GRDB

extension Schema {
  /// What tells whether a key is the right one; one row.
  static let secretChecks = """
    CREATE TABLE secret_checks (
      name TEXT NOT NULL PRIMARY KEY,
      sealed BLOB NOT NULL
    ) WITHOUT ROWID;
    """
}

extension EmbeddedDatabase {
  /// Files above this size are not written anew for the sake of free pages.
  private static let largestRewrite: Int64 = 1 << 30

  /// Whether something in here is sealed with a key that must not be lost.
  public func hasSealedSecrets() throws(StorageError) -> Bool {
    try read { db in try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM secret_checks)") ?? false }
  }

  /// Takes a key for its secrets: compares it with the one of the last time, and seals what is in clear text. Blocks.
  ///
  /// Throws `.wrongKey` when the secrets were sealed with another one; nothing has been changed then.
  ///
  /// - Returns: how many secrets were sealed, and whether free pages may still have them in clear text.
  @discardableResult
  public func keepSecrets(in box: SecretBox) throws(StorageError) -> (sealed: Int, isCleaned: Bool) {
    let path = path
    let (hasClear, isUnclean) = try write { db -> (Bool, Bool) in
      let known = try Row.fetchOne(db, sql: "SELECT sealed FROM secret_checks WHERE name = 'key'")
      if let known, box.open(try known.bytes(at: 0), for: .check) == nil {
        throw StorageError.wrongKey(origin: box.origin, path: path)
      }
      if known == nil {
        let sealed = try box.seal(Array("signalbox".utf8), for: .check)
        try db.execute(sql: "INSERT INTO secret_checks (name, sealed) VALUES ('key', ?)", arguments: [Data(sealed)])
      }
      let unclean = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM secret_checks WHERE name = 'unclean')")
      return (try !Self.clearSecrets(db).isEmpty, unclean == true)
    }
    guard hasClear || isUnclean else { return (0, true) }
    do {
      return (try seal(in: box), try clean())
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Seals what is in clear text; that free pages may have it is written with it, so that a crash does not forget it.
  private func seal(in box: SecretBox) throws -> Int {
    let isSecure = try pool.writeWithoutTransaction { db in
      // What is replaced is overwritten with zeros, also on pages that become free.
      let before = try Int.fetchOne(db, sql: "PRAGMA secure_delete") ?? 0
      try db.execute(sql: "PRAGMA secure_delete = ON")
      return before
    }
    defer { try? pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = \(isSecure)") } }
    return try pool.write { db in
      let secrets = try Self.clearSecrets(db)
      for secret in secrets {
        let sealed = Data(try box.seal(secret.text, for: secret.place))
        try db.execute(sql: secret.update, arguments: [sealed] + secret.arguments)
      }
      try db.execute(sql: "INSERT OR REPLACE INTO secret_checks (name, sealed) VALUES ('unclean', x'')")
      return secrets.count
    }
  }

  /// Writes the file anew: earlier versions of the rows may lie on pages that have been free for long.
  private func clean() throws -> Bool {
    let isSmall = try usedBytes() <= Self.largestRewrite
    // Without space for a copy there is nothing to be done now.
    let isCleaned = isSmall && (try? pool.vacuum()) != nil
    try pool.writeWithoutTransaction { db in
      if isCleaned || !isSmall { try db.execute(sql: "DELETE FROM secret_checks WHERE name = 'unclean'") }
      try db.checkpoint(.truncate)
    }
    return isCleaned
  }

  /// A secret in clear text, and how its row is changed: the sealed bytes first, then the arguments.
  private struct ClearSecret {
    var place: SecretPlace
    var text: [UInt8]
    var update: String
    var arguments: StatementArguments
  }

  private static func clearSecrets(_ db: Database) throws -> [ClearSecret] {
    let connections = try Row.fetchAll(
      db,
      sql: "SELECT account, region, key, document FROM bus_resources WHERE kind = 'connection-secret'"
    ).map { row in
      ClearSecret(
        place: .connection(account: row[0], region: row[1], name: row[2]),
        text: try row.bytes(at: 3),
        update: """
          UPDATE bus_resources SET document = ?
          WHERE kind = 'connection-secret' AND account = ? AND region = ? AND key = ?
          """,
        arguments: [row[0] as String, row[1] as String, row[2] as String]
      )
    }
    let keys = try Row.fetchAll(db, sql: "SELECT purpose, private_key FROM signing_keys").map { row in
      ClearSecret(
        place: .signingKey(purpose: row[0]),
        text: try row.bytes(at: 1),
        update: "UPDATE signing_keys SET private_key = ? WHERE purpose = ?",
        arguments: [row[0] as String]
      )
    }
    return (connections + keys).filter { !SecretBox.isSealed($0.text) }
  }
}

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
    let clear = try write { db -> Bool in
      let known = try Row.fetchOne(db, sql: "SELECT sealed FROM secret_checks WHERE name = 'key'")
      if let known, box.open(try known.bytes(at: 0), for: .check) == nil {
        throw StorageError.wrongKey(origin: box.origin, path: path)
      }
      if known == nil {
        let sealed = try box.seal(Array("signalbox".utf8), for: .check)
        try db.execute(sql: "INSERT INTO secret_checks (name, sealed) VALUES ('key', ?)", arguments: [Data(sealed)])
      }
      return try !Self.clearSecrets(db).isEmpty
    }
    guard clear else { return (0, true) }
    do {
      return try sealClearSecrets(in: box)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  private func sealClearSecrets(in box: SecretBox) throws -> (sealed: Int, isCleaned: Bool) {
    // What is replaced is overwritten with zeros, also on pages that become free.
    try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
    let count = try pool.write { db in
      let secrets = try Self.clearSecrets(db)
      for secret in secrets {
        try db.execute(
          sql: secret.update,
          arguments: [Data(try box.seal(secret.text, for: secret.place))] + secret.arguments
        )
      }
      return secrets.count
    }
    // Earlier versions of the rows may lie on pages that are free already: only a new file has none of them.
    let isCleaned = try usedBytes() <= Self.largestRewrite
    if isCleaned { try pool.vacuum() }
    try pool.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA secure_delete = OFF")
      try db.checkpoint(.truncate)
    }
    return (count, isCleaned)
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

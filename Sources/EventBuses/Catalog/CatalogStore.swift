// Where the catalog lies in the database. What is secret about connections is sealed on its way there.

internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

/// Reads and writes the rows of a catalog. Blocks.
struct CatalogStore: Sendable {
  let database: EmbeddedDatabase
  let secrets: SecretBox

  /// Reads the whole catalog.
  func load() throws -> Catalog {
    var catalog = Catalog()
    let rows = try database.read { db in
      try Row.fetchAll(db, sql: "SELECT account, region, kind, key, document FROM bus_resources").map { row in
        ResourceRow(
          scope: Scope(account: row[0], region: row[1]),
          kind: row[2],
          key: row[3],
          document: try row.bytes(at: 4)
        )
      }
    }
    for row in rows { try catalog[row.scope].load(try opened(row)) }
    return catalog
  }

  /// Writes rows that have changed, in one transaction.
  func save(_ rows: [ResourceRow]) throws(StorageError) {
    guard !rows.isEmpty else { return }
    try database.write { db in
      for row in rows {
        if let document = row.document {
          let stored = Data(try sealed(document, row))
          try db.cachedStatement(
            sql: """
              INSERT INTO bus_resources (account, region, kind, key, document) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (account, region, kind, key) DO UPDATE SET document = excluded.document
              """
          ).execute(arguments: [row.scope.account, row.scope.region, row.kind, row.key, stored])
        } else {
          try db.cachedStatement(
            sql: "DELETE FROM bus_resources WHERE account = ? AND region = ? AND kind = ? AND key = ?"
          ).execute(arguments: [row.scope.account, row.scope.region, row.kind, row.key])
        }
      }
    }
  }

  // MARK: Secrets

  /// The row's place, if it holds a secret.
  private static func place(of row: ResourceRow) -> SecretPlace? {
    guard row.kind == RegionCatalog.secretKind else { return nil }
    return .connection(account: row.scope.account, region: row.scope.region, name: row.key)
  }

  private func sealed(_ document: [UInt8], _ row: ResourceRow) throws(StorageError) -> [UInt8] {
    guard let place = Self.place(of: row) else { return document }
    return try secrets.seal(document, for: place)
  }

  private func opened(_ row: ResourceRow) throws(StorageError) -> ResourceRow {
    guard let place = Self.place(of: row), let document = row.document else { return row }
    guard let clear = secrets.open(document, for: place) else {
      throw .damaged(path: database.path, detail: "the secret of connection \(row.key) cannot be opened")
    }
    var row = row
    row.document = clear
    return row
  }
}

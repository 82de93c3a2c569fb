// How far each source has been read. A position is saved in the same transaction as the events that it covers, so a
// source that starts again from its saved position loses nothing and repeats at most what was not acknowledged.

package import GRDB

/// How far one file of a log-file tree has been read.
public struct SourceFile: Sendable, Equatable {
  /// The source's name.
  public var source: String
  /// The file's path as the source names it.
  public var path: String
  /// The size in bytes when it was read; another size means another file.
  public var size: Int64
  /// The modification time when it was read, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// How many records have been accepted; the next is the one with this index.
  public var records: Int64
  /// Whether there is nothing more to read in it.
  public var isFinished: Bool
  /// What a person should know about it: why it was skipped, where it was cut off.
  ///
  /// Empty when all was well.
  public var note: String

  /// Makes a file's row.
  public init(
    source: String,
    path: String,
    size: Int64,
    modifiedAt: Int64,
    records: Int64,
    isFinished: Bool,
    note: String = ""
  ) {
    self.source = source
    self.path = path
    self.size = size
    self.modifiedAt = modifiedAt
    self.records = records
    self.isFinished = isFinished
    self.note = note
  }
}

/// The saved positions of sources.
public struct SourceCursors: Sendable {
  let database: EmbeddedDatabase

  /// The opaque position that was saved for a source, if any.
  public func position(of source: String) throws(StorageError) -> String? {
    try database.read { db in
      try String.fetchOne(db, sql: "SELECT position FROM source_cursors WHERE source = ?", arguments: [source])
    }
  }

  /// What is known of one file.
  public func file(_ path: String, of source: String) throws(StorageError) -> SourceFile? {
    try database.read { db in
      let statement = try db.cachedStatement(sql: Self.select + " WHERE source = ? AND path = ?")
      return try Row.fetchOne(statement, arguments: [source, path]).map(Self.file)
    }
  }

  /// The files of a source in path order, after a path, for reading a large tree's state page by page.
  public func files(of source: String, after path: String = "", limit: Int = 10_000) throws(StorageError)
    -> [SourceFile]
  {
    try database.read { db in
      let statement = try db.cachedStatement(sql: Self.select + " WHERE source = ? AND path > ? ORDER BY path LIMIT ?")
      return try Row.fetchAll(statement, arguments: [source, path, limit]).map(Self.file)
    }
  }

  /// Forgets files that no longer exist, so that the table does not grow for ever.
  public func forget(files paths: [String], of source: String) throws(StorageError) {
    try database.write { db in
      let statement = try db.cachedStatement(sql: "DELETE FROM source_files WHERE source = ? AND path = ?")
      for path in paths { try statement.execute(arguments: [source, path]) }
    }
  }

  package static func save(_ cursors: [String: String], _ db: Database) throws {
    for (source, position) in cursors {
      try db.cachedStatement(
        sql: """
          INSERT INTO source_cursors (source, position) VALUES (?, ?)
          ON CONFLICT (source) DO UPDATE SET position = excluded.position
          """
      ).execute(arguments: [source, position])
    }
  }

  package static func save(_ files: [SourceFile], _ db: Database) throws {
    for file in files {
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO source_files (source, path, size, modified_at, records, is_finished, note)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(
        arguments: [
          file.source, file.path, file.size, file.modifiedAt, file.records, file.isFinished, file.note,
        ]
      )
    }
  }

  private static let select = """
    SELECT source, path, size, modified_at, records, is_finished, note FROM source_files
    """

  private static func file(_ row: Row) -> SourceFile {
    SourceFile(
      source: row[0],
      path: row[1],
      size: row[2],
      modifiedAt: row[3],
      records: row[4],
      isFinished: row[5],
      note: row[6]
    )
  }
}

extension EmbeddedDatabase {
  /// The saved positions of sources.
  public var sources: SourceCursors { SourceCursors(database: self) }
}

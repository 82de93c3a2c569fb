// Code bindings of versions. That somebody wants one is noted; it is written anew each time it is fetched, which takes
// less than to look for a file.

internal import GRDB
internal import Storage
public import TrailEvents

/// A code binding.
public struct CodeBinding: Sendable, Equatable {
  /// The version that it is of.
  public var version: Int
  /// When it was asked for first, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was asked for last.
  public var modifiedAt: Int64
}

extension SchemaRegistries {
  /// Which code binding.
  public struct BindingName: Sendable {
    /// The registry.
    public var registry: String
    /// The schema.
    public var schema: String
    /// The version; the newest if nil.
    public var version: String?
    /// The language, as AWS calls it.
    public var language: String

    /// Makes a name.
    public init(registry: String, schema: String, version: String?, language: String) {
      self.registry = registry
      self.schema = schema
      self.version = version
      self.language = language
    }
  }

  /// Makes a code binding; one that is there is made again.
  public func putBinding(_ name: BindingName, in scope: Scope) async throws -> CodeBinding {
    let language = try CodeLanguage(named: name.language)
    // What comes with Signalbox needs no note: its bindings are always there.
    if name.registry == Registry.builtIn { return try await binding(name, in: scope) }
    let now = now
    return try await database.transact { db in
      let row = try Self.row(name.schema, of: name.registry, in: scope, db)
      let version = try Self.version(name.version, of: row, db)
      _ = try Self.draftFour(version)
      try db.execute(
        sql: """
          INSERT INTO schema_code_bindings (schema, version, language, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?4)
          ON CONFLICT (schema, version, language) DO UPDATE SET modified_at = excluded.modified_at
          """,
        arguments: [row.id, version.number, language.rawValue, now]
      )
      return try Self.binding(version.number, language, of: row, db)
    }
  }

  /// The code binding that was made.
  public func binding(_ name: BindingName, in scope: Scope) async throws -> CodeBinding {
    let language = try CodeLanguage(named: name.language)
    if name.registry == Registry.builtIn {
      let found = try await schema(name.schema, of: name.registry, version: name.version, in: scope).version
      return CodeBinding(version: found.number, createdAt: found.createdAt, modifiedAt: found.createdAt)
    }
    return try await fetch { db in
      let row = try Self.row(name.schema, of: name.registry, in: scope, db)
      return try Self.binding(try Self.version(name.version, of: row, db).number, language, of: row, db)
    }
  }

  /// The files of a code binding that was made, as a zip archive.
  public func bindingSource(_ name: BindingName, in scope: Scope) async throws -> [UInt8] {
    let language = try CodeLanguage(named: name.language)
    let version = try await binding(name, in: scope).version
    let found = try await schema(name.schema, of: name.registry, version: String(version), in: scope)
    let types = TypeBuilder.types(of: try Self.draftFour(found.version), named: found.schema.name)
    return ZipArchive.bytes(of: language.files(of: types, package: Self.package(found.schema.name)))
  }

  private static func binding(
    _ version: Int,
    _ language: CodeLanguage,
    of row: SchemaRow,
    _ db: Database
  ) throws -> CodeBinding {
    let found = try Row.fetchOne(
      db,
      sql: """
        SELECT created_at, modified_at FROM schema_code_bindings WHERE schema = ? AND version = ? AND language = ?
        """,
      arguments: [row.id, version, language.rawValue]
    )
    guard let found else {
      throw SchemasError.notFound(
        "There is no code binding in \(language.rawValue) of version \(version) of schema \(row.schema.name): "
          + "PutCodeBinding makes one."
      )
    }
    return CodeBinding(version: version, createdAt: found[0], modifiedAt: found[1])
  }

  /// A name that is a package in every language: `my_app_orderplaced`.
  private static func package(_ name: String) -> String {
    let text = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return text.first?.isNumber ?? true ? "_" + text : text
  }
}

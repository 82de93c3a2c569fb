// Finding schemas by words, and schemas as other documents.

internal import EventPatterns
internal import GRDB
internal import Storage
public import TrailEvents

extension SchemaRegistries {
  /// The schemas of a registry that have all of these words in their name or in a document, with the versions that do.
  public func search(
    _ registry: String,
    for keywords: String,
    in scope: Scope
  ) async throws -> [(schema: RegisteredSchema, versions: [SchemaVersion])] {
    let words = keywords.lowercased().split(whereSeparator: \.isWhitespace).prefix(16).map(String.init)
    guard !words.isEmpty else { throw SchemasError.badRequest("Keywords is empty: name something to look for.") }
    if registry == Registry.builtIn {
      return BuiltInSchemas.all.filter { Self.has(words, $0) }.map { ($0.schema, [$0.version]) }
    }
    return try await fetch { db in
      _ = try Self.registry(registry, in: scope, db)
      return try SchemaRows.schemas(of: registry, in: scope, db).compactMap { row in
        let found = try VersionRows.versions(of: row, db).filter { version in
          guard let whole = try VersionRows.version(version.number, of: row, db) else { return false }
          return Self.has(words, VersionedSchema(schema: row.schema, version: whole))
        }
        return found.isEmpty ? nil : (row.schema, found)
      }
    }
  }

  private static func has(_ words: [String], _ schema: VersionedSchema) -> Bool {
    let text = (schema.schema.name + " " + schema.version.content).lowercased()
    return words.allSatisfy { text.contains($0) }
  }

  /// A version of an OpenAPI schema as JSON Schema.
  public func export(
    _ name: String,
    of registry: String,
    version: String?,
    in scope: Scope
  ) async throws -> VersionedSchema {
    var found = try await schema(name, of: registry, version: version, in: scope)
    guard found.version.type == .openAPI3 else {
      throw SchemasError.badRequest("Schema \(name) is not of type OpenApi3: only such schemas are exported.")
    }
    found.version.content = try Self.draftFour(found.version).prettyText
    found.version.type = .jsonSchemaDraft4
    return found
  }

  /// A document as JSON Schema.
  static func draftFour(_ version: SchemaVersion) throws(SchemasError) -> JSONValue {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: version.content)
    } catch {
      throw .badRequest("The document cannot be read: \(error)")
    }
    guard version.type == .openAPI3 else { return document }
    do throws(DraftFourExport.Failure) {
      return try DraftFourExport.schema(of: document)
    } catch {
      throw .badRequest(error.message)
    }
  }
}

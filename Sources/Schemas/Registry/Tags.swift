// Tags of registries, schemas and discoverers.

internal import EventPatterns
internal import GRDB
internal import Storage
public import TrailEvents

/// Checks tags, and writes them as a row has them.
enum Tags {
  static func check(_ tags: [String: String]) throws(SchemasError) {
    for (key, value) in tags {
      guard (1...128).contains(key.unicodeScalars.count), value.unicodeScalars.count <= 256 else {
        throw .badRequest("The tag '\(key.prefix(128))' is not valid: keys have 1 to 128 characters, values up to 256.")
      }
      guard !key.lowercased().hasPrefix("aws:") else {
        throw .badRequest("The tag '\(key)' is not valid: keys that begin with aws: are AWS's.")
      }
    }
    guard tags.count <= 50 else { throw .badRequest("A resource has at most 50 tags.") }
  }

  static func text(_ tags: [String: String]) -> String {
    JSONValue.object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).text
  }

  static func read(_ text: String) -> [String: String] {
    guard case .object(let object)? = try? JSONValue(parsing: text) else { return [:] }
    return Dictionary(
      object.members.compactMap { member in member.value.string.map { (member.name, $0) } },
      uniquingKeysWith: { $1 }
    )
  }
}

extension SchemaRegistries {
  /// The tags of a registry, a schema or a discoverer.
  public func tags(of arn: String, in scope: Scope) async throws -> [String: String] {
    try await fetch { db in try Self.changeTags(of: arn, in: scope, db) { _ in false } }
  }

  /// Sets tags; keys that are there get the new value.
  public func tag(_ arn: String, _ tags: [String: String], in scope: Scope) async throws {
    _ = try await database.transact { db in
      try Self.changeTags(of: arn, in: scope, db) { all throws(SchemasError) in
        all.merge(tags) { $1 }
        try Tags.check(all)
        return true
      }
    }
  }

  /// Removes tags; keys that are not there are no error.
  public func untag(_ arn: String, _ keys: [String], in scope: Scope) async throws {
    _ = try await database.transact { db in
      try Self.changeTags(of: arn, in: scope, db) { all in
        for key in keys { all[key] = nil }
        return true
      }
    }
  }

  /// Reads the tags of a resource, and writes them if `change` says so.
  private static func changeTags(
    of text: String,
    in scope: Scope,
    _ db: Database,
    _ change: (inout [String: String]) throws(SchemasError) -> Bool
  ) throws -> [String: String] {
    guard let arn = ARN(text), arn.service == "schemas", arn.scope == scope else {
      throw SchemasError.badRequest(
        "ResourceArn is not the ARN of a registry, a schema or a discoverer of this account."
      )
    }
    switch arn.type {
    case "registry":
      var registry = try registry(arn.name, in: scope, db)
      if try change(&registry.tags) { try RegistryRows.update(registry, in: scope, db) }
      return registry.tags
    case "schema":
      let parts = arn.name.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2, var row = try SchemaRows.schema(parts[1], of: parts[0], in: scope, db) else {
        throw SchemasError.notFound("The schema \(text) does not exist.")
      }
      if try change(&row.schema.tags) { try SchemaRows.update(row, db) }
      return row.schema.tags
    case "discoverer":
      var discoverer = try discoverer(arn.name, in: scope, db)
      if try change(&discoverer.tags) { try DiscovererRows.save(discoverer, in: scope, db) }
      return discoverer.tags
    default:
      throw SchemasError.badRequest("ResourceArn is not the ARN of a registry, a schema or a discoverer.")
    }
  }
}

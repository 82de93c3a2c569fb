// Resource policies of registries. Each change makes a new revision; who names the revision that he has read does not
// overwrite what somebody else wrote meanwhile.

internal import GRDB
internal import Storage
public import TrailEvents

/// The policy of a registry.
public struct RegistryPolicy: Sendable, Equatable {
  /// The document, as it was given.
  public var document: String
  /// The revision that it is at.
  public var revision: String
}

extension SchemaRegistries {
  /// The most characters of a policy.
  private static let longestPolicy = 10_240

  /// The policy of a registry.
  public func policy(of registry: String?, in scope: Scope) async throws -> RegistryPolicy {
    let name = try Self.named(registry)
    return try await fetch { db in
      _ = try Self.registry(name, in: scope, db)
      guard let policy = try RegistryRows.policy(of: name, in: scope, db) else {
        throw SchemasError.notFound("Registry \(name) has no resource policy.")
      }
      return RegistryPolicy(document: policy.document, revision: policy.revision)
    }
  }

  /// Puts a policy in place of what there was, if that is at the revision that is named, or none is.
  public func putPolicy(
    _ document: String,
    of registry: String?,
    revision: String?,
    in scope: Scope
  ) async throws -> RegistryPolicy {
    let name = try Self.named(registry)
    guard name != Registry.builtIn else { throw SchemasError.forbidden("The registry \(name) is managed.") }
    guard document.utf8.count <= Self.longestPolicy else {
      throw SchemasError.badRequest("Policy is not valid: it has more than \(Self.longestPolicy) characters.")
    }
    do throws(ResourcePolicy.Malformed) {
      _ = try ResourcePolicy(checking: document)
    } catch {
      throw SchemasError.badRequest("Policy is not valid: \(error.message)")
    }
    let new = RegistryRows.Policy(document: document, revision: surroundings.newID())
    return try await database.transact { db in
      _ = try Self.registry(name, in: scope, db)
      let known = try RegistryRows.policy(of: name, in: scope, db)
      if let revision, revision != known?.revision {
        throw SchemasError.preconditionFailed(
          "The policy of registry \(name) is not at revision \(revision): read it again, and change that."
        )
      }
      try RegistryRows.setPolicy(new, of: name, in: scope, db)
      return RegistryPolicy(document: new.document, revision: new.revision)
    }
  }

  /// Removes the policy of a registry.
  public func deletePolicy(of registry: String?, in scope: Scope) async throws {
    let name = try Self.named(registry)
    try await database.transact { db in
      _ = try Self.registry(name, in: scope, db)
      guard try RegistryRows.policy(of: name, in: scope, db) != nil else {
        throw SchemasError.notFound("Registry \(name) has no resource policy.")
      }
      try RegistryRows.setPolicy(nil, of: name, in: scope, db)
    }
  }

  /// The model does not ask for a registry, but there is no policy of anything else.
  private static func named(_ registry: String?) throws(SchemasError) -> String {
    guard let registry else { throw .badRequest("RegistryName is missing: name the registry whose policy it is.") }
    return registry
  }
}

// Tags of pipes. They say nothing to a pipe, so that one that runs goes on.

internal import Delivery
internal import GRDB
internal import Storage
public import TrailEvents

extension PipeEngine {
  private static let mostTags = 50

  /// The tags of a pipe.
  public func tags(of resource: String, in scope: Scope) async throws -> [String: String] {
    try await pipe(try Self.name(of: resource, in: scope), in: scope).tags
  }

  /// Adds tags to a pipe, or replaces those with the same keys.
  public func tag(_ resource: String, _ tags: [String: String], in scope: Scope) async throws {
    try Self.check(tags)
    try await changeTags(of: resource, in: scope) { $0.merge(tags) { $1 } }
  }

  /// Removes tags of a pipe; keys that are not there are no error.
  public func untag(_ resource: String, _ keys: [String], in scope: Scope) async throws {
    try await changeTags(of: resource, in: scope) { tags in
      for key in keys { tags[key] = nil }
    }
  }

  private func changeTags(
    of resource: String,
    in scope: Scope,
    _ change: @escaping @Sendable (inout [String: String]) -> Void
  ) async throws {
    let key = PipeKey(scope: scope, name: try Self.name(of: resource, in: scope))
    try await database.transact { db in
      guard var pipe = try PipeRows.find(key, db) else { throw PipeError.notFound(key.name) }
      change(&pipe.tags)
      try Self.check(pipe.tags)
      try PipeRows.save(pipe, as: key, db)
    }
  }

  /// The pipe that an ARN names; those of other accounts and Regions are not there.
  private static func name(of resource: String, in scope: Scope) throws(PipeError) -> String {
    guard let arn = ARN(resource), arn.service == "pipes", arn.type == "pipe", arn.scope == scope else {
      throw .notFound(ARN(resource)?.name ?? resource)
    }
    return arn.name
  }

  static func check(_ tags: [String: String]) throws(PipeError) {
    guard tags.count <= mostTags else { throw .validation("A pipe can have up to \(mostTags) tags.") }
    if let key = tags.keys.first(where: { $0.lowercased().hasPrefix("aws:") }) {
      throw .validation("Tag keys that begin with aws: are AWS's own: \(key).")
    }
  }
}

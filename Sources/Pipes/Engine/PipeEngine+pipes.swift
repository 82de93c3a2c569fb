// What clients ask of pipes. What is answered is on the disk.

internal import Delivery
internal import GRDB
internal import Storage
public import TrailEvents

/// Which pipes are listed.
public struct PipeQuery: Sendable, Equatable {
  /// Those whose names begin so.
  public var namePrefix: String?
  /// Those that are to be so.
  public var desired: PipeRecord.DesiredState?
  /// Those that stand there.
  public var current: PipeRecord.State?
  /// Those whose source's ARN begins so.
  public var sourcePrefix: String?
  /// Those whose target's ARN begins so.
  public var targetPrefix: String?
  /// Those after this one, in the order of names.
  public var after: String?

  /// Makes a query for all pipes.
  public init(
    namePrefix: String? = nil,
    desired: PipeRecord.DesiredState? = nil,
    current: PipeRecord.State? = nil,
    sourcePrefix: String? = nil,
    targetPrefix: String? = nil,
    after: String? = nil
  ) {
    self.namePrefix = namePrefix
    self.desired = desired
    self.current = current
    self.sourcePrefix = sourcePrefix
    self.targetPrefix = targetPrefix
    self.after = after
  }

  func admits(_ pipe: PipeRecord) -> Bool {
    let definition = pipe.definition
    return definition.name > after ?? "" && definition.name.hasPrefix(namePrefix ?? "")
      && desired ?? pipe.desired == pipe.desired && current ?? pipe.current == pipe.current
      && definition.source.hasPrefix(sourcePrefix ?? "") && definition.target.arn.hasPrefix(targetPrefix ?? "")
  }
}

extension PipeEngine {
  /// Makes a pipe; it begins as soon as it can.
  public func create(
    _ definition: PipeDefinition,
    desired: PipeRecord.DesiredState = .running,
    tags: [String: String] = [:],
    in scope: Scope
  ) async throws -> PipeRecord {
    try definition.check(in: scope)
    try Self.check(tags)
    let key = PipeKey(scope: scope, name: definition.name)
    let (now, limit) = (clock.now.milliseconds, surroundings.mostPipes)
    let pipe = PipeRecord(
      definition: definition,
      tags: tags,
      desired: desired,
      current: .creating,
      createdAt: now,
      modifiedAt: now
    )
    try await database.transact { db in
      if try PipeRows.find(key, db) != nil {
        throw PipeError.conflict("Pipe \(key.name) already exists.", key.name)
      }
      guard try PipeRows.count(in: scope, db) < limit else { throw PipeError.quota(limit, key.name) }
      try PipeRows.save(pipe, as: key, db)
    }
    note(key)
    return pipe
  }

  /// Changes a pipe; what it has taken it finishes as it was.
  public func update(_ name: String, _ change: PipeChange, in scope: Scope) async throws -> PipeRecord {
    try await ask(of: name, in: scope) { pipe in
      try Self.refusePassing(pipe)
      pipe.definition = change.applied(to: pipe.definition)
      try pipe.definition.check(in: scope)
      pipe.desired = change.desired ?? pipe.desired
      pipe.current = .updating
    }
  }

  /// Lets a pipe take messages.
  public func start(_ name: String, in scope: Scope) async throws -> PipeRecord {
    try await ask(of: name, in: scope) { pipe in
      if pipe.current == .running { return }
      try Self.refusePassing(pipe)
      pipe.desired = .running
      pipe.current = .starting
    }
  }

  /// Lets a pipe take no more messages.
  public func stop(_ name: String, in scope: Scope) async throws -> PipeRecord {
    try await ask(of: name, in: scope) { pipe in
      if pipe.current == .stopped { return }
      try Self.refusePassing(pipe)
      pipe.desired = .stopped
      pipe.current = .stopping
    }
  }

  /// Deletes a pipe; what it has taken it finishes.
  public func delete(_ name: String, in scope: Scope) async throws -> PipeRecord {
    try await ask(of: name, in: scope) { pipe in
      if pipe.current == .deleting { return }
      try Self.refusePassing(pipe)
      pipe.desired = .deleted
      pipe.current = .deleting
    }
  }

  /// The pipe of a name.
  public func pipe(_ name: String, in scope: Scope) async throws -> PipeRecord {
    let key = PipeKey(scope: scope, name: name)
    guard let pipe = try await database.fetch({ try PipeRows.find(key, $0) }) else { throw PipeError.notFound(name) }
    return pipe
  }

  /// The pipes that a query asks for, in the order of their names.
  public func pipes(_ query: PipeQuery, in scope: Scope) async throws -> [PipeRecord] {
    try await database.fetch { try PipeRows.list(in: scope, $0) }.filter(query.admits)
  }

  /// Changes what is asked of a pipe and lets the loop know, if that is something else than before.
  private func ask(
    of name: String,
    in scope: Scope,
    _ change: @escaping @Sendable (inout PipeRecord) throws -> Void
  ) async throws -> PipeRecord {
    let (key, now) = (PipeKey(scope: scope, name: name), clock.now.milliseconds)
    let pipe = try await database.transact { db in
      guard var pipe = try PipeRows.find(key, db) else { throw PipeError.notFound(name) }
      let before = pipe
      try change(&pipe)
      guard pipe != before else { return pipe }
      pipe.version += 1
      pipe.reason = nil
      pipe.modifiedAt = now
      try PipeRows.save(pipe, as: key, db)
      return pipe
    }
    note(key)
    return pipe
  }

  private static func refusePassing(_ pipe: PipeRecord) throws(PipeError) {
    guard pipe.current.isPassing else { return }
    let name = pipe.definition.name
    throw .conflict("Pipe \(name) is in the state \(pipe.current.rawValue); try again when it has left it.", name)
  }
}

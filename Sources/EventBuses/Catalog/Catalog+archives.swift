// Archives and replays. An archive works by a managed rule of its bus, which people see among the others; its pattern
// leaves replayed events out, so that nothing is kept twice.

internal import EventPatterns
public import TrailEvents

extension Catalog {
  /// Who manages the rules of archives.
  static let archiveManager = "prod.vhs.events.aws.internal"

  /// The archive, or `ResourceNotFoundException`.
  public func archive(_ name: String, in scope: Scope) throws(BusError) -> Archive {
    guard let archive = self[scope].archives[name] else { throw .notFound("Archive \(name) does not exist.") }
    return archive
  }

  /// The archives whose names begin so, of a source if one is given, in the order of their names.
  public func archives(in scope: Scope, prefix: String? = nil, sourceARN: String? = nil) -> [Archive] {
    self[scope].archives.sorted.filter {
      $0.name.hasPrefix(prefix ?? "") && (sourceARN == nil || $0.sourceARN == sourceARN)
    }
  }

  /// Makes an archive and its rule.
  public mutating func createArchive(_ archive: Archive, in scope: Scope) throws(BusError) {
    guard self[scope].archives[archive.name] == nil else { throw .exists("Archive \(archive.name) already exists.") }
    let bus = try self.sourceBus(archive.sourceARN, in: scope)
    if let pattern = archive.pattern { try check(pattern) }
    self[scope].archives[archive.name] = archive
    try installRule(of: archive, on: bus)
  }

  /// Changes what UpdateArchive changes; what is not given stays.
  public mutating func updateArchive(
    _ name: String,
    description: String?,
    pattern: String?,
    retentionDays: Int?,
    kmsKey: String? = nil,
    in scope: Scope
  ) throws(BusError) -> Archive {
    var archive = try self.archive(name, in: scope)
    guard description != nil || pattern != nil || retentionDays != nil || kmsKey != nil else {
      throw .validation("At least one of EventPattern, RetentionDays or Description must be provided.")
    }
    if let description { archive.description = description }
    if let pattern {
      try check(pattern)
      archive.pattern = pattern
    }
    if let retentionDays { archive.retentionDays = retentionDays }
    if let kmsKey { archive.kmsKey = kmsKey.isEmpty ? nil : kmsKey }
    self[scope].archives[name] = archive
    try installRule(of: archive, on: try sourceBus(archive.sourceARN, in: scope))
    return archive
  }

  /// Removes an archive; its events go with it.
  ///
  /// - Returns: what was removed.
  public mutating func deleteArchive(_ name: String, in scope: Scope) throws(BusError) -> Archive {
    let archive = try self.archive(name, in: scope)
    self[scope].archives[name] = nil
    let bus = BusReference(archive.sourceARN, from: scope)
    self[scope].rules[BusRule.key(bus: bus.name, name: Self.ruleName(of: name))] = nil
    return archive
  }

  private func sourceBus(_ text: String, in scope: Scope) throws(BusError) -> BusReference {
    guard let arn = ARN(text), arn.service == "events", arn.type == "event-bus", arn.scope == scope else {
      throw .validation("Parameter EventSourceArn is not valid. Reason: Provided Arn is not in correct format.")
    }
    let bus = BusReference(scope: scope, name: arn.name)
    _ = try self.bus(bus)
    return bus
  }

  private static func ruleName(of archive: String) -> String { "Events-Archive-\(archive)" }

  private mutating func installRule(of archive: Archive, on bus: BusReference) throws(BusError) {
    let arn = Archive.arn(archive.name, in: bus.scope)
    let name = Self.ruleName(of: archive.name)
    let rule = BusRule(
      name: name,
      bus: bus.name,
      pattern: try Self.withoutReplays(archive.pattern),
      state: .enabled,
      managedBy: Self.archiveManager,
      createdBy: bus.scope.account,
      archive: archive.name,
      createdAt: archive.createdAt,
      scheduledAt: archive.createdAt,
      targets: [
        RuleTarget(
          id: name,
          arn: "arn:aws:events:\(bus.scope.region):::",
          transformer: RuleTarget.Transformer(
            paths: [:],
            template: "{\"archive-arn\": \"\(arn)\", \"event\": <aws.events.event.json>, "
              + "\"ingestion-time\": <aws.events.event.ingestion-time>}"
          )
        )
      ]
    )
    self[bus.scope].rules[rule.key] = rule
  }

  /// A pattern that holds for no replayed event.
  static func withoutReplays(_ pattern: String?) throws(BusError) -> String {
    var object = JSONObject()
    if let pattern, case .object(let given)? = try? JSONValue(parsing: pattern) { object = given }
    object["replay-name"] = .array([.members(["exists": .bool(false)])])
    return JSONValue.object(object).text
  }

  // MARK: Replays

  /// The replay, or `ResourceNotFoundException`.
  public func replay(_ name: String, in scope: Scope) throws(BusError) -> Replay {
    guard let replay = self[scope].replays[name] else { throw .notFound("Replay \(name) does not exist.") }
    return replay
  }

  /// The replays, in the order of their names.
  public func replays(
    in scope: Scope,
    prefix: String? = nil,
    state: Replay.State? = nil,
    archiveARN: String? = nil
  ) -> [Replay] {
    self[scope].replays.sorted.filter {
      $0.name.hasPrefix(prefix ?? "") && (state == nil || $0.state == state)
        && (archiveARN == nil || $0.archiveARN == archiveARN)
    }
  }

  /// Notes a replay that is to be made.
  public mutating func startReplay(_ replay: Replay, in scope: Scope) throws(BusError) {
    guard self[scope].replays[replay.name] == nil else { throw .exists("Replay \(replay.name) already exists.") }
    guard let arn = ARN(replay.archiveARN), arn.service == "events", arn.type == "archive", arn.scope == scope else {
      throw .validation("Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN.")
    }
    guard let archive = self[scope].archives[arn.name] else {
      throw .validation("Parameter EventSourceArn is not valid. Reason: Archive \(arn.name) does not exist.")
    }
    guard let destination = ARN(replay.destinationARN), destination.service == "events",
      destination.type == "event-bus"
    else {
      throw .validation("Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.")
    }
    _ = try bus(BusReference(scope: destination.scope, name: destination.name))
    guard replay.destinationARN == archive.sourceARN else {
      throw .validation(
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
      )
    }
    guard replay.from < replay.until else {
      throw .validation(
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
      )
    }
    let bus = BusReference(scope: destination.scope, name: destination.name)
    for arn in replay.filterARNs {
      guard let rule = BusRule.parse(arn: arn), rule.bus == bus else {
        throw .validation(
          "Parameter Destination.FilterArns is not valid. Reason: \(arn) is not the ARN of a rule of the event bus."
        )
      }
      _ = try self.rule(rule.name, on: bus)
    }
    guard self[scope].replays.values.count(where: \.state.isActive) < limits.activeReplays else { throw .limit() }
    self[scope].replays[replay.name] = replay
  }

  /// Stops a replay that has not ended.
  public mutating func cancelReplay(_ name: String, in scope: Scope) throws(BusError) -> Replay {
    var replay = try self.replay(name, in: scope)
    guard replay.state == .starting || replay.state == .running else {
      throw BusError("IllegalStatusException", "Replay \(name) is not in a valid state for this operation.")
    }
    replay.state = .cancelling
    self[scope].replays[name] = replay
    return replay
  }

  /// Notes how far a replay has come; it may have been cancelled meanwhile.
  mutating func note(_ replay: Replay, in scope: Scope) {
    guard let known = self[scope].replays[replay.name], known.state.isActive else { return }
    var replay = replay
    if known.state == .cancelling, replay.state.isActive { replay.state = .cancelling }
    self[scope].replays[replay.name] = replay
  }
}

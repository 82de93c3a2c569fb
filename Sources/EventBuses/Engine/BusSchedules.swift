// Rules of the API that fire by the clock. A firing is an event that only its rule sees; that it happened is committed
// with what followed from it, so it happens once, also across restarts. What was missed is made up for by one firing.

internal import Decisions
internal import Delivery
internal import Logging
internal import RuleFiles
internal import Storage
internal import TrailEvents

/// Fires the scheduled rules of the default buses.
struct BusSchedules: Sendable {
  /// A rule and its schedule.
  private struct Entry {
    var rule: BusRule
    var scope: Scope
    var timing: ScheduleTiming
    var arn: String
  }

  let engine: BusEngine

  /// Runs until the task is cancelled.
  func run() async {
    let loop = ScheduleLoop(
      "scheduled rules of buses",
      clock: engine.clock,
      change: engine.scheduleChange,
      logger: engine.logger
    )
    await loop.run { try await fireDue() }
  }

  /// Fires what is due and says when the next firing is.
  func fireDue() async throws -> Delivery.Instant? {
    let snapshot = engine.directory.snapshot
    let now = RuleFiles.Instant(seconds: engine.clock.now.seconds)
    var first: Delivery.Instant?
    for entry in Self.entries(snapshot.catalog) {
      let start = entry.timing.origin
      let cursor = "schedule:\(entry.arn)"
      let last = try await lastFiring(cursor).flatMap { $0 > now ? nil : $0 }
      // A schedule that was changed, or switched on again, counts from then.
      let outlook = entry.timing.outlook(after: max(last ?? start, start), at: now)
      if let due = outlook.due { try await fire(entry, at: due, cursor, snapshot) }
      guard let next = outlook.next else { continue }
      let instant = Delivery.Instant(seconds: next.seconds)
      first = min(first ?? instant, instant)
    }
    return first
  }

  private static func entries(_ catalog: Catalog) -> [Entry] {
    catalog.regions.flatMap { scope, region in
      region.rules.values.compactMap { rule in
        guard rule.state != .disabled, let text = rule.schedule, let schedule = try? Schedule(parsing: text) else {
          return nil
        }
        let timing = ScheduleTiming(schedule, origin: RuleFiles.Instant(seconds: rule.scheduledAt / 1000))
        return Entry(rule: rule, scope: scope, timing: timing, arn: rule.arn(in: scope))
      }
    }
  }

  private func lastFiring(_ cursor: String) async throws -> RuleFiles.Instant? {
    let sources = engine.database.sources
    let text = try await engine.reads.run { () throws(StorageError) in try sources.position(of: cursor) }
    return text.flatMap { Int64($0) }.map { RuleFiles.Instant(seconds: $0) }
  }

  private func fire(
    _ entry: Entry,
    at instant: RuleFiles.Instant,
    _ cursor: String,
    _ snapshot: BusDirectory.Snapshot
  ) async throws {
    let event = TrailEvent(
      id: StableID.scheduledEvent(rule: entry.arn, at: instant.seconds),
      detailType: "Scheduled Event",
      source: "aws.events",
      scope: entry.scope,
      time: instant.seconds,
      resources: [entry.arn],
      detail: Array("{}".utf8)
    )
    let now = engine.clock.now
    let bus = BusReference(scope: entry.scope, name: entry.rule.bus)
    var routing = EventRouting(snapshot, now: now)
    let isElsewhere = engine.settings.isElsewhere
    let rule = CompiledRule(entry.rule, on: bus, archive: nil, isElsewhere: isElsewhere)
    routing.fire(rule, with: BusEvent(event), on: bus)
    try await engine.commit(routing.outcome, cursors: [cursor: String(instant.seconds)], now: now)
  }
}

// Rules that fire by the clock (`every`). A firing is an event like any other: journalled, decided and committed with the
// note that it happened, so it happens once, also across restarts. What was missed while the engine was down is made up
// for by one firing, the latest.

internal import Decisions
internal import Delivery
internal import EventBuses
internal import Logging
internal import RuleFiles
internal import Storage
internal import TrailEvents

/// Fires scheduled rules.
struct ScheduleRunner: Sendable {
  let database: EmbeddedDatabase
  let router: Router
  let clock: any Clock
  let logger: Logger
  let account: String
  let region: String

  /// Runs until the task is cancelled.
  ///
  /// Reloaded rules ring no bell: the loop looks for them as often as it wakes at the latest.
  func run() async {
    await ScheduleLoop("scheduled rules", clock: clock, logger: logger).run {
      guard let generation = router.generation else { return nil }
      return try await fireDue(generation)
    }
  }

  /// Fires what is due and says when the next firing is.
  private func fireDue(_ generation: RuleGeneration) async throws -> Delivery.Instant? {
    let now = RuleFiles.Instant(seconds: clock.now.seconds)
    let rules = generation.rules
    var first: Delivery.Instant?
    for (index, rule) in rules.repository.rules.enumerated() {
      guard let schedule = rule.schedule, rule.stage > .draft else { continue }
      let cursor = "schedule:\(rule.id)"
      // A clock that was set back must not keep the rule from firing until it is where it was. What fires twice at the
      // same instant for that is a duplicate.
      let last = try await lastFiring(cursor).flatMap { $0 > now ? nil : $0 }
      let outlook = ScheduleTiming(schedule).outlook(after: last ?? now, at: now)
      if let due = outlook.due {
        guard try await fire(generation, index, at: due, cursor) else { return nil }
      } else if last == nil {
        // New here: the first firing is the next one, counted from now.
        guard try await router.accept(AcceptedBatch(cursors: [cursor: String(now.seconds)])) else { return nil }
      }
      guard let next = outlook.next else { continue }
      let instant = Delivery.Instant(seconds: next.seconds)
      first = min(first ?? instant, instant)
    }
    return first
  }

  private func lastFiring(_ cursor: String) async throws -> RuleFiles.Instant? {
    let sources = database.sources
    let text = try await router.blocking { try sources.position(of: cursor) }
    return text.flatMap { Int64($0) }.map { RuleFiles.Instant(seconds: $0) }
  }

  private func fire(
    _ generation: RuleGeneration,
    _ index: Int,
    at instant: RuleFiles.Instant,
    _ cursor: String
  ) async throws -> Bool {
    let (rules, routes) = (generation.rules, generation.routes)
    let event = rules.scheduledEvent(rule: index, at: instant, account: account, region: region)
    let now = clock.now
    let batch = AcceptedBatch(
      entries: [
        JournalEntry(eventID: event.eventID, account: account, region: region, envelope: event.envelope)
      ],
      cursors: [cursor: String(instant.seconds)],
      deliveries: rules.decide(firing: index, event: event).map { DecidedDelivery($0, routes, at: now) }
    )
    return try await router.accept(batch)
  }
}

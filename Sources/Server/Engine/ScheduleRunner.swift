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

  /// How often it looks for reloaded rules.
  private static let longestSleep = Duration.seconds(15)

  /// Runs until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      var wakeAt = clock.now + Self.longestSleep
      if let generation = router.generation {
        do {
          if let next = try await fireDue(generation) { wakeAt = min(wakeAt, next) }
        } catch {
          logger.error("scheduled rules cannot be fired; trying again: \(error)")
        }
      }
      do { try await clock.sleep(until: wakeAt) } catch { return }
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
      if let last, let due = Self.latestDue(schedule, after: last, through: now) {
        guard try await fire(generation, index, at: due, cursor) else { return nil }
      } else if last == nil {
        // New here: the first firing is the next one, counted from now.
        guard try await router.accept(AcceptedBatch(cursors: [cursor: String(now.seconds)])) else { return nil }
      }
      guard let next = schedule.next(after: now) else { continue }
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

  /// The last time a schedule should have fired after one instant and not after another.
  static func latestDue(
    _ schedule: Schedule,
    after last: RuleFiles.Instant,
    through now: RuleFiles.Instant
  ) -> RuleFiles.Instant? {
    // A day back finds the latest firing of anything that fires at least daily; what fires more seldom has few to step
    // over. So the number of steps is bounded however long the engine was down.
    let recent = RuleFiles.Instant(seconds: max(last.seconds, now.seconds - 86_400))
    var latest: RuleFiles.Instant?
    for start in [recent, last] where latest == nil {
      var at = start
      while let next = schedule.next(after: at), next <= now {
        latest = next
        at = next
      }
    }
    return latest
  }
}

// What the engine has done and what waits, for Prometheus.

internal import Delivery
internal import EventBuses
internal import Storage
internal import TrailEvents

/// The engine's part of `/metrics`.
struct EngineMetrics: Sendable {
  let router: Router
  let database: EmbeddedDatabase
  let clock: any Clock
  /// The engine's own account and Region.
  let home: Scope

  /// The text that Prometheus reads.
  func text() async -> String {
    var text = MetricsText()
    let database = database
    let now = clock.now.milliseconds
    if let figures = try? await router.blocking({ () throws(StorageError) in try database.figures() }) {
      text.gauge("signalbox_events_total", figures.events, "Events journalled.", .counter)
      text.gauge("signalbox_deliveries_total", figures.deliveries, "Deliveries decided.", .counter)
      text.gauge("signalbox_attempts_total", figures.attempts, "Attempts to deliver.", .counter)
      text.gauge("signalbox_dead_letters", figures.deadLetters, "Letters that wait in dead-letter queues.")
      text.begin("signalbox_dead_letter_queue_depth", .gauge, "Messages in dead-letter queues, by queue.")
      for queue in figures.deadLetterQueues {
        let scope = queue.account.isEmpty ? home : Scope(account: queue.account, region: queue.region)
        text.add(queue.depth, ["queue": ARN(service: "sqs", in: scope, resource: queue.name).description])
      }
      text.begin("signalbox_pending_deliveries", .gauge, "Deliveries that wait, by target.")
      for each in figures.backlog { text.add(each.pending, ["target": each.target]) }
      let oldest = figures.backlog.map { max(0, now - $0.dueAt) }.max() ?? 0
      let help = "How long the delivery that is overdue the longest has been so."
      text.gauge("signalbox_delivery_lag_seconds", Double(oldest) / 1000, help)
    }
    if let made = router.deliveries {
      text.gauge("signalbox_retries_total", made.retries, "Attempts that were not the first.", .counter)
      let failures = made.failures + (router.buses?.counts.failures ?? 0)
      text.gauge("signalbox_failed_deliveries_total", failures, "Deliveries that were given up.", .counter)
      text.histogram("signalbox_attempt_seconds", made.attempts, "How long attempts to deliver took.")
      let help = "How long it took from decisions to their deliveries, retries included."
      text.histogram("signalbox_delivery_seconds", made.deliveries, help)
    }
    let counts = router.counts
    text.gauge("signalbox_duplicate_events_total", counts.duplicates, "Events that were known already.", .counter)
    if let buses = router.buses?.counts {
      text.gauge("signalbox_bus_events_total", buses.events, "Events that came onto buses.", .counter)
      text.gauge("signalbox_rule_matches_total", buses.matches, "Events that rules matched, by each rule.", .counter)
      let help = "How long it took from events' arrival until they were on the disk, messages for queues with them."
      text.histogram("signalbox_event_commit_seconds", buses.latency, help)
      text.gauge("signalbox_bus_messages_total", buses.messages, "Messages that rules put into queues.", .counter)
      text.gauge("signalbox_refused_entries_total", buses.refused, "Entries of PutEvents that were refused.", .counter)
    }
    let used = try? await router.blocking { () throws(StorageError) in try database.usedBytes() }
    if let used { text.gauge("signalbox_database_bytes", used, "The size of the database.") }
    return text.text
  }
}

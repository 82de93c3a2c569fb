// What the engine has done and what waits, for Prometheus.

internal import Delivery
internal import EventBuses
internal import Storage

/// The engine's part of `/metrics`.
struct EngineMetrics: Sendable {
  let router: Router
  let database: EmbeddedDatabase
  let clock: any Clock

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
      text.begin("signalbox_pending_deliveries", .gauge, "Deliveries that wait, by target.")
      for each in figures.backlog { text.add(each.pending, ["target": each.target]) }
      let oldest = figures.backlog.map { max(0, now - $0.dueAt) }.max() ?? 0
      let help = "How long the delivery that is overdue the longest has been so."
      text.gauge("signalbox_delivery_lag_seconds", Double(oldest) / 1000, help)
    }
    let counts = router.counts
    text.gauge("signalbox_duplicate_events_total", counts.duplicates, "Events that were known already.", .counter)
    if let buses = router.buses?.counts {
      text.gauge("signalbox_bus_events_total", buses.events, "Events that came onto buses.", .counter)
      text.gauge("signalbox_bus_messages_total", buses.messages, "Messages that rules put into queues.", .counter)
      text.gauge("signalbox_refused_entries_total", buses.refused, "Entries of PutEvents that were refused.", .counter)
    }
    let used = try? await router.blocking { () throws(StorageError) in try database.usedBytes() }
    if let used { text.gauge("signalbox_database_bytes", used, "The size of the database.") }
    return text.text
  }
}

// What the engine has done and what waits, for Prometheus.

internal import Storage

/// The engine's part of `/metrics`.
struct EngineMetrics: Sendable {
  let router: Router
  let database: EmbeddedDatabase

  /// The text that Prometheus reads.
  func text() async -> String {
    let counts = router.counts
    var text = MetricsText()
    text.gauge("signalbox_events_total", counts.events, "Events accepted for the first time.", .counter)
    text.gauge("signalbox_duplicate_events_total", counts.duplicates, "Events that were known already.", .counter)
    text.gauge("signalbox_deliveries_total", counts.deliveries, "Deliveries decided.", .counter)
    text.gauge("signalbox_recorded_total", counts.recorded, "Decisions that were recorded only.", .counter)
    text.gauge("signalbox_dead_letters_total", counts.deadLetters, "Steps that could not be rendered.", .counter)
    let database = database
    let work = try? await router.blocking { () throws(StorageError) in try database.outbox.targetsWithWork() }
    if let work {
      text.begin("signalbox_pending_deliveries", .gauge, "Deliveries that wait, by target.")
      for (target, pending) in work { text.add(pending, ["target": target]) }
    }
    let used = try? await router.blocking { () throws(StorageError) in try database.usedBytes() }
    if let used { text.gauge("signalbox_database_bytes", used, "The size of the database.") }
    return text.text
  }
}

// Where events become deliveries. A batch is matched and decided, and then events, deliveries and the source's position
// are committed in one transaction. Only after that does the source go on, so there is no moment in which an event was
// acknowledged and its deliveries could be lost.

internal import Decisions
internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import Logging
internal import RuleFiles
internal import Storage
internal import Synchronization
internal import TrailEvents

/// Decides about events and commits the decisions.
final class Router: Sendable {
  /// What became of events, for reports.
  struct Counts: Sendable, Equatable {
    var events = 0
    var duplicates = 0
    /// Deliveries that went into the outbox.
    var deliveries = 0
    /// Decisions that were only recorded.
    var recorded = 0
    /// Decisions that could not be rendered and became dead letters at once.
    var deadLetters = 0
    /// Inputs that could not be read at all.
    var unreadable = 0
    /// Values and rests of files that are no records.
    var rejected = 0
    /// Files that are not read.
    var skipped = SkippedFiles()
  }

  private struct State {
    var generation: RuleGeneration?
    var counts = Counts()
    var dispatcher: Dispatcher?
    /// The buses, where they are served: then their rules and those of files see the same events.
    var buses: BusEngine?
    /// Ways to targets that no rule set names.
    var resolvers: [RouteTable.Resolver] = []
    /// Deliveries put into the outbox since its rows were last counted, and how many they were then.
    var pendingEstimate = 0
    var renderFailures = Thinning()
  }

  private let state = Mutex(State())
  private let database: EmbeddedDatabase
  private let clock: any Clock
  private let logger: Logger
  private let commits = BlockingQueue(label: "signalbox.journal")
  private let beside = BlockingQueue(label: "signalbox.engine", concurrent: true)

  init(database: EmbeddedDatabase, clock: any Clock, logger: Logger) {
    self.database = database
    self.clock = clock
    self.logger = logger
  }

  /// What became of events so far; where buses are served, all events come by them.
  var counts: Counts {
    let (own, buses) = state.withLock { ($0.counts, $0.buses) }
    guard let served = buses?.counts else { return own }
    var counts = own
    counts.events = served.events
    counts.deliveries = served.deliveries
    return counts
  }
  /// The rules in force.
  var generation: RuleGeneration? { state.withLock { $0.generation } }

  /// Brings rules into force, and their routes with them.
  func install(_ generation: RuleGeneration) {
    let (dispatcher, buses, resolvers) = state.withLock { state in
      state.generation = generation
      return (state.dispatcher, state.buses, state.resolvers)
    }
    var routes = generation.routes
    routes.resolvers += resolvers
    if let buses {
      buses.install(FileRules(rules: generation.rules, routes: generation.routes))
      routes.resolvers.append(buses.routes)
    }
    dispatcher?.install(routes)
  }

  /// Lets the buses see the rules in force, and the dispatcher the ways to their targets.
  func attach(_ buses: BusEngine) {
    let (generation, dispatcher) = state.withLock { state in
      state.buses = buses
      return (state.generation, state.dispatcher)
    }
    if let dispatcher { buses.connect(to: dispatcher) }
    if let generation { install(generation) }
  }

  /// Lets the dispatcher find ways to targets that no rule set names.
  func attach(_ resolver: @escaping RouteTable.Resolver) {
    let generation = state.withLock { state in
      state.resolvers.append(resolver)
      return state.generation
    }
    if let generation { install(generation) }
  }

  /// Tells the dispatcher of deliveries that somebody else has put into the outbox.
  func noteNewRows(for targets: [String]) {
    state.withLock { $0.dispatcher }?.noteNewRows(for: targets)
  }

  /// Notes what a source could not make events of.
  func note(unreadable: Int, rejected: Int, skipped: SkippedFiles) {
    state.withLock { state in
      state.counts.unreadable += unreadable
      state.counts.rejected += rejected
      state.counts.skipped += skipped
    }
  }

  /// What the dispatcher has done; nothing before there is one.
  var deliveries: DeliveryFigures? { state.withLock { $0.dispatcher }?.figures }

  /// Names the dispatcher that is told of new rows.
  func connect(to dispatcher: Dispatcher) { state.withLock { $0.dispatcher = dispatcher } }

  /// Runs work that blocks, beside the commits.
  func blocking<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await beside.run(work)
  }

  // MARK: Accepting

  /// Commits a batch of a source with everything that was decided about it.
  ///
  /// When the disk is full or the database is busy it tries again until it works: nothing is skipped. Returns false when
  /// the task was cancelled before that; then nothing of the batch was accepted.
  func accept(_ batch: AcceptedBatch) async throws -> Bool {
    try await untilStored { [self] in
      let (journal, now) = (database.journal, clock.now.milliseconds)
      let result = try await commits.run { () throws(StorageError) in try journal.append(batch, now: now) }
      note(batch, result)
    }
  }

  /// Where buses are served, events of sources go onto them; nil where they are not.
  var buses: BusEngine? { state.withLock { $0.buses } }

  /// Commits events of a source with what the rules of their buses decide, those of the API included.
  func accept(
    _ events: [TrailEvent],
    files: [Storage.SourceFile],
    bus: String,
    on buses: BusEngine
  ) async throws -> Bool {
    let routed = events.map { event in
      (BusEvent(ofSource: event), BusReference(scope: Scope(account: event.account, region: event.region), name: bus))
    }
    return try await untilStored { [self] in
      let result = try await buses.accept(routed, files: files)
      state.withLock { state in
        state.counts.events += result.events
        state.counts.duplicates += events.count - result.events
        state.counts.deliveries += result.deliveries
        state.pendingEstimate += result.deliveries
      }
    }
  }

  private func untilStored(_ store: () async throws -> Void) async throws -> Bool {
    var failures = 0
    while true {
      do {
        try await store()
        if failures > 0 { logger.notice("events can be stored again") }
        return true
      } catch let error as StorageError {
        guard error.mayPass else { throw error }
        if failures == 0 { logger.error("events cannot be stored; trying again until it works: \(error)") }
        failures += 1
        do {
          try await clock.sleep(until: clock.now + .milliseconds(min(5000, 100 << min(failures, 6))))
        } catch {
          return false
        }
      }
    }
  }

  private func note(_ batch: AcceptedBatch, _ result: AppendResult) {
    let new = Set(result.newDeliveries)
    let pending = batch.deliveries.filter { $0.state == .pending && new.contains($0.deliveryID) }
    let pendingCount = Set(pending.map(\.deliveryID)).count
    let unrendered = batch.deliveries.filter { $0.state == .renderFailed && new.contains($0.deliveryID) }
    let deadLetters = unrendered.count { $0.deadLetter != nil }
    for delivery in unrendered { logUnrendered(delivery) }
    let dispatcher = state.withLock { state in
      state.counts.events += result.newCount
      state.counts.duplicates += batch.entries.count - result.newCount
      state.counts.deliveries += pendingCount
      state.counts.deadLetters += deadLetters
      state.counts.recorded += new.count - pendingCount - deadLetters
      state.pendingEstimate += pendingCount
      return state.dispatcher
    }
    if !pending.isEmpty { dispatcher?.noteNewRows(for: Set(pending.map(\.targetID))) }
  }

  private func logUnrendered(_ delivery: DecidedDelivery) {
    let step = "\(delivery.ruleID)/\(delivery.stepID)"
    guard let count = state.withLock({ $0.renderFailures.count(step) }) else { return }
    let end = delivery.deadLetter.map { "; it is in the dead-letter queue \($0.queue)" } ?? ""
    logger.warning(
      "a step cannot be rendered: \(delivery.reason)\(end)",
      metadata: [
        "rule": "\(delivery.ruleID)", "step": "\(delivery.stepID)", "event": "\(delivery.eventID)",
        "target": "\(delivery.targetID)", "delivery": "\(delivery.deliveryID)",
        "so-far": "\(count)",
      ]
    )
  }

  /// Decides about one event.
  func decide(
    _ event: TrailEvent,
    bus: String,
    with decider: inout Decider,
    _ generation: RuleGeneration,
    now: Delivery.Instant
  ) -> [DecidedDelivery] {
    do throws(EventError) {
      let instant = RuleFiles.Instant(seconds: now.seconds)
      return try decider.decide(event, at: instant, bus: bus).map { DecidedDelivery($0, generation.routes, at: now) }
    } catch {
      logger.warning("an event cannot be matched: \(error.message)", metadata: ["event": "\(event.eventID)"])
      return []
    }
  }

  /// Hands the event of a delivery to the rules of another bus.
  ///
  /// The ids of what is decided come from event, rule and step. So an event that comes back to a bus it was on decides
  /// nothing new, and a circle of buses comes to rest by itself.
  func publish(_ request: DeliveryRequest, on bus: String) async throws(DeliveryFailure) -> DeliveryReceipt {
    guard let generation else {
      throw DeliveryFailure(.internalError, "there are no rules yet", retryable: true)
    }
    let event: TrailEvent
    do throws(TrailEventError) {
      event = try TrailEvent(record: request.event)
    } catch {
      throw DeliveryFailure(.invalidJSON, "the event cannot be put on a bus: \(error)", retryable: false)
    }
    if let buses {
      var forwarded = BusEvent(ofSource: event)
      forwarded.identity = request.eventID
      let target = BusReference(scope: Scope(account: event.account, region: event.region), name: bus)
      do {
        let count = try await buses.publish(forwarded, on: target)
        return DeliveryReceipt(summary: "\(count) steps of rules on bus \(bus)")
      } catch {
        let mayPass = (error as? StorageError)?.mayPass ?? true
        throw DeliveryFailure(.resourceLimitExceeded, "\(error)", retryable: mayPass)
      }
    }
    let now = clock.now
    var decider = Decider(generation.rules)
    var deliveries = decide(event, bus: bus, with: &decider, generation, now: now)
    // The event's identity is the journal's, whatever the envelope says.
    for index in deliveries.indices { deliveries[index].eventID = request.eventID }
    guard !deliveries.isEmpty else { return DeliveryReceipt(summary: "no rule of bus \(bus) matched") }
    do throws(StorageError) {
      let (journal, batch) = (database.journal, AcceptedBatch(deliveries: deliveries))
      let result = try await commits.run { () throws(StorageError) in
        try journal.append(batch, now: now.milliseconds)
      }
      note(batch, result)
    } catch {
      throw DeliveryFailure(.resourceLimitExceeded, error.description, retryable: error.mayPass)
    }
    return DeliveryReceipt(summary: "\(deliveries.count) steps of rules on bus \(bus)")
  }

  // MARK: Back-pressure

  /// Returns when there is room in the outbox for more than nothing, or when the task is cancelled.
  func waitForRoom(limit: Int) async {
    var hasReported = false
    while !Task.isCancelled, state.withLock({ $0.pendingEstimate }) >= limit {
      let outbox = database.outbox
      let work = try? await beside.run { () throws(StorageError) in try outbox.targetsWithWork() }
      let pending = (work ?? []).reduce(0) { $0 + $1.pending }
      state.withLock { $0.pendingEstimate = pending }
      guard pending >= limit else { break }
      if !hasReported {
        hasReported = true
        logger.warning("\(pending) deliveries wait; sources are paused until they are fewer than \(limit)")
      }
      try? await clock.sleep(until: clock.now + .seconds(1))
    }
    if hasReported { logger.notice("sources go on") }
  }
}

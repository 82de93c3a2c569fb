// The engine behind EventBridge's API. It holds what is in force, lets the pure parts decide, and carries out what they
// say: rows first, then the news of them.
//
//   PutEvents, captured calls, schedules, replays ─► EventRouting ─► one transaction: journal, outbox, queues, archives
//   control plane ─► Catalog ─► rows ─► BusDirectory

internal import Decisions
public import Delivery
internal import Dispatch
internal import Foundation
public import Logging
public import Storage
internal import Synchronization
public import TrailEvents

/// The buses of an installation.
public final class BusEngine: Sendable {
  /// What it has done since it started.
  public struct Counts: Sendable, Equatable {
    /// Events that came onto buses for the first time.
    public var events = 0
    /// Rules that matched, each with each event that it matched.
    public var matches = 0
    /// Deliveries decided, those made at once included.
    public var deliveries = 0
    /// Messages put into queues by the transaction of their event.
    public var messages = 0
    /// Entries of PutEvents that were refused.
    public var refused = 0
    /// Deliveries given up by the transaction of their event.
    public var failures = 0
    /// Seconds from an event's arrival until it was on the disk with what its rules put into queues.
    public var latency = Histogram()
  }

  let database: EmbeddedDatabase
  let clock: any Clock
  let logger: Logger
  let directory: BusDirectory
  let settings: BusSettings
  private let store: CatalogStore
  /// Changes of the control plane take turns.
  private let control = BlockingQueue(label: "signalbox.buses")
  /// Small reads, beside each other.
  let reads = BlockingQueue(label: "signalbox.buses.read", concurrent: true)
  private let dispatcher = Mutex<Dispatcher?>(nil)
  private let counted = Mutex(Counts())
  /// What was given up, by rule, target and error.
  let failed = Mutex(Thinning())
  var sending: QueueSending { QueueSending(queues: settings.queues) }
  let limiters = RateLimiters()
  let tokens = TokenCache()
  /// Rung when replays, schedules or connections have something new to do.
  let work = WakeUp()
  let scheduleChange = WakeUp()

  /// Opens the buses of a database. Blocks.
  public init(
    database: EmbeddedDatabase,
    settings: BusSettings,
    clock: any Clock = SystemClock(),
    logger: Logger
  ) throws {
    self.database = database
    self.settings = settings
    self.clock = clock
    self.logger = logger
    store = CatalogStore(database: database, secrets: settings.secrets)
    var catalog = try store.load()
    catalog.limits = settings.limits
    directory = BusDirectory(catalog, watch: settings.watch, isElsewhere: settings.isElsewhere)
  }

  /// Names the dispatcher that is told of new rows and routes.
  public func connect(to dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

  /// Puts the rules of rule files in force, beside those of the API.
  public func install(_ files: FileRules) {
    directory.publish(files, now: clock.now.milliseconds)
    for arn in catalog.rulesNamedLikeThoseOfFiles {
      logger.warning(
        "a rule of EventBridge's API hides one of the same name in a rule file from clients; both take events",
        metadata: ["rule": "\(arn)"]
      )
    }
  }

  /// What has been done so far.
  public var counts: Counts { counted.withLock { $0 } }

  /// What is known of all accounts and Regions at this moment; it does not change.
  public var catalog: Catalog { directory.snapshot.catalog }

  // MARK: Control plane

  /// Changes the catalog: the change is on the disk and in force when this returns.
  ///
  /// Throws the `BusError` of the operation, or a `StorageError`.
  @discardableResult
  public func change<R: Sendable>(
    _ operation: @escaping @Sendable (inout Catalog) throws(BusError) -> R
  ) async throws -> R {
    let (result, rows) = try await control.run { [directory, store] in
      var catalog = directory.snapshot.catalog
      let result = try operation(&catalog)
      let rows = catalog.takeChanges()
      try store.save(rows)
      directory.publish(catalog, changed: rows)
      return (result, rows)
    }
    noteChange(rows)
    return result
  }

  private func noteChange(_ rows: [ResourceRow]) {
    if rows.contains(where: { $0.kind == "rule" }) {
      scheduleChange.ring()
      // Lanes that wait look again whether their targets, or the way there, are others now.
      let lanes = Set(
        rows.filter { $0.kind == "rule" }.flatMap { row -> [String] in
          guard let rule = directory.snapshot.catalog[row.scope].rules[row.key] else { return [] }
          let arn = rule.arn(in: row.scope)
          return rule.targets.map { TargetLane(rule: arn, target: $0.id).text }
        }
      )
      dispatcher.withLock { $0 }?.noteNewRoutes(for: lanes)
    }
    if rows.contains(where: { $0.kind == "replay" || $0.kind == "connection" }) { work.ring() }
  }

  // MARK: Events

  /// Takes the entries of a PutEvents request; what is accepted is on the disk when this returns.
  ///
  /// Throws `BusError` when the request as a whole is refused.
  ///
  /// - Parameters:
  ///   - caller: the account and Region that they come from.
  ///   - sender: who sends them, for the policies of buses; the account as a whole unless given.
  public func putEvents(
    _ entries: [EventEntry],
    from caller: Scope,
    as sender: PolicyCaller? = nil,
    isPartner: Bool = false
  ) async throws -> [EntryResult] {
    guard entries.reduce(0, { $0 + $1.size }) <= settings.limits.requestBytes else {
      throw BusError.validation("Total size of the entries in the request is over the limit.")
    }
    let snapshot = directory.snapshot
    let now = clock.now
    var routing = EventRouting(snapshot, now: now)
    var generator = SystemRandomNumberGenerator()
    var results: [EntryResult] = []
    for entry in entries {
      if let problem = entry.problem(isPartner: isPartner) {
        results.append(.refused(problem))
        continue
      }
      let bus = BusReference(entry.bus, from: caller)
      do throws(BusError) {
        try snapshot.catalog.authorize(
          sender ?? .account(caller.account),
          "events:PutEvents",
          on: bus,
          conditions: entry.conditions,
          now: now.milliseconds
        )
      } catch {
        results.append(.refused(error))
        continue
      }
      let id = EventID.ordered(at: now.milliseconds, using: &generator)
      results.append(.accepted(id: id))
      // An event for a bus that is not there is lost, as in AWS.
      guard snapshot.catalog[bus.scope].bus(bus.name) != nil else { continue }
      let scope = Scope(account: caller.account, region: bus.scope.region)
      var event = BusEvent(entry.event(id: id, in: scope, now: now.seconds))
      event.traceHeader = entry.traceHeader
      routing.accept(event, on: bus)
    }
    let refused = results.count { if case .refused = $0 { true } else { false } }
    if refused > 0 { counted.withLock { $0.refused += refused } }
    try await commit(routing.outcome, now: now)
    return results
  }

  /// Takes events that were made here, captured or read, each for its bus; they are on the disk when this returns.
  ///
  /// - Parameter files: how far files of log-file trees have been read, to be remembered with the events.
  /// - Returns: how many of the events were new, and how many deliveries were decided.
  @discardableResult
  public func accept(
    _ events: [(event: BusEvent, bus: BusReference)],
    files: [SourceFile] = []
  ) async throws -> (events: Int, deliveries: Int) {
    let now = clock.now
    var routing = EventRouting(directory.snapshot, now: now)
    for (event, bus) in events { routing.accept(event, on: bus) }
    return try await commit(routing.outcome, files: files, now: now)
  }

  /// Hands an event that is in the journal to the rules of a bus.
  ///
  /// - Returns: how many deliveries were decided.
  public func publish(_ event: BusEvent, on bus: BusReference) async throws -> Int {
    let now = clock.now
    var routing = EventRouting(directory.snapshot, now: now)
    routing.publish(event, on: bus)
    return try await commit(routing.outcome, now: now).deliveries
  }

  /// Commits what follows from events, and tells who has to do with it.
  @discardableResult
  func commit(
    _ outcome: RoutingOutcome,
    cursors: [String: String] = [:],
    files: [SourceFile] = [],
    now: Delivery.Instant
  ) async throws -> (events: Int, deliveries: Int) {
    for problem in outcome.problems { logger.warning("\(problem)") }
    guard !outcome.entries.isEmpty || !outcome.deliveries.isEmpty || !cursors.isEmpty || !files.isEmpty else {
      return (0, 0)
    }
    let publishing = await TopicPublishing(settings.topics, outcome.publications, now: now.milliseconds)
    let commit = RoutingCommit(outcome, sending, publishing, cursors: cursors, files: files, now: now.milliseconds)
    let committed = try await database.commit { db in
      try commit.run(db)
    }
    counted.withLock { counts in
      counts.events += committed.newEvents
      counts.deliveries += committed.deliveries
      counts.messages += committed.messages
      counts.matches += outcome.matches
      counts.failures += committed.failures.count
      if committed.newEvents > 0 {
        let taken = clock.now.milliseconds - now.milliseconds
        counts.latency.add(Double(max(0, taken)) / 1000, times: committed.newEvents)
      }
    }
    note(committed.failures)
    if !outcome.arrivals.isEmpty { settings.watch?.arrived() }
    if !committed.lanes.isEmpty { dispatcher.withLock { $0 }?.noteNewRows(for: committed.lanes) }
    return (committed.newEvents, committed.deliveries)
  }
}

// From the outbox to the targets. There is one lane per target, each with a task of its own: what one target does or
// does not do is not felt by another. Which deliveries are under way is known to this process only; after a crash
// everything that is not settled is due again, with the same delivery id.

public import Logging
public import Storage
internal import Synchronization

/// Makes the deliveries of an outbox.
public final class Dispatcher: Sendable {
  private struct State {
    var lanes: [String: LaneRunner] = [:]
    /// Targets that got new rows since the control loop last looked.
    var named: Set<String> = []
    var stopBy: Instant?
  }

  /// What a drain left behind.
  public struct Remainder: Sendable, Equatable {
    /// Deliveries that wait for a later attempt.
    public var pending: Int
    /// When the next attempt is due, if it is known.
    public var nextAttempt: Instant?
  }

  /// How far the clock may go back without being noticed.
  private static let tolerance = Duration.seconds(5)

  private let state = Mutex(State())
  private let routes: Mutex<RouteTable>
  private let database: EmbeddedDatabase
  private let clock: any Clock
  private let logger: Logger
  private let writer: SettlementWriter
  private let reads = BlockingQueue(label: "signalbox.outbox", concurrent: true)
  private let wakeUp = WakeUp()
  private let resting = WakeUp()
  /// How often the outbox is searched for rows that nobody told us of: another process redrives dead letters.
  private let searchInterval: Duration

  /// Makes a dispatcher; nothing happens before `run`.
  public init(
    database: EmbeddedDatabase,
    routes: RouteTable,
    clock: any Clock = SystemClock(),
    logger: Logger,
    searchInterval: Duration = .seconds(1)
  ) {
    self.database = database
    self.routes = Mutex(routes)
    self.clock = clock
    self.logger = logger
    self.searchInterval = searchInterval
    writer = SettlementWriter(database: database, clock: clock, logger: logger)
  }

  /// What has been done since the start.
  public var figures: DeliveryFigures { writer.figures }

  /// Puts the routes of a new rule set in place of the old ones; attempts under way end as they began.
  public func install(_ table: RouteTable) {
    routes.withLock { $0 = table }
    for lane in state.withLock({ Array($0.lanes.values) }) { lane.noteNewRoutes() }
  }

  /// Tells that the routes to these targets and actions may be others now, though the table is the same.
  public func noteNewRoutes(for targets: some Sequence<String>) {
    for lane in state.withLock({ state in targets.compactMap { state.lanes[$0] } }) { lane.noteNewRoutes() }
  }

  /// Tells that there are new rows for these targets and actions.
  public func noteNewRows(for targets: some Sequence<String>) {
    let (known, isNew) = state.withLock { state in
      var known: [LaneRunner] = []
      for id in targets {
        if let lane = state.lanes[id] { known.append(lane) } else { state.named.insert(id) }
      }
      return (known, !state.named.isEmpty)
    }
    for lane in known { lane.noteNewRows() }
    if isNew { wakeUp.ring() }
  }

  /// Starts no new attempt; those under way may end until `deadline`, and are then left for the next start.
  public func stop(by deadline: Instant) {
    let lanes = state.withLock { state in
      state.stopBy = min(state.stopBy ?? deadline, deadline)
      return Array(state.lanes.values)
    }
    for lane in lanes { lane.stop(by: deadline) }
    wakeUp.ring()
    resting.ring()
  }

  /// Delivers until it is stopped or the task is cancelled.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.writer.run() }
      await runLanes()
      writer.close()
      let stopBy = state.withLock { $0.stopBy } ?? clock.now
      // Outcomes that cannot be written by now (a full disk) must not keep the process.
      group.addTask { [clock] in try? await clock.sleep(until: max(stopBy, clock.now + .seconds(1))) }
      await group.next()
      group.cancelAll()
    }
  }

  private func runLanes() async {
    await withDiscardingTaskGroup { group in
      var nextSearch = clock.now
      var latest = clock.now
      while !Task.isCancelled {
        let (named, isStopping) = state.withLock { state in
          defer { state.named = [] }
          return (state.named, state.stopBy != nil)
        }
        if isStopping { break }
        if latest - clock.now > Self.tolerance {
          await noteSetBack(by: latest - clock.now)
          nextSearch = clock.now
        }
        latest = clock.now
        for id in named { open(id, in: &group) }
        if clock.now >= nextSearch {
          let begin = clock.now
          for (id, _) in await targetsWithWork() { open(id, in: &group) }
          // A search of a very full outbox takes its time; it should not take more than a twentieth of it.
          nextSearch = clock.now + max(searchInterval, (clock.now - begin) * 20)
        }
        // In slices, so that a clock that is set back meanwhile is noticed.
        await wakeUp.wait(until: min(nextSearch, clock.now + .seconds(30)), on: clock)
      }
      if Task.isCancelled { stop(by: clock.now) }
    }
  }

  /// Keeps deliveries from waiting for a time that the clock, which was fast, had come to.
  private func noteSetBack(by duration: Duration) async {
    logger.notice("the clock was set back by \(duration); the next attempts are brought forward")
    let (outbox, now) = (database.outbox, clock.now)
    do throws(StorageError) {
      _ = try await reads.run { () throws(StorageError) in
        try outbox.bringForward(by: duration.milliseconds, now: now.milliseconds)
      }
    } catch {
      logger.error("the next attempts cannot be brought forward: \(error)")
    }
    for lane in state.withLock({ Array($0.lanes.values) }) { lane.noteSetBack() }
  }

  private func open(_ id: String, in group: inout DiscardingTaskGroup) {
    let (lane, isNew) = state.withLock { state in
      if let lane = state.lanes[id] { return (lane, false) }
      let lane = LaneRunner(id: id, surroundings)
      state.lanes[id] = lane
      if let deadline = state.stopBy { lane.stop(by: deadline) }
      return (lane, true)
    }
    if isNew {
      group.addTask { await lane.run() }
    } else {
      lane.noteNewRows()
    }
  }

  private var surroundings: LaneRunner.Surroundings {
    LaneRunner.Surroundings(
      database: database,
      clock: clock,
      logger: logger,
      writer: writer,
      reads: reads,
      routes: { [self] in routes.withLock { $0 } },
      resting: resting
    )
  }

  private func targetsWithWork() async -> [(target: String, pending: Int)] {
    let outbox = database.outbox
    do throws(StorageError) {
      return try await reads.run { () throws(StorageError) in try outbox.targetsWithWork() }
    } catch {
      logger.error("the outbox cannot be read; trying again: \(error)")
      return []
    }
  }

  // MARK: Draining

  /// Returns when nothing more can be delivered by `limit`: all is settled, or what is left waits for a later attempt.
  ///
  /// To be called while `run` runs, by one caller at a time.
  public func drain(waitingUntil limit: Instant) async -> Remainder {
    while true {
      let begin = clock.now
      let work = await targetsWithWork()
      // As with the search: counting the rows of a very full outbox takes its time.
      let pause = max(.milliseconds(250), (clock.now - begin) * 20)
      let pending = work.reduce(0) { $0 + $1.pending }
      guard pending > 0 else { return Remainder(pending: 0, nextAttempt: nil) }
      let lanes = state.withLock { $0.lanes }
      let statuses = work.map { lanes[$0.target]?.status ?? .busy }
      let isStopping = state.withLock { $0.stopBy != nil }
      if let next = Self.restEnd(statuses), isStopping || next.map({ $0 > limit }) ?? true {
        return Remainder(pending: pending, nextAttempt: next)
      }
      if work.contains(where: { lanes[$0.target] == nil }) { noteNewRows(for: work.map(\.target)) }
      // The timer is for lanes that rest until a time before the limit; they ring when they have come to rest again.
      await resting.wait(until: clock.now + pause, on: clock)
      if Task.isCancelled { return Remainder(pending: pending, nextAttempt: nil) }
    }
  }

  /// When the first of the lanes goes on, if all of them rest: `.some(nil)` is never; nil if one is busy.
  private static func restEnd(_ statuses: [LaneRunner.Status]) -> Instant?? {
    var first: Instant?
    for status in statuses {
      guard case .resting(let until) = status else { return nil }
      if let until { first = min(first ?? until, until) }
    }
    return .some(first)
  }
}

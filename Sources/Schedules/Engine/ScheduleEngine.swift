// The engine behind EventBridge Scheduler's API. Schedules are rows; a firing writes the invocation into the outbox and the
// schedule's next time into its row, in one transaction. What then happens to the invocation is the dispatcher's.
//
//   CreateSchedule ─► row with the time it is due ─► ScheduleLoop ─► outbox ─► Dispatcher ─► InvocationTarget

public import Delivery
public import EventBuses
internal import GRDB
public import Logging
public import Messaging
internal import RuleFiles
public import Storage
internal import Synchronization
public import TrailEvents

/// Limits of EventBridge Scheduler's, per account and Region.
public struct ScheduleLimits: Sendable, Equatable {
  /// Schedules.
  public var schedules = 1_000_000
  /// Groups, with the default one.
  public var groups = 500

  /// Makes the limits that AWS has.
  public init() {}
}

/// What schedules can invoke.
public struct ScheduleSurroundings: Sendable {
  /// Finds what reaches a target of a service that is not here; nothing means that the target is not there.
  public typealias ServiceResolver = @Sendable (_ target: ARN) -> (any Target)?

  /// The buses of this installation.
  public var buses: BusEngine
  /// The queues of this installation.
  public var queues: QueueService
  /// The topics of this installation.
  public var topics: TopicService?
  /// What reaches services that are not here.
  public var service: ServiceResolver
  /// Whether a queue, topic or bus is to be looked for among these services, and not in this installation.
  public var isElsewhere: @Sendable (_ target: ARN) -> Bool = { _ in false }
  /// Limits.
  public var limits = ScheduleLimits()

  /// Makes surroundings.
  public init(
    buses: BusEngine,
    queues: QueueService,
    topics: TopicService? = nil,
    service: @escaping ServiceResolver = { _ in nil }
  ) {
    self.buses = buses
    self.queues = queues
    self.topics = topics
    self.service = service
  }
}

/// The schedules of an installation.
public final class ScheduleEngine: Sendable {
  /// Calls operations of this installation's services: what universal targets are for.
  public typealias Caller = @Sendable (_ call: UniversalCall) async throws(DeliveryFailure) -> DeliveryReceipt

  let database: EmbeddedDatabase
  let surroundings: ScheduleSurroundings
  let clock: any Clock
  let logger: Logger
  let change = WakeUp()
  private let dispatcher = Mutex<(@Sendable ([String]) -> Void)?>(nil)
  private let caller = Mutex<Caller?>(nil)

  /// Makes the engine of a database's schedules.
  public init(
    database: EmbeddedDatabase,
    surroundings: ScheduleSurroundings,
    clock: any Clock = SystemClock(),
    logger: Logger
  ) {
    self.database = database
    self.surroundings = surroundings
    self.clock = clock
    self.logger = logger
  }

  /// Names who is told of the lanes that have new rows in the outbox.
  public func onNewDeliveries(_ listener: @escaping @Sendable ([String]) -> Void) {
    dispatcher.withLock { $0 = listener }
  }

  /// Names who calls operations for universal targets; until then there are none.
  public func onCalls(_ caller: @escaping Caller) {
    self.caller.withLock { $0 = caller }
  }

  /// Calls an operation for a universal target.
  func call(_ call: UniversalCall) async throws(DeliveryFailure) -> DeliveryReceipt {
    guard let caller = caller.withLock({ $0 }) else {
      throw DeliveryFailure(.noResource, "the services of this installation cannot be called", retryable: false)
    }
    return try await caller(call)
  }

  /// Fires schedules until the task is cancelled.
  public func run() async {
    await ScheduleLoop("schedules", clock: clock, change: change, logger: logger).run { try await self.fireDue() }
  }

  // MARK: Firing

  private static let largestBatch = 200

  /// Fires what is due and says when the next firing is.
  func fireDue() async throws -> Delivery.Instant? {
    while !Task.isCancelled {
      let now = clock.now
      let fired = try await database.commit { db in
        var lanes: Set<String> = []
        let due = try ScheduleRows.due(at: now.milliseconds, limit: Self.largestBatch, db)
        for each in due { lanes.insert(try Self.fire(each, now: now.milliseconds, db)) }
        return (count: due.count, lanes: Array(lanes))
      }
      if !fired.lanes.isEmpty { dispatcher.withLock { $0 }?(fired.lanes) }
      if fired.count < Self.largestBatch { break }
    }
    return try await database.fetch { try ScheduleRows.nextDue($0) }.map { Delivery.Instant(milliseconds: $0) }
  }

  /// Writes an invocation and the next time of its schedule.
  private static func fire(_ due: DueSchedule, now: Int64, _ db: Database) throws -> String {
    let schedule = due.schedule
    let occurrence = schedule.latest(of: .init(seconds: due.occurrence), at: now, in: due.scope)
    let invocation = Invocation(of: schedule, at: occurrence, in: due.scope)
    try Outbox.insert([invocation.delivery(now: now)], db)
    let next = schedule.firing(after: occurrence, in: due.scope)
    if next == nil, schedule.definition.completion == .delete {
      // The invocation has all that it needs: the schedule need not wait for it.
      try ScheduleRows.remove(row: due.row, db)
    } else {
      try ScheduleRows.note(next, of: due.row, db)
    }
    return invocation.lane.text
  }
}

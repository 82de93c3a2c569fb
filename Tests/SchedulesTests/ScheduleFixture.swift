import Delivery
import EventBuses
import Foundation
import Logging
import Messaging
import Outbound
import SignalboxTesting
import Storage
import TrailEvents

@testable import Schedules

/// Schedules, queues and buses in a folder of their own, with a clock moved by hand.
final class ScheduleFixture: Sendable {
  static let scope = Scope(account: "111122223333", region: "us-east-1")
  static let role = "arn:aws:iam::111122223333:role/invoke"

  let folder: String
  let database: EmbeddedDatabase
  let clock: ManualClock
  let queues: QueueService
  let buses: BusEngine
  let engine: ScheduleEngine

  /// - Parameter now: what the clock shows, in seconds since 1970; 2026-11-24T00:00:00Z.
  /// - Parameter elsewhere: what stands for all queues and buses.
  init(now: Int64 = 1_795_478_400, limits: ScheduleLimits = ScheduleLimits(), elsewhere: (any Target)? = nil) throws {
    folder = NSTemporaryDirectory() + "schedules-\(UUID().uuidString)"
    database = try EmbeddedDatabase(directory: folder)
    let clock = ManualClock(start: Instant(seconds: now))
    self.clock = clock
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    queues = QueueService(database: database, home: Self.scope) { clock.now.milliseconds }
    var settings = BusSettings(http: try HTTPClient())
    settings.queues = queues
    buses = try BusEngine(database: database, settings: settings, clock: clock, logger: logger)
    var surroundings = ScheduleSurroundings(buses: buses, queues: queues)
    surroundings.limits = limits
    if let elsewhere {
      surroundings.service = { _ in elsewhere }
      surroundings.isElsewhere = { _ in true }
    }
    engine = ScheduleEngine(database: database, surroundings: surroundings, clock: clock, logger: logger)
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A schedule for a queue of which nobody has heard, unless another target is given.
  static func definition(
    _ name: String = "s",
    _ expression: String,
    target: ScheduleTarget? = nil,
    change: (inout ScheduleDefinition) -> Void = { _ in }
  ) -> ScheduleDefinition {
    var definition = ScheduleDefinition(
      name: name,
      expression: expression,
      target: target ?? ScheduleTarget(arn: "arn:aws:sqs:us-east-1:111122223333:q", roleARN: role, input: "{}")
    )
    change(&definition)
    return definition
  }

  @discardableResult
  func create(_ definition: ScheduleDefinition, token: String? = nil) async throws -> ARN {
    try await engine.create(definition, token: token, in: Self.scope)
  }

  /// Fires what is due and says in how many seconds the next firing is.
  @discardableResult
  func fire() async throws -> Int64? {
    try await engine.fireDue().map { $0.seconds - clock.now.seconds }
  }

  /// All invocations so far, oldest first.
  var invocations: [DeliveryRecord] {
    get throws { try database.ledger.list(LedgerQuery()).sorted { $0.number < $1.number } }
  }

  /// The times that the invocations so far were for.
  var times: [String] {
    get throws {
      try invocations.compactMap { $0.decision.parameters.first { $0.name == "SCHEDULED_TIME" }?.value }
    }
  }

  /// Lets a dispatcher deliver what is due, and moves the clock for retries, until nothing is left to do.
  func deliver() async throws {
    var routes = RouteTable()
    routes.resolvers = [engine.routes]
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let dispatcher = Dispatcher(database: database, routes: routes, clock: clock, logger: logger)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await dispatcher.run() }
      group.addTask { [clock] in
        while !Task.isCancelled {
          if let next = clock.nextDeadline { clock.advance(to: next) }
          try? await Task.sleep(for: .microseconds(200))
        }
      }
      _ = await dispatcher.drain(waitingUntil: clock.now + .seconds(86_400))
      dispatcher.stop(by: clock.now)
      group.cancelAll()
    }
  }
}

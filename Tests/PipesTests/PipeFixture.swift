import Delivery
import EventBuses
import Foundation
import Logging
import Messaging
import Outbound
import SignalboxTesting
import Storage
import Synchronization
import TrailEvents

@testable import Pipes

/// Something that answers as a test wants, and remembers what it was handed.
final class AnsweringTarget: Target {
  private let answer: @Sendable (DeliveryRequest) throws(DeliveryFailure) -> String
  private let taken = Mutex<[DeliveryRequest]>([])

  init(_ answer: @escaping @Sendable (DeliveryRequest) throws(DeliveryFailure) -> String) { self.answer = answer }

  var requests: [DeliveryRequest] { taken.withLock { $0 } }
  var payloads: [String] { requests.map { String(decoding: $0.payload, as: UTF8.self) } }

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    taken.withLock { $0.append(request) }
    return DeliveryReceipt(summary: "answered", answer: Array(try answer(request).utf8))
  }
}

/// Pipes, queues, topics and buses in a folder of their own, with a clock moved by hand.
final class PipeFixture: Sendable {
  static let scope = Scope(account: "111122223333", region: "us-east-1")
  static let role = "arn:aws:iam::111122223333:role/pipes"
  static let function = "arn:aws:lambda:us-east-1:111122223333:function:f"

  let folder: String
  let database: EmbeddedDatabase
  let clock: ManualClock
  let queues: QueueService
  let topics: TopicService
  let buses: BusEngine
  let engine: PipeEngine
  private let services: Services

  final class Services: Sendable {
    let known = Mutex<[String: any Target]>([:])
  }

  /// The clock shows 2026-11-24T00:00:00Z.
  init(most: Int = 1000) throws {
    folder = NSTemporaryDirectory() + "pipes-\(UUID().uuidString)"
    database = try EmbeddedDatabase(directory: folder)
    let clock = ManualClock(start: Instant(seconds: 1_795_478_400))
    self.clock = clock
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let queues = QueueService(database: database, home: Self.scope) { clock.now.milliseconds }
    self.queues = queues
    topics = try TopicService(database: database, queues: queues, endpoint: "http://localhost") {
      clock.now.milliseconds
    }
    var settings = BusSettings(http: try HTTPClient())
    settings.queues = queues
    settings.topics = topics
    buses = try BusEngine(database: database, settings: settings, clock: clock, logger: logger)
    let services = Services()
    self.services = services
    var surroundings = PipeSurroundings(buses: buses, queues: queues, topics: topics) { arn in
      services.known.withLock { $0[arn.description] }
    }
    surroundings.mostPipes = most
    engine = PipeEngine(database: database, surroundings: surroundings, clock: clock, logger: logger)
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Lets an ARN stand for a target.
  func map(_ arn: String = PipeFixture.function, to target: any Target) {
    services.known.withLock { $0[arn] = target }
  }

  // MARK: Queues

  func queue(_ name: String, _ attributes: [String: String] = [:]) async throws -> QueueAddress {
    try await queues.create(name, in: Self.scope, attributes: attributes)
  }

  func fifo(_ name: String) async throws -> QueueAddress {
    try await queue(name, ["FifoQueue": "true", "ContentBasedDeduplication": "true"])
  }

  func send(_ bodies: [String], to queue: QueueAddress, group: String? = nil) async throws {
    for body in bodies {
      var message = OutgoingMessage(body: Array(body.utf8))
      message.groupID = group
      _ = try await queues.send(message, to: queue, as: .account(Self.scope.account))
    }
  }

  /// What can be received from a queue; it stays hidden.
  func messages(_ queue: QueueAddress) async throws -> [QueueMessage] {
    let request = ReceiveRequest(limit: 10, visibilityTimeout: 43_200)
    return try await queues.receive(request, from: queue, as: .account(Self.scope.account)).map(\.message)
  }

  func bodies(_ queue: QueueAddress) async throws -> [String] {
    try await messages(queue).map { String(decoding: $0.body, as: UTF8.self) }
  }

  /// How many messages a queue has, hidden ones too.
  func count(_ queue: QueueAddress) async throws -> Int {
    let values = try await queues.attributes(of: queue, named: ["All"], as: .account(Self.scope.account))
    return ["", "NotVisible", "Delayed"].reduce(0) { $0 + (Int(values["ApproximateNumberOfMessages\($1)"] ?? "") ?? 0) }
  }

  // MARK: Pipes

  static func definition(
    _ name: String = "p",
    from source: QueueAddress? = nil,
    to target: String,
    _ change: (inout PipeDefinition) -> Void = { _ in }
  ) -> PipeDefinition {
    var definition = PipeDefinition(
      name: name,
      source: source?.arn.description ?? "arn:aws:sqs:us-east-1:111122223333:source",
      target: PipeTarget(arn: target),
      roleARN: role
    )
    change(&definition)
    return definition
  }

  /// Takes one batch through a pipe.
  ///
  /// - Parameter elsewhere: what is not looked for here.
  @discardableResult
  func pass(_ definition: PipeDefinition, elsewhere: String? = nil) async throws -> PipePass {
    let now = clock.now.milliseconds
    let record = PipeRecord(
      definition: definition,
      tags: [:],
      desired: .running,
      current: .running,
      createdAt: now,
      modifiedAt: now
    )
    let key = PipeKey(scope: Self.scope, name: definition.name)
    let plan = try PipePlan(record, as: key) { $0.description == elsewhere }
    let runner = PipeRunner(plan, of: engine)
    return await runner.pass(try await runner.receive(plan.batchSize, wait: 0))
  }

  /// Runs the engine for as long as a body takes.
  func running(_ body: @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [engine] in await engine.run() }
      do {
        try await body()
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Waits until something is true, which it is soon.
  func eventually(_ what: @Sendable () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try await !what() {
      guard ContinuousClock.now < end else { throw NeverTrue() }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  struct NeverTrue: Error {}

  func state(_ name: String = "p") async throws -> PipeRecord.State {
    try await engine.pipe(name, in: Self.scope).current
  }
}

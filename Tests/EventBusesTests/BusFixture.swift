import Delivery
import Foundation
import Logging
import Messaging
import Outbound
import SignalboxTesting
import Storage
import TrailEvents

@testable import EventBuses

/// Buses and queues in a folder of their own, with a clock moved by hand.
final class BusFixture: Sendable {
  static let scope = Scope(account: "111122223333", region: "us-east-1")
  static let other = Scope(account: "444455556666", region: "us-east-1")

  let folder: String
  let database: EmbeddedDatabase
  let clock = ManualClock()
  let queues: QueueService
  let topics: TopicService
  let engine: BusEngine
  let http: HTTPClient

  init() throws {
    folder = NSTemporaryDirectory() + "buses-\(UUID().uuidString)"
    database = try EmbeddedDatabase(directory: folder)
    queues = QueueService(database: database, home: Self.scope) { [clock] in clock.now.milliseconds }
    http = try HTTPClient()
    topics = try TopicService(database: database, queues: queues, endpoint: "http://localhost") { [clock] in
      clock.now.milliseconds
    }
    engine = try Self.open(database, queues, http, clock, topics: topics)
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The same for every engine, so that one can be opened again.
  static let secrets = SecretBox(key: [UInt8](repeating: 7, count: 32), origin: "keys/master.key")

  static func open(
    _ database: EmbeddedDatabase,
    _ queues: QueueService,
    _ http: HTTPClient,
    _ clock: ManualClock,
    topics: TopicService? = nil
  ) throws -> BusEngine {
    var settings = BusSettings(http: http)
    settings.secrets = secrets
    settings.queues = queues
    settings.topics = topics
    return try BusEngine(
      database: database,
      settings: settings,
      clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }

  /// Makes a queue that takes events from rules.
  func queue(_ name: String, isOpen: Bool = true) async throws -> QueueAddress {
    let policy = """
      {"Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage",\
      "Resource":"*"}]}
      """
    return try await queues.create(name, in: Self.scope, attributes: isOpen ? ["Policy": policy] : [:])
  }

  /// The bodies of what is in a queue.
  func messages(_ queue: QueueAddress) async throws -> [ReceivedMessage] {
    let request = ReceiveRequest(limit: 10, visibilityTimeout: 43_200)
    return try await queues.receive(request, from: queue, as: .account(Self.scope.account))
  }

  func bodies(_ queue: QueueAddress) async throws -> [String] {
    try await messages(queue).map { String(decoding: $0.message.body, as: UTF8.self) }
  }

  /// Makes a rule with targets.
  @discardableResult
  func rule(
    _ name: String,
    _ pattern: String,
    _ targets: [RuleTarget],
    on bus: BusReference = BusReference(scope: BusFixture.scope)
  ) async throws -> String {
    let now = clock.now.milliseconds
    return try await engine.change { catalog throws(BusError) in
      let arn = try catalog.putRule(name, RuleSettings(pattern: pattern), on: bus, by: bus.scope.account, now: now)
      try catalog.putTargets(targets, of: name, on: bus)
      return arn
    }
  }

  func put(
    _ detail: String = "{}",
    source: String = "app",
    bus: String? = nil,
    from scope: Scope = BusFixture.scope
  ) async throws -> EntryResult {
    try await engine.putEvents(
      [EventEntry(source: source, detailType: "D", detail: detail, bus: bus)],
      from: scope
    )[0]
  }
}

import Delivery
import Foundation
import GRDB
import Logging
import SignalboxTesting
import Storage
import Synchronization
import Testing
import TrailEvents

@testable import Schemas

/// Registries in a folder of their own, with a clock moved by hand.
final class SchemasFixture: Sendable {
  static let scope = Scope(account: "111122223333", region: "us-east-1")
  static let bus = "arn:aws:events:us-east-1:111122223333:event-bus/orders"

  let folder = FileManager.default.temporaryDirectory.appending(path: "schemas-\(UUID().uuidString)").path
  let database: EmbeddedDatabase
  let clock = ManualClock()
  let registries: SchemaRegistries
  private let announced = Mutex<[SchemaNews]>([])

  /// What was told to the world.
  var news: [SchemaNews] { announced.withLock { $0 } }

  init(limits: SchemaLimits = SchemaLimits()) throws {
    database = try EmbeddedDatabase(directory: folder)
    let hook = Hook()
    registries = try SchemaRegistries(
      database: database,
      limits: limits,
      surroundings: SchemaRegistries.Surroundings(
        clock: clock,
        hasBus: { $0.name != "none" },
        newID: { UUID().uuidString },
        announce: { news in hook.fixture.withLock { $0.value }?.announced.withLock { $0.append(news) } }
      ),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    hook.fixture.withLock { $0.value = self }
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private final class Hook: Sendable {
    struct Weak { weak var value: SchemasFixture? }
    let fixture = Mutex(Weak())
  }

  /// Puts an event on a bus, as the buses do it.
  func put(
    _ detail: String,
    source: String = "my.app",
    type: String = "Order Placed",
    account: String = SchemasFixture.scope.account,
    on bus: String = SchemasFixture.bus
  ) throws {
    let id = UUID().uuidString
    let envelope = """
      {"version":"0","id":"\(id)","detail-type":"\(type)","source":"\(source)","account":"\(account)",\
      "time":"2026-11-24T00:00:00Z","region":"us-east-1","resources":[],"detail":\(detail)}
      """
    let entry = JournalEntry(eventID: id, account: account, region: "us-east-1", envelope: Array(envelope.utf8))
    try database.write { db in
      _ = try Journal.insert([entry], now: 0, db)
      if registries.isWatched(bus) { try BusArrivals.add(id, on: bus, db) }
    }
  }

  /// Looks at everything that is there.
  func discover() async throws {
    while try await registries.learnBatch() > 0 {}
  }

  func discoverer(ofBus bus: String = SchemasFixture.bus, isCrossAccount: Bool = true) async throws -> Discoverer {
    try await registries.createDiscoverer(
      ofBus: bus,
      description: nil,
      isCrossAccount: isCrossAccount,
      tags: [:],
      in: Self.scope
    )
  }

  func registry(_ name: String = "mine") async throws -> Registry {
    try await registries.createRegistry(Registry(name: name), in: Self.scope)
  }

  @discardableResult
  func schema(_ name: String = "s", content: String = SchemasFixture.content("A")) async throws -> VersionedSchema {
    let schema = RegisteredSchema(registry: "mine", name: name, type: .openAPI3, modifiedAt: 0, versionCount: 0)
    return try await registries.createSchema(schema, content: content, in: Self.scope)
  }

  /// An OpenAPI document with one component.
  static func content(_ component: String) -> String {
    #"{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{"\#(component)":{"#
      + #""type":"object","required":["name"],"properties":{"name":{"type":"string"}}}}}}"#
  }
}

/// Expects a refusal with a code.
func expectRefusal(_ code: String, _ body: () async throws -> Void) async {
  let error = await #expect(throws: SchemasError.self) { try await body() }
  #expect(error?.code == code, "\(error?.message ?? "")")
}

// The buses tell the schema registries which events came, and the registries put news on the buses: each needs the other,
// so one of them is told later.

internal import AWSProtocols
internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import Foundation
internal import Logging
internal import Schemas
internal import Storage
internal import Synchronization
internal import TrailEvents

/// Ties the schema registries to the buses.
final class SchemaLink: Sendable {
  private struct Buses {
    weak var engine: BusEngine?
  }

  private let buses = Mutex(Buses())
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// Opens the registries. Blocks.
  func registries(_ database: EmbeddedDatabase, clock: any Clock) throws -> SchemaRegistries {
    try SchemaRegistries(
      database: database,
      surroundings: SchemaRegistries.Surroundings(
        clock: clock,
        hasBus: { arn in
          let bus = BusReference(scope: arn.scope, name: arn.name)
          return (try? self.engine?.catalog.bus(bus)) != nil
        },
        newID: { UUID().uuidString.lowercased() },
        announce: { news in await self.announce(news) }
      ),
      logger: logger
    )
  }

  /// Names the buses.
  func connect(_ engine: BusEngine) { buses.withLock { $0.engine = engine } }

  private var engine: BusEngine? { buses.withLock { $0.engine } }

  /// Puts `Schema Created` and `Schema Version Created` on the default bus, as EventBridge does.
  private func announce(_ news: SchemaNews) async {
    guard let engine else { return }
    let created = Timestamp(milliseconds: news.createdAt).iso8601
    let detail = JSONValue.members([
      "SchemaName": .string(news.schema), "SchemaType": .string(news.type.rawValue),
      "RegistryName": .string(news.registry), "CreationDate": .string(created),
      "Version": .string(String(news.version)),
    ])
    let arn = ARN(service: "schemas", in: news.scope, resource: "schema/\(news.registry)/\(news.schema)").description
    let types = (news.isNewSchema ? ["Schema Created"] : []) + ["Schema Version Created"]
    let events = types.map { type in
      let event = TrailEvent(
        id: engine.newIdentifier(),
        detailType: type,
        source: "aws.schemas",
        scope: news.scope,
        time: news.createdAt / 1000,
        resources: [arn],
        detail: detail.bytes
      )
      return (event: BusEvent(event), bus: BusReference(scope: news.scope))
    }
    do {
      try await engine.accept(events)
    } catch {
      logger.warning("the news of a schema cannot be put on the default bus: \(error)", metadata: ["schema": "\(arn)"])
    }
  }
}

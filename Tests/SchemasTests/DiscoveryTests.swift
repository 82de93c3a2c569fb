import EventPatterns
import Storage
import Testing
import TrailEvents

@testable import Schemas

@Suite struct DiscoveryTests {
  private let scope = SchemasFixture.scope
  private let name = "my.app@OrderPlaced"

  private func found(_ fixture: SchemasFixture) async throws -> [String] {
    try await fixture.registries.schemas(of: "discovered-schemas", in: scope).map(\.name)
  }

  @Test func eachShapeIsAVersion() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer()
    try fixture.put(#"{"orderId":"x","qty":3}"#)
    try await fixture.discover()
    #expect(try await found(fixture) == [name])
    let first = try await fixture.registries.schema(name, of: "discovered-schemas", in: scope)
    #expect(first.version.number == 1)
    #expect(try JSONValue(parsing: first.version.content)["components"]?["schemas"]?["OrderPlaced"] != nil)

    try fixture.put(#"{"orderId":"y","qty":4}"#)
    try await fixture.discover()
    #expect(try await fixture.registries.schema(name, of: "discovered-schemas", in: scope).version.number == 1)

    try fixture.put(#"{"orderId":"y","note":null}"#)
    try await fixture.discover()
    let second = try await fixture.registries.schema(name, of: "discovered-schemas", in: scope)
    #expect(second.version.number == 2)
    let detail = try JSONValue(parsing: second.version.content)["components"]?["schemas"]?["OrderPlaced"]
    #expect(detail?["required"] == .array([.string("orderId")]))
    #expect(detail?["properties"]?["qty"] != nil, "what was seen before stays")
    #expect(fixture.news.map(\.version) == [1, 2])
    #expect(fixture.news.map(\.isNewSchema) == [true, false])
  }

  @Test func whatArrivedBeforeACrashIsLookedAtAfterIt() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer()
    try fixture.put(#"{"a":1}"#)
    // Another set of registries over the same database: as after a restart, with nothing in memory.
    let again = try SchemaRegistries(
      database: fixture.database,
      surroundings: fixture.registries.surroundings,
      logger: fixture.registries.logger
    )
    #expect(again.isWatched(SchemasFixture.bus))
    #expect(try await again.learnBatch() == 1)
    #expect(try await found(fixture) == [name])
    #expect(try await again.learnBatch() == 0, "it is looked at once")
  }

  @Test func onlyWatchedBusesAreLookedAt() async throws {
    let fixture = try SchemasFixture()
    try fixture.put("{}", type: "Before")
    let discoverer = try await fixture.discoverer()
    #expect(discoverer.id == "events-event-bus-orders")
    #expect(discoverer.arn(in: scope) == "arn:aws:schemas:us-east-1:111122223333:discoverer/events-event-bus-orders")
    try fixture.put("{}", type: "Other", on: "arn:aws:events:us-east-1:111122223333:event-bus/other")
    _ = try await fixture.registries.updateDiscoverer(discoverer.id, state: .stopped, in: scope)
    try fixture.put("{}", type: "Stopped")
    _ = try await fixture.registries.updateDiscoverer(discoverer.id, state: .started, in: scope)
    try fixture.put("{}", type: "Started")
    try await fixture.discover()
    #expect(try await found(fixture) == ["my.app@Started"])
    try fixture.put("{}", type: "Late")
    try await fixture.registries.deleteDiscoverer(discoverer.id, in: scope)
    try fixture.put("{}", type: "Deleted")
    try await fixture.discover()
    #expect(try await found(fixture) == ["my.app@Started"], "what is found stays, nothing comes any more")
    await expectRefusal("NotFoundException") { _ = try await fixture.registries.discoverer(discoverer.id, in: scope) }
  }

  @Test(arguments: [(true, ["my.app@Mine", "my.app@Theirs"]), (false, ["my.app@Mine"])])
  func eventsOfOtherAccountsCountIfTheyMay(isCrossAccount: Bool, expected: [String]) async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer(isCrossAccount: isCrossAccount)
    try fixture.put("{}", type: "Mine")
    try fixture.put("{}", type: "Theirs", account: "444455556666")
    try await fixture.discover()
    #expect(try await found(fixture) == expected)
  }

  @Test func aDiscovererHasABusOfItsAccount() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer()
    await expectRefusal("ConflictException") { _ = try await fixture.discoverer() }
    for arn in [
      "arn:aws:events:us-east-1:111122223333:event-bus/none", "arn:aws:events:us-east-1:444455556666:event-bus/orders",
      "arn:aws:sqs:us-east-1:111122223333:orders", "orders",
    ] {
      await expectRefusal("BadRequestException") { _ = try await fixture.discoverer(ofBus: arn) }
    }
  }

  @Test func whatIsLearnedIsBounded() async throws {
    var limits = SchemaLimits()
    (limits.discoveredSchemas, limits.versions, limits.inference.places) = (1, 2, 20)
    let fixture = try SchemasFixture(limits: limits)
    _ = try await fixture.discoverer()
    for member in ["a", "b", "c"] {
      try fixture.put(#"{"\#(member)":1}"#)
      try await fixture.discover()
    }
    #expect(
      try await fixture.registries.versions(of: name, of: "discovered-schemas", in: scope).versions.map(\.number) == [
        2, 3,
      ]
    )
    try fixture.put("{" + (0..<30).map { "\"m\($0)\":1" }.joined(separator: ",") + "}")
    try fixture.put("{}", type: "Too Many")
    try fixture.put(String(repeating: #"{"x":"#, count: 300) + "1" + String(repeating: "}", count: 300), type: "Deep")
    try await fixture.discover()
    #expect(try await found(fixture) == [name])
    #expect(try await fixture.registries.schema(name, of: "discovered-schemas", in: scope).version.number == 3)
  }

  @Test func aSchemaThatWasRemovedIsFoundAgain() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer()
    try fixture.put(#"{"a":1}"#)
    try await fixture.discover()
    try await fixture.registries.deleteSchema(name, of: "discovered-schemas", in: scope)
    #expect(try await found(fixture).isEmpty)
    try fixture.put(#"{"b":1}"#)
    try await fixture.discover()
    let content = try await fixture.registries.schema(name, of: "discovered-schemas", in: scope).version.content
    #expect(!content.contains(#""a""#))
  }

  @Test func aBatchOfManyEventsIsOneVersion() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer()
    for number in 0..<20 { try fixture.put(#"{"m\#(number % 4)":\#(number)}"#) }
    try await fixture.discover()
    #expect(try await fixture.registries.schema(name, of: "discovered-schemas", in: scope).version.number == 1)
  }

  @Test func oneEventThatIsTooMuchHidesNoOther() async throws {
    var limits = SchemaLimits()
    limits.inference.places = 20
    let fixture = try SchemasFixture(limits: limits)
    _ = try await fixture.discoverer()
    let large = "{" + (0..<30).map { "\"m\($0)\":1" }.joined(separator: ",") + "}"
    for detail in [large, #"{"a":1}"#, large] { try fixture.put(detail) }
    try await fixture.discover()
    let content = try await fixture.registries.schema(name, of: "discovered-schemas", in: scope).version.content
    #expect(content.contains(#""required":["a"]"#))
  }

  @Test func anEventThatTheJournalForgotIsPassedOver() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.discoverer()
    try await fixture.database.commit { try BusArrivals.add("gone", on: SchemasFixture.bus, $0) }
    try fixture.put("{}")
    try await fixture.discover()
    #expect(try await found(fixture) == [name])
  }
}

@Suite struct DiscoveredSchemaTests {
  @Test func eventsGiveTheSchemaThatTheyHaveInCommon() throws {
    let registries = try SchemasFixture().registries
    let event = { (detail: String) in #"{"source":"s","detail-type":"My Type","detail":\#(detail)}"# }
    let text = try registries.discoveredSchema(of: [event(#"{"a":1}"#), event(#"{"a":"x","b":2}"#)], as: .openAPI3)
    let document = try SchemaContent.check(text, as: .openAPI3)
    #expect(document["components"]?["schemas"]?["MyType"]?["required"] == .array([.string("a")]))
    let draft = try registries.discoveredSchema(of: [event("{}")], as: .jsonSchemaDraft4)
    #expect(try SchemaContent.check(draft, as: .jsonSchemaDraft4)["x-amazon-events-source"] == .string("s"))
    let plain = try SchemaContent.check(
      try registries.discoveredSchema(of: [#"{"a":1}"#], as: .openAPI3),
      as: .openAPI3
    )
    #expect(plain["components"]?["schemas"]?["Event"]?["properties"]?["a"] != nil)
  }

  @Test(arguments: ["{", "[]", "1", ""])
  func whatIsNoEventIsRefused(_ event: String) throws {
    let registries = try SchemasFixture().registries
    #expect(throws: SchemasError.self) { try registries.discoveredSchema(of: ["{}", event], as: .openAPI3) }
  }
}

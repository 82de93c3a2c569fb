import EventPatterns
import Logging
import Storage
import Synchronization
import Testing
import TrailEvents

@testable import EventBuses

@Suite("Who looks at the events of buses later")
struct BusWatchTests {
  private let fixture: BusFixture
  private let told = Told()

  private final class Told: Sendable {
    let count = Mutex(0)
  }

  init() throws { fixture = try BusFixture() }

  /// Buses whose events are looked at, if their name begins with `w`.
  private func engine() throws -> BusEngine {
    var settings = BusSettings(http: fixture.http)
    settings.queues = fixture.queues
    settings.watch = BusWatch(
      isWatched: { $0.name.hasPrefix("w") },
      arrived: { [told] in told.count.withLock { $0 += 1 } }
    )
    return try BusEngine(
      database: fixture.database,
      settings: settings,
      clock: fixture.clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }

  private func arrivals() async throws -> [BusArrivals.Arrival] {
    try await fixture.database.fetch { try BusArrivals.oldest(limit: 10, $0) }
  }

  @Test func `Which event was on which of their buses is written with it`() async throws {
    let engine = try engine()
    let scope = BusFixture.scope
    let (first, second) = (BusReference(scope: scope, name: "w1"), BusReference(scope: scope, name: "w2"))
    try await engine.change { catalog throws(BusError) in
      for name in ["w1", "w2", "other"] { _ = try catalog.createBus(EventBus(name: name), in: scope) }
      _ = try catalog.putRule("on", RuleSettings(pattern: #"{"source":["app"]}"#), on: first, by: scope.account, now: 0)
      try catalog.putTargets([RuleTarget(id: "t", arn: second.arn)], of: "on", on: first)
    }
    for bus in ["other", "w1"] {
      let entry = EventEntry(source: "app", detailType: "D", detail: #"{"bus":"\#(bus)"}"#, bus: bus)
      _ = try await engine.putEvents([entry], from: scope)
    }
    let found = try await arrivals()
    #expect(found.map(\.bus) == [first.arn, second.arn], "and on the bus that a rule has sent it to")
    #expect(told.count.withLock { $0 } == 1)
    for arrival in found {
      #expect(try JSONValue(parsing: arrival.envelope)["detail"]?["bus"] == .string("w1"))
    }
  }

  @Test func `What is looked at together is bounded in bytes`() async throws {
    let engine = try engine()
    let bus = BusReference(scope: BusFixture.scope, name: "w")
    for number in 0..<3 {
      let detail = Array(#"{"text":"\#(String(repeating: "x", count: 1000))"}"#.utf8)
      let event = TrailEvent(id: "\(number)", detailType: "D", source: "s", scope: bus.scope, time: 0, detail: detail)
      try await engine.accept([(BusEvent(event), bus)])
    }
    for (bytes, count) in [(1, 1), (1500, 2), (100_000, 3)] {
      let found = try await fixture.database.fetch { try BusArrivals.oldest(limit: 10, bytes: bytes, $0) }
      #expect(found.count == count)
    }
  }

  @Test func `An event that is known is not looked at again`() async throws {
    let engine = try engine()
    let event = TrailEvent(
      id: "e",
      detailType: "D",
      source: "s",
      scope: BusFixture.scope,
      time: 0,
      detail: Array("{}".utf8)
    )
    for _ in 0..<2 {
      try await engine.accept([(BusEvent(event), BusReference(scope: BusFixture.scope, name: "w"))])
    }
    #expect(try await arrivals().count == 1)
  }
}

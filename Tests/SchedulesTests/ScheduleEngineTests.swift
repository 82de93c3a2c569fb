import Delivery
import Messaging
import RuleFiles
import SignalboxTesting
import Storage
import Testing
import TrailEvents

@testable import Schedules

@Suite("Schedules fire") struct ScheduleEngineTests {
  private typealias Fixture = ScheduleFixture

  @Test func `A single time fires once, to the second, and the schedule stays`() async throws {
    let fixture = try Fixture()
    try await fixture.create(Fixture.definition("at(2026-11-24T00:01:07)"))
    #expect(try await fixture.fire() == 67)
    fixture.clock.advance(by: .milliseconds(66_999))
    try await fixture.fire()
    #expect(try fixture.times.isEmpty)
    fixture.clock.advance(by: .milliseconds(1))
    #expect(try await fixture.fire() == nil)
    #expect(try fixture.times == ["2026-11-24T00:01:07Z"])
    #expect(try await fixture.engine.schedule("s", of: "default", in: Fixture.scope).definition.state == .enabled)
  }

  @Test func `A schedule that is to be deleted is gone with its last firing, and not before`() async throws {
    let fixture = try Fixture()
    try await fixture.create(Fixture.definition("once", "at(2026-11-24T00:01:00)") { $0.completion = .delete })
    try await fixture.create(
      Fixture.definition("thrice", "rate(1 minute)") {
        $0.completion = .delete
        $0.end = (1_795_478_400 + 120) * 1000
      }
    )
    try await fixture.fire()
    fixture.clock.advance(by: .seconds(60))
    try await fixture.fire()
    let left = try await fixture.engine.schedules(ScheduleQuery(), in: Fixture.scope)
    #expect(left.map(\.definition.name) == ["thrice"])
    fixture.clock.advance(by: .seconds(60))
    #expect(try await fixture.fire() == nil)
    #expect(try await fixture.engine.schedules(ScheduleQuery(), in: Fixture.scope).isEmpty)
    #expect(try fixture.invocations.count == 4)
  }

  @Test func `A rate fires at once and then at its pace, from its start if it has one`() async throws {
    let fixture = try Fixture()
    try await fixture.create(Fixture.definition("now", "rate(5 minutes)"))
    try await fixture.create(
      Fixture.definition("later", "rate(5 minutes)") { $0.start = (1_795_478_400 + 150) * 1000 }
    )
    #expect(try await fixture.fire() == 150)
    #expect(try fixture.times == ["2026-11-24T00:00:00Z"])
    fixture.clock.advance(by: .seconds(150))
    #expect(try await fixture.fire() == 150)
    fixture.clock.advance(by: .seconds(150))
    #expect(try await fixture.fire() == 150)
    #expect(try fixture.times.dropFirst() == ["2026-11-24T00:02:30Z", "2026-11-24T00:05:00Z"])
  }

  @Test func `What was missed is made up for by one firing, the last`() async throws {
    let fixture = try Fixture()
    try await fixture.create(Fixture.definition("cron", "cron(0/10 * * * ? *)"))
    try await fixture.create(Fixture.definition("at", "at(2026-11-24T03:00:00)"))
    fixture.clock.advance(by: .seconds(2 * 86_400 + 30))
    #expect(try await fixture.fire() == 570)
    #expect(try Set(fixture.times) == ["2026-11-26T00:00:00Z", "2026-11-24T03:00:00Z"])
  }

  @Test func `A disabled schedule does not fire, and goes on from when it is enabled again`() async throws {
    let fixture = try Fixture()
    var definition = Fixture.definition("cron(0 * * * ? *)") { $0.state = .disabled }
    try await fixture.create(definition)
    fixture.clock.advance(by: .seconds(7200 + 60))
    #expect(try await fixture.fire() == nil)
    definition.state = .enabled
    _ = try await fixture.engine.update(definition, in: Fixture.scope)
    #expect(try await fixture.fire() == 3540)
    #expect(try fixture.times.isEmpty)
  }

  @Test func `A changed target does not move a firing, and a changed time does`() async throws {
    let fixture = try Fixture()
    var definition = Fixture.definition("rate(10 minutes)")
    try await fixture.create(definition)
    try await fixture.fire()
    fixture.clock.advance(by: .seconds(240))
    definition.target.input = "other"
    _ = try await fixture.engine.update(definition, in: Fixture.scope)
    #expect(try await fixture.fire() == 360)
    definition.expression = "at(2026-11-24T00:05:00)"
    _ = try await fixture.engine.update(definition, in: Fixture.scope)
    #expect(try await fixture.fire() == 60)
  }

  @Test func `A single time that was just missed is made up for, and one of long ago is not`() async throws {
    let fixture = try Fixture()
    try await fixture.create(Fixture.definition("just", "at(2026-11-23T23:58:00)"))
    try await fixture.create(Fixture.definition("old", "at(2022-12-12T00:00:00)"))
    try await fixture.fire()
    #expect(try fixture.times == ["2026-11-23T23:58:00Z"])
  }

  @Test func `In a flexible window each firing has its place, the same after a restart`() async throws {
    let fixture = try Fixture()
    for number in 0..<40 {
      try await fixture.create(
        Fixture.definition("s\(number)", "at(2026-11-24T01:00:00)") {
          $0.isFlexible = true
          $0.windowMinutes = 10
        }
      )
    }
    let rows = try await fixture.database.fetch { try ScheduleRows.due(at: .max, limit: 100, $0) }
    let places = rows.map { row in
      row.schedule.firing(after: .init(seconds: 0), in: Fixture.scope).map { $0.dueAt / 1000 - $0.occurrence.seconds }
    }
    #expect(places.allSatisfy { $0.map { (0..<600).contains($0) } ?? false })
    #expect(Set(places).count > 20)
    fixture.clock.advance(by: .seconds(3599))
    try await fixture.fire()
    #expect(try fixture.times.isEmpty)
    fixture.clock.advance(by: .seconds(601))
    try await fixture.fire()
    #expect(try fixture.times.count == 40)
  }

  @Test func `A window that is longer than the pace skips nothing`() async throws {
    let fixture = try Fixture()
    try await fixture.create(
      Fixture.definition("cron(* * * * ? *)") {
        $0.isFlexible = true
        $0.windowMinutes = 30
      }
    )
    for _ in 0..<600 {
      try await fixture.fire()
      fixture.clock.advance(by: .seconds(1))
    }
    #expect(try fixture.times == (1...9).map { "2026-11-24T00:0\($0):00Z" } || fixture.times.count == 10)
  }

  @Test func `Many that are due at once all fire`() async throws {
    let fixture = try Fixture()
    for number in 0..<450 { try await fixture.create(Fixture.definition("s\(number)", "at(2026-11-24T00:00:30)")) }
    fixture.clock.advance(by: .seconds(30))
    try await fixture.fire()
    #expect(try fixture.database.ledger.counts()[.pending] == 450)
  }

  @Test func `A schedule that was made again under its name fires again`() async throws {
    let fixture = try Fixture()
    for _ in 0..<2 {
      try await fixture.create(Fixture.definition("at(2026-11-24T00:01:00)"))
      fixture.clock.advance(by: .seconds(60))
      try await fixture.fire()
      try await fixture.engine.delete("s", of: "default", token: nil, in: Fixture.scope)
    }
    #expect(try fixture.invocations.count == 2)
  }
}

extension ScheduleFixture {
  static func definition(
    _ expression: String,
    change: (inout ScheduleDefinition) -> Void = { _ in }
  ) -> ScheduleDefinition {
    definition("s", expression, change: change)
  }
}

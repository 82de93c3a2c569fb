import Decisions
import Delivery
import Foundation
import Logging
import RuleFiles
import SignalboxTesting
import Storage
import Testing

@testable import Server

struct ScheduleRunnerTests {
  @Test func aFiringHappensOnceAlsoAcrossRestarts() async throws {
    let fixture = try EngineFixture(
      rules: """
        kind: Rule
        id: nightly
        every: rate(1 hour)
        then: [{send: out}]
        ---
        {kind: Target, id: out, type: file, path: out.jsonl}
        """
    )
    let database = try EmbeddedDatabase(directory: "\(fixture.folder)/data")
    let clock = ManualClock()
    let rules = try #require(RuleRepository.load(["\(fixture.folder)/rules"]).repository)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    // Two runners one after the other stand for two starts of the engine.
    for (hours, expected) in [(3, 3), (2, 5)] {
      let router = Router(database: database, clock: clock, logger: logger)
      router.install(
        RuleGeneration(number: 1, rules: try RuleSet(rules), routes: RouteTable(), warnings: [])
      )
      let runner = ScheduleRunner(
        database: database,
        router: router,
        clock: clock,
        logger: logger,
        account: "000000000000",
        region: "us-east-1"
      )
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await runner.run() }
        let end = clock.now + .seconds(hours * 3600)
        while clock.now < end {
          if let next = clock.nextDeadline { clock.advance(to: min(next, end)) }
          try await Task.sleep(for: .microseconds(200))
        }
        #expect(try await fixture.eventually { try database.ledger.counts()[.pending] == expected })
        group.cancelAll()
        try await group.waitForAll()
      }
    }
    // Down for two days: one firing makes up for all that was missed.
    clock.advance(by: .seconds(48 * 3600))
    let router = Router(database: database, clock: clock, logger: logger)
    router.install(RuleGeneration(number: 1, rules: try RuleSet(rules), routes: RouteTable(), warnings: []))
    let runner = ScheduleRunner(
      database: database,
      router: router,
      clock: clock,
      logger: logger,
      account: "000000000000",
      region: "us-east-1"
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await runner.run() }
      #expect(try await fixture.eventually { try database.ledger.counts()[.pending] == 6 })
      group.cancelAll()
      try await group.waitForAll()
    }
    try database.close()
  }

  @Test func aClockThatWasFastKeepsNoRuleFromFiring() async throws {
    let fixture = try EngineFixture(
      rules: """
        {kind: Rule, id: hourly, every: rate(1 hour), then: [{send: out}]}
        ---
        {kind: Target, id: out, type: stdout}
        """
    )
    let database = try EmbeddedDatabase(directory: "\(fixture.folder)/data")
    let clock = ManualClock()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let router = Router(database: database, clock: clock, logger: logger)
    let rules = try #require(RuleRepository.load(["\(fixture.folder)/rules"]).repository)
    router.install(RuleGeneration(number: 1, rules: try RuleSet(rules), routes: RouteTable(), warnings: []))
    // It fired in a year to come.
    let future = clock.now.seconds + 365 * 86_400
    try database.journal.append(AcceptedBatch(cursors: ["schedule:hourly": String(future)]), now: 0)
    let runner = ScheduleRunner(
      database: database,
      router: router,
      clock: clock,
      logger: logger,
      account: "000000000000",
      region: "us-east-1"
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await runner.run() }
      let end = clock.now + .seconds(2 * 3600)
      while clock.now < end {
        if let next = clock.nextDeadline { clock.advance(to: min(next, end)) }
        try await Task.sleep(for: .microseconds(200))
      }
      #expect(try await fixture.eventually { try database.ledger.counts()[.pending] == 2 })
      group.cancelAll()
      try await group.waitForAll()
    }
    try database.close()
  }
}

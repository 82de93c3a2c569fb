import Delivery
import Foundation
import Logging
import SignalboxTesting
import Storage

/// A database in a folder of its own, a manual clock and a dispatcher between them.
final class Fixture: Sendable {
  let folder: String
  let database: EmbeddedDatabase
  let clock = ManualClock()

  init() throws {
    folder = NSTemporaryDirectory() + "delivery-\(UUID().uuidString)"
    database = try EmbeddedDatabase(directory: folder)
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Decides `count` deliveries to a target, each about an event of its own.
  func decide(_ count: Int = 1, to target: String, prefix: String = "d", kind: DeliveryKind = .send) throws {
    let now = clock.now.milliseconds
    var batch = AcceptedBatch()
    for number in 0..<count {
      let event = "\(target)-\(prefix)\(number)"
      batch.entries.append(
        JournalEntry(eventID: event, account: "111122223333", region: "eu-central-1", envelope: Array("{}".utf8))
      )
      batch.deliveries.append(
        DecidedDelivery(
          deliveryID: "dlv-\(event)",
          eventID: event,
          ruleID: "rule",
          ruleTitle: "",
          ruleSetHash: "h",
          stepID: "step",
          targetID: target,
          kind: kind,
          state: .pending,
          decidedAt: now,
          payload: Array(#"{"n":\#(number)}"#.utf8)
        )
      )
    }
    try database.journal.append(batch, now: now)
  }

  func dispatcher(
    _ targets: [String: Route],
    deadLetterQueue: String = Route.defaultDeadLetterQueue
  ) -> Dispatcher {
    var table = RouteTable()
    table.deadLetterQueue = deadLetterQueue
    for (id, route) in targets { table[.send, id] = route }
    return Dispatcher(
      database: database,
      routes: table,
      clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }

  /// Runs a dispatcher while `body` runs, then stops it.
  func running<R: Sendable>(_ dispatcher: Dispatcher, _ body: () async throws -> R) async throws -> R {
    async let run: Void = dispatcher.run()
    do {
      let result = try await body()
      dispatcher.stop(by: clock.now)
      await run
      return result
    } catch {
      dispatcher.stop(by: clock.now)
      await run
      throw error
    }
  }

  /// Moves the clock to whatever is waited for until the condition holds; false after too many steps.
  func advance(until condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<20_000 {
      if try condition() { return true }
      if let next = clock.nextDeadline { clock.advance(to: next) }
      try? await Task.sleep(for: .microseconds(200))
    }
    return false
  }

  /// Gives others their turn, without moving the clock, until the condition holds; false after ten seconds.
  func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<10_000 {
      if try condition() { return true }
      try? await Task.sleep(for: .milliseconds(1))
    }
    return false
  }
}

// Outcomes go to the database in groups: while one transaction waits for the disk, the outcomes of the meantime gather
// for the next. One sync then serves many deliveries, and a single delivery waits for no timer.
//
// A crash before the commit means that the delivery is made again with the same id. An error of the disk means that the
// group is kept and written later; lanes stop sending when too many of their outcomes wait.

internal import Logging
package import Storage
internal import Synchronization

/// Writes the outcomes of attempts.
final class SettlementWriter: Sendable {
  struct Item: Sendable {
    var settlement: Settlement
    /// When the delivery was decided, in milliseconds since 1970.
    var decidedAt: Int64
    /// Called when the outcome is on the disk.
    var committed: @Sendable () -> Void
  }

  private struct State {
    var items: [Item] = []
    var isClosing = false
  }

  /// Outcomes in one transaction, at most.
  private static let largestGroup = 500

  private let database: EmbeddedDatabase
  private let clock: any Clock
  private let logger: Logger
  private let queue = BlockingQueue(label: "signalbox.settle")
  private let state = Mutex(State())
  private let counted = Mutex(DeliveryFigures())
  private let wakeUp = WakeUp()

  /// What has been written.
  var figures: DeliveryFigures { counted.withLock { $0 } }

  init(database: EmbeddedDatabase, clock: any Clock, logger: Logger) {
    self.database = database
    self.clock = clock
    self.logger = logger
  }

  /// Hands in an outcome.
  func add(_ item: Item) {
    state.withLock { $0.items.append(item) }
    wakeUp.ring()
  }

  /// Lets `run` return when everything handed in is written.
  func close() {
    state.withLock { $0.isClosing = true }
    wakeUp.ring()
  }

  /// Writes until it is closed, or cancelled.
  func run() async {
    var failures = 0
    var groupSize = Self.largestGroup
    while !Task.isCancelled {
      let (group, isClosing) = state.withLock { (Array($0.items.prefix(groupSize)), $0.isClosing) }
      if group.isEmpty {
        if isClosing { return }
        await wakeUp.wait()
        continue
      }
      do throws(StorageError) {
        let (settlements, now, outbox) = (group.map(\.settlement), clock.now.milliseconds, database.outbox)
        _ = try await queue.run { () throws(StorageError) in try outbox.settle(settlements, now: now) }
        state.withLock { $0.items.removeFirst(group.count) }
        counted.withLock { figures in
          for item in group { figures.count(item.settlement, decidedAt: item.decidedAt) }
        }
        for item in group { item.committed() }
        if failures > 0 { logger.notice("outcomes of deliveries can be recorded again") }
        failures = 0
        groupSize = Self.largestGroup
      } catch  where !error.mayPass {
        // One of them cannot be written at all. Alone it is found, and left as it is: it stays in hand, so that it is
        // not sent again and again, and is due at the next start.
        groupSize = 1
        guard group.count == 1 else { continue }
        state.withLock { $0.items.removeFirst(1) }
        logger.error(
          "the outcome of a delivery cannot be recorded; it will be made again at the next start: \(error)",
          metadata: ["delivery": "\(group[0].settlement.deliveryID)"]
        )
      } catch {
        if failures == 0 {
          logger.error("the outcomes of deliveries cannot be recorded; trying again until it works: \(error)")
        }
        failures += 1
        try? await clock.sleep(until: clock.now + .milliseconds(min(5000, 100 << min(failures, 6))))
      }
    }
  }
}

extension StorageError {
  /// Whether trying the same again later may work.
  package var mayPass: Bool {
    switch self {
    case .diskFull, .busy, .inaccessible: true
    default: false
    }
  }
}

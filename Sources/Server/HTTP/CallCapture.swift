// Every API call becomes an event. Records are gathered and committed together; whoever changed something gets the
// answer when the record of it is on the disk, whoever only read or moved data does not wait for that.

internal import AWSProtocols
internal import AWSServices
internal import Decisions
internal import Delivery
internal import Foundation
internal import Logging
internal import Storage
internal import Synchronization
internal import TrailEvents

/// Brings the records of calls into the journal.
final class CallCapture: Sendable {
  /// The most records in one commit.
  static let batchSize = 500
  /// With so many records waiting, calls that need not wait do.
  static let mostWaiting = 5_000

  private struct State {
    var waiting: [(event: TrailEvent, caller: CheckedContinuation<Void, Never>?)] = []
    var isEnded = false
  }

  private let state = Mutex(State())
  private let bell = WakeUp()
  private let router: Router
  private let clock: any Clock
  private let logger: Logger

  init(router: Router, clock: any Clock, logger: Logger) {
    self.router = router
    self.clock = clock
    self.logger = logger
  }

  /// Takes the record of a call.
  func record(_ outcome: CallOutcome) async {
    let event: TrailEvent
    do throws(TrailEventError) {
      event = try TrailEvent(record: outcome.record(eventID: UUID().uuidString.lowercased()))
    } catch {
      logger.error("the record of a call cannot be read: \(error)", metadata: ["request": "\(outcome.requestID)"])
      return
    }
    let mustWait = !outcome.isReadOnly && outcome.category == .management && outcome.error == nil
    if mustWait || state.withLock({ $0.waiting.count >= Self.mostWaiting }) {
      await withCheckedContinuation { continuation in add(event, continuation) }
    } else {
      add(event, nil)
    }
  }

  private func add(_ event: TrailEvent, _ caller: CheckedContinuation<Void, Never>?) {
    let isTaken = state.withLock { state in
      guard !state.isEnded else { return false }
      state.waiting.append((event, caller))
      return true
    }
    if isTaken { bell.ring() } else { caller?.resume() }
  }

  /// Commits what is recorded until the task is cancelled; then what is there, and that is all.
  func run() async {
    while !Task.isCancelled {
      await bell.wait()
      await commitAll()
    }
    state.withLock { $0.isEnded = true }
    await commitAll()
  }

  private func commitAll() async {
    while true {
      let batch = state.withLock { state in
        let batch = Array(state.waiting.prefix(Self.batchSize))
        state.waiting.removeFirst(batch.count)
        return batch
      }
      guard !batch.isEmpty else { return }
      do {
        try await commit(batch.map(\.event))
      } catch {
        logger.error("the records of \(batch.count) calls cannot be stored: \(error)")
      }
      for (_, caller) in batch { caller?.resume() }
    }
  }

  private func commit(_ events: [TrailEvent]) async throws {
    var accepted = AcceptedBatch()
    let now = clock.now
    if let generation = router.generation {
      var decider = Decider(generation.rules)
      for event in events {
        accepted.deliveries += router.decide(event, bus: "default", with: &decider, generation, now: now)
      }
    }
    accepted.entries = events.map { event in
      JournalEntry(eventID: event.eventID, account: event.account, region: event.region, envelope: event.envelope)
    }
    _ = try await router.accept(accepted)
  }
}

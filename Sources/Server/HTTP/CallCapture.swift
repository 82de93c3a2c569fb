// Every API call becomes an event. Records are gathered and committed together; whoever changed something gets the
// answer when the record of it is on the disk, whoever only read or moved data does not wait for that.

internal import AWSProtocols
internal import AWSServices
internal import Delivery
internal import EventBuses
internal import Foundation
internal import Logging
internal import Synchronization
internal import TrailEvents

/// Brings the records of calls into the journal.
final class CallCapture: Sendable {
  /// The most records in one commit.
  static let batchSize = 500
  /// The most records a second of calls by nobody who is known: strangers must not fill the disk.
  static let mostOfStrangers = 100
  /// With so many records waiting, calls that need not wait do.
  static let mostWaiting = 5_000

  private struct State {
    var waiting: [(event: BusEvent, caller: CheckedContinuation<Void, Never>?)] = []
    var isEnded = false
    /// The second in which strangers called last, and how often they did.
    var strangers = (second: Int64(0), calls: 0)
  }

  private let state = Mutex(State())
  private let bell = WakeUp()
  private let buses: BusEngine
  private let logger: Logger

  init(buses: BusEngine, logger: Logger) {
    self.buses = buses
    self.logger = logger
  }

  /// Takes the record of a call.
  func record(_ outcome: CallOutcome) async {
    if outcome.caller.kind == .unknown, !isTaken(ofStrangerAt: outcome.time.seconds) { return }
    let event: BusEvent
    do throws(TrailEventError) {
      event = BusEvent(
        try TrailEvent(record: outcome.record(eventID: UUID().uuidString.lowercased())),
        isReadOnlyManagementEvent: outcome.isReadOnly && outcome.category == .management
      )
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

  private func isTaken(ofStrangerAt second: Int64) -> Bool {
    let calls = state.withLock { state in
      if state.strangers.second != second { state.strangers = (second, 0) }
      state.strangers.calls += 1
      return state.strangers.calls
    }
    if calls == Self.mostOfStrangers + 1 {
      logger.warning("more than \(Self.mostOfStrangers) calls a second by unknown callers; the rest is not recorded")
    }
    return calls <= Self.mostOfStrangers
  }

  private func add(_ event: BusEvent, _ caller: CheckedContinuation<Void, Never>?) {
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

  /// A call is an event on the default bus of its account and Region.
  private func commit(_ events: [BusEvent]) async throws {
    try await buses.accept(
      events.map { event in
        (event, BusReference(scope: Scope(account: event.event.account, region: event.event.region)))
      }
    )
  }
}

// Every API call becomes an event. Records are gathered and committed together; whoever changed something gets the
// answer when the record of it is on the disk, whoever only read or moved data does not wait for that. A call whose
// record cannot be stored is not answered as if all were well.

internal import AWSProtocols
internal import AWSServices
internal import Delivery
internal import EventBuses
internal import Logging
internal import Synchronization
internal import TrailEvents

/// Brings the records of calls into the journal.
final class CallCapture: Sendable {
  /// The record of a call is not on the disk.
  struct Failure: Error {}

  /// Commits records, each for the bus of its account and Region; returns when they are on the disk.
  typealias Store = @Sendable ([(event: BusEvent, bus: BusReference)]) async throws -> Void

  private typealias Queue = CaptureQueue<CheckedContinuation<Bool, Never>>

  private let queue = Mutex(Queue())
  private let bell = WakeUp()
  private let store: Store
  /// Waits before what the disk refused is tried again.
  private let pause: @Sendable () async -> Void
  private let logger: Logger
  /// Whether calls that move data are events on buses, as with a trail that logs data events.
  private let logsData: Bool

  init(
    logsData: Bool = false,
    pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(1)) },
    logger: Logger,
    store: @escaping Store
  ) {
    self.logsData = logsData
    self.pause = pause
    self.logger = logger
    self.store = store
  }

  /// Takes the record of a call; returns when the caller may have the answer.
  ///
  /// Throws ``Failure`` when the record is not stored and will not be.
  func record(_ outcome: CallOutcome) async throws(Failure) {
    if outcome.caller.kind == .unknown, !isTaken(ofStrangerAt: outcome.time.seconds) { return }
    var generator = SystemRandomNumberGenerator()
    let id = EventID.ordered(at: outcome.time.milliseconds, using: &generator)
    let event = BusEvent(
      outcome.event(eventID: id),
      isReadOnlyManagementEvent: outcome.isReadOnly && outcome.category == .management
        && BusEvent.isRead(outcome.eventName),
      isUnloggedDataEvent: !logsData && outcome.category == .data
    )
    let mustWait = !outcome.isReadOnly && outcome.category == .management && outcome.error == nil
    let isStored = await withCheckedContinuation { continuation in
      switch queue.withLock({ $0.add(event, continuation, mustWait: mustWait) }) {
      case .waits: bell.ring()
      case .taken:
        bell.ring()
        continuation.resume(returning: true)
      case .refused: continuation.resume(returning: false)
      }
    }
    guard isStored else { throw Failure() }
  }

  private func isTaken(ofStrangerAt second: Int64) -> Bool {
    let calls = queue.withLock { $0.countStranger(at: second) }
    if calls == Queue.mostOfStrangers + 1 {
      logger.warning("more than \(Queue.mostOfStrangers) calls a second by unknown callers; the rest is not recorded")
    }
    return calls <= Queue.mostOfStrangers
  }

  /// Commits what is recorded until the task is cancelled; then what is there, and that is all.
  func run() async {
    while !Task.isCancelled {
      await bell.wait()
      while await commitNext() {}
    }
    queue.withLock { $0.end() }
    while await commitNext() {}
    let lost = queue.withLock { $0.abandon() }
    if !lost.isEmpty { logger.error("the records of \(lost.count) calls could not be stored and are lost") }
    for entry in lost { entry.waiter?.resume(returning: false) }
  }

  /// Commits a batch; whether there may be more to do at once.
  private func commitNext() async -> Bool {
    let batch = queue.withLock { $0.nextBatch() }
    guard !batch.isEmpty else { return false }
    let stored = await commit(batch.map(\.event))
    let outcome = queue.withLock { $0.finish(batch, stored: stored) }
    for event in outcome.bad { logger.error("the record \(event.identity) of a call cannot be stored") }
    for (waiter, isStored) in outcome.answers { waiter.resume(returning: isStored) }
    guard outcome.isRefused else { return true }
    // At the end nobody comes to ring again; what the disk refuses then is lost.
    if !Task.isCancelled {
      await pause()
      bell.ring()
    }
    return false
  }

  /// Commits records together, and each by itself if that fails; whether each is stored.
  private func commit(_ events: [BusEvent]) async -> [Bool] {
    do {
      try await store(events.map(Self.onItsBus))
      return events.map { _ in true }
    } catch {
      logger.error("the records of \(events.count) calls cannot be stored together: \(error)")
    }
    guard events.count > 1 else { return [false] }
    var stored: [Bool] = []
    for event in events { stored.append((try? await store([Self.onItsBus(event)])) != nil) }
    return stored
  }

  /// A call is an event on the default bus of its account and Region.
  private static func onItsBus(_ event: BusEvent) -> (event: BusEvent, bus: BusReference) {
    (event, BusReference(scope: Scope(account: event.event.account, region: event.event.region)))
  }
}

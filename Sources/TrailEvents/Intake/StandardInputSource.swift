// Standard input (or any pipe) as a source: a thread of its own reads, because reading a pipe waits for whoever writes,
// and threads that tasks run on must not.

internal import Dispatch
internal import Synchronization

/// Reads records and events from a descriptor until it ends.
///
/// A pipe has no position to come back to: what was read and not committed before a crash must be sent again.
public final class StandardInputSource: EventSource {
  /// How many events wait at most between the reading thread and ``nextBatch(limit:)``.
  private static let capacity = 1024

  private struct State {
    var events: [TrailEvent] = []
    var summary: LogFileSummary?
    var waiter: CheckedContinuation<Void, Never>?
    var hasStarted = false
    var hasEnded = false
  }

  /// The source's name in positions, logs and statistics.
  public let name: String
  private let descriptor: Int32
  private let conventions: EnvelopeConventions
  private let limits: LogFileLimits
  private let state = Mutex(State())
  /// Counts the free places. Created empty and filled, because a semaphore must not be dropped below its first value.
  private let room = DispatchSemaphore(value: 0)

  /// Makes a source of a descriptor that stays the caller's.
  public init(
    name: String = "stdin",
    descriptor: Int32 = 0,
    conventions: EnvelopeConventions = EnvelopeConventions(),
    limits: LogFileLimits = LogFileLimits()
  ) {
    self.name = name
    self.descriptor = descriptor
    self.conventions = conventions
    self.limits = limits
    for _ in 0..<Self.capacity { room.signal() }
  }

  /// The events that have arrived; waits for the first.
  public func nextBatch(limit: Int) async throws -> EventBatch? {
    startReading()
    while !Task.isCancelled {
      let (batch, hasEnded) = take(limit)
      if !batch.isEmpty { return batch }
      if hasEnded { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let goesOn = state.withLock { state in
            if state.events.isEmpty, state.summary == nil, !state.hasEnded, !Task.isCancelled {
              state.waiter = continuation
              return false
            }
            return true
          }
          if goesOn { continuation.resume() }
        }
      } onCancel: {
        wake()
      }
    }
    return nil
  }

  private func take(_ limit: Int) -> (EventBatch, hasEnded: Bool) {
    state.withLock { state in
      var batch = EventBatch()
      batch.events = Array(state.events.prefix(limit))
      state.events.removeFirst(batch.events.count)
      for _ in batch.events { room.signal() }
      if state.events.isEmpty, let summary = state.summary {
        batch.finished = [summary]
        state.summary = nil
      }
      return (batch, state.hasEnded && state.events.isEmpty)
    }
  }

  private func wake() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  private func startReading() {
    let isFirst = state.withLock { state in
      defer { state.hasStarted = true }
      return !state.hasStarted
    }
    guard isFirst else { return }
    DispatchQueue(label: "signalbox.\(name)").async { [self] in
      var reader = LogFileReader(descriptor: descriptor, name: "-", limits: limits)
      var writer = EnvelopeWriter(conventions)
      while let record = reader.next() {
        let event = TrailEvent(record, writer: &writer)
        room.wait()
        state.withLock { $0.events.append(event) }
        wake()
      }
      let summary = reader.summary
      state.withLock { state in
        state.summary = summary
        state.hasEnded = true
      }
      wake()
    }
  }
}

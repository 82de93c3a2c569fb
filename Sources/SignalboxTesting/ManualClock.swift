// A clock that stands still until it is told to move, so that hours of retries run in milliseconds and every run is the
// same run.

public import Delivery
import Synchronization

/// A clock moved by hand.
public final class ManualClock: Clock {
  private struct Sleeper {
    var id: UInt64
    var deadline: Instant
    var wake: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Instant
    var nextID: UInt64 = 0
    var sleepers: [Sleeper] = []
    var cancelledEarly: Set<UInt64> = []
  }

  private let state: Mutex<State>

  /// Makes a clock that shows `start`.
  public init(start: Instant = Instant(seconds: 1_700_000_000)) {
    state = Mutex(State(now: start))
  }

  /// The time the clock shows.
  public var now: Instant { state.withLock { $0.now } }

  /// The earliest instant anybody sleeps until.
  public var nextDeadline: Instant? { state.withLock { $0.sleepers.map(\.deadline).min() } }

  /// Moves the clock and wakes those whose time has come, in order.
  public func advance(to instant: Instant) {
    let woken = state.withLock { state -> [Sleeper] in
      state.now = max(state.now, instant)
      let now = state.now
      let woken = state.sleepers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
      state.sleepers.removeAll { $0.deadline <= now }
      return woken
    }
    for sleeper in woken { sleeper.wake.resume() }
  }

  /// Moves the clock on.
  public func advance(by duration: Duration) { advance(to: now + duration) }

  /// Sets the clock back, as somebody does who finds that it is fast; sleepers wait as long as they would have.
  public func setBack(by duration: Duration) {
    state.withLock { state in
      state.now = state.now + (.zero - duration)
      for index in state.sleepers.indices {
        state.sleepers[index].deadline = state.sleepers[index].deadline + (.zero - duration)
      }
    }
  }

  /// Returns when the clock has been moved to `deadline`.
  public func sleep(until deadline: Instant) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (wake: CheckedContinuation<Void, any Error>) in
        let result = state.withLock { state -> Result<Void, any Error>? in
          if state.cancelledEarly.remove(id) != nil { return .failure(CancellationError()) }
          guard deadline > state.now else { return .success(()) }
          state.sleepers.append(Sleeper(id: id, deadline: deadline, wake: wake))
          return nil
        }
        if let result { wake.resume(with: result) }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelledEarly.insert(id)
          return nil
        }
        return state.sleepers.remove(at: index)
      }
      sleeper?.wake.resume(throwing: CancellationError())
    }
  }
}

// A bell for one sleeper. Ringing it twice is ringing it once, and a ring that comes before the sleeper lies down is not
// lost, so there is nothing to queue and nothing to overflow.

internal import Synchronization

/// A signal that one task at a time waits for.
package final class WakeUp: Sendable {
  private struct State {
    var hasRung = false
    var sleeper: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Makes a bell that has not rung.
  package init() {}

  /// Wakes the sleeper, or the next one.
  package func ring() {
    let sleeper = state.withLock { state in
      let sleeper = state.sleeper.take()
      state.hasRung = sleeper == nil
      return sleeper
    }
    sleeper?.resume()
  }

  /// Returns when the bell has rung since the last return, or when the task is cancelled.
  package func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = state.withLock { state in
          guard !state.hasRung, !Task.isCancelled else {
            state.hasRung = false
            return true
          }
          state.sleeper = continuation
          return false
        }
        if isDue { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleeper.take() }
      sleeper?.resume()
    }
  }

  /// Returns when the bell has rung or `deadline` has come.
  package func wait(until deadline: Instant?, on clock: any Clock) async {
    guard let deadline else { return await wait() }
    guard deadline > clock.now else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait() }
      // A cancelled sleep is as good an end as any.
      group.addTask { try? await clock.sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
  }
}

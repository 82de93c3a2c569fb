import Testing

@testable import Messaging

/// Nobody's clock is looked at: a wake-up that is lost leaves the test waiting until its time limit.
@Suite(.timeLimit(.minutes(1))) struct QueueWaitersTests {
  @Test func `who looked before messages came does not wait`() async {
    let waiters = QueueWaiters()
    let stamp = waiters.stamp
    waiters.notify([1])
    await waiters.wait(for: 1, since: stamp, atMost: .seconds(3600))
  }

  @Test func `an arrival between looking and waiting, or while waiting, wakes everybody`() async {
    let waiters = QueueWaiters()
    for round in 0..<200 {
      let stamp = waiters.stamp
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { await waiters.wait(for: 1, since: stamp, atMost: .seconds(3600)) } }
        group.addTask {
          for _ in 0..<(round % 5) { await Task.yield() }
          waiters.notify([2])
          waiters.notify([1])
        }
      }
    }
  }

  @Test func `a wait that is cancelled ends`() async {
    let waiters = QueueWaiters()
    let stamp = waiters.stamp
    let waiting = Task { await waiters.wait(for: 1, since: stamp, atMost: .seconds(3600)) }
    waiting.cancel()
    await waiting.value
  }
}

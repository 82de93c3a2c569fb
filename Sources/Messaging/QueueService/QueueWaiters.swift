// Long polling without looking again and again: whoever finds a queue empty waits here until a commit brings messages to
// it. Arrivals have stamps that only grow, so one that comes between looking and waiting is not missed.

internal import Synchronization

/// Receivers that wait for messages, by queue.
final class QueueWaiters: Sendable {
  private struct State {
    var stamp: UInt64 = 0
    /// When messages came last, by queue.
    var arrivals: [Int64: UInt64] = [:]
    /// When they may have come to queues of which nothing is known.
    var forgotten: UInt64 = 0
    var waiting: [Int64: [UInt64: CheckedContinuation<Void, Never>]] = [:]
    var nextWaiter: UInt64 = 0
  }

  /// So many queues are remembered; then all are forgotten, and whoever is about to wait looks once more.
  private static let mostRemembered = 10_000

  private let state = Mutex(State())

  /// The present stamp, to be taken before looking into a queue.
  var stamp: UInt64 { state.withLock { $0.stamp } }

  /// Wakes those who wait for any of these queues.
  func notify(_ queues: Set<Int64>) {
    let woken = state.withLock { state in
      state.stamp += 1
      var woken: [CheckedContinuation<Void, Never>] = []
      if state.arrivals.count + queues.count > Self.mostRemembered {
        state.arrivals = [:]
        state.forgotten = state.stamp
      }
      for queue in queues {
        state.arrivals[queue] = state.stamp
        if let waiting = state.waiting.removeValue(forKey: queue) { woken += waiting.values }
      }
      return woken
    }
    for continuation in woken { continuation.resume() }
  }

  /// Returns when messages have come to a queue since the stamp, when so much time has passed, or when the task is
  /// cancelled.
  func wait(for queue: Int64, since stamp: UInt64, atMost duration: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.arrival(at: queue, since: stamp) }
      group.addTask { try? await Task.sleep(for: duration) }
      await group.next()
      group.cancelAll()
    }
  }

  private func arrival(at queue: Int64, since stamp: UInt64) async {
    let waiter = state.withLock { state in
      defer { state.nextWaiter += 1 }
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled || state.arrivals[queue] ?? state.forgotten > stamp { return true }
          state.waiting[queue, default: [:]][waiter] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        let continuation = state.waiting[queue]?.removeValue(forKey: waiter)
        if state.waiting[queue]?.isEmpty == true { state.waiting[queue] = nil }
        return continuation
      }
      continuation?.resume()
    }
  }
}

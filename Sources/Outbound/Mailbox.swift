// Where callers leave word for the thread that runs the transfers.

import CCurl
import Synchronization

/// The commands that wait for the transfer thread, and the means to wake it.
final class Mailbox: Sendable {
  enum Command: Sendable {
    case start(TransferOrder)
    case cancel(Ticket)
  }

  private struct State {
    var commands: [Command] = []
    var isStopping = false
    var hasEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Used by the transfer thread alone, but for `curl_multi_wakeup`, which is made for other threads and only called
  /// under the lock while the handle lives.
  nonisolated(unsafe) let multi: UnsafeMutableRawPointer

  init(multi: UnsafeMutableRawPointer) {
    self.multi = multi
  }

  func start(_ order: TransferOrder) {
    let isTaken = state.withLock { state in
      guard !state.isStopping else { return false }
      state.commands.append(.start(order))
      curl_multi_wakeup(multi)
      return true
    }
    if !isTaken { order.continuation.resume(returning: .failure(Self.shutDown)) }
  }

  func cancel(_ ticket: Ticket) {
    state.withLock { state in
      guard !state.isStopping else { return }
      state.commands.append(.cancel(ticket))
      curl_multi_wakeup(multi)
    }
  }

  func stop(then waiter: CheckedContinuation<Void, Never>? = nil) {
    let isOver = state.withLock { state in
      guard !state.hasEnded else { return true }
      state.isStopping = true
      if let waiter { state.waiting.append(waiter) }
      curl_multi_wakeup(multi)
      return false
    }
    if isOver { waiter?.resume() }
  }

  /// What came since the last call, and whether the loop has to end.
  ///
  /// For the transfer thread.
  func take() -> (commands: [Command], isStopping: Bool) {
    state.withLock { state in
      defer { state.commands.removeAll(keepingCapacity: true) }
      return (state.commands, state.isStopping)
    }
  }

  /// The last act of the transfer thread: nobody wakes it any more.
  func end() {
    let waiting = state.withLock { state in
      state.hasEnded = true
      curl_multi_cleanup(multi)
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in waiting { waiter.resume() }
  }

  static let shutDown = HTTPError(.cancelled, "The HTTP client has been shut down")
}

import Delivery
import Synchronization

/// A target whose attempts all wait until the gate is opened.
final class GatedTarget: Target {
  private struct State {
    var begun = 0
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  var begun: Int { state.withLock { $0.begun } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        state.begun += 1
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
    return DeliveryReceipt(summary: "through the gate")
  }
}

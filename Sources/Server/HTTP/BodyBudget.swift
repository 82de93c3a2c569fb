// How much memory the bodies of all requests may take together. Each is bounded by itself, but a thousand clients can each
// send one at the same time.

internal import Synchronization

/// The memory for bodies.
final class BodyBudget: Sendable {
  private let total: Int
  private let used = Mutex(0)

  /// - Parameter total: in bytes.
  init(total: Int) { self.total = total }

  /// The bytes that are in use.
  var bytes: Int { used.withLock { $0 } }

  /// The text that Prometheus reads.
  var metrics: String {
    var text = MetricsText()
    text.gauge("signalbox_request_body_bytes", bytes, "The memory that bodies of requests take.")
    return text.text
  }

  /// What one request has of the budget.
  func share() -> Share { Share(self) }

  private func take(_ count: Int) -> Bool {
    used.withLock { used in
      guard used + count <= total else { return false }
      used += count
      return true
    }
  }

  private func giveBack(_ count: Int) { used.withLock { $0 -= count } }

  /// What one request has of the budget.
  final class Share: Sendable {
    private let budget: BodyBudget
    private let held = Mutex(0)

    fileprivate init(_ budget: BodyBudget) { self.budget = budget }

    deinit { giveBack() }

    /// Takes more, as bytes come; a body that only says that it is large takes nothing.
    func take(_ count: Int) throws(BodyRefusal) {
      guard budget.take(count) else { throw .noRoom }
      held.withLock { $0 += count }
    }

    /// Gives everything back.
    func giveBack() {
      budget.giveBack(
        held.withLock { held in
          defer { held = 0 }
          return held
        }
      )
    }
  }
}

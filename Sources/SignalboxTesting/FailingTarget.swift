public import Delivery
import Synchronization

/// A target that fails a number of times, or for ever, and then works.
public final class FailingTarget: Target {
  private let failure: DeliveryFailure
  private let left: Mutex<Int>
  private let calls = Mutex(0)

  /// Makes a target that fails `times` times; nil for ever.
  public init(
    _ failure: DeliveryFailure = DeliveryFailure(.connectionFailure, "connection refused", retryable: true),
    times: Int? = nil
  ) {
    self.failure = failure
    self.left = Mutex(times ?? .max)
  }

  /// How often it was asked.
  public var attempts: Int { calls.withLock { $0 } }

  /// Fails, or works when the failures are used up.
  public func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    calls.withLock { $0 += 1 }
    let fails = left.withLock { left in
      guard left > 0 else { return false }
      if left != .max { left -= 1 }
      return true
    }
    if fails { throw failure }
    return DeliveryReceipt(summary: "at last")
  }
}

public import Delivery
import Synchronization

/// A target that never answers until the attempt is cancelled.
public final class HangingTarget: Target {
  private let calls = Mutex(0)

  /// Makes a target.
  public init() {}

  /// How many attempts were begun.
  public var attempts: Int { calls.withLock { $0 } }

  /// Waits for the cancellation of the task.
  public func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    calls.withLock { $0 += 1 }
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    throw DeliveryFailure(.timeout, "cancelled while hanging", retryable: true)
  }
}

public import Delivery
import Synchronization

/// A target that keeps what it gets, and answers as it is told.
public final class RecordingTarget: Target {
  private let requests = Mutex<[DeliveryRequest]>([])
  private let answer: @Sendable (DeliveryRequest) throws(DeliveryFailure) -> DeliveryReceipt

  /// Makes a target that takes everything.
  public convenience init() {
    self.init { (_) throws(DeliveryFailure) in DeliveryReceipt(summary: "recorded") }
  }

  /// Makes a target that answers as the closure says.
  public init(answer: @escaping @Sendable (DeliveryRequest) throws(DeliveryFailure) -> DeliveryReceipt) {
    self.answer = answer
  }

  /// Everything it was asked so far, in order.
  public var received: [DeliveryRequest] { requests.withLock { $0 } }

  /// Keeps the request and answers.
  public func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    requests.withLock { $0.append(request) }
    return try answer(request)
  }
}

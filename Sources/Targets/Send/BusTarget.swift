// Another bus of the same engine: its rules see the event.

import Delivery

/// Hands the event to the rule set of a bus.
struct BusTarget: Target {
  let bus: String
  let publish: TargetContext.Publisher

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    try await publish(bus, request)
  }
}

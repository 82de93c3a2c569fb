// A topic of this installation as a target.

internal import Delivery
internal import Messaging
internal import TrailEvents

/// Publishes inputs to a topic.
struct TopicTarget: Target {
  let topic: TopicAddress
  let rule: ARN
  let topics: TopicService

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let message = PublishRequest(String(decoding: request.payload, as: UTF8.self))
    do throws(MessagingError) {
      let published = try await topics.publish(
        message,
        to: topic,
        as: .service("events.amazonaws.com", for: rule)
      )
      return DeliveryReceipt(summary: "message \(published.messageID)")
    } catch {
      let code: DeliveryFailure.Code =
        switch error.code.rawValue {
        case "NotFound": .noResource
        case "AuthorizationError", "AccessDenied": .noPermissions
        default: error.isSenderFault ? .invalidParameter : .internalError
        }
      throw DeliveryFailure(code, "\(topic.arn): \(error.message)", retryable: !error.isSenderFault)
    }
  }
}

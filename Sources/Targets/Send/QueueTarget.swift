// Queues and topics of the engine's own database. Both take the delivery id as the message's identity, so that a
// delivery that is tried again after a crash adds nothing.

import Delivery
import Dispatch
import Messaging
import Storage

/// Sends payloads to a queue.
struct QueueTarget: Target {
  let queue: String
  let database: EmbeddedDatabase
  let now: @Sendable () -> Instant

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let message = OutgoingMessage(
      body: request.payload,
      attributes: messageAttributes(of: request),
      deduplicationID: request.deliveryID
    )
    let sent: SentMessage
    do throws(StorageError) {
      sent = try await database.queues.post(message, to: queue, now: now().milliseconds)
    } catch {
      throw failure(for: error)
    }
    return DeliveryReceipt(summary: "message \(sent.messageID)\(sent.isDuplicate ? " (already there)" : "")")
  }
}

/// Publishes payloads to a topic; each subscriber then has a delivery or message of its own.
struct TopicTarget: Target {
  let topic: String
  let database: EmbeddedDatabase
  let served: ServedTopics
  let now: @Sendable () -> Instant

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let publication = Publication(
      id: request.deliveryID,
      body: request.payload,
      attributes: messageAttributes(of: request)
    )
    if let service = served.service {
      do throws(MessagingError) {
        let count = try await service.publish(publication, toHomeTopic: topic)
        return DeliveryReceipt(summary: "published to \(count) subscribers")
      } catch {
        throw failure(for: error)
      }
    }
    let result = try await storing { () throws(StorageError) in
      try database.topics.publish(publication, to: topic, now: now().milliseconds)
    }
    return DeliveryReceipt(summary: "published to \(result.messages.count + result.deliveries.count) subscribers")
  }
}

/// What receivers of a message learn about where it comes from.
private func messageAttributes(of request: DeliveryRequest) -> [String: String] {
  [
    "signalbox.delivery": request.deliveryID,
    "signalbox.rule": request.ruleID,
    "signalbox.step": request.stepID,
    "signalbox.event": request.eventID,
  ]
}

/// Transactions wait for the disk, so they run here and not on Swift's cooperative pool.
private let storageQueue = DispatchQueue(label: "messages")

private func storing<R: Sendable>(
  _ work: @escaping @Sendable () throws(StorageError) -> R
) async throws(DeliveryFailure) -> R {
  let result = await withCheckedContinuation { continuation in
    storageQueue.async { continuation.resume(returning: Result(catching: work)) }
  }
  switch result {
  case .success(let value): return value
  case .failure(let error): throw failure(for: error)
  }
}

/// What a refused publication means for a delivery.
private func failure(for error: MessagingError) -> DeliveryFailure {
  let code: DeliveryFailure.Code =
    switch error.code {
    case .notFound: .noResource
    case .serviceUnavailable: .resourceLimitExceeded
    case .internalFailure: .internalError
    default: .invalidParameter
    }
  return DeliveryFailure(code, error.message, retryable: !error.isSenderFault)
}

/// What a failed transaction means for a delivery.
private func failure(for error: StorageError) -> DeliveryFailure {
  switch error {
  case .notFound: DeliveryFailure(.noResource, error.description, retryable: false)
  case .invalid: DeliveryFailure(.invalidParameter, error.description, retryable: false)
  case .diskFull, .busy: DeliveryFailure(.resourceLimitExceeded, error.description, retryable: true)
  case .owned, .missing, .newerFormat, .olderFormat, .wrongKey, .damaged, .inaccessible, .fault:
    DeliveryFailure(.internalError, error.description, retryable: true)
  }
}

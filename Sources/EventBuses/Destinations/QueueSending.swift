// Messages for queues of this installation, written by the transaction that decides about them.

internal import GRDB
internal import Messaging
internal import TrailEvents

/// Sends to queues within a transaction.
struct QueueSending: Sendable {
  /// The queues; nothing if there are none.
  let queues: QueueService?

  /// The queues of one transaction, each found once, by lane.
  typealias Known = [String: Result<QueueService.Recipient, RefusedDelivery>]

  /// Throws ``RefusedDelivery`` when the queue does not take the message, and then has written nothing.
  func send(_ message: RoutingOutcome.Message, now: Int64, known: inout Known, _ db: Database) throws {
    let found = try known[message.lane] ?? recipient(of: message, db)
    known[message.lane] = found
    var outgoing = OutgoingMessage(body: message.body)
    outgoing.groupID = message.groupID
    outgoing.traceHeader = message.traceHeader
    do {
      try found.get().send(outgoing, now: now, db)
    } catch let error as MessagingError where error.isSenderFault {
      throw RefusedDelivery(error, by: message.queue)
    }
  }

  private func recipient(of message: RoutingOutcome.Message, _ db: Database) throws -> Known.Value {
    guard let queues, let address = QueueAddress(arn: message.queue) else {
      return .failure(RefusedDelivery(code: "NO_RESOURCE", message: "there is no queue \(message.queue)"))
    }
    do {
      return .success(try queues.recipient(at: address, as: message.sender, db))
    } catch let error as MessagingError where error.isSenderFault {
      return .failure(RefusedDelivery(error, by: message.queue))
    }
  }

  /// How a dead letter names the queue of an ARN: one that is not there is not made.
  func deadLetterQueue(_ arn: String) -> String {
    guard let queues, let address = QueueAddress(arn: arn) else { return arn }
    return queues.deadLetterReference(to: address)
  }
}

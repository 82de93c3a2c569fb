// Messages for queues of this installation, written by the transaction that decides about them.

internal import GRDB
internal import Messaging
internal import TrailEvents

/// Sends to queues within a transaction.
struct QueueSending: Sendable {
  /// Why a queue does not take a message.
  struct Failure: Error, Sendable {
    /// EventBridge's error code.
    var code: String
    /// What happened, for a person.
    var message: String
  }

  /// The queues; nothing if there are none.
  let queues: QueueService?

  /// Throws ``Failure`` when the queue does not take the message, and then has written nothing.
  func send(_ message: RoutingOutcome.Message, now: Int64, _ db: Database) throws {
    guard let queues, let address = QueueAddress(arn: message.queue), let rule = ARN(message.ruleARN) else {
      throw Failure(code: "NO_RESOURCE", message: "there is no queue \(message.queue)")
    }
    var outgoing = OutgoingMessage(body: message.body)
    outgoing.groupID = message.groupID
    do {
      try queues.send(outgoing, to: address, as: .service("events.amazonaws.com", for: rule), now: now, db)
    } catch let error as MessagingError where error.isSenderFault {
      throw Failure(code: Self.code(error.code.rawValue), message: "\(message.queue): \(error.message)")
    }
  }

  /// How a dead letter names the queue of an ARN: one that is not there is not made.
  func deadLetterQueue(_ arn: String) -> String {
    guard let queues, let address = QueueAddress(arn: arn) else { return arn }
    return queues.deadLetterReference(to: address)
  }

  private static func code(_ code: String) -> String {
    switch code {
    case "QueueDoesNotExist": "NO_RESOURCE"
    case "AccessDenied": "NO_PERMISSIONS"
    default: "INVALID_PARAMETER"
    }
  }
}

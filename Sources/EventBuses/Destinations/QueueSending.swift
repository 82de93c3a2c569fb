// Messages for queues of this installation, written by the transaction that decides about them.

internal import GRDB
internal import Storage

/// Sends to queues within a transaction.
enum QueueSending {
  /// Why a queue does not take a message.
  struct Failure: Error, Sendable {
    /// EventBridge's error code.
    var code: String
    /// What happened, for a person.
    var message: String
  }

  static func send(_ message: RoutingOutcome.Message, now: Int64, _ db: Database) throws {
  }
}

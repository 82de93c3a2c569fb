// Moving messages out of a dead-letter queue: a task in the database that works in small transactions, so that it goes on
// after a restart and nobody waits for it.

public import TrailEvents

/// A task that moves messages.
public struct MessageMoveTask: Sendable, Equatable {
  /// How far it is.
  public enum Status: String, Sendable {
    /// It moves messages.
    case running = "RUNNING"
    /// All that it was to move is moved.
    case completed = "COMPLETED"
    /// It is to stop.
    case cancelling = "CANCELLING"
    /// It was stopped.
    case cancelled = "CANCELLED"
    /// It could not go on; `failure` says why.
    case failed = "FAILED"
  }

  /// What cancels it; only a running task has one.
  public var handle: String?
  /// How far it is.
  public var status: Status
  /// The queue that messages are moved out of.
  public var source: ARN
  /// Where they go; nil means to the queues that they came from.
  public var destination: ARN?
  /// At most so many a second, 1 to 500; nil for as fast as it goes.
  public var rate: Int?
  /// How many were moved.
  public var moved: Int
  /// How many there were at the start.
  public var toMove: Int
  /// Why it failed.
  public var failure: String?
  /// When it began, in milliseconds since 1970.
  public var startedAt: Int64
}

// How hard and how long a delivery is tried; the same for targets and actions.

/// How a target or an action is treated by the dispatcher.
///
/// What is nil was not written: the dispatcher's default holds.
public struct DeliveryPolicy: Sendable {
  /// The most deliveries in a time (`10/1m`).
  public var rate: Rate?
  /// How many deliveries may go at once after a pause, at least 1.
  public var burst: Int?
  /// How many deliveries may be under way at the same time, at least 1.
  public var concurrency: Int?
  /// How long one attempt may take.
  public var timeout: TimeSpan?
  /// How long after the decision a delivery is still tried.
  public var retryFor: TimeSpan?
  /// The most attempts, the first included, at least 1.
  public var attempts: Int?
  /// The waits between attempts (`1s..5m`).
  public var backoff: Backoff?
  /// Which failures are tried again; nothing leaves it to the target.
  public var retryOn: [RetryCondition]?
  /// The queue (target id) that gets what could not be delivered.
  public var deadLetter: String?

  /// Makes a policy with nothing said.
  public init() {}

  /// A failure that is worth another attempt.
  public enum RetryCondition: Sendable, Hashable {
    /// An HTTP status, 100...599.
    case status(Int)
    /// All HTTP statuses of a hundred: `5xx` is 5.
    case statusClass(Int)
    /// No connection, a broken one, or no answer in time.
    case network
  }
}

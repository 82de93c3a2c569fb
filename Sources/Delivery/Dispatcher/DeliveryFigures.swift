// What the dispatcher has done since the engine started, in passing.

internal import Storage

/// Attempts and their times.
public struct DeliveryFigures: Sendable, Equatable {
  /// Attempts that were not a delivery's first.
  public var retries = 0
  /// Deliveries that were given up.
  public var failures = 0
  /// Seconds that attempts took, failed ones too.
  public var attempts = Histogram()
  /// Seconds from the decision to the delivery, waits and retries included.
  public var deliveries = Histogram()

  /// Counts an outcome that is on the disk.
  ///
  /// - Parameter decidedAt: when the delivery was decided, in milliseconds since 1970.
  mutating func count(_ settlement: Settlement, decidedAt: Int64) {
    switch settlement.outcome {
    case .deadLettered, .failed: failures += 1
    case .delivered, .retry: break
    }
    guard let attempt = settlement.attempt else { return }
    if attempt.attempt > 1 { retries += 1 }
    attempts.add(Self.seconds(attempt.endedAt - attempt.startedAt))
    if settlement.outcome == .delivered { deliveries.add(Self.seconds(attempt.endedAt - decidedAt)) }
  }

  /// A clock that was set back makes no time negative.
  private static func seconds(_ milliseconds: Int64) -> Double { Double(max(0, milliseconds)) / 1000 }
}

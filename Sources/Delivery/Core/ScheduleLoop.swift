// What everything that fires by the clock has in common: fire what is due, sleep until the next time or until something
// changes, and again.

package import Logging

/// Fires schedules, and waits between firings.
package struct ScheduleLoop: Sendable {
  private let clock: any Clock
  private let change: WakeUp
  private let logger: Logger
  private let what: String

  /// The clock may be set, and who changes schedules need not ring, so that nothing is waited for longer than this.
  private static let longestSleep = Duration.seconds(15)

  /// Makes a loop.
  ///
  /// - Parameters:
  ///   - what: what is fired, for the log: `scheduled rules`.
  ///   - change: rung when the schedules are others.
  package init(_ what: String, clock: any Clock, change: WakeUp = WakeUp(), logger: Logger) {
    self.what = what
    self.clock = clock
    self.change = change
    self.logger = logger
  }

  /// Runs until the task is cancelled.
  ///
  /// - Parameter fireDue: fires what is due and says when the next firing is.
  package func run(_ fireDue: @Sendable () async throws -> Instant?) async {
    while !Task.isCancelled {
      var wakeAt = clock.now + Self.longestSleep
      do {
        if let next = try await fireDue() { wakeAt = min(wakeAt, next) }
      } catch {
        // A read that a stop cuts short is no fault.
        guard !Task.isCancelled else { return }
        logger.error("\(what) cannot be fired; trying again: \(error)")
        wakeAt = clock.now + .seconds(1)
      }
      await change.wait(until: wakeAt, on: clock)
    }
  }
}

// What is done now and then: forgetting what need not be kept any longer, and saying how things go.

internal import Delivery
internal import Logging
internal import Messaging
internal import Storage

/// Prunes the database and reports progress.
struct Housekeeping: Sendable {
  let database: EmbeddedDatabase
  let router: Router
  let retention: RetentionPolicy
  let clock: any Clock
  let logger: Logger

  /// Prunes at the start and then every ten minutes, until the task is cancelled.
  func prune() async {
    while !Task.isCancelled {
      let (database, retention, now) = (database, retention, clock.now.milliseconds)
      do {
        let result = try await router.blocking {
          _ = try database.queues.expire(now: now)
          return try database.prune(retention, now: now)
        }
        if result.events + result.records > 0 {
          logger.info("forgot \(result.events) events and \(result.records) records that were old enough")
        }
      } catch {
        // A read that a stop cuts short is no fault.
        guard !Task.isCancelled else { return }
        logger.warning("old events and records cannot be removed: \(error)")
      }
      do { try await clock.sleep(until: clock.now + .seconds(600)) } catch { return }
    }
  }

  /// Says every ten seconds how far things are, when there is something new.
  func report() async {
    var last = Router.Counts()
    while true {
      do { try await clock.sleep(until: clock.now + .seconds(10)) } catch { return }
      let counts = router.counts
      if counts != last { Self.report(counts, to: logger) }
      last = counts
    }
  }

  /// Says what was done.
  static func report(_ counts: Router.Counts, to logger: Logger) {
    var metadata: Logger.Metadata = [
      "duplicates": .stringConvertible(counts.duplicates),
      "deliveries": .stringConvertible(counts.deliveries),
      "recorded": .stringConvertible(counts.recorded),
    ]
    if counts.deadLetters > 0 { metadata["dead-letters"] = .stringConvertible(counts.deadLetters) }
    if counts.unreadable > 0 { metadata["unreadable"] = .stringConvertible(counts.unreadable) }
    if counts.rejected > 0 { metadata["rejected"] = .stringConvertible(counts.rejected) }
    logger.info("\(counts.events) events accepted", metadata: metadata)
  }
}

// One source's way into the journal: read a batch, decide, commit, go on. A source is not asked for more before the
// batch is on the disk, so memory is bounded by one batch and a crash loses nothing that was acknowledged.

internal import Decisions
internal import Delivery
internal import Logging
internal import Storage
internal import TrailEvents

/// Takes in the events of one source.
struct Intake: Sendable {
  /// Events in one transaction, at most.
  static let batchSize = 1000

  let source: any EventSource
  let bus: String
  let router: Router
  let clock: any Clock
  let logger: Logger
  let outboxLimit: Int

  /// Runs until the source ends or the task is cancelled.
  func run() async throws {
    guard var generation = router.generation else { return }
    var decider = Decider(generation.rules)
    while let batch = try await source.nextBatch(limit: Self.batchSize) {
      report(batch)
      let files = batch.files.map { Storage.SourceFile($0, source: source.name) }
      if let buses = router.buses {
        guard try await router.accept(batch.events, files: files, bus: bus, on: buses) else { return }
        await router.waitForRoom(limit: outboxLimit)
        continue
      }
      if let current = router.generation, current.number != generation.number {
        generation = current
        decider = Decider(current.rules)
      }
      let now = clock.now
      var accepted = AcceptedBatch(files: files)
      accepted.entries.reserveCapacity(batch.events.count)
      var seen: Set<String> = []
      for event in batch.events {
        accepted.entries.append(
          JournalEntry(eventID: event.eventID, account: event.account, region: event.region, envelope: event.envelope)
        )
        // Of several events with one id the journal keeps the first: then only that one may act.
        guard seen.insert(event.eventID).inserted else { continue }
        accepted.deliveries += router.decide(event, bus: bus, with: &decider, generation, now: now)
      }
      guard try await router.accept(accepted) else { return }
      await router.waitForRoom(limit: outboxLimit)
    }
  }

  private func report(_ batch: EventBatch) {
    let readable = batch.finished.filter { $0.kind != .unreadable }
    router.note(
      unreadable: batch.problems.count + batch.finished.count - readable.count,
      rejected: readable.reduce(0) { $0 + $1.rejected },
      skipped: batch.skipped
    )
    for problem in batch.problems { logger.warning("\(problem)", metadata: ["source": "\(source.name)"]) }
    for summary in batch.finished {
      if summary.isClean {
        logger.debug("\(summary.file): \(summary.delivered) records", metadata: ["source": "\(source.name)"])
      }
      for diagnostic in summary.diagnostics {
        logger.warning("\(diagnostic)", metadata: ["source": "\(source.name)"])
      }
    }
  }
}

extension Storage.SourceFile {
  /// The row of a position.
  init(_ progress: LogFileProgress, source: String) {
    self.init(
      source: source,
      path: progress.path,
      size: progress.size,
      modifiedAt: progress.modifiedAt,
      records: progress.records,
      isFinished: progress.isFinished,
      note: progress.note
    )
  }
}

extension LogFileProgress {
  /// The position of a row.
  init(_ file: Storage.SourceFile) {
    self.init(
      path: file.path,
      size: file.size,
      modifiedAt: file.modifiedAt,
      records: file.records,
      isFinished: file.isFinished,
      note: file.note
    )
  }
}

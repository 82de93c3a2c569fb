// One transaction: the events, what was decided about them, the messages for queues of this installation, the copies for
// archives. All of it is there afterwards, or nothing.

internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

/// Writes what follows from events.
struct RoutingCommit: Sendable {
  struct Result: Sendable {
    var newEvents = 0
    var deliveries = 0
    var messages = 0
    /// The lanes that have new rows.
    var lanes: Set<String> = []
    /// What was given up.
    var failures: [FailedDelivery] = []
  }

  private let outcome: RoutingOutcome
  private let sending: QueueSending
  private let publishing: TopicPublishing
  private let cursors: [String: String]
  private let files: [SourceFile]
  private let now: Int64

  init(
    _ outcome: RoutingOutcome,
    _ sending: QueueSending,
    _ publishing: TopicPublishing,
    cursors: [String: String],
    files: [SourceFile] = [],
    now: Int64
  ) {
    self.sending = sending
    self.publishing = publishing
    var outcome = outcome
    for index in outcome.deliveries.indices {
      guard let queue = outcome.deliveries[index].deadLetter?.queue, queue.hasPrefix("arn:") else { continue }
      outcome.deliveries[index].deadLetter?.queue = sending.deadLetterQueue(queue)
    }
    self.outcome = outcome
    self.cursors = cursors
    self.files = files
    self.now = now
  }

  func run(_ db: Database) throws -> Result {
    var result = Result()
    let appended = try Journal.insert(outcome.entries, now: now, db)
    result.newEvents = appended.newCount
    let known = Self.duplicates(outcome.entries, appended)
    if !cursors.isEmpty { try SourceCursors.save(cursors, db) }
    if !files.isEmpty { try SourceCursors.save(files, db) }
    for copy in outcome.copies where !known.contains(copy.event.eventID) {
      try ArchivedEvents.add(copy.event, to: copy.storageID, now: now, db)
    }
    for (event, bus) in outcome.arrivals where !known.contains(event) {
      try BusArrivals.add(event, on: bus.arn, db)
    }
    // A delivery that is known was decided with an earlier copy of the event: its message is in the queue, too.
    let deliveries = known.isEmpty ? outcome.deliveries : outcome.deliveries.filter { !known.contains($0.eventID) }
    let new = Set(try Outbox.insert(deliveries, of: Self.origins(outcome.entries, appended), db))
    result.deliveries = new.count
    for delivery in deliveries where delivery.state == .pending && new.contains(delivery.deliveryID) {
      result.lanes.insert(delivery.targetID)
    }
    for delivery in deliveries where delivery.isGivenUp && new.contains(delivery.deliveryID) {
      result.failures.append(FailedDelivery(delivery, to: outcome.targetARNs[delivery.deliveryID]))
    }
    func giveUp(_ id: String, to target: ARN, _ deadLetterARN: String?, _ refusal: RefusedDelivery) throws {
      try self.giveUp(id, to: target, deadLetterARN, refusal, db)
      guard let delivery = deliveries.first(where: { $0.deliveryID == id }) else { return }
      let queue = deadLetterARN.map(sending.deadLetterQueue)
      result.failures.append(FailedDelivery(delivery, to: target, refusal, deadLetterQueue: queue))
    }
    var queues: QueueSending.Known = [:]
    for message in outcome.messages where new.contains(message.deliveryID) {
      do {
        try sending.send(message, now: now, known: &queues, db)
        result.messages += 1
      } catch let refusal as RefusedDelivery {
        try giveUp(message.deliveryID, to: message.queue, message.deadLetterARN, refusal)
      }
    }
    for publication in outcome.publications where new.contains(publication.deliveryID) {
      do {
        result.lanes.formUnion(try publishing.publish(publication, now: now, db))
        result.messages += 1
      } catch let refusal as RefusedDelivery {
        try giveUp(publication.deliveryID, to: publication.topic, publication.deadLetterARN, refusal)
      }
    }
    return result
  }

  /// The events that were in the journal before: what the rules of then decided about them holds.
  private static func duplicates(_ entries: [JournalEntry], _ appended: AppendResult) -> Set<String> {
    guard appended.newCount < entries.count else { return [] }
    var known: Set<String> = []
    for (entry, sequence) in zip(entries, appended.sequences) where sequence == nil { known.insert(entry.eventID) }
    // A batch may hold an event twice; the first copy was new.
    for (entry, sequence) in zip(entries, appended.sequences) where sequence != nil { known.remove(entry.eventID) }
    return known
  }

  /// Where the events are that are new in the journal.
  private static func origins(_ entries: [JournalEntry], _ appended: AppendResult) -> [String: Outbox.Origin] {
    var origins: [String: Outbox.Origin] = [:]
    for (entry, sequence) in zip(entries, appended.sequences) {
      if let sequence { origins[entry.eventID] = Outbox.Origin(entry, sequence: sequence) }
    }
    return origins
  }

  /// Puts what a queue or topic does not take where it belongs.
  private func giveUp(
    _ deliveryID: String,
    to target: ARN,
    _ deadLetterARN: String?,
    _ refusal: RefusedDelivery,
    _ db: Database
  ) throws {
    let settled: Settlement.Outcome =
      if let deadLetterARN {
        .deadLettered(
          DeadLetter(
            queue: sending.deadLetterQueue(deadLetterARN),
            errorCode: refusal.code,
            errorMessage: refusal.message,
            exhausted: nil,
            targetARN: target.description
          )
        )
      } else {
        .failed(reason: "\(refusal.code): \(refusal.message)")
      }
    // It was tried, once and in no time; `deliveries show` and `status` have it like any other failure.
    var attempt = AttemptRecord(attempt: 1, startedAt: now, endedAt: now, summary: refusal.message)
    attempt.errorCode = refusal.code
    try Outbox.reopen(deliveryID, db)
    try Outbox.settle(Settlement(deliveryID: deliveryID, attempt: attempt, outcome: settled), now: now, db)
  }
}

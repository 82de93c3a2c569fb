// One batch on its way through a pipe:
//
//   messages ─► filter ─► enrichment ─► target ─► gone from the queue
//                 └─► no pattern matches: gone
//
// A message leaves its queue with the transaction that puts it into its target, where that is here, or after the target has
// taken it. What fails stays in flight until its visibility timeout is over, and how often it comes back is for the queue's
// redrive policy to say. Of a FIFO queue's group nothing is handed on after a message that failed. While somebody else works
// on a batch its messages are kept hidden, however long that takes.

internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import Logging
internal import Messaging
internal import Storage
internal import TrailEvents

/// Why something in a pipe did not work.
struct PipeFailure: Error, Sendable, Equatable {
  /// Why, for a person: `NO_RESOURCE: there is no queue …`.
  var reason: String
}

/// One payload for the target.
struct Parcel: Sendable {
  var event: PipeEvent
  var payload: [UInt8]
}

/// A batch under way.
struct PipePass: Sendable {
  /// The most bytes of an enrichment's answer, and of what a function is handed.
  static let largestPayload = 6 << 20

  let plan: PipePlan
  let engine: PipeEngine
  let batch: [ReceivedMessage]
  let names: PipeNames
  /// Messages that have left the queue, or are somebody else's by now.
  var settled: Set<Int> = []
  /// Why messages failed, in the order in which they did.
  private(set) var failures: [(message: Int, reason: String)] = []
  private var blockedGroups: Set<String> = []

  init(_ batch: [ReceivedMessage], through plan: PipePlan, of engine: PipeEngine) {
    self.plan = plan
    self.engine = engine
    self.batch = batch
    var names = plan.names
    names.ingestionTime = engine.nowText
    self.names = names
  }

  /// Takes the batch through the pipe.
  mutating func run() async {
    var events = batch.enumerated().map { PipeEvent($1, at: $0, of: plan.source) }
    do {
      if let filter = plan.filter {
        let (taken, dropped) = filter.part(events)
        try await settle(Set(dropped.compactMap(\.message)))
        events = taken
      }
      if let enrichment = plan.enrichment, !events.isEmpty { events = try await enrich(events, enrichment) }
      if !events.isEmpty { try await handOn(events) }
      // An enrichment may have answered with nothing for the messages that are left.
      if plan.enrichment != nil { try await settle(open) }
    } catch {
      let reason = (error as? PipeFailure)?.reason ?? "INTERNAL_ERROR: \(error)"
      for message in open.sorted() { fail(message, reason) }
    }
    if Task.isCancelled { await giveBack() }
  }

  /// The messages of which it is not known yet what becomes of them.
  var open: Set<Int> { Set(batch.indices).subtracting(settled).subtracting(failures.map(\.message)) }

  // MARK: What becomes of messages

  /// Deletes messages from their queue.
  mutating func settle(_ messages: Set<Int>) async throws {
    guard !messages.isEmpty else { return }
    let handles = messages.map { batch[$0].receiptHandle }
    try await engine.database.transact { db in
      for handle in handles { try QueueService.delete(handle, db) }
    }
    settled.formUnion(messages)
  }

  /// Notes that a message failed; those of its group that come after it fail with it.
  mutating func fail(_ message: Int, _ reason: String) {
    failures.append((message, reason))
    if plan.isFIFO, let group = batch[message].message.groupID { blockedGroups.insert(group) }
  }

  /// Whether a message must wait for an earlier one of its group.
  func isBlocked(_ message: Int) -> Bool {
    plan.isFIFO && batch[message].message.groupID.map(blockedGroups.contains) == true
  }

  /// The server stops: others, or this pipe when it runs again, need not wait for the visibility timeout.
  private func giveBack() async {
    let handles = batch.indices.filter { !settled.contains($0) }.map { batch[$0].receiptHandle }
    guard !handles.isEmpty else { return }
    let now = engine.clock.now.milliseconds
    // What cannot be given back comes back by itself.
    try? await engine.database.transact { db in
      for handle in handles { try QueueService.hide(handle, until: now, now: now, db) }
    }
  }

  /// Keeps messages hidden for as long again as they were hidden first, until the task is cancelled.
  static func keepHidden(_ batch: [ReceivedMessage], since: Int64, of engine: PipeEngine) async {
    guard let first = batch.map(\.message.visibleAt).min() else { return }
    let handles = batch.map(\.receiptHandle)
    let span = max(1000, first - since)
    while true {
      // Cancelled when the batch is done.
      do { try await engine.clock.sleep(until: engine.clock.now + .milliseconds(span / 2)) } catch { return }
      let now = engine.clock.now.milliseconds
      do {
        try await engine.database.transact { db in
          for handle in handles { try QueueService.hide(handle, until: now + span, now: now, db) }
        }
      } catch {
        // A full disk passes; what becomes visible meanwhile is done twice.
        engine.logger.warning("messages under way in a pipe cannot be kept hidden: \(error)")
      }
    }
  }

  // MARK: Stages

  /// The payloads of a stage for events; a message whose payload cannot be made has failed.
  mutating func parcels(_ events: [PipeEvent], for stage: PipePlan.Stage) throws(PipeFailure) -> [Parcel] {
    var parcels: [Parcel] = []
    for event in events {
      if let message = event.message, isBlocked(message) {
        fail(message, Self.waits)
        continue
      }
      do throws(ShapingFailure) {
        parcels.append(Parcel(event: event, payload: try stage.input.payload(of: event, names)))
      } catch {
        let reason = "INVALID_JSON: \(stage.name): \(error.message)"
        guard let message = event.message else { throw PipeFailure(reason: reason) }
        fail(message, reason)
      }
    }
    return parcels
  }

  static let waits = "an earlier message of its group failed"

  /// Hands events to the target.
  private mutating func handOn(_ events: [PipeEvent]) async throws {
    let destination = plan.target.destination
    if let most = destination.kind.largestBatch, events.count > most {
      throw PipeFailure(
        reason: "RESOURCE_LIMIT_EXCEEDED: the enrichment answered with \(events.count) events, and "
          + "\(destination.arn) takes \(most) at a time"
      )
    }
    let parcels = try parcels(events, for: plan.target)
    guard !parcels.isEmpty else { return }
    switch destination.kind {
    case .queue: try await send(parcels, to: destination.arn)
    case .topic: try await publish(parcels, to: destination.arn)
    case .bus: try await put(parcels, on: BusReference(scope: destination.arn.scope, name: destination.arn.name))
    case .function: try await invoke(with: parcels)
    case .apiDestination, .service: try await invokeForEach(parcels)
    }
  }
}

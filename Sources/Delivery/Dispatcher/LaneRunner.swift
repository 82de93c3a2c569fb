// Drives one lane: reads rows, calls targets, hands outcomes to the writer, and waits. What to do when is the lane's.

internal import Logging
internal import RuleFiles
internal import Storage
internal import Synchronization

/// Drives the lane of one target.
final class LaneRunner: Sendable {
  /// What all lanes share.
  struct Surroundings: Sendable {
    var database: EmbeddedDatabase
    var clock: any Clock
    var logger: Logger
    var writer: SettlementWriter
    var reads: BlockingQueue
    var routes: @Sendable () -> RouteTable
    /// Rung when a lane has come to rest.
    var resting: WakeUp
  }

  /// Whether a lane has something to do.
  enum Status: Sendable {
    case busy
    /// Nothing can be done before that instant (nil: before something new happens).
    case resting(until: Instant?)
  }

  private struct Finished: Sendable {
    var id: String
    var result: Result<DeliveryReceipt, DeliveryFailure>
    var startedAt: Instant
    var endedAt: Instant
    var wasCancelled: Bool
  }

  /// What has happened since the lane last looked.
  private struct News: Sendable {
    var finished: [Finished] = []
    var settled: [(id: String, retryAt: Instant?)] = []
    var hasNewRows = false
    var hasNewRoutes = false
    var isSetBack = false
    var stopBy: Instant?
  }

  private struct Inbox {
    var news = News()
    var isRead = true
    var status = Status.busy

    mutating func take() -> News {
      isRead = true
      defer { news = News(stopBy: news.stopBy) }
      return news
    }
  }

  /// The target or action.
  let id: String
  private let surroundings: Surroundings
  private let inbox = Mutex(Inbox())
  private let givenUp = Mutex(Thinning())
  private let wakeUp = WakeUp()

  init(id: String, _ surroundings: Surroundings) {
    self.id = id
    self.surroundings = surroundings
  }

  /// Whether the lane has something to do.
  var status: Status { inbox.withLock { $0.status } }

  /// Tells that there may be new rows.
  func noteNewRows() { post { $0.hasNewRows = true } }

  /// Tells that rules were reloaded.
  func noteNewRoutes() { post { $0.hasNewRoutes = true } }

  /// Tells that the clock was set back.
  func noteSetBack() { post { $0.isSetBack = true } }

  /// Starts nothing more; attempts under way may go on until `deadline`.
  func stop(by deadline: Instant) { post { $0.stopBy = min($0.stopBy ?? deadline, deadline) } }

  private func post(_ change: (inout News) -> Void) {
    inbox.withLock { inbox in
      change(&inbox.news)
      inbox.isRead = false
      inbox.status = .busy
    }
    wakeUp.ring()
  }

  /// Runs until it is stopped.
  func run() async {
    let settings = surroundings.routes().settings(of: id)
    var lane = Lane(limits: settings?.limits ?? LaneLimits(), retry: settings?.retry ?? RetryPolicy())
    var attempts: [String: PendingDelivery] = [:]
    var stopBy: Instant?
    let clock = surroundings.clock
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let news = inbox.withLock { $0.take() }
        if let deadline = news.stopBy {
          stopBy = deadline
          lane.stop()
        }
        for finished in news.finished { finish(finished, attempts.removeValue(forKey: finished.id), in: &lane) }
        for (id, retryAt) in news.settled { lane.noteSettled(id, retryAt: retryAt) }
        if news.hasNewRows { lane.noteNewRows() }
        if news.hasNewRoutes { reconfigure(&lane) }
        // What the lane waits for may be at a time of the clock that was fast.
        if news.isSetBack { lane.reconfigure(limits: lane.limits, retry: lane.retry) }

        let now = clock.now
        if let stopBy, lane.isQuiet || now >= stopBy { break }
        switch lane.next(at: now) {
        case .attempt(let deliveries):
          for delivery in deliveries {
            attempts[delivery.id] = delivery
            start(delivery, in: &group)
          }
        case .expire(let deliveries, let failure):
          for delivery in deliveries { expire(delivery, after: failure) }
        case .pull(let limit):
          await pull(limit, into: &lane)
        case .wait(let until):
          rest(until, isQuiet: lane.isQuiet)
          await wakeUp.wait(until: [until, stopBy].compactMap(\.self).min(), on: clock)
        }
      }
      group.cancelAll()
    }
    // What was cut short may have arrived all the same: then it need not be sent again.
    for finished in inbox.withLock({ $0.take().finished }) {
      if case .success = finished.result { finish(finished, attempts[finished.id], in: &lane) }
    }
  }

  private func rest(_ until: Instant?, isQuiet: Bool) {
    guard isQuiet else { return }
    inbox.withLock { inbox in
      if inbox.isRead { inbox.status = .resting(until: until) }
    }
    surroundings.resting.ring()
  }

  private func reconfigure(_ lane: inout Lane) {
    guard let settings = surroundings.routes().settings(of: id) else { return }
    if lane.isTripped || lane.limits != settings.limits || lane.retry != settings.retry {
      lane.reconfigure(limits: settings.limits, retry: settings.retry)
    }
  }

  // MARK: Attempts

  private func start(_ delivery: PendingDelivery, in group: inout DiscardingTaskGroup) {
    let (clock, routes) = (surroundings.clock, surroundings.routes)
    group.addTask { [id] in
      let startedAt = clock.now
      let result: Result<DeliveryReceipt, DeliveryFailure>
      if let route = routes()[delivery.kind, id] {
        do throws(DeliveryFailure) {
          result = .success(try await route.target.deliver(delivery.request))
        } catch {
          result = .failure(error)
        }
      } else {
        let what = delivery.kind == .send ? "Target" : "Action"
        result = .failure(
          DeliveryFailure(.noResource, "the rules have no \(what) '\(id)' (any more)", retryable: false)
        )
      }
      let finished = Finished(
        id: delivery.id,
        result: result,
        startedAt: startedAt,
        endedAt: clock.now,
        wasCancelled: Task.isCancelled
      )
      self.post { $0.finished.append(finished) }
    }
  }

  private func finish(_ finished: Finished, _ delivery: PendingDelivery?, in lane: inout Lane) {
    guard let delivery else { return }
    if case .failure = finished.result, finished.wasCancelled {
      // Cut short by us: no failure of the target's. The row is due again at the next start.
      return lane.abandon(finished.id)
    }
    var generator = SystemRandomNumberGenerator()
    let wasTripped = lane.isTripped
    guard let outcome = lane.finish(finished.id, finished.result, at: finished.endedAt, using: &generator) else {
      return
    }
    if lane.isTripped != wasTripped { logChange(lane.isTripped, finished.result, of: delivery) }
    settle(delivery, finished, outcome)
  }

  private func logChange(
    _ isTripped: Bool,
    _ result: Result<DeliveryReceipt, DeliveryFailure>,
    of delivery: PendingDelivery
  ) {
    let target = surroundings.routes()[delivery.kind, id]?.targetARN ?? id
    var metadata = Self.metadata(delivery, target)
    switch result {
    case .failure(let failure) where isTripped:
      metadata["code"] = "\(failure.code.rawValue)"
      metadata["error"] = "\(failure.message)"
      surroundings.logger.warning(
        "\(target) does not take deliveries; trying one at a time until it does",
        metadata: metadata
      )
    default: surroundings.logger.notice("\(target) takes deliveries again", metadata: metadata)
    }
  }

  /// What every line about a delivery says of it.
  private static func metadata(_ delivery: PendingDelivery, _ target: String) -> Logger.Metadata {
    [
      "delivery": "\(delivery.id)", "event": "\(delivery.request.eventID)", "rule": "\(delivery.request.ruleID)",
      "target": "\(target)", "attempt": .stringConvertible(delivery.request.attempt),
    ]
  }

  // MARK: Outcomes

  private func settle(_ delivery: PendingDelivery, _ finished: Finished, _ outcome: Lane.Outcome) {
    var record = AttemptRecord(
      attempt: delivery.request.attempt,
      startedAt: finished.startedAt.milliseconds,
      endedAt: finished.endedAt.milliseconds,
      summary: ""
    )
    var retryAt: Instant?
    let settled: Settlement.Outcome
    switch outcome {
    case .delivered(let receipt):
      record.summary = receipt.summary
      record.output = receipt.output
      settled = .delivered
    case .retry(let instant, let failure):
      record.note(failure)
      retryAt = instant
      settled = .retry(at: instant.milliseconds)
    case .dead(let failure, let condition):
      record.note(failure)
      settled = givenUp(delivery, failure, condition)
    }
    write(Settlement(deliveryID: delivery.id, attempt: record, outcome: settled), of: delivery, retryAt: retryAt)
  }

  private func expire(_ delivery: PendingDelivery, after failure: DeliveryFailure) {
    let outcome = givenUp(delivery, failure, .age)
    write(Settlement(deliveryID: delivery.id, attempt: nil, outcome: outcome), of: delivery, retryAt: nil)
  }

  private func givenUp(
    _ delivery: PendingDelivery,
    _ failure: DeliveryFailure,
    _ condition: RetryPolicy.Exhaustion?
  ) -> Settlement.Outcome {
    let routes = surroundings.routes()
    let queue = routes.deadLetterQueue(delivery.kind, id)
    if let count = givenUp.withLock({ $0.count(failure.code.rawValue) }) {
      let place =
        queue.map { "it is in the dead-letter queue \(DeadLetter.readable($0))" } ?? "it has no dead-letter queue"
      let target = routes[delivery.kind, id]?.targetARN ?? id
      var metadata = Self.metadata(delivery, target)
      metadata["code"] = "\(failure.code.rawValue)"
      metadata["error"] = "\(failure.message)"
      metadata["so-far"] = "\(count)"
      surroundings.logger.warning("given up a delivery to \(target); \(place)", metadata: metadata)
    }
    guard let queue else { return .failed(reason: "\(failure.code.rawValue): \(failure.message)") }
    return .deadLettered(
      DeadLetter(
        queue: queue,
        errorCode: failure.code.rawValue,
        errorMessage: failure.message,
        exhausted: condition.flatMap { DeadLetter.ExhaustedCondition(rawValue: $0.rawValue) },
        targetARN: routes[delivery.kind, id]?.targetARN
      )
    )
  }

  private func write(_ settlement: Settlement, of delivery: PendingDelivery, retryAt: Instant?) {
    let id = settlement.deliveryID
    let decidedAt = delivery.queuedAt.milliseconds
    surroundings.writer.add(
      SettlementWriter.Item(settlement: settlement, decidedAt: decidedAt) { [weak self] in
        self?.post { $0.settled.append((id, retryAt)) }
      }
    )
  }

  // MARK: Rows

  private func pull(_ limit: Int, into lane: inout Lane) async {
    let (outbox, now, held, id) = (surroundings.database.outbox, surroundings.clock.now, lane.held, id)
    do throws(StorageError) {
      let (rows, nextDue) = try await surroundings.reads.run { () throws(StorageError) in
        let rows = try outbox.due(target: id, now: now.milliseconds, limit: limit, excluding: held)
        let known = held.union(rows.map(\.record.decision.deliveryID))
        return (rows, try outbox.nextDue(target: id, excluding: known))
      }
      lane.accept(rows.map(PendingDelivery.init), nextDue: nextDue.map { Instant(milliseconds: $0) })
    } catch {
      surroundings.logger.error("the outbox cannot be read; trying again in a second: \(error)")
      lane.accept([], nextDue: now + .seconds(1))
    }
  }
}

extension AttemptRecord {
  fileprivate mutating func note(_ failure: DeliveryFailure) {
    errorCode = failure.code.rawValue
    summary = failure.message
    output = failure.output
  }
}

extension PendingDelivery {
  /// The next attempt of a row of the outbox.
  init(_ due: DueDelivery) {
    let decision = due.record.decision
    self.init(
      request: DeliveryRequest(
        deliveryID: decision.deliveryID,
        ruleID: decision.ruleID,
        stepID: decision.stepID,
        eventID: decision.eventID,
        decidedAt: Instant(milliseconds: decision.decidedAt).seconds,
        attempt: due.record.attempts + 1,
        payload: decision.payload,
        event: due.event,
        parameters: decision.parameters.map { ($0.name, $0.value) }
      ),
      kind: decision.kind,
      queuedAt: Instant(milliseconds: due.record.queuedAt)
    )
  }
}

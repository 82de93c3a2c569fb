// The way to one target. Every target has a lane of its own, so a slow or dead one fills its own lane and nobody
// else's. The lane is a value: it is told what happened and what time it is, and answers what to do next; reading rows,
// calling targets, waiting and writing are the dispatcher's.
//
//   outbox ──pull──► waiting ──attempt──► in flight ──finish──► settling ──settled──► (outbox)
//            (bounded)          ▲ concurrency, rate and burst, breaker     ▲ until the commit

public import Storage

/// How much of a target's time we take.
public struct LaneLimits: Sendable, Hashable {
  /// How many attempts may be under way at once.
  public var concurrency: Int
  /// How many attempts may start per period; nil for no limit.
  public var rate: TokenBucket?

  /// Makes limits; a concurrency below one counts as one.
  public init(concurrency: Int = 4, rate: TokenBucket? = nil) {
    self.concurrency = max(1, concurrency)
    self.rate = rate
  }
}

/// A row of the outbox that is due, as the lane holds it in memory.
public struct PendingDelivery: Sendable {
  /// What the target will be asked; `attempt` is the number of the attempt to come, from 1.
  public var request: DeliveryRequest
  /// Whether it is a `send` or a `run`: a target and an action may have the same id, and then share a lane.
  public var kind: DeliveryKind
  /// When the delivery went into the outbox; its age counts from here.
  public var queuedAt: Instant

  /// Makes a pending delivery.
  public init(request: DeliveryRequest, kind: DeliveryKind = .send, queuedAt: Instant) {
    self.request = request
    self.kind = kind
    self.queuedAt = queuedAt
  }

  /// The delivery's id.
  public var id: String { request.deliveryID }
}

/// The state of the way to one target.
public struct Lane: Sendable {
  /// What the dispatcher should do next.
  public enum Action: Sendable {
    /// Start these attempts now.
    case attempt([PendingDelivery])
    /// Give these up: the target is dead and they are past their age limit. The failure is the target's last one.
    case expire([PendingDelivery], DeliveryFailure)
    /// Read up to that many due rows, leave out the held ones, and hand them to `accept`.
    case pull(limit: Int)
    /// Nothing to do until that instant (nil: until something happens).
    case wait(until: Instant?)
  }

  /// What became of an attempt.
  public enum Outcome: Sendable, Equatable {
    /// The target took it.
    case delivered(DeliveryReceipt)
    /// Another attempt follows.
    case retry(at: Instant, DeliveryFailure)
    /// It goes to the dead letters; the condition is nil for a permanent failure.
    case dead(DeliveryFailure, RetryPolicy.Exhaustion?)
  }

  private enum Outbox: Sendable {
    case unread
    case read(nextDue: Instant?)
  }

  private(set) var limits: LaneLimits
  private(set) var retry: RetryPolicy
  private var bucket: TokenBucket?
  private var breaker: Breaker
  private var waiting: [PendingDelivery] = []
  private var inFlight: [String: PendingDelivery] = [:]
  private var settling: Set<String> = []
  private var outbox = Outbox.unread
  private var lastFailure: DeliveryFailure?
  private var isStopped = false

  /// Makes an empty lane that has yet to read its rows.
  public init(limits: LaneLimits, retry: RetryPolicy) {
    self.limits = limits
    self.retry = retry
    self.bucket = limits.rate
    self.breaker = Breaker(pauses: retry)
  }

  /// How many attempts are under way.
  public var inFlightCount: Int { inFlight.count }
  /// The rows the lane has in hand; a pull leaves them out.
  public var held: Set<String> { settling.union(inFlight.keys).union(waiting.map(\.id)) }
  /// Whether nothing is under way, not even a commit.
  public var isQuiet: Bool { inFlight.isEmpty && settling.isEmpty }
  /// Whether the target is thought to be dead.
  public var isTripped: Bool { breaker.isTripped }

  /// Says what to do at `now`; call again after every action until it is to wait.
  public mutating func next(at now: Instant) -> Action {
    guard !isStopped else { return .wait(until: nil) }
    if let expired = takeExpired(at: now) { return expired }
    let free = breaker.limit(of: limits.concurrency) - inFlight.count
    // What cannot be recorded (a full disk) is not sent either, or a restart would send all of it again.
    guard free > 0, settling.count <= readAhead else { return .wait(until: nil) }
    if let pause = breaker.pause(at: now) { return .wait(until: pause) }
    guard !waiting.isEmpty else { return pullOrWait(at: now) }
    let wanted = min(free, waiting.count)
    let granted = bucket?.take(wanted, at: now) ?? wanted
    guard granted > 0 else { return .wait(until: bucket?.nextToken(at: now)) }
    return .attempt(start(granted))
  }

  /// Takes the answer to a pull: the due rows, and when the earliest of the others is due (nil: there is none).
  public mutating func accept(_ rows: [PendingDelivery], nextDue: Instant?) {
    let known = held
    waiting += rows.filter { !known.contains($0.id) }
    outbox = .read(nextDue: nextDue)
  }

  /// Notes that there may be new rows.
  public mutating func noteNewRows() { outbox = .unread }

  /// Notes the end of an attempt and says what becomes of the delivery; nil for one that is not in flight.
  ///
  /// The row stays in hand until `noteSettled`: the outbox shows it as due until the outcome is committed.
  public mutating func finish(
    _ id: String,
    _ result: Result<DeliveryReceipt, DeliveryFailure>,
    at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Outcome? {
    guard let delivery = inFlight.removeValue(forKey: id) else { return nil }
    settling.insert(id)
    switch result {
    case .success(let receipt):
      breaker.noteSuccess()
      return .delivered(receipt)
    case .failure(let failure):
      breaker.noteFailure(failure, of: id, at: now, using: &generator)
      lastFailure = failure
      let verdict = retry.verdict(
        after: failure,
        attempt: delivery.request.attempt,
        queuedAt: delivery.queuedAt,
        now: now,
        using: &generator
      )
      switch verdict {
      case .retry(let instant): return .retry(at: instant, failure)
      case .exhausted(let condition): return .dead(failure, condition)
      case .permanent: return .dead(failure, nil)
      }
    }
  }

  /// Notes that the outcome of a delivery is committed; `retryAt` is when its next attempt is due.
  public mutating func noteSettled(_ id: String, retryAt: Instant? = nil) {
    settling.remove(id)
    guard let retryAt, case .read(let nextDue) = outbox else { return }
    outbox = .read(nextDue: min(nextDue ?? retryAt, retryAt))
  }

  /// Forgets an attempt that was cut short by a shutdown; its row stays as it is for the next start.
  public mutating func abandon(_ id: String) { inFlight[id] = nil }

  /// Takes new settings after a reload; what is under way goes on. A changed target gets a fresh chance.
  public mutating func reconfigure(limits: LaneLimits, retry: RetryPolicy) {
    self.limits = limits
    self.retry = retry
    bucket = limits.rate
    breaker = Breaker(pauses: retry)
    waiting = []
    outbox = .unread
  }

  /// Starts nothing more.
  public mutating func stop() {
    isStopped = true
    waiting = []
  }

  // MARK: -

  /// Rows read ahead, so that a busy lane does not ask the outbox once per attempt.
  private var readAhead: Int { min(256, max(64, 8 * limits.concurrency)) }

  private func pullOrWait(at now: Instant) -> Action {
    switch outbox {
    case .unread: .pull(limit: readAhead)
    case .read(let due?) where due <= now: .pull(limit: readAhead)
    case .read(let due): .wait(until: due)
    }
  }

  private mutating func start(_ count: Int) -> [PendingDelivery] {
    // A probe should be a delivery that has not failed yet: one that never succeeds must not keep the gate shut.
    if breaker.isTripped { waiting.sort { $0.request.attempt < $1.request.attempt } }
    let started = Array(waiting.prefix(count))
    waiting.removeFirst(count)
    for delivery in started { inFlight[delivery.id] = delivery }
    return started
  }

  private mutating func takeExpired(at now: Instant) -> Action? {
    guard breaker.isTripped, let lastFailure else { return nil }
    let expired = waiting.filter { retry.isTooOld(queuedAt: $0.queuedAt, now: now) }
    guard !expired.isEmpty else { return nil }
    waiting.removeAll { retry.isTooOld(queuedAt: $0.queuedAt, now: now) }
    settling.formUnion(expired.map(\.id))
    return .expire(expired, lastFailure)
  }
}

import Delivery
import Testing

struct LaneTests {
  let start = Instant(seconds: 1_000)
  let refused = DeliveryFailure(.connectionFailure, "refused", retryable: true)

  func rows(_ ids: ClosedRange<Int>, attempt: Int = 1) -> [PendingDelivery] {
    ids.map { id in
      let request = DeliveryRequest(
        deliveryID: "\(id)",
        ruleID: "r",
        stepID: "s",
        eventID: "e\(id)",
        decidedAt: start.seconds,
        attempt: attempt,
        payload: [],
        event: []
      )
      return PendingDelivery(request: request, queuedAt: start)
    }
  }

  func lane(concurrency: Int = 2, rate: TokenBucket? = nil, retry: RetryPolicy = RetryPolicy()) -> Lane {
    Lane(limits: LaneLimits(concurrency: concurrency, rate: rate), retry: retry)
  }

  /// The ids of the next attempts, or a word for another action.
  func next(_ lane: inout Lane, at now: Instant) -> String {
    switch lane.next(at: now) {
    case .attempt(let rows): "attempt \(rows.map(\.id).joined(separator: " "))"
    case .expire(let rows, _): "expire \(rows.map(\.id).joined(separator: " "))"
    case .pull(let limit): "pull \(limit)"
    case .wait(let until): "wait \(until.map { String(Int(($0 - start) / .milliseconds(1))) } ?? "-")"
    }
  }

  @Test func startsAsManyAsMayRunAtOnce() {
    var lane = lane(concurrency: 2)
    var generator = SeededGenerator(seed: 1)
    #expect(next(&lane, at: start) == "pull 64")
    lane.accept(rows(1...5), nextDue: nil)
    #expect(next(&lane, at: start) == "attempt 1 2")
    #expect(next(&lane, at: start) == "wait -")
    let outcome = lane.finish("1", .success(DeliveryReceipt(summary: "ok")), at: start, using: &generator)
    #expect(outcome == .delivered(DeliveryReceipt(summary: "ok")))
    #expect(next(&lane, at: start) == "attempt 3")
    #expect(next(&lane, at: start) == "wait -")
  }

  @Test func aRowIsInHandUntilItsOutcomeIsCommitted() {
    var lane = lane()
    var generator = SeededGenerator(seed: 1)
    lane.accept(rows(1...1), nextDue: nil)
    _ = lane.next(at: start)
    _ = lane.finish("1", .success(DeliveryReceipt(summary: "ok")), at: start, using: &generator)
    // The outbox still shows the row as due: it must not be sent twice.
    lane.noteNewRows()
    #expect(lane.held == ["1"])
    #expect(!lane.isQuiet)
    lane.accept(rows(1...1), nextDue: nil)
    #expect(next(&lane, at: start) == "wait -")
    lane.noteSettled("1")
    #expect(lane.held.isEmpty)
    #expect(lane.isQuiet)
  }

  @Test func waitsForTheNextDueRow() {
    var lane = lane()
    lane.accept([], nextDue: start + .seconds(7))
    #expect(next(&lane, at: start) == "wait 7000")
    #expect(next(&lane, at: start + .seconds(7)) == "pull 64")
    lane.accept([], nextDue: nil)
    #expect(next(&lane, at: start + .seconds(8)) == "wait -")
    lane.noteNewRows()
    #expect(next(&lane, at: start + .seconds(8)) == "pull 64")
  }

  @Test func aRetryIsRemembered() {
    var lane = lane(retry: RetryPolicy(firstBackoff: .seconds(3), longestBackoff: .seconds(3)))
    var generator = ConstantGenerator.highest
    lane.accept(rows(1...1), nextDue: start + .seconds(60))
    _ = lane.next(at: start)
    let outcome = lane.finish("1", .failure(refused), at: start, using: &generator)
    #expect(outcome == .retry(at: start + .seconds(3), refused))
    lane.noteSettled("1", retryAt: start + .seconds(3))
    #expect(next(&lane, at: start) == "wait 3000")
  }

  @Test func theRateHoldsBack() {
    var lane = lane(concurrency: 10, rate: TokenBucket(count: 1, per: .seconds(1), burst: 2))
    lane.accept(rows(1...4), nextDue: nil)
    #expect(next(&lane, at: start) == "attempt 1 2")
    #expect(next(&lane, at: start) == "wait 1000")
    #expect(next(&lane, at: start + .seconds(1)) == "attempt 3")
  }

  @Test func aDeadTargetIsProbedNotHammered() {
    var lane = lane(concurrency: 8)
    var generator = ConstantGenerator.highest
    lane.accept(rows(1...20), nextDue: nil)
    #expect(next(&lane, at: start) == "attempt 1 2 3 4 5 6 7 8")
    for id in 1...8 {
      _ = lane.finish("\(id)", .failure(refused), at: start, using: &generator)
      lane.noteSettled("\(id)")
    }
    #expect(lane.isTripped)
    var attempts = 0
    var now = start
    for _ in 0..<1000 {
      guard now < start + .seconds(3600) else { break }
      switch lane.next(at: now) {
      case .attempt(let rows):
        attempts += rows.count
        for row in rows {
          _ = lane.finish(row.id, .failure(refused), at: now, using: &generator)
          lane.noteSettled(row.id)
        }
      case .wait(let until?): now = until
      case .wait(nil): lane.noteNewRows()
      case .expire: Issue.record("nothing is too old yet")
      case .pull: lane.accept(rows((100 + attempts)...(100 + attempts)), nextDue: nil)
      }
    }
    // 1 + 2 + 4 … + 256 s, then every 300 s.
    #expect((15...25).contains(attempts))
  }

  @Test func aProbePrefersWhatHasNotFailed() {
    var lane = lane(concurrency: 5)
    var generator = ConstantGenerator.highest
    lane.accept(rows(1...5, attempt: 9) + rows(6...6), nextDue: nil)
    _ = lane.next(at: start)
    for id in 1...5 { _ = lane.finish("\(id)", .failure(refused), at: start, using: &generator) }
    lane.accept(rows(7...8, attempt: 3) + rows(9...9), nextDue: nil)
    #expect(next(&lane, at: start) == "wait 1000")
    #expect(next(&lane, at: start + .seconds(1)) == "attempt 6")
  }

  @Test func whatGrewTooOldAtADeadTargetIsGivenUp() {
    var lane = lane(concurrency: 5, retry: RetryPolicy(ageLimit: .seconds(60)))
    var generator = ConstantGenerator.highest
    lane.accept(rows(1...7), nextDue: nil)
    _ = lane.next(at: start)
    for id in 1...5 { _ = lane.finish("\(id)", .failure(refused), at: start, using: &generator) }
    #expect(next(&lane, at: start + .seconds(61)) == "expire 6 7")
    #expect(lane.held.isSuperset(of: ["6", "7"]))
  }

  @Test func oldRowsOfALivingTargetAreTried() {
    var lane = lane(retry: RetryPolicy(ageLimit: .seconds(60)))
    lane.accept(rows(1...1), nextDue: nil)
    #expect(next(&lane, at: start + .seconds(86_400)) == "attempt 1")
  }

  @Test func aStoppedLaneStartsNothing() {
    var lane = lane()
    lane.accept(rows(1...3), nextDue: nil)
    _ = lane.next(at: start)
    lane.stop()
    #expect(next(&lane, at: start) == "wait -")
    #expect(lane.inFlightCount == 2)
    lane.abandon("1")
    lane.abandon("2")
    #expect(lane.isQuiet)
  }

  @Test func newSettingsGiveADeadTargetAFreshChance() {
    var lane = lane(concurrency: 5)
    var generator = ConstantGenerator.highest
    lane.accept(rows(1...5), nextDue: nil)
    _ = lane.next(at: start)
    for id in 1...5 { _ = lane.finish("\(id)", .failure(refused), at: start, using: &generator) }
    lane.reconfigure(limits: LaneLimits(concurrency: 1), retry: RetryPolicy())
    #expect(next(&lane, at: start) == "pull 64")
  }
}

import Delivery
import Testing

struct BreakerTests {
  let start = Instant(seconds: 1_000)
  let refused = DeliveryFailure(.connectionFailure, "refused", retryable: true)
  let pauses = RetryPolicy(firstBackoff: .seconds(1), longestBackoff: .seconds(8))

  @Test func failuresOfSeveralDeliveriesTripIt() {
    var generator = ConstantGenerator.highest
    var breaker = Breaker(threshold: 3, pauses: pauses)
    for id in ["1", "1", "1", "1", "2"] { breaker.noteFailure(refused, of: id, at: start, using: &generator) }
    #expect(!breaker.isTripped)
    #expect(breaker.pause(at: start) == nil)
    breaker.noteFailure(refused, of: "3", at: start, using: &generator)
    #expect(breaker.isTripped)
    #expect(breaker.limit(of: 8) == 1)
    #expect(breaker.pause(at: start) == start + .seconds(1))
  }

  @Test func probesComeAtGrowingIntervals() {
    var generator = ConstantGenerator.highest
    var breaker = Breaker(threshold: 1, pauses: pauses)
    var now = start
    var intervals: [Duration] = []
    for id in 1...6 {
      breaker.noteFailure(refused, of: "\(id)", at: now, using: &generator)
      // One that was under way when the pause began changes nothing.
      breaker.noteFailure(refused, of: "\(id + 100)", at: now, using: &generator)
      guard let next = breaker.pause(at: now) else {
        Issue.record("no pause after \(id)")
        return
      }
      intervals.append(next - now)
      now = next
    }
    #expect(intervals == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
  }

  @Test func aSuccessOpensIt() {
    var generator = SeededGenerator(seed: 5)
    var breaker = Breaker(threshold: 1, pauses: pauses)
    breaker.noteFailure(refused, of: "1", at: start, using: &generator)
    breaker.noteSuccess()
    #expect(!breaker.isTripped)
    #expect(breaker.pause(at: start) == nil)
  }

  @Test func aRefusalIsASignOfLife() {
    var generator = SeededGenerator(seed: 5)
    var breaker = Breaker(threshold: 1, pauses: pauses)
    breaker.noteFailure(refused, of: "1", at: start, using: &generator)
    breaker.noteFailure(DeliveryFailure(.noPermissions, "403", retryable: false), of: "2", at: start, using: &generator)
    #expect(!breaker.isTripped)
  }

  @Test func retryAfterPausesTheLaneEvenWhenOthersSucceed() {
    var generator = SeededGenerator(seed: 5)
    var breaker = Breaker(pauses: pauses)
    var throttled = DeliveryFailure(.throttling, "429", retryable: true)
    throttled.retryAfter = .seconds(20)
    breaker.noteFailure(throttled, of: "1", at: start, using: &generator)
    breaker.noteSuccess()
    #expect(breaker.pause(at: start) == start + .seconds(20))
    #expect(breaker.pause(at: start + .seconds(20)) == nil)
  }
}

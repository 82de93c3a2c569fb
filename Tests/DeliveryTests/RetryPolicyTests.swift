import Delivery
import Testing

struct RetryPolicyTests {
  static let refused = DeliveryFailure(.connectionFailure, "refused", retryable: true)
  let start = Instant(seconds: 1_700_000_000)

  @Test(arguments: [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (185, 300)])
  func boundsDoubleUpToTheLongest(retry: Int, seconds: Int) {
    #expect(RetryPolicy().backoffBound(retry: retry) == .seconds(seconds))
  }

  @Test func waitsAreSpreadOverTheWholeBound() {
    var generator = SeededGenerator(seed: 7)
    var waits: [Double] = []
    for _ in 0..<500 {
      let verdict = RetryPolicy().verdict(
        after: Self.refused,
        attempt: 4,
        queuedAt: start,
        now: start,
        using: &generator
      )
      guard case .retry(let next) = verdict else {
        Issue.record("\(verdict)")
        return
      }
      waits.append(Double((next - start) / .milliseconds(1)))
    }
    #expect(waits.allSatisfy { (0...8000).contains($0) })
    #expect(waits.contains { $0 < 800 })
    #expect(waits.contains { $0 > 7200 })
    let mean = waits.reduce(0, +) / Double(waits.count)
    #expect((3600...4400).contains(mean))
  }

  @Test(arguments: [(1, 30), (90, 90)])
  func theLongerOfBackoffAndRetryAfterWins(asked: Int, expected: Int) {
    var generator = ConstantGenerator.highest
    var failure = Self.refused
    failure.retryAfter = .seconds(asked)
    let policy = RetryPolicy(firstBackoff: .seconds(30), longestBackoff: .seconds(30))
    let verdict = policy.verdict(after: failure, attempt: 1, queuedAt: start, now: start, using: &generator)
    #expect(verdict == .retry(at: start + .seconds(expected)))
  }

  @Test func aPermanentFailureIsNotRetried() {
    var generator = SeededGenerator(seed: 1)
    let failure = DeliveryFailure(.noPermissions, "403", retryable: false)
    let verdict = RetryPolicy().verdict(after: failure, attempt: 1, queuedAt: start, now: start, using: &generator)
    #expect(verdict == .permanent)
  }

  @Test(arguments: [(1, 1, true), (3, 2, false), (3, 3, true), (185, 184, false), (185, 185, true)])
  func attemptsAreCounted(limit: Int, attempt: Int, ends: Bool) {
    var generator = ConstantGenerator.lowest
    let verdict = RetryPolicy(attemptLimit: limit).verdict(
      after: Self.refused,
      attempt: attempt,
      queuedAt: start,
      now: start,
      using: &generator
    )
    #expect((verdict == .exhausted(.attempts)) == ends)
  }

  @Test func theLastAttemptIsMadeAtTheAgeLimit() {
    var generator = ConstantGenerator.highest
    let policy = RetryPolicy(ageLimit: .seconds(100), firstBackoff: .seconds(10), longestBackoff: .seconds(10))
    let early = policy.verdict(
      after: Self.refused,
      attempt: 1,
      queuedAt: start,
      now: start + .seconds(90),
      using: &generator
    )
    #expect(early == .retry(at: start + .seconds(100)))
    let late = policy.verdict(
      after: Self.refused,
      attempt: 1,
      queuedAt: start,
      now: start + .seconds(97),
      using: &generator
    )
    #expect(late == .retry(at: start + .seconds(100)))
    let tooLate = policy.verdict(
      after: Self.refused,
      attempt: 1,
      queuedAt: start,
      now: start + .seconds(100),
      using: &generator
    )
    #expect(tooLate == .exhausted(.age))
  }

  @Test func aRetryAfterBeyondTheAgeLimitEndsIt() {
    var generator = ConstantGenerator.lowest
    var failure = Self.refused
    failure.retryAfter = .seconds(11)
    let policy = RetryPolicy(ageLimit: .seconds(100))
    let verdict = policy.verdict(
      after: failure,
      attempt: 1,
      queuedAt: start,
      now: start + .seconds(90),
      using: &generator
    )
    #expect(verdict == .exhausted(.age))
  }

  @Test func conditionsAreEventBridgesWords() {
    #expect(RetryPolicy.Exhaustion.attempts.rawValue == "MaximumRetryAttempts")
    #expect(RetryPolicy.Exhaustion.age.rawValue == "MaximumEventAgeInSeconds")
  }

  @Test func absurdRetryAfterDoesNotOverflow() {
    var generator = SeededGenerator(seed: 3)
    var failure = Self.refused
    failure.retryAfter = .seconds(Int64.max)
    let verdict = RetryPolicy().verdict(after: failure, attempt: 1, queuedAt: start, now: start, using: &generator)
    #expect(verdict == .exhausted(.age))
  }
}

import Delivery
import Testing

struct InstantTests {
  @Test(arguments: [(0, 0), (999, 0), (1000, 1), (-1, -1), (-1000, -1), (-1001, -2)] as [(Int64, Int64)])
  func secondsRoundDown(milliseconds: Int64, seconds: Int64) {
    #expect(Instant(milliseconds: milliseconds).seconds == seconds)
  }

  @Test func arithmeticStaysInRange() {
    #expect(Instant(seconds: .max) == Instant(milliseconds: .max))
    #expect(Instant(milliseconds: .max) + .seconds(1) == Instant(milliseconds: .max))
    #expect(Instant(milliseconds: .min) + .seconds(-1) == Instant(milliseconds: .min))
    #expect(Instant(milliseconds: 5) - Instant(milliseconds: 3) == .milliseconds(2))
    #expect(Instant(milliseconds: .max) - Instant(milliseconds: .min) > .seconds(1))
  }

  @Test func aWaitNeverEndsEarly() {
    #expect(Instant(milliseconds: 0) + .nanoseconds(1) == Instant(milliseconds: 1))
    #expect(Instant(milliseconds: 0) + .microseconds(2500) == Instant(milliseconds: 3))
  }
}

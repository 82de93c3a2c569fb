import Delivery
import Testing

struct TokenBucketTests {
  let start = Instant(seconds: 1_000)

  @Test func aBurstGoesAtOnceThenTheRateHolds() {
    var bucket = TokenBucket(count: 1, per: .seconds(1), burst: 3)
    #expect(bucket.take(10, at: start) == 3)
    #expect(bucket.take(1, at: start + .milliseconds(999)) == 0)
    #expect(bucket.nextToken(at: start + .milliseconds(999)) == start + .seconds(1))
    #expect(bucket.take(1, at: start + .seconds(1)) == 1)
    #expect(bucket.take(1, at: start + .seconds(1)) == 0)
  }

  @Test(arguments: [(10, 60), (1, 1), (7, 1), (3, 86_400), (1000, 1)])
  func theRateIsExactOverTime(count: Int, seconds: Int) {
    var bucket = TokenBucket(count: count, per: .seconds(seconds), burst: 1)
    _ = bucket.take(1, at: start)
    var now = start
    var taken = 0
    while taken < count * 5 {
      now = bucket.nextToken(at: now)
      let got = bucket.take(1, at: now)
      #expect(got == 1)
      guard got == 1 else { return }
      taken += 1
    }
    // Five periods, and at most a millisecond of rounding for every token.
    let error = (now - start) - .seconds(5 * seconds)
    #expect(error >= .zero && error <= .milliseconds(5 * count))
  }

  @Test func quietTimeFillsToTheBurstOnly() {
    var bucket = TokenBucket(count: 100, per: .seconds(1), burst: 5)
    _ = bucket.take(5, at: start)
    #expect(bucket.available(at: start + .seconds(3600)) == 5)
    #expect(bucket.available(at: Instant(milliseconds: .max)) == 5)
  }

  @Test func aClockSetBackBringsNothing() {
    var bucket = TokenBucket(count: 1, per: .seconds(1), burst: 1)
    _ = bucket.take(1, at: start)
    #expect(bucket.take(1, at: start + .seconds(-500)) == 0)
    #expect(bucket.take(1, at: start + .seconds(-499)) == 1)
  }
}

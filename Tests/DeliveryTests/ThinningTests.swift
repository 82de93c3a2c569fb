import Delivery
import Testing

struct ThinningTests {
  @Test func theFirstAreReportedAndThenEveryDoubling() {
    var thinning = Thinning(first: 3)
    let reported = (1...40).compactMap { _ in thinning.count("a") }
    #expect(reported == [1, 2, 3, 4, 8, 16, 32])
    #expect(thinning.count("b") == 1)
  }
}

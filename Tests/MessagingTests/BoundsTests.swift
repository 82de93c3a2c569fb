import Testing

@testable import Messaging

/// What is remembered of clients has an end.
@Suite struct BoundsTests {
  @Test func `of more attempts to receive than are remembered, the oldest are forgotten`() {
    var attempts = ReceiveAttempts()
    let handle = ReceiptHandle(queue: 1, number: 1, receipt: "r")
    for index in 0...ReceiveAttempts.most { attempts.remember([handle], of: "a\(index)", in: 1, now: Int64(index)) }
    #expect(attempts.count <= ReceiveAttempts.most)
    #expect(attempts.handles(of: "a0", in: 1, now: 1).isEmpty)
    let last = ReceiveAttempts.most
    #expect(attempts.handles(of: "a\(last)", in: 1, now: Int64(last)) == [handle])
  }

  @Test func `a receiver whose queue was forgotten looks once more`() async {
    let waiters = QueueWaiters()
    let stamp = waiters.stamp
    waiters.notify([1])
    for queue in 2...12_000 { waiters.notify([Int64(queue)]) }
    // This would take a minute if the arrival at queue 1 were forgotten for good.
    await waiters.wait(for: 1, since: stamp, atMost: .seconds(60))
    let begin = ContinuousClock.now
    await waiters.wait(for: 1, since: waiters.stamp, atMost: .milliseconds(1))
    #expect(ContinuousClock.now - begin >= .milliseconds(1))
  }
}

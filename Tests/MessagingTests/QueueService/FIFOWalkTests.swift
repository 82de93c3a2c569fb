import Messaging
import Testing

/// Random walks over a FIFO queue: whatever receivers do, a group's messages are finished in the order of sending, and
/// no two of them are with different receipts at the same time.
@Suite struct FIFOWalkTests {
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `groups keep their order whatever happens`(seed: UInt64) async throws {
    let fixture = try QueueServiceFixture()
    let queue = try await fixture.queue("q.fifo", ["FifoQueue": "true", "VisibilityTimeout": "20"])
    var walk = QueueModelTests.Walk(state: seed &* 0x9E37_79B9_7F4A_7C15)
    /// What was sent and not deleted, by group, in order.
    var waiting: [String: [String]] = [:]
    /// What receivers hold: the call that it came with, and when it becomes visible again.
    var held: [String: (call: Int, handle: String, group: String, until: Int64)] = [:]
    for step in 0..<200 {
      switch Int.random(in: 0..<10, using: &walk) {
      case 0..<4:
        let group = "g\(Int.random(in: 0..<4, using: &walk))"
        try await fixture.send("m\(step)", to: queue, group: group, id: "m\(step)")
        waiting[group, default: []].append("m\(step)")
      case 4..<7:
        let received = try await fixture.receive(Int.random(in: 1...5, using: &walk), from: queue)
        let now = fixture.clock.now
        held = held.filter { $0.value.until > now }
        let busy = Set(held.values.map(\.group))
        for message in received {
          let group = try #require(message.message.groupID)
          #expect(!busy.contains(group))
          held[message.message.text] = (step, message.receiptHandle, group, now + 20_000)
        }
        for (group, texts) in Dictionary(grouping: received, by: { $0.message.groupID ?? "" }) {
          #expect(texts.map(\.message.text) == Array((waiting[group] ?? []).prefix(texts.count)))
        }
        // Nothing was held back without need.
        let free = waiting.filter { !busy.contains($0.key) }.values.reduce(0) { $0 + $1.count }
        #expect(!received.isEmpty || free == 0)
      case 7..<9:
        guard
          let (text, holding) = held.filter({ $0.value.until > fixture.clock.now }).sorted(by: { $0.key < $1.key })
            .first
        else { continue }
        try await fixture.service.deleteMessage(holding.handle, from: queue, as: QueueServiceFixture.me)
        held[text] = nil
        waiting[holding.group]?.removeAll { $0 == text }
      default: fixture.clock.advance(seconds: Int64.random(in: 1...15, using: &walk))
      }
    }
    // All that is left can be had in the end.
    fixture.clock.advance(seconds: 60)
    var left: [String: [String]] = [:]
    while case let batch = try await fixture.receive(from: queue), !batch.isEmpty {
      for message in batch {
        left[message.message.groupID ?? "", default: []].append(message.message.text)
        try await fixture.service.deleteMessage(message.receiptHandle, from: queue, as: QueueServiceFixture.me)
      }
    }
    #expect(left == waiting.filter { !$0.value.isEmpty })
  }
}

import Messaging
import Storage
import Testing

/// SQS's rules once more, in the plainest way: an array that is searched from the front.
private struct QueueModel {
  struct Message: Equatable {
    var text: String
    var sentAt: Int64
    var visibleAt: Int64
    var receipts = 0
    var order: Int
  }

  var attributes: QueueAttributes
  var messages: [Message] = []
  var dead: [String] = []
  var sent = 0

  mutating func send(_ text: String, delay: Int64?, now: Int64) {
    let visibleAt = now + (delay ?? attributes.delay)
    messages.append(Message(text: text, sentAt: now, visibleAt: visibleAt, order: sent))
    sent += 1
  }

  mutating func receive(_ limit: Int, timeout: Int64?, now: Int64) -> [String] {
    for message in messages
    where message.visibleAt <= now && message.receipts >= (attributes.redrive?.maxReceiveCount ?? .max) {
      dead.append(message.text)
    }
    messages.removeAll { dead.contains($0.text) }
    let chosen = messages.indices
      .filter { messages[$0].visibleAt <= now && messages[$0].sentAt > now - attributes.retention }
      .sorted { (messages[$0].visibleAt, messages[$0].order) < (messages[$1].visibleAt, messages[$1].order) }
      .prefix(limit)
    for index in chosen {
      messages[index].visibleAt = now + (timeout ?? attributes.visibilityTimeout)
      messages[index].receipts += 1
    }
    return chosen.map { messages[$0].text }
  }

  func counts(now: Int64) -> QueueCounts {
    let alive = messages.filter { $0.sentAt > now - attributes.retention }
    let hidden = alive.filter { $0.visibleAt > now }
    return QueueCounts(
      visible: alive.count - hidden.count,
      inFlight: hidden.count { $0.receipts > 0 },
      delayed: hidden.count { $0.receipts == 0 }
    )
  }
}

@Suite struct QueueModelTests {
  /// Xorshift: the same walk on every machine.
  struct Walk: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `random walks end where the model says`(seed: UInt64) throws {
    let test = try TestDatabase()
    let queues = test.database.queues
    let attributes = QueueAttributes(
      visibilityTimeout: 1000,
      retention: 60_000,
      redrive: .init(deadLetterQueue: "dead", maxReceiveCount: 3)
    )
    try queues.create("q", attributes: attributes, now: 0)
    // Dead letters keep their time of sending; nothing may expire before it is compared.
    try queues.create("dead", attributes: QueueAttributes(retention: 1_209_600_000), now: 0)
    var model = QueueModel(attributes: attributes)
    var walk = Walk(state: seed &* 0x9E37_79B9_7F4A_7C15)
    var handles: [(text: String, handle: String)] = []
    var now: Int64 = 0
    for step in 0..<250 {
      switch Int.random(in: 0..<10, using: &walk) {
      case 0..<3:
        let delay: Int64? = Bool.random(using: &walk) ? nil : Int64.random(in: 0...3000, using: &walk)
        try queues.send(message("m\(step)", delay: delay), to: "q", now: now)
        model.send("m\(step)", delay: delay, now: now)
      case 3..<6:
        let limit = Int.random(in: 1...4, using: &walk)
        let timeout: Int64? = Bool.random(using: &walk) ? nil : Int64.random(in: 0...5000, using: &walk)
        let received = try queues.receive(from: "q", limit: limit, visibilityTimeout: timeout, now: now)
        // The answer is in the order of sending, the choice in the order of waiting.
        let expected = model.receive(limit, timeout: timeout, now: now)
        #expect(Set(received.map(\.message.text)) == Set(expected), "step \(step)")
        for one in received {
          handles.removeAll { $0.text == one.message.text }
          handles.append((one.message.text, one.receiptHandle))
        }
      case 6:
        guard let chosen = handles.randomElement(using: &walk) else { continue }
        let isThere = model.messages.contains { $0.text == chosen.text }
        #expect(try queues.delete(chosen.handle, from: "q") == isThere, "step \(step)")
        model.messages.removeAll { $0.text == chosen.text }
      case 7:
        guard let chosen = handles.randomElement(using: &walk) else { continue }
        let timeout = Int64.random(in: 0...5000, using: &walk)
        let index = model.messages.firstIndex { $0.text == chosen.text && $0.visibleAt > now }
        let changed = try queues.changeVisibility(of: chosen.handle, in: "q", to: timeout, now: now)
        #expect(changed == (index != nil), "step \(step)")
        if let index { model.messages[index].visibleAt = now + timeout }
      default:
        now += Int64.random(in: 0...2000, using: &walk)
      }
      #expect(try queues.counts(of: "q", now: now) == model.counts(now: now), "step \(step)")
    }
    #expect(Set(try queues.peek("dead", limit: 1000, now: now).map(\.text)) == Set(model.dead))
    #expect(!model.dead.isEmpty && model.sent > 30)
  }
}

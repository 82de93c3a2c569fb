import Storage
import Testing

@testable import Delivery

@Suite struct DeliveryFiguresTests {
  @Test func `What is given up is counted, after an attempt or without one`() {
    var figures = DeliveryFigures()
    let attempt = AttemptRecord(attempt: 2, startedAt: 0, endedAt: 1000, summary: "")
    let letter = DeadLetter(queue: "q", errorCode: "TIMEOUT", errorMessage: "late", exhausted: nil)
    let outcomes: [(Settlement.Outcome, AttemptRecord?)] = [
      (.delivered, attempt), (.retry(at: 5), attempt), (.deadLettered(letter), attempt), (.failed(reason: "x"), nil),
    ]
    for (outcome, attempt) in outcomes {
      figures.count(Settlement(deliveryID: "d", attempt: attempt, outcome: outcome), decidedAt: 0)
    }
    #expect(figures.failures == 2)
    #expect(figures.retries == 3)
    #expect(figures.attempts.count == 3)
    #expect(figures.deliveries.count == 1)
  }
}

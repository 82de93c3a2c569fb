// What becomes of the records of calls, without a disk.

import EventBuses
import Testing
import TrailEvents

@testable import Server

@Suite struct CaptureQueueTests {
  typealias Queue = CaptureQueue<Int>

  static func event(_ name: String) -> BusEvent {
    BusEvent(
      TrailEvent(eventID: name, envelope: [], source: "", detailType: "", account: "1", region: "r", time: 0)
    )
  }

  /// A queue with records: those with a waiter's number must be waited for, the others must not.
  static func queue(_ waiters: [Int?]) -> Queue {
    var queue = Queue()
    for (index, waiter) in waiters.enumerated() {
      _ = queue.add(event("e\(index)"), waiter ?? -1, mustWait: waiter != nil)
    }
    return queue
  }

  static func answers(_ outcome: Queue.Outcome) -> [String] { outcome.answers.map { "\($0.waiter) \($0.isStored)" } }

  @Test func recordsAreCommittedInTheOrderOfTheCalls() {
    var queue = Queue()
    for index in 0..<Queue.batchSize + 1 { #expect(queue.add(Self.event("e\(index)"), 0, mustWait: false) == .taken) }
    #expect(queue.nextBatch().map(\.event.identity) == (0..<Queue.batchSize).map { "e\($0)" })
    #expect(queue.nextBatch().map(\.event.identity) == ["e\(Queue.batchSize)"])
    #expect(queue.nextBatch().isEmpty)
  }

  @Test func whoMustWaitHearsWhenTheRecordIsStored() {
    var queue = Queue()
    #expect(queue.add(Self.event("a"), 1, mustWait: true) == .waits)
    #expect(queue.add(Self.event("b"), 2, mustWait: false) == .taken)
    let outcome = queue.finish(queue.nextBatch(), stored: [true, true])
    #expect(Self.answers(outcome) == ["1 true"])
    #expect(outcome.bad.isEmpty)
    #expect(!outcome.isRefused)
  }

  @Test func aBadRecordTakesNoNeighbours() {
    var queue = Self.queue([1, 2, nil, 4])
    let outcome = queue.finish(queue.nextBatch(), stored: [true, false, false, true])
    #expect(Self.answers(outcome) == ["1 true", "2 false", "4 true"])
    #expect(outcome.bad.map(\.identity) == ["e1", "e2"])
    #expect(!outcome.isRefused)
    #expect(queue.nextBatch().isEmpty)
  }

  @Test func whatTheDiskRefusesIsTriedAgainAndWhoWaitsIsTold() {
    var queue = Self.queue([1, nil, nil])
    var outcome = queue.finish(queue.nextBatch(), stored: [false, false, false])
    #expect(Self.answers(outcome) == ["1 false"])
    #expect(outcome.isRefused)
    #expect(outcome.bad.isEmpty)
    // As long as it refuses, nobody gets an answer that is not true.
    #expect(queue.add(Self.event("new"), 5, mustWait: false) == .waits)
    let batch = queue.nextBatch()
    #expect(batch.map(\.event.identity) == ["e1", "e2", "new"])
    outcome = queue.finish(batch, stored: [true, true, true])
    #expect(Self.answers(outcome) == ["5 true"])
    #expect(queue.add(Self.event("newer"), 6, mustWait: false) == .taken)
  }

  @Test func manyRecordsMakeCallersWaitAndTooManyAreRefused() {
    var queue = Queue()
    for _ in 0..<Queue.manyWaiting { #expect(queue.add(Self.event("e"), 0, mustWait: false) == .taken) }
    for _ in Queue.manyWaiting..<Queue.mostWaiting {
      #expect(queue.add(Self.event("e"), 0, mustWait: false) == .waits)
    }
    #expect(queue.add(Self.event("e"), 0, mustWait: false) == .refused)
  }

  @Test func afterTheEndNothingIsTakenAndNobodyIsForgotten() {
    var queue = Self.queue([1, nil])
    queue.end()
    #expect(queue.add(Self.event("late"), 2, mustWait: true) == .refused)
    #expect(queue.abandon().map(\.waiter) == [1, nil])
    #expect(queue.abandon().isEmpty)
  }

  @Test func strangersAreCountedBySecond() {
    var queue = Queue()
    #expect((1...3).map { _ in queue.countStranger(at: 10) } == [1, 2, 3])
    #expect(queue.countStranger(at: 11) == 1)
  }
}

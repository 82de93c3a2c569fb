// The records of calls between the answer and the disk, as a value: what is taken, who waits for it, and what becomes of
// it when the disk refuses. CallCapture does what it says.
//
//   add ─► waiting ─► nextBatch ─► (commit) ─► finish ─┬─► stored: callers get their answers
//                        ▲                             ├─► refused alone among others: a bad record, dropped and told
//                        └──────── disk refuses all ◄──┘    its caller hears of it, others stay for the next try

internal import EventBuses

/// Records that are to be stored. `Waiter` is whatever a caller waits with.
struct CaptureQueue<Waiter: Sendable>: Sendable {
  /// A record, and who waits for it.
  struct Entry: Sendable {
    var event: BusEvent
    var waiter: Waiter?
  }

  /// What becomes of a new record.
  enum Admission: Sendable {
    /// It will be stored; nobody waits for that.
    case taken
    /// Its caller waits.
    case waits
    /// It is not taken: the end has come, or too many records wait already.
    case refused
  }

  /// What follows from a batch.
  struct Outcome: Sendable {
    /// Those who hear whether their records are on the disk.
    var answers: [(waiter: Waiter, isStored: Bool)] = []
    /// Records that are lost, though others were stored beside them.
    var bad: [BusEvent] = []
    /// Whether the disk takes nothing at the moment, so that trying again at once is of no use.
    var isRefused = false
  }

  /// The most records in one commit.
  static var batchSize: Int { 500 }
  /// With so many records waiting, calls wait that need not.
  static var manyWaiting: Int { 5_000 }
  /// With so many records waiting, no more are taken.
  static var mostWaiting: Int { 10_000 }
  /// The most records a second of calls by nobody who is known: strangers must not fill the disk.
  static var mostOfStrangers: Int { 100 }

  private var waiting: [Entry] = []
  /// The disk has refused what came last.
  private var isRefused = false
  private var isEnded = false
  /// The second in which strangers called last, and how often they did.
  private var strangers = (second: Int64(0), calls: 0)

  /// Takes a record.
  ///
  /// - Parameter mustWait: whether its caller may have the answer only when it is stored. Others wait, too, while the disk
  ///   refuses or falls behind, so that nobody is told that all is well when it is not.
  mutating func add(_ event: BusEvent, _ waiter: Waiter, mustWait: Bool) -> Admission {
    guard !isEnded, waiting.count < Self.mostWaiting else { return .refused }
    let waits = mustWait || isRefused || waiting.count >= Self.manyWaiting
    waiting.append(Entry(event: event, waiter: waits ? waiter : nil))
    return waits ? .waits : .taken
  }

  /// How many strangers have called in a second, with this one.
  mutating func countStranger(at second: Int64) -> Int {
    if strangers.second != second { strangers = (second, 0) }
    strangers.calls += 1
    return strangers.calls
  }

  /// The records to be committed next, in the order of the calls.
  mutating func nextBatch() -> [Entry] {
    let batch = Array(waiting.prefix(Self.batchSize))
    waiting.removeFirst(batch.count)
    return batch
  }

  /// Learns what became of a batch: whether each of its records is stored.
  mutating func finish(_ batch: [Entry], stored: [Bool]) -> Outcome {
    var outcome = Outcome()
    outcome.isRefused = !batch.isEmpty && !stored.contains(true)
    isRefused = outcome.isRefused
    var again: [Entry] = []
    for (entry, isStored) in zip(batch, stored) {
      if let waiter = entry.waiter {
        outcome.answers.append((waiter, isStored))
      } else if outcome.isRefused {
        again.append(entry)
      }
      if !isStored, !outcome.isRefused { outcome.bad.append(entry.event) }
    }
    waiting.insert(contentsOf: again, at: 0)
    return outcome
  }

  /// Takes no more records.
  mutating func end() { isEnded = true }

  /// Gives up what is left.
  mutating func abandon() -> [Entry] {
    defer { waiting = [] }
    return waiting
  }
}

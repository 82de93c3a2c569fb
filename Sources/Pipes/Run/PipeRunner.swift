// A pipe at work: one receiver that waits at the queue, and a few batches under way at the same time. Messages of a FIFO
// queue's group stay in order all the same, because the queue gives none of a group of which one is in flight.
//
// A pipe that is told to halt takes nothing more and finishes what it has. When its task is cancelled, because the server
// stops, what is under way is cut short and given back.

internal import Delivery
internal import Logging
internal import Messaging
internal import Synchronization

/// Runs one pipe.
final class PipeRunner: Sendable {
  /// Batches under way: AWS begins with five pollers for a queue.
  private static let mostBatches = 5
  /// How long a receiver waits at the queue before it asks again, in seconds.
  private static let wait = 20
  /// How often a waiting receiver looks for what other processes wrote, in milliseconds.
  private static let look: Int64 = 5000
  private static let longestPause = Duration.seconds(60)
  private static let longestPauseOfFailures = Duration.seconds(10)

  let plan: PipePlan
  private let engine: PipeEngine
  private let halted = Mutex(false)
  private let bell = WakeUp()
  /// How many batches in a row have failed.
  private let failedBatches = Mutex(0)

  init(_ plan: PipePlan, of engine: PipeEngine) {
    self.plan = plan
    self.engine = engine
  }

  /// Takes nothing more; `run` returns when what was taken is done.
  func halt() {
    halted.withLock { $0 = true }
    bell.ring()
  }

  private var isOver: Bool { Task.isCancelled || halted.withLock { $0 } }

  /// Runs until the pipe is halted or the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      var underWay = 0
      var troubles = 0
      while !isOver {
        await pause(failedBatches.withLock { $0 }, first: .milliseconds(100), longest: Self.longestPauseOfFailures)
        if underWay >= Self.mostBatches {
          await group.next()
          underWay -= 1
        }
        if isOver { break }
        do throws(MessagingError) {
          let batch = try await gather()
          troubles = 0
          guard !batch.isEmpty else { continue }
          group.addTask { _ = await self.pass(batch) }
          underWay += 1
        } catch {
          troubles += 1
          note("the source cannot be read", "\(error.code.rawValue): \(error.message)")
          await pause(troubles, first: .seconds(1), longest: Self.longestPause)
        }
      }
      await group.waitForAll()
    }
  }

  /// Waits longer with each failure in a row; not at all without one.
  private func pause(_ failures: Int, first: Duration, longest: Duration) async {
    guard failures > 0, !isOver else { return }
    let policy = RetryPolicy(firstBackoff: first, longestBackoff: longest)
    await bell.wait(until: engine.clock.now + policy.backoffBound(retry: failures), on: engine.clock)
  }

  // MARK: One batch

  /// Takes a batch through the pipe and says what became of it.
  func pass(_ batch: [ReceivedMessage]) async -> PipePass {
    var pass = PipePass(batch, through: plan, of: engine)
    let (engine, now) = (engine, engine.clock.now.milliseconds)
    await withTaskGroup(of: Void.self) { group in
      if plan.isRemote { group.addTask { await PipePass.keepHidden(batch, since: now, of: engine) } }
      await pass.run()
      group.cancelAll()
    }
    let failures = pass.failures
    failedBatches.withLock { $0 = failures.isEmpty ? 0 : $0 + 1 }
    if let first = failures.first, !Task.isCancelled {
      let what = "\(failures.count) of \(batch.count) messages could not be handed on; they come back"
      note(what, first.reason)
    }
    return pass
  }

  private func note(_ what: String, _ reason: String) {
    engine.logger.warning("pipe \(plan.key.name): \(what): \(reason)", metadata: ["pipe": "\(plan.names.pipeARN)"])
  }

  // MARK: Receiving

  /// The next batch; nothing when none has come or the pipe is to halt.
  private func gather() async throws(MessagingError) -> [ReceivedMessage] {
    var batch = try await receive(plan.batchSize, wait: Self.wait)
    let end = engine.clock.now + .seconds(plan.batchingWindow)
    var bytes = batch.reduce(0) { $0 + $1.message.body.count }
    while !batch.isEmpty, plan.batchingWindow > 0, batch.count < plan.batchSize, bytes < PipePass.largestPayload / 2 {
      let left = (end - engine.clock.now).components.seconds
      guard left > 0, !isOver else { break }
      let more = try await receive(plan.batchSize - batch.count, wait: Int(min(left, 20)))
      bytes += more.reduce(0) { $0 + $1.message.body.count }
      batch += more
    }
    return batch
  }

  /// Receives, or returns when the pipe is to halt; what was received is returned in any case.
  func receive(_ limit: Int, wait: Int) async throws(MessagingError) -> [ReceivedMessage] {
    var request = ReceiveRequest(limit: min(limit, 10), wait: wait)
    request.longestSleep = Self.look
    // Messages that wait for a batch to fill have as much time left then as those that do not; and a queue that hides
    // nothing would hand them out again while they are under way.
    let window = Int64(plan.batchingWindow) * 1000
    request.hiding = { min(43_200_000, max(1000, $0) + window) }
    let (wanted, queues) = (request, engine.surroundings.queues)
    let result = await withTaskGroup(of: Result<[ReceivedMessage], MessagingError>?.self) { group in
      group.addTask { [plan] in
        do throws(MessagingError) {
          return .success(try await queues.receive(wanted, from: plan.source, as: plan.caller))
        } catch {
          return .failure(error)
        }
      }
      group.addTask { [bell] in
        await bell.wait()
        return nil
      }
      var result: Result<[ReceivedMessage], MessagingError> = .success([])
      for await found in group {
        group.cancelAll()
        if let found { result = found }
      }
      return result
    }
    return try result.get()
  }
}

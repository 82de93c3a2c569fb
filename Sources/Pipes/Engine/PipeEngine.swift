// The engine behind EventBridge Pipes' API. Pipes are rows; whoever asks for something writes what a pipe is to be, and the
// engine's loop brings it there: it begins, halts and removes pipes, and says in their rows where they stand. So a restart
// finds everything that it has to go on with.
//
//   CreatePipe ─► row, CREATING ─► loop ─► PipeRunner ─► row, RUNNING

public import Delivery
public import EventBuses
internal import GRDB
public import Logging
public import Messaging
internal import RuleFiles
public import Storage
internal import Synchronization
public import TrailEvents

/// What pipes read from and hand over to.
public struct PipeSurroundings: Sendable {
  /// Finds what reaches a target of a service that is not here; nothing means that the target is not there.
  public typealias ServiceResolver = @Sendable (_ target: ARN) -> (any Target)?

  /// The buses of this installation.
  public var buses: BusEngine
  /// The queues of this installation.
  public var queues: QueueService
  /// The topics of this installation.
  public var topics: TopicService?
  /// What reaches services that are not here.
  public var service: ServiceResolver
  /// Whether a queue, topic or bus is to be looked for among these services, and not in this installation.
  public var isElsewhere: @Sendable (_ target: ARN) -> Bool = { _ in false }
  /// How many pipes an account may have in a Region.
  public var mostPipes = 1000

  /// Makes surroundings.
  public init(
    buses: BusEngine,
    queues: QueueService,
    topics: TopicService? = nil,
    service: @escaping ServiceResolver = { _ in nil }
  ) {
    self.buses = buses
    self.queues = queues
    self.topics = topics
    self.service = service
  }
}

/// The pipes of an installation.
public final class PipeEngine: Sendable {
  let database: EmbeddedDatabase
  let surroundings: PipeSurroundings
  let clock: any Clock
  let logger: Logger
  let counter = PipeCounter()
  private let change = WakeUp()
  private let state = Mutex(State())
  private let dispatcher = Mutex<(@Sendable ([String]) -> Void)?>(nil)

  private struct State {
    /// Pipes of which something was asked, or which have ended.
    var changed: Set<PipeKey> = []
    var runners: [PipeKey: PipeRunner] = [:]
  }

  /// Makes the engine of a database's pipes.
  public init(
    database: EmbeddedDatabase,
    surroundings: PipeSurroundings,
    clock: any Clock = SystemClock(),
    logger: Logger
  ) {
    self.database = database
    self.surroundings = surroundings
    self.clock = clock
    self.logger = logger
  }

  /// Names who is told of the lanes that have new rows in the outbox.
  public func onNewDeliveries(_ listener: @escaping @Sendable ([String]) -> Void) {
    dispatcher.withLock { $0 = listener }
  }

  func announce(_ lanes: [String]) {
    if !lanes.isEmpty { dispatcher.withLock { $0 }?(lanes) }
  }

  /// Now, as RFC 3339.
  var nowText: String { RuleFiles.Instant(seconds: clock.now.seconds).description }

  /// Lets the loop look at a pipe.
  func note(_ key: PipeKey) {
    state.withLock { _ = $0.changed.insert(key) }
    change.ring()
  }

  // MARK: The loop

  /// Runs pipes until the task is cancelled.
  public func run() async {
    await withDiscardingTaskGroup { group in
      var isLoaded = false
      while !Task.isCancelled {
        do {
          if !isLoaded {
            let keys = try await database.fetch { try PipeRows.keys($0) }
            state.withLock { $0.changed.formUnion(keys) }
            isLoaded = true
          }
          while let key = state.withLock({ $0.changed.first }) {
            if let runner = try await settle(key) {
              state.withLock { $0.runners[key] = runner }
              group.addTask {
                await runner.run()
                self.ended(key)
              }
            }
          }
          await change.wait()
        } catch {
          guard !Task.isCancelled else { break }
          // A full disk passes.
          logger.error("the state of pipes cannot be recorded; trying again: \(error)")
          await change.wait(until: clock.now + .seconds(1), on: clock)
        }
      }
    }
  }

  private func ended(_ key: PipeKey) {
    state.withLock { _ = $0.runners.removeValue(forKey: key) }
    note(key)
  }

  /// Brings a pipe a step nearer to what it is to be.
  ///
  /// - Returns: what is to run from now on.
  private func settle(_ key: PipeKey) async throws -> PipeRunner? {
    // Whoever asks for something from here on is looked at again.
    let runner = state.withLock { state in
      state.changed.remove(key)
      return state.runners[key]
    }
    do {
      return try await step(key, runner)
    } catch {
      state.withLock { _ = $0.changed.insert(key) }
      throw error
    }
  }

  private func step(_ key: PipeKey, _ runner: PipeRunner?) async throws -> PipeRunner? {
    let pipe = try await database.fetch { try PipeRows.find(key, $0) }
    if let runner {
      if let pipe, pipe.desired == .running, pipe.version == runner.plan.version { return nil }
      // It is looked at again when it has ended.
      runner.halt()
      return nil
    }
    guard let pipe else { return nil }
    switch pipe.desired {
    case .deleted:
      try await database.commit { db in
        if try PipeRows.find(key, db)?.version == pipe.version { try PipeRows.remove(key, db) }
      }
      counter.forget(key)
    case .stopped:
      if pipe.current != .stopped { try await record(.stopped, of: pipe, as: key) }
    case .running:
      return try await begin(pipe, as: key)
    }
    return nil
  }

  private func begin(_ pipe: PipeRecord, as key: PipeKey) async throws -> PipeRunner? {
    guard pipe.current.isPassing || pipe.current == .running else { return nil }
    do {
      let plan = try PipePlan(pipe, as: key, isElsewhere: surroundings.isElsewhere)
      if pipe.current != .running {
        _ = try await surroundings.queues.attributes(of: plan.source, named: ["QueueArn"], as: plan.caller)
        guard try await record(.running, of: pipe, as: key) else { return nil }
      }
      return PipeRunner(plan, of: self)
    } catch let error as PipeError {
      try await record(pipe.current.failed, of: pipe, as: key, because: error.message)
    } catch let error as MessagingError where error.isSenderFault {
      let reason = "The source \(pipe.definition.source) cannot be read: \(error.message)"
      try await record(pipe.current.failed, of: pipe, as: key, because: reason)
    }
    return nil
  }

  /// Says where a pipe stands, unless something else has been asked of it since.
  ///
  /// - Returns: whether that is what was asked for last.
  @discardableResult
  private func record(
    _ current: PipeRecord.State,
    of pipe: PipeRecord,
    as key: PipeKey,
    because reason: String? = nil
  ) async throws -> Bool {
    if let reason { logger.warning("pipe \(key.name): \(current.rawValue): \(reason)") }
    return try await database.commit { db in
      guard var stored = try PipeRows.find(key, db), stored.version == pipe.version else { return false }
      stored.current = current
      // As much as AWS's shape takes.
      stored.reason = reason.map { String($0.prefix(512)) }
      try PipeRows.save(stored, as: key, db)
      return true
    }
  }
}

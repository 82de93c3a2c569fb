// The composition root: opens the database, brings the rules into force, and runs sources, dispatcher and everything
// around them until it is told to stop. Nothing in here decides anything; this file knows who needs whom.
//
//   sources ─► Intake ─► Router ─► (journal, outbox) ─► Dispatcher ─► targets
//                          ▲                                │
//             rules, reload, schedules                      └─ bus targets ─► Router

internal import Delivery
internal import Foundation
public import Logging
internal import Outbound
internal import RuleFiles
internal import Storage
internal import Targets
public import TrailEvents

/// How an engine is to run.
public struct EngineOptions: Sendable {
  /// Whether to read what is there, deliver it, and end.
  public var once: Bool
  /// With `once`: how long to wait for deliveries that have to be tried again.
  public var retryWait: Duration
  /// Whether to act on SIGTERM, SIGINT and SIGHUP.
  public var handlesSignals: Bool
  /// What references to the environment refer to.
  public var environment: [String: String]
  /// Goes into `User-Agent`.
  public var version: String
  /// Where the log goes; the settings' own if nil.
  public var logger: Logger?
  /// How the API is served; not at all if nil.
  public var serve: ServeSettings?

  /// Makes options for an engine that runs until it is told to stop.
  public init(
    once: Bool = false,
    retryWait: Duration = .seconds(30),
    handlesSignals: Bool = true,
    environment: [String: String]? = nil,
    version: String = "0",
    logger: Logger? = nil,
    serve: ServeSettings? = nil
  ) {
    self.once = once
    self.retryWait = retryWait
    self.handlesSignals = handlesSignals
    self.environment = environment ?? ProcessInfo.processInfo.environment
    self.version = version
    self.logger = logger
    self.serve = serve
  }
}

/// What an engine did.
public struct EngineReport: Sendable, Equatable {
  /// Events accepted for the first time.
  public var events: Int
  /// Events that had been accepted before.
  public var duplicates: Int
  /// Deliveries decided.
  public var deliveries: Int
  /// Decisions that were recorded only: planned, shadowed, suppressed.
  public var recorded: Int
  /// Steps that could not be rendered for their event, and became dead letters at once.
  public var deadLetters: Int
  /// Deliveries that wait: for another attempt, or, after a signal, for the next start.
  public var pending: Int
  /// Whether it ended because it was told to, not because everything was done.
  public var wasStopped: Bool
  /// Inputs that could not be read at all: a path that is not there, a file without permission.
  public var unreadable: Int
  /// Values and rests of files that are no records; what and where is in the log.
  public var rejected: Int
  /// Files that were not read, by reason.
  public var skipped: SkippedFiles

  /// Whether all that was to be done is done: nothing waits and all input was understood, or it was told to stop.
  public var isComplete: Bool { wasStopped || (pending == 0 && unreadable == 0 && rejected == 0) }
}

/// The durable engine.
public struct Engine: Sendable {
  private let configuration: SignalboxConfiguration
  private let options: EngineOptions
  private let clock = SystemClock()
  private let logger: Logger
  private let board: NoticeBoard

  private init(_ configuration: SignalboxConfiguration, _ options: EngineOptions) {
    self.configuration = configuration
    self.options = options
    logger = options.logger ?? Logger(label: "signalbox") { _ in EngineLog(configuration.log) }
    board = NoticeBoard(
      directory: configuration.dataDirectory,
      version: options.version,
      clock: clock,
      logger: logger
    )
  }

  /// Runs an engine until its sources end (`once`), a signal stops it, or the task is cancelled.
  ///
  /// Throws `StorageError` when the database cannot be opened, `RuleRefusal` when the rules are not right, and what a
  /// source throws when it cannot be read any more.
  public static func run(
    configuration: SignalboxConfiguration,
    options: EngineOptions = EngineOptions()
  ) async throws -> EngineReport {
    try await Engine(configuration, options).run()
  }

  private func run() async throws -> EngineReport {
    // First of all, so that a signal during the start is obeyed after it.
    let signals = options.handlesSignals ? Signals() : nil
    defer { signals?.release() }
    let opening = BlockingQueue(label: "signalbox.open")
    let directory = configuration.dataDirectory
    let database = try await opening.run { () throws(StorageError) in try EmbeddedDatabase(directory: directory) }
    let http = try HTTPClient()
    let processes = try ProcessSupervisor()
    let router = Router(database: database, clock: clock, logger: logger)
    let context = TargetContext(
      http: http,
      processes: processes,
      database: database,
      dataDirectory: directory,
      version: options.version,
      environment: options.environment,
      now: { [clock] in clock.now },
      publish: { [weak router] (bus, request) async throws(DeliveryFailure) in
        guard let router else { throw DeliveryFailure(.internalError, "the engine has stopped", retryable: true) }
        return try await router.publish(request, on: bus)
      }
    )
    let result: Result<EngineReport, any Error>
    do {
      result = .success(
        try await run(router, database, RuleKeeper(configuration: configuration, context: context), signals)
      )
    } catch {
      result = .failure(error)
    }
    await processes.shutdown()
    await http.shutdown()
    board.remove()
    try await opening.run { () throws(StorageError) in try database.close() }
    return try result.get()
  }

  private func run(
    _ router: Router,
    _ database: EmbeddedDatabase,
    _ keeper: RuleKeeper,
    _ signals: Signals?
  ) async throws -> EngineReport {
    let now = clock.now.milliseconds
    let generation = try await router.blocking { try keeper.load(number: 1, now: now) }
    router.install(generation)
    board.note(generation)
    let dispatcher = Dispatcher(database: database, routes: generation.routes, clock: clock, logger: logger)
    router.connect(to: dispatcher)
    RuleReloader.report(generation, "rules in force", to: logger)

    let ending = await withTaskGroup(of: Void.self) { group in
      let stopped = WakeUp()
      group.addTask {
        await dispatcher.run()
        stopped.ring()
      }
      let ending: Result<Ending, any Error>
      do {
        ending = .success(try await work(router, dispatcher, database, keeper, signals))
      } catch {
        ending = .failure(error)
      }
      // What the API has used of the grace is gone.
      var end = clock.now + configuration.shutdownGrace
      if case .success(.told(let moment)) = ending { end = moment + configuration.shutdownGrace }
      dispatcher.stop(by: end)
      if let numbers = signals?.numbers {
        group.addTask { await self.cutShort(dispatcher, when: numbers) }
      }
      await stopped.wait()
      group.cancelAll()
      return ending
    }
    return try await report(router, database, try ending.get())
  }

  /// Ends attempts under way when a second signal comes: who asks twice does not want to wait. Programs that run are
  /// told to end, too; a third signal ends the process.
  private func cutShort(_ dispatcher: Dispatcher, when numbers: AsyncStream<Int32>) async {
    for await number in numbers where number != SIGHUP {
      logger.notice("told to stop again; attempts under way are cut short")
      dispatcher.stop(by: clock.now)
      return Signals.restoreDefaults()
    }
  }

  private func report(
    _ router: Router,
    _ database: EmbeddedDatabase,
    _ ending: Ending
  ) async throws -> EngineReport {
    var isTold = false
    if case .told = ending { isTold = true }
    let outbox = database.outbox
    let pending = try await router.blocking { try outbox.targetsWithWork().reduce(0) { $0 + $1.pending } }
    let counts = router.counts
    Housekeeping.report(counts, to: logger)
    return EngineReport(
      events: counts.events,
      duplicates: counts.duplicates,
      deliveries: counts.deliveries,
      recorded: counts.recorded,
      deadLetters: counts.deadLetters,
      pending: pending,
      wasStopped: isTold,
      unreadable: counts.unreadable,
      rejected: counts.rejected,
      skipped: counts.skipped
    )
  }

  // MARK: Work

  /// Why the work came to its end.
  private enum Ending: Sendable {
    /// The sources have ended, and what was decided is delivered, but for what has to be tried again.
    case drained
    /// A signal came, or the task was cancelled, at this time.
    case told(Delivery.Instant)
  }

  /// Runs the sources and what goes with them.
  private func work(
    _ router: Router,
    _ dispatcher: Dispatcher,
    _ database: EmbeddedDatabase,
    _ keeper: RuleKeeper,
    _ signals: Signals?
  ) async throws -> Ending {
    let reloader = RuleReloader(keeper: keeper, router: router, clock: clock, logger: logger, board: board)
    let housekeeping = Housekeeping(
      database: database,
      router: router,
      retention: configuration.retention,
      clock: clock,
      logger: logger
    )
    let intakes = try await intakes(router, database)
    let api = try await api(router, database, keeper.context)
    return try await withThrowingTaskGroup(of: Ending?.self) { group in
      group.addTask { [clock, options] in
        try await withThrowingTaskGroup(of: Void.self) { sources in
          for intake in intakes { sources.addTask { try await intake.run() } }
          try await sources.waitForAll()
        }
        if Task.isCancelled { return .told(clock.now) }
        // While the API is served there is always more to come.
        if api != nil { return nil }
        // Without a source there is nothing to wait for: what is decided is delivered, and that is all.
        _ = await dispatcher.drain(waitingUntil: clock.now + options.retryWait)
        return Task.isCancelled ? .told(clock.now) : .drained
      }
      if let numbers = signals?.numbers { group.addTask { await self.obey(numbers, reloader) } }
      group.addTask {
        await housekeeping.report(); return nil
      }
      group.addTask {
        await housekeeping.prune(); return nil
      }
      if !options.once {
        let schedules = ScheduleRunner(
          database: database,
          router: router,
          clock: clock,
          logger: logger,
          account: configuration.account,
          region: configuration.region
        )
        group.addTask {
          await schedules.run(); return nil
        }
        group.addTask { [configuration] in
          await reloader.watch(configuration.rules); return nil
        }
      }
      if let api {
        group.addTask { [clock] in
          try await api.run(); return .told(clock.now)
        }
      }
      // The first that says so ends the rest; a helper that gives up does not.
      var ending: Ending?
      while ending == nil, let next = try await group.next() { ending = next }
      await api?.stop(within: configuration.shutdownGrace)
      group.cancelAll()
      return ending ?? .told(clock.now)
    }
  }

  private func api(_ router: Router, _ database: EmbeddedDatabase, _ context: TargetContext) async throws -> APIServer?
  {
    guard let settings = options.serve else { return nil }
    var watched = settings
    watched.onReady = { [board, onReady = settings.onReady] greeting in
      board.note(endpoint: greeting.endpoint)
      onReady(greeting)
    }
    let (serve, environment) = (watched, options.environment)
    let (configuration, clock, logger) = (configuration, clock, logger)
    return try await router.blocking {
      try APIServer(
        serve,
        configuration,
        environment,
        database: database,
        router: router,
        context: context,
        clock: clock,
        logger: logger
      )
    }
  }

  private func intakes(_ router: Router, _ database: EmbeddedDatabase) async throws -> [Intake] {
    var intakes: [Intake] = []
    for source in configuration.sources {
      let reader: any EventSource
      switch source.kind {
      case .logFiles(let paths, let watch):
        let known = try await router.blocking { try database.sources.allFiles(of: source.name) }
        reader = LogFileTreeSource(
          name: source.name,
          inputs: paths,
          mode: options.once || !watch ? .once : .watching,
          known: known.map(LogFileProgress.init)
        )
      case .standardInput:
        reader = StandardInputSource(name: source.name)
      }
      intakes.append(
        Intake(
          source: reader,
          bus: source.bus,
          router: router,
          clock: clock,
          logger: logger,
          outboxLimit: configuration.outboxLimit
        )
      )
    }
    return intakes
  }

  /// Acts on signals; returns when one of them means the end.
  private func obey(_ signals: AsyncStream<Int32>, _ reloader: RuleReloader) async -> Ending? {
    for await number in signals {
      switch number {
      case SIGHUP: await reloader.reload(force: true)
      default:
        logger.notice("told to stop", metadata: ["signal": "\(number == SIGINT ? "SIGINT" : "SIGTERM")"])
        return .told(clock.now)
      }
    }
    return nil
  }
}

extension SourceCursors {
  /// Everything that is known of a source's files.
  fileprivate func allFiles(of source: String) throws(StorageError) -> [Storage.SourceFile] {
    var files: [Storage.SourceFile] = []
    while true {
      let page = try self.files(of: source, after: files.last?.path ?? "", limit: 10_000)
      files += page
      if page.count < 10_000 { return files }
    }
  }
}

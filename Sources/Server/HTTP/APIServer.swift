// The API of an engine: identities, services, capture and the socket, put together.

internal import AWSProtocols
public import AWSServices
internal import Delivery
public import EventBuses
internal import Logging
internal import Messaging
public import Outbound
internal import Pipes
internal import Schedules
internal import Schemas
internal import Storage
internal import Targets
internal import TrailEvents

/// How an engine serves its API.
public struct ServeSettings: Sendable {
  /// Where it listens and what it takes.
  public var http: HTTPSettings
  /// Where API destinations and subscriptions may lead, if the settings say so.
  public var givenNetwork: AddressPolicy?
  /// The bytes of the database from which on calls bring nothing more; there is no limit if nil.
  public var largestDatabase: Int64?
  /// Whether calls that move data are events on buses.
  public var logsData = false
  /// Quotas of EventBridge.
  public var quotas = BusLimits()
  /// Accounts, users, roles and keys from the settings.
  public var accounts: [ConfiguredAccount]
  /// Told when requests are taken.
  public var onReady: @Sendable (ServeGreeting) -> Void

  /// Makes settings.
  public init(
    http: HTTPSettings = HTTPSettings(),
    accounts: [ConfiguredAccount] = [],
    onReady: @escaping @Sendable (ServeGreeting) -> Void = { _ in }
  ) {
    self.http = http
    self.accounts = accounts
    self.onReady = onReady
  }

  /// Where API destinations and subscriptions may lead. Who can call from another machine must not reach through this one
  /// what he cannot reach himself.
  public var network: AddressPolicy { givenNetwork ?? (http.isLoopback ? .any : .public) }
}

/// What a person wants to know when the API has begun to take requests.
public struct ServeGreeting: Sendable, Hashable {
  /// Where: `http://127.0.0.1:4010`.
  public var endpoint: String
  /// The file that the root key was written to just now; nil if it was there before.
  public var newKeyFile: String?
  /// The lines that a shell needs to use the root key, if it was made just now.
  public var newKeyLines: String?
  /// The file that the root key was read from; nil if the environment has it.
  public var keyFile: String?
  /// The Region that clients without one of their own are best given.
  public var region: String
  /// Whether callers need not sign.
  public var isOpen: Bool
}

/// The API of an engine.
final class APIServer: Sendable {
  private let listener: HTTPListener
  private let capture: CallCapture
  private let buses: BusEngine
  private let schedules: ScheduleEngine
  private let pipes: PipeEngine
  private let queues: QueueService
  private let schemas: SchemaRegistries
  private let room: DatabaseRoom

  /// Puts the API together. Blocks.
  init(
    _ settings: ServeSettings,
    _ configuration: SignalboxConfiguration,
    _ environment: [String: String],
    database: EmbeddedDatabase,
    router: Router,
    context: TargetContext,
    clock: any Clock,
    logger: Logger
  ) throws {
    let directory = configuration.dataDirectory
    let root = try KeyFiles.rootKey(directory: directory, environment: environment)
    var accounts = settings.accounts
    let home = configuration.account
    if let index = accounts.firstIndex(where: { $0.id == home }) {
      accounts[index].rootKeys.append(root.key)
    } else {
      accounts.append(ConfiguredAccount(id: home, rootKeys: [root.key]))
    }
    let keyRing = try KeyRing(directory: directory, isNeeded: database.hasSealedSecrets())
    try Self.seal(database, keyRing.secretBox, logger)
    let identities = try Identities(
      database: database,
      keyRing: keyRing,
      defaultAccount: home,
      accounts: accounts
    )
    let queues = QueueService(
      database: database,
      home: Scope(account: home, region: configuration.region),
      now: { clock.now.milliseconds }
    )
    let scheme = settings.http.tls == nil ? "http" : "https"
    let host = settings.http.host.contains(":") ? "[\(settings.http.host)]" : settings.http.host
    let topics = try TopicService(
      database: database,
      queues: queues,
      endpoint: "\(scheme)://\(host):\(settings.http.port)",
      secrets: keyRing.secretBox,
      now: { clock.now.milliseconds }
    )
    context.topics.serve(topics)
    let http = context.http
    let refused = RefusedNotifications(logger: logger)
    topics.onRefusal { refused.note($0) }
    topics.onNewDeliveries { [weak router] lanes in router?.noteNewRows(for: lanes) }
    router.attach(SubscriptionRoutes.resolver(topics, http: http, network: settings.network, now: { clock.now }))
    var busSettings = BusSettings(http: http)
    busSettings.network = settings.network
    busSettings.limits = settings.quotas
    busSettings.secrets = keyRing.secretBox
    busSettings.topics = topics
    busSettings.queues = queues
    let functions = FunctionTargets(mappings: configuration.functions, router: router, clock: clock)
    let forwarding = AWSForwarding(configuration.forward, for: settings, context, clock)
    busSettings.services = [
      { arn, _ in functions.target(for: arn) },
      { arn, target in forwarding.target(for: arn, parameters: target.parametersElsewhere) },
    ]
    busSettings.isElsewhere = forwarding.covers
    let link = SchemaLink(logger: logger)
    let schemas = try link.registries(database, clock: clock)
    busSettings.watch = BusWatch(isWatched: { schemas.isWatched($0.arn) }, arrived: { schemas.noteArrivals() })
    let buses = try BusEngine(database: database, settings: busSettings, clock: clock, logger: logger)
    link.connect(buses)
    router.attach(buses)
    var surroundings = ScheduleSurroundings(
      buses: buses,
      queues: queues,
      topics: topics,
      service: { functions.target(for: $0) ?? forwarding.target(for: $0) }
    )
    surroundings.isElsewhere = forwarding.covers
    let schedules = ScheduleEngine(
      database: database,
      surroundings: surroundings,
      clock: clock,
      logger: logger
    )
    schedules.onNewDeliveries { [weak router] lanes in router?.noteNewRows(for: lanes) }
    router.attach(schedules.routes)
    var neighbours = PipeSurroundings(buses: buses, queues: queues, topics: topics, service: surroundings.service)
    neighbours.isElsewhere = forwarding.covers
    let pipes = PipeEngine(
      database: database,
      surroundings: neighbours,
      clock: clock,
      logger: logger
    )
    pipes.onNewDeliveries { [weak router] lanes in router?.noteNewRows(for: lanes) }
    let capture = CallCapture(logsData: settings.logsData, logger: logger) { try await buses.accept($0) }
    let metrics = APIMetrics()
    let room = DatabaseRoom(database, limit: settings.largestDatabase, logger: logger)
    let engine = EngineMetrics(router: router, database: database, clock: clock, home: queues.home)
    let front = APIFront(
      services: ServeServices.all(
        identities: identities,
        buses: buses,
        schedules: schedules,
        pipes: pipes,
        topics: topics,
        schemas: schemas
      ),
      identities: identities,
      region: configuration.region,
      checksSignatures: settings.http.checksSignatures,
      surroundings: APIFront.Surroundings(
        now: { Timestamp(milliseconds: clock.now.milliseconds) },
        capture: { try await capture.record($0) },
        lackOfRoom: { room.lack },
        measure: { metrics.count($0, $1, $2, $3) }
      ),
      logger: logger
    )
    schedules.onCalls { call throws(DeliveryFailure) in
      if let receipt = try await forwarding.call(call) { return receipt }
      return try await front.perform(call)
    }
    let budget = BodyBudget(total: settings.http.bodyMemory)
    let responder = APIResponder(
      front: front,
      settings: settings.http,
      budget: budget,
      isReady: { router.generation != nil },
      documents: { path in
        guard let certificate = try? topics.signingCertificate(), certificate.path == path else { return nil }
        return certificate.pem
      },
      metrics: {
        await engine.text() + metrics.text() + MetricsText.pipes(pipes.figures) + refused.metrics + budget.metrics
          + room.metrics
      }
    )
    self.capture = capture
    self.queues = queues
    self.buses = buses
    self.schemas = schemas
    self.room = room
    self.schedules = schedules
    self.pipes = pipes
    listener = try HTTPListener(settings.http, responder, logger: logger) { port in
      topics.isReached(at: "\(scheme)://\(host):\(port)")
      settings.onReady(
        ServeGreeting(
          endpoint: "\(scheme)://\(host):\(port)",
          newKeyFile: root.isNew ? root.path : nil,
          newKeyLines: root.isNew ? KeyFiles.exportLines(root.key) : nil,
          keyFile: root.path,
          region: configuration.region,
          isOpen: !settings.http.checksSignatures
        )
      )
    }
    if !settings.http.checksSignatures {
      logger.warning("signatures are not checked: every program on this machine is root of every account")
    }
  }

  /// Sees that the secrets in the database can be opened, and seals those of an earlier version.
  private static func seal(_ database: EmbeddedDatabase, _ secrets: SecretBox, _ logger: Logger) throws(StorageError) {
    let (count, isCleaned) = try database.keepSecrets(in: secrets)
    if count > 0 {
      logger.notice(
        "secrets that an earlier version had left in clear text are sealed now",
        metadata: ["secrets": "\(count)"]
      )
    }
    if !isCleaned {
      logger.warning("free pages of the database may still have secrets in clear text; Docs/storage.md says what to do")
    }
  }

  /// Serves until `stop`, or until the task is cancelled.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.capture.run() }
      group.addTask { await self.buses.run() }
      group.addTask { await self.schedules.run() }
      group.addTask { await self.pipes.run() }
      group.addTask { await self.queues.runMoves() }
      group.addTask { await self.schemas.run() }
      group.addTask { await self.room.run() }
      try await listener.run()
      group.cancelAll()
    }
  }

  /// Takes no new requests; returns when those that are there have been answered, and no later than after `grace`.
  func stop(within grace: Duration) async { await listener.stop(within: grace) }
}

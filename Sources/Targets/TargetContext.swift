// What targets are made from besides their definition: the effects they may have, handed in by the composition root.

public import Delivery
public import Messaging
public import Outbound
public import Storage

/// The services that targets use, shared by all targets of a process and by all generations of its rule set.
public struct TargetContext: Sendable {
  /// Hands an event to the rule set of another bus of this engine.
  public typealias Publisher =
    @Sendable (_ bus: String, _ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt

  /// Sends HTTP requests.
  public var http: HTTPClient
  /// Runs programs.
  public var processes: ProcessSupervisor
  /// The database that queues and topics live in.
  public var database: EmbeddedDatabase?
  /// The topics of the API, where one is served.
  public var topics = ServedTopics()
  /// The folder that relative paths of `file` targets count from.
  public var dataDirectory: String
  /// The version that `User-Agent` names.
  public var version: String
  /// The environment that `{env: NAME}` and the inherited variables of programs are taken from.
  public var environment: [String: String]
  /// Standard output, where lines of several targets must not mix.
  public var standardOutput: LineWriter
  /// The wall clock.
  public var now: @Sendable () -> Instant
  /// Where `bus` targets hand over their events.
  public var publish: Publisher?

  /// Makes a context.
  public init(
    http: HTTPClient,
    processes: ProcessSupervisor,
    database: EmbeddedDatabase? = nil,
    dataDirectory: String,
    version: String,
    environment: [String: String],
    standardOutput: LineWriter = .standardOutput(),
    now: @escaping @Sendable () -> Instant = { SystemClock().now },
    publish: Publisher? = nil
  ) {
    self.http = http
    self.processes = processes
    self.database = database
    self.dataDirectory = dataDirectory
    self.version = version
    self.environment = environment
    self.standardOutput = standardOutput
    self.now = now
    self.publish = publish
  }
}

// Everything that EventBridge's API has been told, for every account and Region, as one value. An operation is a
// mutating function: it checks, answers in EventBridge's words, and changes the value. Nothing in here waits, writes or
// knows the time; whoever runs the operation writes the changed rows first and publishes the new value then.

internal import EventPatterns
internal import TrailEvents

/// The resources of EventBridge.
public struct Catalog: Sendable {
  var regions: [Scope: RegionCatalog] = [:]
  /// The rules of rule files, by bus. They hold in every account and Region.
  var fileRules: [String: [BusRule]] = [:]
  /// Limits that an installation may set otherwise.
  public var limits = BusLimits()

  /// Makes a catalog with nothing but the default buses.
  public init() {}

  /// The resources of an account and Region.
  subscript(scope: Scope) -> RegionCatalog {
    get { regions[scope] ?? RegionCatalog() }
    _modify { yield &regions[scope, default: RegionCatalog()] }
  }

  /// Takes the rows that have changed since the last time.
  mutating func takeChanges() -> [ResourceRow] {
    regions.keys.flatMap { scope in self[scope].takeChanges(scope) }
  }
}

/// Limits of EventBridge's, per account and Region unless they say otherwise.
public struct BusLimits: Sendable, Equatable {
  /// Rules on a bus, without those of files.
  public var rulesPerBus = 300
  /// Targets of a rule.
  public var targetsPerRule = 5
  /// The characters of an event pattern.
  public var patternLength = 2048
  /// Buses.
  public var buses = 100
  /// Replays at the same time.
  public var activeReplays = 10
  /// The bytes of the entries of one PutEvents request.
  public var requestBytes = 1 << 20
  /// The characters of a bus's policy.
  public var policyLength = 10_240
  /// API destinations, and connections.
  public var destinations = 3000

  /// Makes the limits that AWS has.
  public init() {}
}

/// A row of the table of resources.
struct ResourceRow: Sendable, Equatable {
  var scope: Scope
  var kind: String
  var key: String
  /// The resource as JSON; nothing if it is gone.
  var document: [UInt8]?
}

/// Resources of one kind, by key, that remembers which of them have changed.
struct ResourceTable<Record: Codable & Sendable & Equatable>: Sendable {
  private(set) var rows: [String: Record] = [:]
  private(set) var changed: Set<String> = []

  subscript(key: String) -> Record? {
    get { rows[key] }
    set {
      rows[key] = newValue
      changed.insert(key)
    }
  }

  var values: Dictionary<String, Record>.Values { rows.values }
  var count: Int { rows.count }

  /// All of them, in the order of their keys.
  var sorted: [Record] { rows.sorted { $0.key < $1.key }.map(\.value) }

  /// Puts in what the database has.
  mutating func load(_ key: String, _ record: Record) { rows[key] = record }

  mutating func takeChanged() -> [(key: String, record: Record?)] {
    guard !changed.isEmpty else { return [] }
    defer { changed = [] }
    return changed.sorted().map { ($0, rows[$0]) }
  }
}

/// The resources of one account and Region.
struct RegionCatalog: Sendable {
  /// Without the default bus, until something is said about it.
  var buses = ResourceTable<EventBus>()
  var rules = ResourceTable<BusRule>()
  var archives = ResourceTable<Archive>()
  var replays = ResourceTable<Replay>()
  var connections = ResourceTable<Connection>()
  /// What is secret about connections, by the name of the connection.
  var secrets = ResourceTable<ConnectionParameters>()
  var destinations = ResourceTable<APIDestination>()
  var endpoints = ResourceTable<BusEndpoint>()
  /// What partners offer to this account.
  var sources = ResourceTable<PartnerSource>()
  /// By ARN.
  var tags = ResourceTable<[ResourceTag]>()

  func bus(_ name: String) -> EventBus? {
    buses[name] ?? (name == EventBus.defaultName ? EventBus(name: name) : nil)
  }

  /// The rules of a bus, in the order of their names.
  func rules(of bus: String) -> [BusRule] {
    rules.values.filter { $0.bus == bus }.sorted { $0.name < $1.name }
  }
}

// What is in force: the catalog, the rules of files, and both compiled. Everything is compiled aside, by whoever changes
// something, and swapped in whole; who brings events only looks it up, and holds a lock for no longer than that takes.

internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import Synchronization
internal import TrailEvents

/// The published state of all buses.
final class BusDirectory: Sendable {
  /// What one event's decision looks at: it sees one state, whatever is published meanwhile.
  struct Snapshot: Sendable {
    fileprivate(set) var catalog: Catalog
    fileprivate(set) var files: FileRules?
    /// Rules of files, by the name of their bus: they hold in every account and Region.
    fileprivate var fileBuses: [String: CompiledFileRules] = [:]
    /// Buses that have rules of the API or of archives.
    fileprivate var buses: [BusReference: CompiledBus] = [:]
    fileprivate let watch: BusWatch?
  }

  /// What an event matches, in the order of the rules.
  struct Matches: Sendable {
    /// Rules of files, with the exceptions that hold.
    var files: [RuleMatch] = []
    /// Rules of the API.
    var rules: [CompiledRule] = []
  }

  private let state: Mutex<Snapshot>
  private let isElsewhere: @Sendable (ARN) -> Bool

  /// Compiles what a catalog has.
  init(
    _ catalog: Catalog,
    watch: BusWatch? = nil,
    isElsewhere: @escaping @Sendable (ARN) -> Bool = { _ in false }
  ) {
    self.isElsewhere = isElsewhere
    var snapshot = Snapshot(catalog: catalog, watch: watch)
    for (scope, region) in catalog.regions {
      for bus in Set(region.rules.values.map(\.bus)) {
        let reference = BusReference(scope: scope, name: bus)
        snapshot.buses[reference] = CompiledBus(reference, in: catalog, isElsewhere: isElsewhere)
      }
    }
    state = Mutex(snapshot)
  }

  var snapshot: Snapshot { state.withLock { $0 } }

  /// Puts a changed catalog in force; only the buses whose rules have changed are compiled again.
  ///
  /// To be called by one caller at a time.
  func publish(_ catalog: Catalog, changed rows: [ResourceRow]) {
    var changed: Set<BusReference> = []
    for row in rows {
      switch row.kind {
      case "rule": changed.insert(BusReference(scope: row.scope, name: String(row.key.prefix { $0 != "|" })))
      case "bus": changed.insert(BusReference(scope: row.scope, name: row.key))
      case "archive":
        // The rules of archives know where their events are stored.
        for rule in catalog[row.scope].rules.values {
          changed.insert(BusReference(scope: row.scope, name: rule.bus))
        }
      default: break
      }
    }
    let compiled = changed.map { ($0, CompiledBus($0, in: catalog, isElsewhere: isElsewhere)) }
    state.withLock { state in
      var catalog = catalog
      // Rules of files may have been published meanwhile.
      catalog.fileRules = state.catalog.fileRules
      state.catalog = catalog
      for (reference, bus) in compiled { state.buses[reference] = bus }
    }
  }

  /// Puts other rules of files in force, on all buses at once.
  func publish(_ files: FileRules, now: Int64) {
    let managed = files.managedRules(now: now)
    var compiled: [String: CompiledFileRules] = [:]
    for name in Set(files.rules.repository.rules.map(\.bus)) {
      compiled[name] = CompiledFileRules(of: name, in: files.rules)
    }
    state.withLock { state in
      state.files = files
      state.catalog.fileRules = managed
      state.fileBuses = compiled
    }
  }
}

extension BusDirectory.Snapshot {
  /// Whether somebody looks at the events of a bus later.
  func isWatched(_ bus: BusReference) -> Bool { watch?.isWatched(bus) ?? false }

  /// What an event on a bus matches.
  ///
  /// - Throws: `EventError` if the bytes are no JSON object.
  func matches(_ event: BusEvent, on bus: BusReference, at now: Instant) throws(EventError) -> BusDirectory.Matches {
    BusDirectory.Matches(
      files: try fileBuses[bus.name]?.matches(event, at: now) ?? [],
      rules: event.isUnloggedDataEvent ? [] : try buses[bus]?.matches(event) ?? []
    )
  }
}

// What is in force: the catalog, the rules of files, and the buses compiled from both. A bus is compiled when its first
// event comes after a change, by whoever brings the event; readers hold a lock for no longer than it takes to look.

internal import Synchronization
internal import TrailEvents

/// The published state of all buses.
final class BusDirectory: Sendable {
  /// What one event's decision looks at: it sees one state, whatever is published meanwhile.
  struct Snapshot: Sendable {
    let catalog: Catalog
    let files: FileRules?
    fileprivate let generation: Int
  }

  private struct State {
    var catalog: Catalog
    var files: FileRules?
    var compiled: [BusReference: CompiledBus] = [:]
    /// For buses without rules of the API, by name: they are the same in every account.
    var plain: [String: CompiledBus] = [:]
    var generation = 0
  }

  /// More names of buses without rules than this are forgotten, all at once.
  private static let mostPlain = 100

  private let state: Mutex<State>

  private let watch: BusWatch?

  init(_ catalog: Catalog, watch: BusWatch? = nil) {
    state = Mutex(State(catalog: catalog))
    self.watch = watch
  }

  /// Whether somebody looks at the events of a bus later.
  func isWatched(_ bus: BusReference) -> Bool { watch?.isWatched(bus) ?? false }

  var snapshot: Snapshot {
    state.withLock { Snapshot(catalog: $0.catalog, files: $0.files, generation: $0.generation) }
  }

  /// Puts a changed catalog in force; only the buses whose rules have changed are compiled again.
  func publish(_ catalog: Catalog, changed rows: [ResourceRow]) {
    state.withLock { state in
      state.catalog = catalog
      guard rows.contains(where: { $0.kind == "rule" || $0.kind == "archive" || $0.kind == "bus" }) else { return }
      state.generation += 1
      for row in rows {
        switch row.kind {
        case "rule":
          let bus = String(row.key.prefix { $0 != "|" })
          state.compiled[BusReference(scope: row.scope, name: bus)] = nil
        case "bus": state.compiled[BusReference(scope: row.scope, name: row.key)] = nil
        case "archive": state.compiled = state.compiled.filter { $0.key.scope != row.scope }
        default: break
        }
      }
    }
  }

  /// Puts other rules of files in force, on all buses at once.
  func publish(_ files: FileRules, now: Int64) {
    let managed = files.managedRules(now: now)
    state.withLock { state in
      state.files = files
      state.catalog.fileRules = managed
      state.compiled = [:]
      state.plain = [:]
      state.generation += 1
    }
  }

  /// The bus, compiled from a snapshot.
  func compiled(_ bus: BusReference, in snapshot: Snapshot) -> CompiledBus {
    let known = state.withLock { $0.generation == snapshot.generation ? $0.compiled[bus] : nil }
    if let known { return known }
    let isPlain = snapshot.catalog.regions[bus.scope]?.rules.values.contains { $0.bus == bus.name } != true
    let plain = state.withLock { $0.generation == snapshot.generation && isPlain ? $0.plain[bus.name] : nil }
    let made = plain ?? CompiledBus(bus, in: snapshot.catalog, files: snapshot.files?.rules)
    state.withLock { state in
      guard state.generation == snapshot.generation else { return }
      // What is kept is bounded by the catalog: a call may name any Region, and its bus has the rules of all others.
      if isPlain {
        if state.plain.count >= Self.mostPlain { state.plain.removeAll() }
        state.plain[bus.name] = made
      }
      if snapshot.catalog.regions[bus.scope] != nil { state.compiled[bus] = made }
    }
    return made
  }
}

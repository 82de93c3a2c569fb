// Replays: the events of an archive go onto its bus again, in the order in which they came, with the replay's name in
// them. They are in the journal under an identity of their own, and how far a replay has come is written after each
// chunk; what is sent twice after a crash is known and decides nothing.

internal import Delivery
internal import EventPatterns
internal import Logging
internal import Storage
public import TrailEvents

extension BusEngine {
  private static let chunk = 100

  /// Runs the replays that are not at their end, one after the other.
  func runReplays() async {
    while !Task.isCancelled {
      let active = directory.snapshot.catalog.regions.flatMap { scope, region in
        region.replays.values.filter(\.state.isActive).map { (scope, $0) }
      }
      guard !active.isEmpty else { return }
      for (scope, replay) in active.sorted(by: { $0.1.startedAt < $1.1.startedAt }) {
        do {
          try await step(replay, in: scope)
        } catch {
          guard !Task.isCancelled else { return }
          logger.error("the replay \(replay.name) cannot go on; trying again: \(error)")
          do { try await clock.sleep(until: clock.now + .seconds(1)) } catch { return }
        }
      }
    }
  }

  /// Sends one chunk, or ends the replay.
  private func step(_ replay: Replay, in scope: Scope) async throws {
    var replay = replay
    if replay.state == .cancelling {
      replay.state = .cancelled
      replay.endedAt = clock.now.milliseconds
      return try await note(replay, in: scope)
    }
    let name = ARN(replay.archiveARN)?.name ?? ""
    guard let archive = directory.snapshot.catalog[scope].archives[name] else {
      replay.state = .failed
      replay.stateReason = "Archive \(name) does not exist."
      replay.endedAt = clock.now.milliseconds
      return try await note(replay, in: scope)
    }
    let (id, position, from, until) = (archive.storageID, replay.position, replay.from, replay.until)
    let rows = try await database.fetch { db in
      try ArchivedEvents.events(of: id, after: position, from: from, until: until, limit: Self.chunk, db)
    }
    if !rows.isEmpty {
      let bus = BusReference(replay.destinationARN, from: scope)
      let filter = Set(replay.filterARNs)
      try await accept(
        rows.compactMap { row in
          guard let event = try? TrailEvent(record: row.envelope) else { return nil }
          return BusEvent(event).replayed(as: replay.name, for: filter).map { ($0, bus) }
        }
      )
      replay.state = .running
      replay.position = rows.last?.number ?? replay.position
      replay.lastEventTime = rows.last?.time
    }
    if rows.count < Self.chunk {
      replay.state = .completed
      replay.endedAt = clock.now.milliseconds
    }
    try await note(replay, in: scope)
  }

  private func note(_ replay: Replay, in scope: Scope) async throws {
    try await change { catalog throws(BusError) in catalog.note(replay, in: scope) }
  }

  // MARK: Archives

  /// How many events an archive has, and how many bytes.
  public func size(of archive: Archive) async throws -> (events: Int, bytes: Int64) {
    let id = archive.storageID
    return try await database.fetch { try ArchivedEvents.size(of: id, $0) }
  }

  /// Removes an archive with its events.
  public func deleteArchive(_ name: String, in scope: Scope) async throws {
    let archive = try await change { catalog throws(BusError) in try catalog.deleteArchive(name, in: scope) }
    try await ArchivedEvents.remove(from: archive.storageID, in: database)
  }
}

// What is made with the help of chance: ids of new resources.

internal import Delivery
public import TrailEvents

extension BusEngine {
  /// A random id for a new resource.
  public func newIdentifier() -> String {
    var generator = SystemRandomNumberGenerator()
    return EventID.random(using: &generator)
  }

  /// A new archive, with a place of its own for its events.
  public func newArchive(
    _ name: String,
    of sourceARN: String,
    description: String?,
    pattern: String?,
    retentionDays: Int,
    kmsKey: String?,
    now: Int64
  ) -> Archive {
    Archive(
      name: name,
      sourceARN: sourceARN,
      description: description,
      pattern: pattern,
      retentionDays: retentionDays,
      kmsKey: kmsKey,
      createdAt: now,
      storageID: newIdentifier()
    )
  }

  /// Takes events of a partner's sources to the buses of the accounts that listen to them.
  public func putPartnerEvents(_ entries: [EventEntry], by partner: Scope) async throws -> [EntryResult] {
    let now = clock.now
    let snapshot = directory.snapshot
    var routing = EventRouting(snapshot, now: now)
    var results: [EntryResult] = []
    for entry in entries {
      if let problem = entry.problem(isPartner: true) {
        results.append(.refused(problem))
        continue
      }
      let name = entry.source ?? ""
      let offers = snapshot.catalog.partnerSources(by: partner, prefix: name).filter { $0.source.name == name }
      guard !offers.isEmpty else {
        results.append(.refused(.notFound("Event source \(name) does not exist.")))
        continue
      }
      let id = newIdentifier()
      results.append(.accepted(id: id))
      for (index, offer) in offers.enumerated() where offer.source.state == .active {
        let scope = Scope(account: offer.account, region: partner.region)
        // Each account gets an event of its own.
        let own = index == 0 ? id : newIdentifier()
        let event = BusEvent(entry.event(id: own, in: scope, now: now.seconds))
        routing.accept(event, on: BusReference(scope: scope, name: name))
      }
    }
    try await commit(routing.outcome, now: now)
    return results
  }
}

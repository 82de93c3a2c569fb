// Events that another part of this installation puts on a bus for an account.

internal import Delivery
public import TrailEvents

extension BusEngine {
  /// Puts an event on a bus for an account; the same event again is known. It is on the disk when this returns.
  ///
  /// Throws `BusError` when there is no such bus or its policy does not let the account in, or a `StorageError`.
  public func put(_ event: TrailEvent, on bus: BusReference, by account: String) async throws {
    try await put(event, on: bus, as: .account(account))
  }

  /// Puts an event on a bus for a caller, as `put(_:on:by:)` does for an account.
  public func put(_ event: TrailEvent, on bus: BusReference, as caller: PolicyCaller) async throws {
    let catalog = catalog
    _ = try catalog.bus(bus)
    try catalog.authorize(
      caller,
      "events:PutEvents",
      on: bus,
      conditions: ["events:source": [event.source], "events:detail-type": [event.detailType]],
      now: clock.now.milliseconds
    )
    try await accept([(BusEvent(event), bus)])
  }

  /// Puts entries on a bus for an account, each under an id that the caller chose: the same id again is known. What is
  /// accepted is on the disk when this returns.
  ///
  /// Throws `BusError` when there is no such bus or its policy does not let the account in, or a `StorageError`.
  public func put(
    _ entries: [(id: String, entry: EventEntry)],
    on bus: BusReference,
    by account: String
  ) async throws -> [EntryResult] {
    _ = try catalog.bus(bus)
    guard catalog.allows(account, "events:PutEvents", on: bus) else {
      throw BusError.denied("Account \(account) is not allowed to put events on \(bus.arn) by its policy.")
    }
    guard entries.reduce(0, { $0 + $1.entry.size }) <= settings.limits.requestBytes else {
      throw BusError.validation("Total size of the entries in the request is over the limit.")
    }
    let (scope, now) = (Scope(account: account, region: bus.scope.region), clock.now.seconds)
    var accepted: [(event: BusEvent, bus: BusReference)] = []
    let results = entries.map { id, entry -> EntryResult in
      if let problem = entry.problem() { return .refused(problem) }
      accepted.append((BusEvent(entry.event(id: id, in: scope, now: now)), bus))
      return .accepted(id: id)
    }
    if !accepted.isEmpty { try await accept(accepted) }
    return results
  }
}

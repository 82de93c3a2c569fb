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
}

// Events that another part of this installation puts on a bus for an account.

public import TrailEvents

extension BusEngine {
  /// Puts an event on a bus for an account; the same event again is known. It is on the disk when this returns.
  ///
  /// Throws `BusError` when there is no such bus or its policy does not let the account in, or a `StorageError`.
  public func put(_ event: TrailEvent, on bus: BusReference, by account: String) async throws {
    _ = try catalog.bus(bus)
    guard catalog.allows(account, "events:PutEvents", on: bus) else {
      throw BusError.denied("Account \(account) is not allowed to put events on \(bus.arn) by its policy.")
    }
    try await accept([(BusEvent(event), bus)])
  }
}

// CreateEventBus and what follows it.

public import TrailEvents

extension Catalog {
  /// The bus, or `ResourceNotFoundException`.
  public func bus(_ bus: BusReference) throws(BusError) -> EventBus {
    guard let found = self[bus.scope].bus(bus.name) else {
      throw .notFound("Event bus \(bus.name) does not exist.")
    }
    return found
  }

  /// The buses whose names begin so, in the order of their names.
  public func buses(in scope: Scope, prefix: String? = nil) -> [EventBus] {
    let region = self[scope]
    var all = region.buses.sorted
    if region.buses[EventBus.defaultName] == nil { all.append(EventBus(name: EventBus.defaultName)) }
    return all.filter { $0.name.hasPrefix(prefix ?? "") }.sorted { $0.name < $1.name }
  }

  /// Makes a bus; one that is named after a partner's source takes its events.
  public mutating func createBus(
    _ bus: EventBus,
    tags: [ResourceTag] = [],
    in scope: Scope
  ) throws(BusError) -> EventBus {
    guard self[scope].bus(bus.name) == nil else { throw .exists("Event bus \(bus.name) already exists.") }
    if let source = bus.sourceName {
      guard source == bus.name else {
        throw .validation("Parameter Name is not valid. Reason: the name of a partner event bus is that of its source.")
      }
      guard let offer = self[scope].sources[source], offer.state != .deleted else {
        throw .notFound("Event source \(source) does not exist.")
      }
      self[scope].sources[source]?.state = .active
    } else {
      guard !bus.name.hasPrefix("aws.") else {
        throw .validation("Event bus name starting with 'aws.' is not valid.")
      }
      guard !bus.name.contains("/") else {
        throw .validation("Event bus name must not contain '/'.")
      }
    }
    guard self[scope].buses.count < limits.buses else { throw .limit() }
    self[scope].buses[bus.name] = bus
    if !tags.isEmpty { try tag(BusReference(scope: scope, name: bus.name).arn, tags, in: scope) }
    return bus
  }

  /// Changes what UpdateEventBus changes; what is not given stays.
  public mutating func updateBus(
    _ bus: BusReference,
    description: String?,
    kmsKey: String?,
    deadLetterARN: String?,
    log: EventBus.LogSettings?,
    now: Int64
  ) throws(BusError) -> EventBus {
    var changed = try self.bus(bus)
    if let description { changed.description = description }
    if let kmsKey { changed.kmsKey = kmsKey.isEmpty ? nil : kmsKey }
    if let deadLetterARN { changed.deadLetterARN = deadLetterARN.isEmpty ? nil : deadLetterARN }
    if let log { changed.log = log }
    changed.modifiedAt = now
    self[bus.scope].buses[bus.name] = changed
    return changed
  }

  /// Removes a bus with what managed rules it has; one that is not there is no error.
  public mutating func deleteBus(_ bus: BusReference) throws(BusError) {
    guard bus.name != EventBus.defaultName else { throw .validation("Cannot delete event bus default.") }
    guard let found = self[bus.scope].buses[bus.name] else { return }
    guard self[bus.scope].rules(of: bus.name).isEmpty else {
      throw .validation("Event bus \(bus.name) can't be deleted since it has rules.")
    }
    self[bus.scope].buses[bus.name] = nil
    self[bus.scope].tags[bus.arn] = nil
    if let source = found.sourceName, self[bus.scope].sources[source]?.state == .active {
      self[bus.scope].sources[source]?.state = .pending
    }
  }
}

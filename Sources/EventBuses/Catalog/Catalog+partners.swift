// Partner sources, seen from both sides, and global endpoints.
//
// A source belongs to the account that it was offered to; the partner finds it by looking through the accounts of the
// Region.

public import TrailEvents

extension Catalog {
  // MARK: The partner's side

  /// Offers a source to an account.
  ///
  /// - Returns: the source's ARN.
  public mutating func createPartnerSource(
    _ name: String,
    for account: String,
    by partner: Scope,
    now: Int64
  ) throws(BusError) -> String {
    let scope = Scope(account: account, region: partner.region)
    if let known = self[scope].sources[name], known.state != .deleted {
      throw .exists("Event source \(name) already exists.")
    }
    self[scope].sources[name] = PartnerSource(
      name: name,
      partnerAccount: partner.account,
      state: .pending,
      createdAt: now
    )
    return PartnerSource.arn(name, in: partner)
  }

  /// Withdraws a source; one that is not there is no error.
  public mutating func deletePartnerSource(_ name: String, for account: String, by partner: Scope) {
    let scope = Scope(account: account, region: partner.region)
    guard let source = self[scope].sources[name], source.partnerAccount == partner.account else { return }
    // A bus that listens to it stays, and finds its source deleted.
    if self[scope].bus(name) == nil {
      self[scope].sources[name] = nil
    } else {
      self[scope].sources[name]?.state = .deleted
    }
  }

  /// The offers of a source, by account.
  public func partnerSources(by partner: Scope, prefix: String = "") -> [(account: String, source: PartnerSource)] {
    regions.filter { $0.key.region == partner.region }
      .flatMap { scope, region in
        region.sources.values
          .filter { $0.partnerAccount == partner.account && $0.name.hasPrefix(prefix) && $0.state != .deleted }
          .map { (scope.account, $0) }
      }
      .sorted { ($0.1.name, $0.0) < ($1.1.name, $1.0) }
  }

  /// The partner's source, or `ResourceNotFoundException`.
  public func partnerSource(_ name: String, by partner: Scope) throws(BusError) -> PartnerSource {
    guard let found = partnerSources(by: partner, prefix: name).first(where: { $0.source.name == name }) else {
      throw .notFound("Event source \(name) does not exist.")
    }
    return found.source
  }

  // MARK: The customer's side

  /// The source that was offered to an account, or `ResourceNotFoundException`.
  public func eventSource(_ name: String, in scope: Scope) throws(BusError) -> PartnerSource {
    guard let source = self[scope].sources[name] else {
      throw .notFound("Event source \(name) does not exist.")
    }
    return source
  }

  /// The sources that were offered to an account, in the order of their names.
  public func eventSources(in scope: Scope, prefix: String? = nil) -> [PartnerSource] {
    self[scope].sources.sorted.filter { $0.name.hasPrefix(prefix ?? "") }
  }

  /// Takes a source's events again, or no longer.
  public mutating func setActive(_ isActive: Bool, source name: String, in scope: Scope) throws(BusError) {
    let source = try eventSource(name, in: scope)
    guard source.state != .deleted else { throw .invalidState("Event source \(name) is in DELETED state.") }
    if isActive, self[scope].bus(name) == nil {
      throw .invalidState("Event source \(name) has no event bus: create one with the source's name.")
    }
    self[scope].sources[name]?.state = isActive ? .active : .pending
  }

  // MARK: Endpoints

  /// The endpoint, or `ResourceNotFoundException`.
  public func endpoint(_ name: String, in scope: Scope) throws(BusError) -> BusEndpoint {
    guard let endpoint = self[scope].endpoints[name] else { throw .notFound("Endpoint \(name) does not exist.") }
    return endpoint
  }

  /// The endpoints whose names begin so, in the order of their names.
  public func endpoints(in scope: Scope, prefix: String? = nil) -> [BusEndpoint] {
    self[scope].endpoints.sorted.filter { $0.name.hasPrefix(prefix ?? "") }
  }

  /// Makes an endpoint.
  public mutating func createEndpoint(_ endpoint: BusEndpoint, in scope: Scope) throws(BusError) {
    guard self[scope].endpoints[endpoint.name] == nil else {
      throw .exists("Endpoint \(endpoint.name) already exists.")
    }
    try Self.check(endpoint, in: scope)
    guard self[scope].endpoints.count < 100 else { throw .limit() }
    self[scope].endpoints[endpoint.name] = endpoint
  }

  /// Changes what UpdateEndpoint changes; what is not given stays.
  public mutating func updateEndpoint(
    _ name: String,
    description: String?,
    routing: String?,
    replicationState: String?,
    busARNs: [String]?,
    roleARN: String?,
    in scope: Scope,
    now: Int64
  ) throws(BusError) -> BusEndpoint {
    var endpoint = try self.endpoint(name, in: scope)
    if let description { endpoint.description = description }
    if let routing { endpoint.routing = routing }
    if let replicationState { endpoint.replicationState = replicationState }
    if let busARNs { endpoint.busARNs = busARNs }
    if let roleARN { endpoint.roleARN = roleARN }
    try Self.check(endpoint, in: scope)
    endpoint.modifiedAt = now
    self[scope].endpoints[name] = endpoint
    return endpoint
  }

  /// Removes an endpoint.
  public mutating func deleteEndpoint(_ name: String, in scope: Scope) throws(BusError) {
    _ = try endpoint(name, in: scope)
    self[scope].endpoints[name] = nil
  }

  private static func check(_ endpoint: BusEndpoint, in scope: Scope) throws(BusError) {
    let buses = endpoint.busARNs.compactMap { ARN($0) }
    guard buses.count == 2, endpoint.busARNs.count == 2, buses.allSatisfy({ $0.account == scope.account }) else {
      throw .validation("EventBuses must name two event buses of this account by their ARNs.")
    }
    guard buses[0].region != buses[1].region, buses[0].name == buses[1].name else {
      throw .validation("EventBuses must have the same name in two different Regions.")
    }
    guard endpoint.replicationState == "DISABLED" || endpoint.roleARN != nil else {
      throw .validation("RoleArn is required when replication is enabled.")
    }
  }
}

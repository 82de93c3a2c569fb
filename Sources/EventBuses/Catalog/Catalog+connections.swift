// Connections and API destinations.

public import TrailEvents

extension Catalog {
  /// The connection, or `ResourceNotFoundException`.
  public func connection(_ name: String, in scope: Scope) throws(BusError) -> Connection {
    guard let connection = self[scope].connections[name] else { throw Self.noConnection(name) }
    return connection
  }

  private static func noConnection(_ name: String) -> BusError {
    .notFound("Failed to describe the connection(s). Connection '\(name)' does not exist.")
  }

  /// The connections, in the order of their names.
  public func connections(
    in scope: Scope,
    prefix: String? = nil,
    state: Connection.State? = nil
  ) -> [Connection] {
    self[scope].connections.sorted.filter {
      $0.name.hasPrefix(prefix ?? "") && (state == nil || $0.state == state)
    }
  }

  /// Makes a connection; one that needs a token is not authorized before it has one.
  public mutating func createConnection(
    _ name: String,
    description: String?,
    _ parameters: ConnectionParameters,
    kmsKey: String? = nil,
    identifier: String,
    secretIdentifier: String,
    in scope: Scope,
    now: Int64
  ) throws(BusError) -> Connection {
    guard self[scope].connections[name] == nil else { throw .exists("Connection \(name) already exists.") }
    guard self[scope].connections.count < limits.destinations else { throw .limit() }
    try Self.check(parameters)
    let state = Self.firstState(parameters.authorization)
    let connection = Connection(
      name: name,
      identifier: identifier,
      description: description,
      state: state,
      parameters: parameters.withoutSecrets,
      secretIdentifier: secretIdentifier,
      kmsKey: kmsKey,
      createdAt: now,
      modifiedAt: now,
      authorizedAt: state == .authorized ? now : nil
    )
    self[scope].connections[name] = connection
    self[scope].secrets[name] = parameters
    return connection
  }

  private static func firstState(_ authorization: Connection.Authorization) -> Connection.State {
    authorization == .clientCredentials ? .authorizing : .authorized
  }

  private static func check(_ parameters: ConnectionParameters) throws(BusError) {
    let isComplete =
      switch parameters.authorization {
      case .basic: parameters.username != nil && parameters.password != nil
      case .apiKey: parameters.apiKeyName != nil && parameters.apiKeyValue != nil
      case .clientCredentials: parameters.oauth?.isComplete == true
      }
    if let oauth = parameters.oauth, isComplete { try checkEndpoint(oauth.endpoint, "AuthorizationEndpoint") }
    // What is of another kind would be kept and never used.
    guard isComplete, parameters.kinds == [parameters.authorization] else {
      throw .validation(
        "Authorization parameters do not match the authorization type \(parameters.authorization.rawValue)."
      )
    }
  }

  /// Changes what UpdateConnection changes; what is not given stays.
  public mutating func updateConnection(
    _ name: String,
    description: String?,
    authorization: Connection.Authorization? = nil,
    parameters: ConnectionParameters?,
    kmsKey: String? = nil,
    in scope: Scope,
    now: Int64
  ) throws(BusError) -> Connection {
    var connection = try self.connection(name, in: scope)
    if let authorization, authorization != connection.parameters.authorization, parameters?.kinds.isEmpty != false {
      throw .validation(
        "Parameter AuthorizationType is not valid. Reason: a change to \(authorization.rawValue) needs its AuthParameters."
      )
    }
    if let description { connection.description = description }
    if let kmsKey { connection.kmsKey = kmsKey.isEmpty ? nil : kmsKey }
    if let parameters {
      // What a change of the same kind leaves out stays.
      var merged = parameters
      if let old = self[scope].secrets[name] {
        if old.authorization == merged.authorization {
          merged.username = merged.username ?? old.username
          merged.password = merged.password ?? old.password
          merged.apiKeyName = merged.apiKeyName ?? old.apiKeyName
          merged.apiKeyValue = merged.apiKeyValue ?? old.apiKeyValue
          merged.oauth = merged.oauth?.over(old.oauth) ?? old.oauth
        }
        merged.invocation = merged.invocation ?? old.invocation
      }
      try Self.check(merged)
      connection.parameters = merged.withoutSecrets
      connection.state = Self.firstState(merged.authorization)
      connection.stateReason = nil
      if connection.state == .authorized { connection.authorizedAt = now }
      self[scope].secrets[name] = merged
    }
    connection.modifiedAt = now
    self[scope].connections[name] = connection
    return connection
  }

  /// Removes the credentials of a connection; it stays, and nothing gets through it.
  public mutating func deauthorizeConnection(
    _ name: String,
    in scope: Scope,
    now: Int64
  ) throws(BusError) -> Connection {
    var connection = try self.connection(name, in: scope)
    connection.state = .deauthorized
    connection.stateReason = nil
    connection.modifiedAt = now
    self[scope].connections[name] = connection
    self[scope].secrets[name] = nil
    return connection
  }

  /// Removes a connection.
  ///
  /// - Returns: what was removed.
  public mutating func deleteConnection(_ name: String, in scope: Scope) throws(BusError) -> Connection {
    guard let connection = self[scope].connections[name] else {
      throw .notFound("Connection '\(name)' does not exist.")
    }
    self[scope].connections[name] = nil
    self[scope].secrets[name] = nil
    return connection
  }

  /// Notes what a request for a token brought.
  mutating func note(
    _ state: Connection.State,
    reason: String?,
    of connection: Connection,
    in scope: Scope,
    now: Int64
  ) {
    guard var known = self[scope].connections[connection.name], known.identifier == connection.identifier,
      known.modifiedAt == connection.modifiedAt, known.state != .deauthorized
    else { return }
    known.state = state
    known.stateReason = reason
    if state == .authorized { known.authorizedAt = now }
    self[scope].connections[connection.name] = known
  }

  // MARK: API destinations

  /// The destination, or `ResourceNotFoundException`.
  public func destination(_ name: String, in scope: Scope) throws(BusError) -> APIDestination {
    guard let destination = self[scope].destinations[name] else {
      throw .notFound("Failed to describe the api-destination(s). An api-destination '\(name)' does not exist.")
    }
    return destination
  }

  /// The destinations, in the order of their names.
  public func destinations(
    in scope: Scope,
    prefix: String? = nil,
    connectionARN: String? = nil
  ) -> [APIDestination] {
    self[scope].destinations.sorted.filter {
      $0.name.hasPrefix(prefix ?? "") && (connectionARN == nil || $0.connectionARN == connectionARN)
    }
  }

  /// Whether a destination can be reached: its connection is authorized.
  public func isActive(_ destination: APIDestination, in scope: Scope) -> Bool {
    guard let connection = try? connection(ofARN: destination.connectionARN, in: scope) else { return false }
    return connection.state == .authorized
  }

  /// Makes a destination.
  public mutating func createDestination(_ destination: APIDestination, in scope: Scope) throws(BusError) {
    guard self[scope].destinations[destination.name] == nil else {
      throw .exists("An api-destination '\(destination.name)' already exists.")
    }
    guard self[scope].destinations.count < limits.destinations else { throw .limit() }
    _ = try connection(ofARN: destination.connectionARN, in: scope)
    try Self.checkEndpoint(destination.endpoint, "InvocationEndpoint")
    self[scope].destinations[destination.name] = destination
  }

  /// Changes what UpdateApiDestination changes; what is not given stays.
  public mutating func updateDestination(
    _ name: String,
    description: String? = nil,
    connectionARN: String? = nil,
    endpoint: String? = nil,
    method: String? = nil,
    rateLimit: Int? = nil,
    in scope: Scope,
    now: Int64
  ) throws(BusError) -> APIDestination {
    var destination = try self.destination(name, in: scope)
    if let connectionARN {
      _ = try connection(ofARN: connectionARN, in: scope)
      destination.connectionARN = connectionARN
    }
    if let description { destination.description = description }
    if let endpoint {
      try Self.checkEndpoint(endpoint, "InvocationEndpoint")
      destination.endpoint = endpoint
    }
    if let method { destination.method = method }
    if let rateLimit { destination.rateLimit = rateLimit }
    destination.modifiedAt = now
    self[scope].destinations[name] = destination
    return destination
  }

  /// Refuses what is no URL of a web server. AWS takes `https` only; `http` is for what runs beside us.
  static func checkEndpoint(_ text: String, _ parameter: String) throws(BusError) {
    let lower = text.lowercased()
    let rest = ["https://", "http://"].first(where: lower.hasPrefix).map { text.dropFirst($0.count) }
    guard let host = rest?.prefix(while: { !"/?#".contains($0) }), !host.isEmpty, host.first != ":" else {
      throw .validation("Parameter \(parameter) is not valid. Reason: it must be the URL of an HTTPS endpoint.")
    }
  }

  /// Removes a destination.
  public mutating func deleteDestination(_ name: String, in scope: Scope) throws(BusError) {
    _ = try destination(name, in: scope)
    self[scope].destinations[name] = nil
  }

  /// The connection that an ARN names.
  func connection(ofARN text: String, in scope: Scope) throws(BusError) -> Connection {
    guard let arn = ARN(text), arn.service == "events", arn.type == "connection" else {
      throw .validation("Parameter ConnectionArn is not valid. Reason: Provided Arn is not in correct format.")
    }
    let name = String(arn.name.prefix { $0 != "/" })
    guard arn.scope == scope, let connection = self[scope].connections[name], connection.arn(in: scope) == text else {
      throw .notFound("Connection '\(name)' does not exist.")
    }
    return connection
  }
}

// Connections hold the credentials for API destinations. What is secret lies in a row of its own, so that nothing that
// is shown or logged has ever had it in hand.

/// A connection.
public struct Connection: Codable, Sendable, Equatable {
  /// How requests are authorized.
  public enum Authorization: String, Codable, Sendable, CaseIterable {
    case basic = "BASIC"
    case apiKey = "API_KEY"
    case clientCredentials = "OAUTH_CLIENT_CREDENTIALS"
  }

  /// Where it stands.
  public enum State: String, Codable, Sendable, CaseIterable {
    case authorized = "AUTHORIZED"
    case deauthorized = "DEAUTHORIZED"
    case authorizing = "AUTHORIZING"
    case deauthorizing = "DEAUTHORIZING"
    case creating = "CREATING"
    case updating = "UPDATING"
    case deleting = "DELETING"
    case active = "ACTIVE"
    case failedConnectivity = "FAILED_CONNECTIVITY"
  }

  /// Its name.
  public var name: String
  /// The end of its ARN.
  public var identifier: String
  /// What it is for.
  public var description: String?
  /// Where it stands.
  public var state: State
  /// Why.
  public var stateReason: String?
  /// How requests are authorized, with what is not secret.
  public var parameters: ConnectionParameters
  /// The end of the ARN of the secret that AWS would keep it in.
  public var secretIdentifier: String
  /// The key that it is said to be encrypted with; kept, not used.
  public var kmsKey: String?
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was changed last, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// When it was authorized last, in milliseconds since 1970.
  public var authorizedAt: Int64?
}

/// A parameter of a request.
public struct ConnectionParameter: Codable, Sendable, Equatable {
  /// Its name.
  public var key: String
  /// Its value; empty where it is shown and secret.
  public var value: String
  /// Whether the value is secret.
  public var isSecret: Bool

  /// Makes a parameter.
  public init(key: String, value: String, isSecret: Bool = false) {
    self.key = key
    self.value = value
    self.isSecret = isSecret
  }
}

/// Parameters of a request, by where they go.
public struct ConnectionHTTPParameters: Codable, Sendable, Equatable {
  /// Headers.
  public var headers: [ConnectionParameter]
  /// The query.
  public var query: [ConnectionParameter]
  /// Members of the body, if it is a JSON object; fields of the form, for a token request.
  public var body: [ConnectionParameter]

  /// Makes parameters.
  public init(
    headers: [ConnectionParameter] = [],
    query: [ConnectionParameter] = [],
    body: [ConnectionParameter] = []
  ) {
    self.headers = headers
    self.query = query
    self.body = body
  }

  /// Without the values that are secret.
  var withoutSecrets: ConnectionHTTPParameters {
    func hide(_ list: [ConnectionParameter]) -> [ConnectionParameter] {
      list.map { $0.isSecret ? ConnectionParameter(key: $0.key, value: "", isSecret: true) : $0 }
    }
    return ConnectionHTTPParameters(headers: hide(headers), query: hide(query), body: hide(body))
  }
}

/// How the requests of a connection are authorized.
///
/// The same shape holds the whole and, without the secrets, what is shown.
public struct ConnectionParameters: Codable, Sendable, Equatable {
  /// The client credentials flow of OAuth 2.
  public struct OAuth: Codable, Sendable, Equatable {
    /// Who we are.
    public var clientID: String
    /// How we show it; empty where it is shown.
    public var clientSecret: String
    /// Where tokens are given out.
    public var endpoint: String
    /// `GET`, `POST` or `PUT`.
    public var method: String
    /// What goes along.
    public var http: ConnectionHTTPParameters?

    /// Makes settings.
    public init(
      clientID: String,
      clientSecret: String,
      endpoint: String,
      method: String,
      http: ConnectionHTTPParameters? = nil
    ) {
      self.clientID = clientID
      self.clientSecret = clientSecret
      self.endpoint = endpoint
      self.method = method
      self.http = http
    }

    /// Whether nothing is missing that a request for a token needs.
    var isComplete: Bool { ![clientID, clientSecret, endpoint, method].contains("") }

    /// The settings, with those of others where they have none.
    func over(_ old: OAuth?) -> OAuth {
      guard let old else { return self }
      return OAuth(
        clientID: clientID.isEmpty ? old.clientID : clientID,
        clientSecret: clientSecret.isEmpty ? old.clientSecret : clientSecret,
        endpoint: endpoint.isEmpty ? old.endpoint : endpoint,
        method: method.isEmpty ? old.method : method,
        http: http ?? old.http
      )
    }
  }

  /// The kinds of authorization that there are parameters of.
  var kinds: Set<Connection.Authorization> {
    var kinds: Set<Connection.Authorization> = []
    if username != nil || password != nil { kinds.insert(.basic) }
    if apiKeyName != nil || apiKeyValue != nil { kinds.insert(.apiKey) }
    if oauth != nil { kinds.insert(.clientCredentials) }
    return kinds
  }

  /// Which of the following holds.
  public var authorization: Connection.Authorization
  /// For `BASIC`.
  public var username: String?
  /// For `BASIC`; nothing where it is shown.
  public var password: String?
  /// For `API_KEY`: the header.
  public var apiKeyName: String?
  /// For `API_KEY`; nothing where it is shown.
  public var apiKeyValue: String?
  /// For `OAUTH_CLIENT_CREDENTIALS`.
  public var oauth: OAuth?
  /// What goes into every request to the destination.
  public var invocation: ConnectionHTTPParameters?

  /// Makes parameters.
  public init(authorization: Connection.Authorization) { self.authorization = authorization }

  /// Without what is secret.
  var withoutSecrets: ConnectionParameters {
    var copy = self
    copy.password = nil
    copy.apiKeyValue = nil
    copy.oauth?.clientSecret = ""
    copy.oauth?.http = oauth?.http?.withoutSecrets
    copy.invocation = invocation?.withoutSecrets
    return copy
  }
}

/// An HTTP endpoint as a target.
public struct APIDestination: Codable, Sendable, Equatable {
  /// Its name.
  public var name: String
  /// The end of its ARN.
  public var identifier: String
  /// What it is for.
  public var description: String?
  /// The connection with the credentials.
  public var connectionARN: String
  /// The URL; a `*` is a place for a path value.
  public var endpoint: String
  /// The method, in capitals.
  public var method: String
  /// How many requests a second, at most.
  public var rateLimit: Int
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was changed last, in milliseconds since 1970.
  public var modifiedAt: Int64

  /// How many places for path values the URL has.
  public var places: Int { endpoint.count { $0 == "*" } }

  /// The limit of one that says nothing.
  public static let defaultRateLimit = 300

  /// Makes a destination.
  public init(
    name: String,
    identifier: String,
    description: String? = nil,
    connectionARN: String,
    endpoint: String,
    method: String,
    rateLimit: Int = APIDestination.defaultRateLimit,
    now: Int64
  ) {
    self.name = name
    self.identifier = identifier
    self.description = description
    self.connectionARN = connectionARN
    self.endpoint = endpoint
    self.method = method
    self.rateLimit = rateLimit
    createdAt = now
    modifiedAt = now
  }
}

// Connections: credentials go in and never come out again.

internal import AWSProtocols
internal import EventBuses
internal import EventPatterns
internal import TrailEvents

extension Events {
  private static func parameters(_ isSecret: Bool) -> Shape {
    func list(_ key: Shape, _ value: Shape) -> Shape {
      .list(
        .structure([
          .optional("Key", key), .optional("Value", value, secret: isSecret), .optional("IsValueSecret", .boolean),
        ]),
        0...100
      )
    }
    return .structure([
      .optional("HeaderParameters", list(headerName, headerValue)),
      .optional("QueryStringParameters", list(queryName, queryValue)),
      .optional("BodyParameters", list(.string, .string)),
    ])
  }

  /// A name or secret of an authorization: AWS's pattern, and one of the same texts that takes no longer for the worst.
  private static let credential = Shape.string(
    1...512,
    pattern: TextPattern(
      #"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$"#,
      matchedAs: #"\t*[^\x00-\x1F:\x7F][^\x00-\x08\x0A-\x1F:\x7F]*"#
    )
  )

  private static let connectivity = Shape.structure([
    .required(
      "ResourceParameters",
      .structure([
        .required(
          "ResourceConfigurationArn",
          .string(
            0...2048,
            pattern:
              #"^(?:^arn:[a-z0-9\-]+:vpc-lattice:[a-zA-Z0-9\-]+:\d{12}:resourceconfiguration/rcfg-[0-9a-z]{17}$|^$)"#
          )
        )
      ])
    )
  ])

  private static let authorization = Shape.choice("BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY")
  private static let connectionState = Shape.choice(
    "CREATING",
    "UPDATING",
    "DELETING",
    "AUTHORIZED",
    "DEAUTHORIZED",
    "AUTHORIZING",
    "DEAUTHORIZING",
    "ACTIVE",
    "FAILED_CONNECTIVITY"
  )
  private static let method = Shape.choice("GET", "POST", "PUT")

  /// What CreateConnection takes; for UpdateConnection all of it may be left out.
  private static func authParameters(_ member: (String, Shape) -> Member) -> Shape {
    .structure([
      .optional(
        "BasicAuthParameters",
        .structure([member("Username", credential), secret(member("Password", credential))])
      ),
      .optional(
        "OAuthParameters",
        .structure([
          member(
            "ClientParameters",
            .structure([member("ClientID", credential), secret(member("ClientSecret", credential))])
          ),
          member("AuthorizationEndpoint", endpoint),
          member("HttpMethod", method),
          .optional("OAuthHttpParameters", parameters(true)),
        ])
      ),
      .optional(
        "ApiKeyAuthParameters",
        .structure([member("ApiKeyName", credential), secret(member("ApiKeyValue", credential))])
      ),
      .optional("InvocationHttpParameters", parameters(true)),
      .optional("ConnectivityParameters", connectivity),
    ])
  }

  private static func secret(_ member: Member) -> Member {
    var member = member
    member.isSecret = true
    return member
  }

  private static let created: Structure = [
    .optional("ConnectionArn", .string),
    .optional("ConnectionState", .string),
    .optional("CreationTime", .timestamp),
    .optional("LastModifiedTime", .timestamp),
  ]

  private static let changed: Structure = created + [.optional("LastAuthorizedTime", .timestamp)]

  private static let summary: Structure =
    changed
    + [
      .optional("Name", .string), .optional("StateReason", .string), .optional("AuthorizationType", .string),
    ]

  static let connectionOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "CreateConnection",
      "Makes a connection that authorizes requests to API destinations.",
      input: [
        .required("Name", name64),
        .optional("Description", lineDescription),
        .required("AuthorizationType", authorization),
        .required("AuthParameters", authParameters { .required($0, $1) }),
        .optional("InvocationConnectivityParameters", connectivity),
        .optional("KmsKeyIdentifier", kmsKey),
      ],
      output: created,
      errors: [exists, limit, notFound, denied]
    ) { engine, call in
      let input = call.input
      let parameters = parameters(input.structure("AuthParameters"), input.string("AuthorizationType"))
      let (identifier, secretIdentifier) = (engine.newIdentifier(), engine.newIdentifier())
      let connection = try await engine.change { catalog throws(BusError) in
        try catalog.createConnection(
          input.string("Name"),
          description: input.string(ifAny: "Description"),
          parameters,
          kmsKey: input.string(ifAny: "KmsKeyIdentifier"),
          identifier: identifier,
          secretIdentifier: secretIdentifier,
          in: call.scope,
          now: call.time.milliseconds
        )
      }
      return .fields(changed(connection, call))
    },
    operation(
      "UpdateConnection",
      "Changes a connection; what is not given stays.",
      input: [
        .required("Name", name64),
        .optional("Description", lineDescription),
        .optional("AuthorizationType", authorization),
        .optional("AuthParameters", authParameters { .optional($0, $1) }),
        .optional("InvocationConnectivityParameters", connectivity),
        .optional("KmsKeyIdentifier", kmsKey),
      ],
      output: changed,
      errors: [concurrent, notFound, limit, denied]
    ) { engine, call in
      let input = call.input
      let connection = try await engine.change { catalog throws(BusError) in
        let known = try catalog.connection(input.string("Name"), in: call.scope)
        let wanted = input.string(ifAny: "AuthorizationType").flatMap(EventBuses.Connection.Authorization.init)
        let authorization = (wanted ?? known.parameters.authorization).rawValue
        return try catalog.updateConnection(
          known.name,
          description: input.string(ifAny: "Description"),
          authorization: wanted,
          parameters: input.structure(ifAny: "AuthParameters").map { parameters($0, authorization) },
          kmsKey: input.string(ifAny: "KmsKeyIdentifier"),
          in: call.scope,
          now: call.time.milliseconds
        )
      }
      return .fields(changed(connection, call))
    },
    operation(
      "DeauthorizeConnection",
      "Forgets the credentials of a connection.",
      input: [.required("Name", name64)],
      output: changed,
      errors: [concurrent, notFound]
    ) { engine, call in
      let name = call.input.string("Name")
      let connection = try await engine.change { catalog throws(BusError) in
        try catalog.deauthorizeConnection(name, in: call.scope, now: call.time.milliseconds)
      }
      var fields = changed(connection, call)
      fields["ConnectionState"] = "DEAUTHORIZING"
      return .fields(fields)
    },
    operation(
      "DeleteConnection",
      "Removes a connection with its credentials.",
      input: [.required("Name", name64)],
      output: changed,
      errors: [concurrent, notFound]
    ) { engine, call in
      let name = call.input.string("Name")
      let connection = try await engine.change { catalog throws(BusError) in
        try catalog.deleteConnection(name, in: call.scope)
      }
      var fields = changed(connection, call)
      fields["ConnectionState"] = "DELETING"
      return .fields(fields)
    },
    operation(
      "DescribeConnection",
      "Shows a connection without its secrets.",
      input: [.required("Name", name64)],
      output: summary
        + [
          .optional("Description", .string),
          .optional("SecretArn", .string),
          .optional("KmsKeyIdentifier", .string),
          .optional("AuthParameters", .document),
        ],
      errors: [notFound]
    ) { engine, call in
      let connection = try engine.catalog.connection(call.input.string("Name"), in: call.scope)
      var fields = summary(connection, call)
      fields["Description"] = .maybe(connection.description)
      fields["SecretArn"] = .string(connection.secretARN(in: call.scope))
      fields["KmsKeyIdentifier"] = .maybe(connection.kmsKey)
      fields["AuthParameters"] = .document(document(connection.parameters))
      return .fields(fields)
    },
    operation(
      "ListConnections",
      "Lists connections by name or by state.",
      input: Structure(
        [.optional("NamePrefix", name64), .optional("ConnectionState", connectionState)] + paging()
      ),
      output: [.optional("Connections", .list(.structure(summary))), .optional("NextToken", .string)]
    ) { engine, call in
      let connections = engine.catalog.connections(
        in: call.scope,
        prefix: call.input.string(ifAny: "NamePrefix"),
        state: call.input.string(ifAny: "ConnectionState").flatMap(EventBuses.Connection.State.init)
      )
      return try page(connections, call, as: "Connections", key: \.name) { .fields(summary($0, call)) }
    },
  ]

  private static func changed(_ connection: EventBuses.Connection, _ call: Call) -> Fields {
    [
      "ConnectionArn": .string(connection.arn(in: call.scope)),
      "ConnectionState": .string(connection.state.rawValue),
      "CreationTime": time(connection.createdAt),
      "LastModifiedTime": time(connection.modifiedAt),
      "LastAuthorizedTime": time(connection.authorizedAt),
    ]
  }

  private static func summary(_ connection: EventBuses.Connection, _ call: Call) -> Fields {
    var fields = changed(connection, call)
    fields["Name"] = .string(connection.name)
    fields["StateReason"] = .maybe(connection.stateReason)
    fields["AuthorizationType"] = .string(connection.parameters.authorization.rawValue)
    return fields
  }

  // MARK: Parameters

  private static func parameters(_ input: Input, _ authorization: String) -> ConnectionParameters {
    var parameters = ConnectionParameters(
      authorization: EventBuses.Connection.Authorization(rawValue: authorization) ?? .basic
    )
    if let basic = input.structure(ifAny: "BasicAuthParameters") {
      parameters.username = basic.string(ifAny: "Username")
      parameters.password = basic.string(ifAny: "Password")
    }
    if let key = input.structure(ifAny: "ApiKeyAuthParameters") {
      parameters.apiKeyName = key.string(ifAny: "ApiKeyName")
      parameters.apiKeyValue = key.string(ifAny: "ApiKeyValue")
    }
    if let oauth = input.structure(ifAny: "OAuthParameters") {
      let client = oauth.structure(ifAny: "ClientParameters")
      parameters.oauth = ConnectionParameters.OAuth(
        clientID: client?.string(ifAny: "ClientID") ?? "",
        clientSecret: client?.string(ifAny: "ClientSecret") ?? "",
        endpoint: oauth.string(ifAny: "AuthorizationEndpoint") ?? "",
        method: oauth.string(ifAny: "HttpMethod") ?? "",
        http: oauth.structure(ifAny: "OAuthHttpParameters").map(http)
      )
    }
    parameters.invocation = input.structure(ifAny: "InvocationHttpParameters").map(http)
    return parameters
  }

  private static func http(_ input: Input) -> ConnectionHTTPParameters {
    func list(_ name: String) -> [ConnectionParameter] {
      input.structures(name).map {
        ConnectionParameter(
          key: $0.string(ifAny: "Key") ?? "",
          value: $0.string(ifAny: "Value") ?? "",
          isSecret: $0.bool(ifAny: "IsValueSecret") ?? false
        )
      }
    }
    return ConnectionHTTPParameters(
      headers: list("HeaderParameters"),
      query: list("QueryStringParameters"),
      body: list("BodyParameters")
    )
  }

  private static func document(_ parameters: ConnectionParameters) -> JSONValue {
    var document = JSONObject()
    switch parameters.authorization {
    case .basic: document["BasicAuthParameters"] = .members(["Username": .string(parameters.username ?? "")])
    case .apiKey: document["ApiKeyAuthParameters"] = .members(["ApiKeyName": .string(parameters.apiKeyName ?? "")])
    case .clientCredentials:
      if let oauth = parameters.oauth {
        var shown = JSONObject([
          ("ClientParameters", .members(["ClientID": .string(oauth.clientID)])),
          ("AuthorizationEndpoint", .string(oauth.endpoint)),
          ("HttpMethod", .string(oauth.method)),
        ])
        if let http = oauth.http { shown["OAuthHttpParameters"] = self.document(http) }
        document["OAuthParameters"] = .object(shown)
      }
    }
    if let invocation = parameters.invocation { document["InvocationHttpParameters"] = self.document(invocation) }
    return .object(document)
  }

  private static func document(_ http: ConnectionHTTPParameters) -> JSONValue {
    var document = JSONObject()
    for (name, list) in [
      ("HeaderParameters", http.headers), ("QueryStringParameters", http.query), ("BodyParameters", http.body),
    ] where !list.isEmpty {
      document[name] = .array(
        list.map { parameter in
          var item = JSONObject([("Key", .string(parameter.key))])
          if !parameter.isSecret { item["Value"] = .string(parameter.value) }
          item["IsValueSecret"] = .bool(parameter.isSecret)
          return .object(item)
        }
      )
    }
    return .object(document)
  }
}

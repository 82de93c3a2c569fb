// Temporary credentials.

internal import AWSProtocols
internal import EventPatterns
internal import TrailEvents

extension STS {
  static let sessionOperations: [Operation<Identities>] = [
    Operation(
      "AssumeRole",
      "Gives credentials for a session of a role.",
      input: [
        .required("RoleArn", .string(20...2048)),
        .required("RoleSessionName", .string(2...64, pattern: #"[\w+=,.@-]*"#)),
        .optional("PolicyArns", .list(.structure([.optional("arn", .string(20...2048))]))),
        .optional("Policy", .string(1...2048)),
        .optional("DurationSeconds", .integer(900...43_200)),
        .optional("Tags", tags),
        .optional("TransitiveTagKeys", .list(.string(1...128))),
        .optional("ExternalId", .string(2...1224)),
        .optional("SerialNumber", .string(9...256)),
        .optional("TokenCode", .string(6...6)),
        .optional("SourceIdentity", .string(2...64, pattern: #"[\w+=,.@-]*"#)),
        .optional(
          "ProvidedContexts",
          .list(
            .structure([
              .optional("ProviderArn", .string(20...2048)), .optional("ContextAssertion", .string(4...2048)),
            ]),
            0...5
          )
        ),
      ],
      output: [
        .optional("Credentials", credentials),
        .optional(
          "AssumedRoleUser",
          .structure([.required("AssumedRoleId", .string), .required("Arn", .string)])
        ),
        .optional("PackedPolicySize", .integer),
        .optional("SourceIdentity", .string),
      ],
      errors: [accessDenied, validationError, malformedPolicy],
      readOnly: true
    ) { identities, call in
      let input = call.input
      try checkPolicy(input.string(ifAny: "Policy"))
      let session = input.string("RoleSessionName")
      let role = try role(named: input.string("RoleArn"), identities, call)
      let duration = input.integer(ifAny: "DurationSeconds") ?? 3600
      guard duration <= role.principal.maximumSession ?? 3600 else {
        throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
      }
      let arn = "arn:aws:sts::\(role.account):assumed-role/\(role.principal.name)/\(session)"
      let claims = SessionClaims(
        accessKeyID: UniqueID.make("ASIA"),
        kind: .assumedRole,
        account: role.account,
        arn: arn,
        principalID: "\(role.principal.id):\(session)",
        userName: role.principal.name,
        issuerARN: role.principal.arn(.role, in: role.account),
        start: call.time.milliseconds,
        end: call.time.milliseconds + Int64(duration) * 1000
      )
      return [
        "Credentials": try issue(claims, identities),
        "AssumedRoleUser": ["AssumedRoleId": .string(claims.principalID), "Arn": .string(arn)],
        "SourceIdentity": .maybe(input.string(ifAny: "SourceIdentity")),
      ]
    },
    Operation(
      "GetSessionToken",
      "Gives temporary credentials of the calling user or root.",
      input: [
        .optional("DurationSeconds", .integer(900...129_600)),
        .optional("SerialNumber", .string(9...256)),
        .optional("TokenCode", .string(6...6)),
      ],
      output: [.optional("Credentials", credentials)],
      errors: [accessDenied],
      readOnly: true
    ) { identities, call in
      guard call.caller.kind == .root || call.caller.kind == .user, call.caller.sessionStart == nil else {
        throw accessDenied("Cannot call GetSessionToken with session credentials")
      }
      let duration = call.input.integer(ifAny: "DurationSeconds") ?? (call.caller.kind == .root ? 3600 : 43_200)
      let claims = SessionClaims(
        accessKeyID: UniqueID.make("ASIA"),
        kind: call.caller.kind,
        account: call.caller.account,
        arn: call.caller.arn,
        principalID: call.caller.principalID,
        userName: call.caller.userName,
        start: call.time.milliseconds,
        end: call.time.milliseconds + Int64(duration) * 1000
      )
      return ["Credentials": try issue(claims, identities)]
    },
    Operation(
      "GetFederationToken",
      "Gives temporary credentials that carry another name.",
      input: [
        .required("Name", .string(2...32, pattern: #"[\w+=,.@-]*"#)),
        .optional("Policy", .string(1...2048)),
        .optional("PolicyArns", .list(.structure([.optional("arn", .string(20...2048))]))),
        .optional("DurationSeconds", .integer(900...129_600)),
        .optional("Tags", tags),
      ],
      output: [
        .optional("Credentials", credentials),
        .optional(
          "FederatedUser",
          .structure([.required("FederatedUserId", .string), .required("Arn", .string)])
        ),
        .optional("PackedPolicySize", .integer),
      ],
      errors: [accessDenied, malformedPolicy],
      readOnly: true
    ) { identities, call in
      try checkPolicy(call.input.string(ifAny: "Policy"))
      guard call.caller.kind == .root || call.caller.kind == .user, call.caller.sessionStart == nil else {
        throw accessDenied("Cannot call GetFederationToken with session credentials")
      }
      let name = call.input.string("Name")
      let duration = call.input.integer(ifAny: "DurationSeconds") ?? (call.caller.kind == .root ? 3600 : 43_200)
      let account = call.caller.account
      let claims = SessionClaims(
        accessKeyID: UniqueID.make("ASIA"),
        kind: .federatedUser,
        account: account,
        arn: "arn:aws:sts::\(account):federated-user/\(name)",
        principalID: "\(account):\(name)",
        userName: call.caller.userName,
        issuerARN: call.caller.arn,
        start: call.time.milliseconds,
        end: call.time.milliseconds + Int64(duration) * 1000
      )
      return [
        "Credentials": try issue(claims, identities),
        "FederatedUser": ["FederatedUserId": .string(claims.principalID), "Arn": .string(claims.arn)],
      ]
    },
  ]

  private static let tags = Shape.list(
    .structure([.required("Key", .string(1...128)), .required("Value", .string(0...256))]),
    0...50
  )

  private static func issue(_ claims: SessionClaims, _ identities: Identities) throws -> Value {
    guard let credentials = identities.keyRing.credentials(for: claims) else { throw AWSError.internalFailure }
    return output(credentials)
  }

  private static func checkPolicy(_ text: String?) throws(AWSError) {
    guard let text else { return }
    guard case .object? = try? JSONValue(parsing: text) else {
      throw malformedPolicy("Syntax errors in policy.")
    }
  }

  /// The role that may be assumed under a name.
  ///
  /// The root of an account may take any role of its account, also one that nobody has made: what a local installation
  /// is used for names roles that exist elsewhere. Everybody else needs a role that is there and trusts them.
  private static func role(
    named text: String,
    _ identities: Identities,
    _ call: Call
  ) throws(AWSError) -> (principal: Principal, account: String) {
    guard let arn = ARN(text), arn.service == "iam", arn.type == "role", !arn.name.isEmpty else {
      throw validationError("\(text.prefix(256)) is invalid")
    }
    let name = arn.name.split(separator: "/").last.map(String.init) ?? arn.name
    let role = identities.snapshot[role: name, in: arn.account]
    if let role, role.arn(.role, in: arn.account) == text, trusts(role, arn, call) { return (role, arn.account) }
    if role == nil, call.caller.kind == .root, call.caller.account == arn.account {
      let path = arn.name.hasSuffix("/" + name) ? "/" + arn.name.dropLast(name.count) : "/"
      let stable = Identities.stableID("AROA", arn.account, name)
      return (Principal(name: name, path: path, id: stable, createdAt: 0), arn.account)
    }
    throw accessDenied("User: \(call.caller.arn) is not authorized to perform: sts:AssumeRole on resource: \(text)")
  }

  private static func trusts(_ role: Principal, _ arn: ARN, _ call: Call) -> Bool {
    if call.caller.kind == .root, call.caller.account == arn.account { return true }
    guard let policy = role.trustPolicy.flatMap({ try? ResourcePolicy(parsing: $0) }) else { return false }
    let caller = call.policyCaller
    var conditions = caller.conditions
    if let id = call.input.string(ifAny: "ExternalId") { conditions["sts:ExternalId"] = [id] }
    conditions["sts:RoleSessionName"] = [call.input.string("RoleSessionName")]
    let request = PolicyRequest(
      principal: caller.principal,
      action: "sts:AssumeRole",
      resource: arn.description,
      conditions: conditions,
      now: call.time.milliseconds
    )
    return policy.decision(request) == .allowed
  }
}

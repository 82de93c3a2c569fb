// Roles.

internal import AWSProtocols

extension IAM {
  static let role = Shape.structure([
    .required("Path", .string), .required("RoleName", .string), .required("RoleId", .string), .required("Arn", .string),
    .required("CreateDate", .timestamp), .optional("AssumeRolePolicyDocument", .string),
    .optional("Description", .string), .optional("MaxSessionDuration", .integer),
    .optional(
      "PermissionsBoundary",
      .structure([.optional("PermissionsBoundaryType", .string), .optional("PermissionsBoundaryArn", .string)])
    ),
    .optional("Tags", tags),
  ])

  static func output(role: Principal, in account: String) -> Value {
    [
      "Path": .string(role.path), "RoleName": .string(role.name), "RoleId": .string(role.id),
      "Arn": .string(role.arn(.role, in: account)), "CreateDate": time(role.createdAt),
      "AssumeRolePolicyDocument": role.trustPolicy.map(encoded) ?? .absent,
      "Description": .maybe(role.description), "MaxSessionDuration": .maybe(role.maximumSession ?? 3600),
      "PermissionsBoundary": boundary(role), "Tags": role.tags.isEmpty ? .absent : tagList(role.tags),
    ]
  }

  static func boundary(_ principal: Principal) -> Value {
    principal.permissionsBoundary.map {
      ["PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": .string($0)]
    } ?? .absent
  }

  static func noRole(_ name: String) -> AWSError { noSuchEntity("The role with name \(name) cannot be found.") }

  static let roleOperations: [Operation<Identities>] = [
    Operation(
      "CreateRole",
      "Makes a role that others can take.",
      input: [
        .optional("Path", path), .required("RoleName", name), .required("AssumeRolePolicyDocument", document),
        .optional("Description", .string(0...1000)), .optional("MaxSessionDuration", .integer(3600...43_200)),
        .optional("PermissionsBoundary", arn), .optional("Tags", tags),
      ],
      output: [.required("Role", role)],
      errors: usual + [entityAlreadyExists, malformedPolicy, invalidInput]
    ) { identities, call in
      let (input, account) = (call.input, call.account)
      var made = Principal(
        name: input.string("RoleName"),
        path: input.string(ifAny: "Path") ?? "/",
        id: UniqueID.make("AROA"),
        createdAt: call.time.milliseconds
      )
      made.trustPolicy = try checkedTrust(input.string("AssumeRolePolicyDocument"))
      made.description = input.string(ifAny: "Description")
      made.maximumSession = input.integer(ifAny: "MaxSessionDuration")
      made.permissionsBoundary = input.string(ifAny: "PermissionsBoundary")
      made.tags = try tagMap(input)
      let role = made
      try await identities.change { catalog in
        guard catalog[role: role.name, in: account] == nil else {
          throw entityAlreadyExists("Role with name \(role.name) already exists.")
        }
        guard catalog.roles(of: account).count < 1000 else {
          throw limitExceeded("Cannot exceed quota for RolesPerAccount: 1000")
        }
        catalog[role: role.name, in: account] = role
      }
      return ["Role": output(role: role, in: account)]
    },
    Operation(
      "GetRole",
      "Shows a role.",
      input: [.required("RoleName", name)],
      output: [.required("Role", role)],
      errors: [noSuchEntity]
    ) { identities, call in
      let (name, account) = (call.input.string("RoleName"), call.account)
      guard let role = identities.snapshot[role: name, in: account] else { throw noRole(name) }
      return ["Role": output(role: role, in: account)]
    },
    Operation(
      "ListRoles",
      "Lists the roles of the account.",
      input: [.optional("PathPrefix", .string(1...512))] + paging,
      output: [.required("Roles", .list(role))] + pagingOutput
    ) { identities, call in
      let account = call.account
      let prefix = call.input.string(ifAny: "PathPrefix") ?? "/"
      let roles = identities.snapshot.roles(of: account).filter { $0.path.hasPrefix(prefix) }
      return try page(roles, call.input, key: \.name, "Roles") { output(role: $0, in: account) }
    },
    Operation(
      "UpdateRole",
      "Changes a role's description and longest session.",
      input: [
        .required("RoleName", name), .optional("Description", .string(0...1000)),
        .optional("MaxSessionDuration", .integer(3600...43_200)),
      ],
      errors: usual
    ) { identities, call in
      try await changeRole(identities, call) { role, input in
        if let text = input.string(ifAny: "Description") { role.description = text }
        if let seconds = input.integer(ifAny: "MaxSessionDuration") { role.maximumSession = seconds }
      }
    },
    Operation(
      "UpdateRoleDescription",
      "Changes a role's description.",
      input: [.required("RoleName", name), .required("Description", .string(0...1000))],
      output: [.optional("Role", role)],
      errors: usual
    ) { identities, call in
      _ = try await changeRole(identities, call) { role, input in role.description = input.string("Description") }
      let account = call.account
      let role = identities.snapshot[role: call.input.string("RoleName"), in: account]
      return ["Role": role.map { output(role: $0, in: account) } ?? .absent]
    },
    Operation(
      "UpdateAssumeRolePolicy",
      "Changes who may take a role.",
      input: [.required("RoleName", name), .required("PolicyDocument", document)],
      errors: usual + [malformedPolicy]
    ) { identities, call in
      let document = try checkedTrust(call.input.string("PolicyDocument"))
      return try await changeRole(identities, call) { role, _ in role.trustPolicy = document }
    },
    Operation(
      "PutRolePermissionsBoundary",
      "Sets the policy that bounds what a role may do.",
      input: [.required("RoleName", name), .required("PermissionsBoundary", arn)],
      errors: usual
    ) { identities, call in
      try await changeRole(identities, call) { role, input in
        role.permissionsBoundary = input.string("PermissionsBoundary")
      }
    },
    Operation(
      "DeleteRolePermissionsBoundary",
      "Takes the bounding policy off a role.",
      input: [.required("RoleName", name)],
      errors: usual
    ) { identities, call in
      try await changeRole(identities, call) { role, _ in role.permissionsBoundary = nil }
    },
    Operation(
      "DeleteRole",
      "Removes a role that has no policies left.",
      input: [.required("RoleName", name)],
      errors: usual + [deleteConflict]
    ) { identities, call in
      let (name, account) = (call.input.string("RoleName"), call.account)
      try await identities.change { catalog in
        guard let role = catalog[role: name, in: account] else { throw noRole(name) }
        try checkIsBare(role)
        catalog[role: name, in: account] = nil
      }
      return [:]
    },
  ]

  /// Changes a role named by `RoleName`.
  static func changeRole(
    _ identities: Identities,
    _ call: Call,
    _ body: @Sendable @escaping (inout Principal, Input) throws -> Void
  ) async throws -> Value {
    let (input, account) = (call.input, call.account)
    let name = input.string("RoleName")
    try await identities.change { catalog in
      guard var role = catalog[role: name, in: account] else { throw noRole(name) }
      try body(&role, input)
      catalog[role: name, in: account] = role
    }
    return [:]
  }

  /// Refuses to remove somebody who still has policies.
  static func checkIsBare(_ principal: Principal) throws(AWSError) {
    guard principal.policies.isEmpty else {
      throw deleteConflict("Cannot delete entity, must delete policies first.")
    }
    guard principal.attached.isEmpty else {
      throw deleteConflict("Cannot delete entity, must detach all policies first.")
    }
  }
}

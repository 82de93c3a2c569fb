// Users.

internal import AWSProtocols

extension IAM {
  static let user = Shape.structure([
    .required("Path", .string), .required("UserName", .string), .required("UserId", .string), .required("Arn", .string),
    .required("CreateDate", .timestamp),
    .optional(
      "PermissionsBoundary",
      .structure([.optional("PermissionsBoundaryType", .string), .optional("PermissionsBoundaryArn", .string)])
    ),
    .optional("Tags", tags),
  ])

  static func output(user: Principal, in account: String) -> Value {
    [
      "Path": .string(user.path), "UserName": .string(user.name), "UserId": .string(user.id),
      "Arn": .string(user.arn(.user, in: account)), "CreateDate": time(user.createdAt),
      "PermissionsBoundary": boundary(user), "Tags": user.tags.isEmpty ? .absent : tagList(user.tags),
    ]
  }

  static func noUser(_ name: String) -> AWSError { noSuchEntity("The user with name \(name) cannot be found.") }

  static let userOperations: [Operation<Identities>] = [
    Operation(
      "CreateUser",
      "Makes a user.",
      input: [
        .optional("Path", path), .required("UserName", name), .optional("PermissionsBoundary", arn),
        .optional("Tags", tags),
      ],
      output: [.optional("User", user)],
      errors: usual + [entityAlreadyExists, invalidInput]
    ) { identities, call in
      let (input, account) = (call.input, call.account)
      var made = Principal(
        name: input.string("UserName"),
        path: input.string(ifAny: "Path") ?? "/",
        id: UniqueID.make("AIDA"),
        createdAt: call.time.milliseconds
      )
      made.permissionsBoundary = input.string(ifAny: "PermissionsBoundary")
      made.tags = try tagMap(input)
      let user = made
      try await identities.change { catalog in
        guard catalog[user: user.name, in: account] == nil else {
          throw entityAlreadyExists("User with name \(user.name) already exists.")
        }
        guard catalog.users(of: account).count < 5000 else {
          throw limitExceeded("Cannot exceed quota for UsersPerAccount: 5000")
        }
        catalog[user: user.name, in: account] = user
      }
      return ["User": output(user: user, in: account)]
    },
    Operation(
      "GetUser",
      "Shows a user; the caller, if no name is given.",
      input: [.optional("UserName", name)],
      output: [.required("User", user)],
      errors: [noSuchEntity]
    ) { identities, call in
      let account = call.account
      guard let name = call.input.string(ifAny: "UserName") ?? call.caller.userName else {
        return [
          "User": [
            "Path": "/", "UserName": "root", "UserId": .string(account), "Arn": "arn:aws:iam::\(account):root",
            "CreateDate": time(0),
          ]
        ]
      }
      guard let user = identities.snapshot[user: name, in: account] else { throw noUser(name) }
      return ["User": output(user: user, in: account)]
    },
    Operation(
      "ListUsers",
      "Lists the users of the account.",
      input: [.optional("PathPrefix", .string(1...512))] + paging,
      output: [.required("Users", .list(user))] + pagingOutput
    ) { identities, call in
      let account = call.account
      let prefix = call.input.string(ifAny: "PathPrefix") ?? "/"
      let users = identities.snapshot.users(of: account).filter { $0.path.hasPrefix(prefix) }
      return try page(users, call.input, key: \.name, "Users") { output(user: $0, in: account) }
    },
    Operation(
      "DeleteUser",
      "Removes a user that has neither policies nor keys left and is in no group.",
      input: [.required("UserName", name)],
      errors: usual + [deleteConflict]
    ) { identities, call in
      let (name, account) = (call.input.string("UserName"), call.account)
      try await identities.change { catalog in
        guard let user = catalog[user: name, in: account] else { throw noUser(name) }
        try checkIsBare(user)
        guard catalog.accessKeys(of: account, user: name).isEmpty else {
          throw deleteConflict("Cannot delete entity, must delete access keys first.")
        }
        guard catalog.groups(withMember: name, in: account).isEmpty else {
          throw deleteConflict("Cannot delete entity, must remove users from group first.")
        }
        catalog[user: name, in: account] = nil
      }
      return [:]
    },
  ]

  /// Changes a user named by `UserName`.
  static func changeUser(
    _ identities: Identities,
    _ call: Call,
    _ body: @Sendable @escaping (inout Principal, Input) throws -> Void
  ) async throws -> Value {
    let (input, account) = (call.input, call.account)
    let name = input.string("UserName")
    try await identities.change { catalog in
      guard var user = catalog[user: name, in: account] else { throw noUser(name) }
      try body(&user, input)
      catalog[user: name, in: account] = user
    }
    return [:]
  }
}

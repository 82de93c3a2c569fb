// Access keys. A secret is shown once, when its key is made; it is derived from the installation's master key, so
// nothing that is stored shows it.

internal import AWSProtocols

extension IAM {
  static let keyOperations: [Operation<Identities>] = [
    Operation(
      "CreateAccessKey",
      "Makes an access key for a user and shows its secret, this once.",
      input: [.optional("UserName", name)],
      output: [
        .required(
          "AccessKey",
          .structure([
            .required("UserName", .string), .required("AccessKeyId", .string), .required("Status", .string),
            .required("SecretAccessKey", .string, secret: true), .optional("CreateDate", .timestamp),
          ])
        )
      ],
      errors: usual
    ) { identities, call in
      let account = call.account
      let user = try userName(call)
      let key = AccessKey(
        id: UniqueID.make("AKIA"),
        account: account,
        user: user,
        createdAt: call.time.milliseconds
      )
      try await identities.change { catalog in
        if let user, catalog[user: user, in: account] == nil { throw noUser(user) }
        guard catalog.accessKeys(of: account, user: user).count < 2 else {
          throw limitExceeded("Cannot exceed quota for AccessKeysPerUser: 2")
        }
        catalog[accessKey: key.id] = key
      }
      return [
        "AccessKey": [
          "UserName": .string(user ?? "root"), "AccessKeyId": .string(key.id), "Status": "Active",
          "SecretAccessKey": .string(identities.keyRing.secret(of: key.id)), "CreateDate": .time(call.time),
        ]
      ]
    },
    Operation(
      "ListAccessKeys",
      "Lists the access keys of a user.",
      input: [.optional("UserName", name)] + paging,
      output: [
        .required(
          "AccessKeyMetadata",
          .list(
            .structure([
              .optional("UserName", .string), .optional("AccessKeyId", .string), .optional("Status", .string),
              .optional("CreateDate", .timestamp),
            ])
          )
        )
      ] + pagingOutput,
      errors: [noSuchEntity]
    ) { identities, call in
      let (catalog, account) = (identities.snapshot, call.account)
      let user = try userName(call)
      if let user, catalog[user: user, in: account] == nil { throw noUser(user) }
      let keys = catalog.accessKeys(of: account, user: user).sorted { $0.id < $1.id }
      return try page(keys, call.input, key: \.id, "AccessKeyMetadata") { key in
        [
          "UserName": .string(user ?? "root"), "AccessKeyId": .string(key.id),
          "Status": key.isActive ? "Active" : "Inactive", "CreateDate": time(key.createdAt),
        ]
      }
    },
    Operation(
      "UpdateAccessKey",
      "Switches an access key on or off.",
      input: [
        .optional("UserName", name), .required("AccessKeyId", .string(4...128)),
        .required("Status", .choice("Active", "Inactive")),
      ],
      errors: usual
    ) { identities, call in
      let isActive = call.input.string("Status") == "Active"
      return try await changeKey(identities, call) { key in key?.isActive = isActive }
    },
    Operation(
      "DeleteAccessKey",
      "Removes an access key.",
      input: [.optional("UserName", name), .required("AccessKeyId", .string(4...128))],
      errors: usual
    ) { identities, call in
      try await changeKey(identities, call) { $0 = nil }
    },
    Operation(
      "GetAccessKeyLastUsed",
      "Says whose an access key is; when it was used last is in the event history.",
      input: [.required("AccessKeyId", .string(4...128))],
      output: [
        .optional("UserName", .string),
        .optional(
          "AccessKeyLastUsed",
          .structure([
            .optional("LastUsedDate", .timestamp), .required("ServiceName", .string), .required("Region", .string),
          ])
        ),
      ],
      errors: [noSuchEntity]
    ) { identities, call in
      let id = call.input.string("AccessKeyId")
      guard let key = identities.snapshot[accessKey: id], key.account == call.account else { throw noKey(id) }
      return [
        "UserName": .string(key.user ?? "root"), "AccessKeyLastUsed": ["ServiceName": "N/A", "Region": "N/A"],
      ]
    },
  ]

  /// The user that a call is about: the one it names, or the caller; nothing for the root.
  private static func userName(_ call: Call) throws(AWSError) -> String? {
    if let name = call.input.string(ifAny: "UserName") { return name }
    if call.caller.kind == .root { return nil }
    guard let name = call.caller.userName, call.caller.kind == .user else {
      throw AWSError("ValidationError", "Must specify userName when calling with non-User credentials")
    }
    return name
  }

  private static func noKey(_ id: String) -> AWSError {
    noSuchEntity("The Access Key with id \(id) cannot be found.")
  }

  private static func changeKey(
    _ identities: Identities,
    _ call: Call,
    _ body: @Sendable @escaping (inout AccessKey?) -> Void
  ) async throws -> Value {
    let (id, account) = (call.input.string("AccessKeyId"), call.account)
    let user = try userName(call)
    try await identities.change { catalog in
      var key = catalog[accessKey: id]
      guard let found = key, found.account == account, found.user?.lowercased() == user?.lowercased() else {
        throw noKey(id)
      }
      body(&key)
      catalog[accessKey: id] = key
    }
    return [:]
  }
}

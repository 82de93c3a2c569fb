// Managed policies and their versions.

internal import AWSProtocols

extension IAM {
  static let policy = Shape.structure([
    .optional("PolicyName", .string), .optional("PolicyId", .string), .optional("Arn", .string),
    .optional("Path", .string), .optional("DefaultVersionId", .string), .optional("AttachmentCount", .integer),
    .optional("PermissionsBoundaryUsageCount", .integer), .optional("IsAttachable", .boolean),
    .optional("Description", .string), .optional("CreateDate", .timestamp), .optional("UpdateDate", .timestamp),
    .optional("Tags", tags),
  ])
  static let policyVersion = Shape.structure([
    .optional("Document", .string), .optional("VersionId", .string), .optional("IsDefaultVersion", .boolean),
    .optional("CreateDate", .timestamp),
  ])

  /// - Parameter owner: the account that the policy is of, or `aws`.
  static func output(
    policy: ManagedPolicy,
    of owner: String? = nil,
    in account: String,
    _ catalog: IdentityCatalog
  ) -> Value {
    let arn = policy.arn(in: owner ?? account)
    let attached = catalog.holders(of: account).count { $0.attached.contains(arn) }
    return [
      "PolicyName": .string(policy.name), "PolicyId": .string(policy.id), "Arn": .string(arn),
      "Path": .string(policy.path), "DefaultVersionId": "v\(policy.defaultVersion)",
      "AttachmentCount": .integer(Int64(attached)), "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
      "Description": .maybe(policy.description), "CreateDate": time(policy.createdAt),
      "UpdateDate": time(policy.updatedAt), "Tags": policy.tags.isEmpty ? .absent : tagList(policy.tags),
    ]
  }

  static func output(version: ManagedPolicy.Version, of policy: ManagedPolicy, withDocument: Bool) -> Value {
    [
      "Document": withDocument ? encoded(version.document) : .absent, "VersionId": "v\(version.number)",
      "IsDefaultVersion": .bool(version.number == policy.defaultVersion), "CreateDate": time(version.createdAt),
    ]
  }

  static func noPolicy(_ arn: String) -> AWSError { noSuchEntity("Policy \(arn) does not exist or is not attachable.") }

  /// The policy of an ARN.
  static func policy(_ arn: String, in account: String, _ catalog: IdentityCatalog) throws(AWSError) -> ManagedPolicy {
    guard let name = arn.split(separator: "/").last, let policy = catalog[policy: String(name), in: account],
      policy.arn(in: account) == arn
    else { throw noPolicy(arn) }
    return policy
  }

  /// The policy of an ARN, of the account or of AWS.
  static func readable(
    _ arn: String,
    in account: String,
    _ catalog: IdentityCatalog
  ) throws(AWSError) -> (policy: ManagedPolicy, owner: String) {
    guard AWSManagedPolicies.isOne(arn) else { return (try policy(arn, in: account, catalog), account) }
    let isAttached = catalog.holders(of: account).contains { $0.attached.contains(arn) }
    guard let policy = AWSManagedPolicies.policy(arn, isKnown: isAttached) else {
      throw noSuchEntity("Policy \(arn) was not found.")
    }
    return (policy, AWSManagedPolicies.owner)
  }

  static let policyOperations: [Operation<Identities>] = [
    Operation(
      "CreatePolicy",
      "Makes a managed policy.",
      input: [
        .required("PolicyName", policyName), .optional("Path", path), .required("PolicyDocument", document),
        .optional("Description", .string(0...1000)), .optional("Tags", tags),
      ],
      output: [.optional("Policy", policy)],
      errors: usual + [entityAlreadyExists, malformedPolicy, invalidInput]
    ) { identities, call in
      let (input, account, now) = (call.input, call.account, call.time.milliseconds)
      let policy = ManagedPolicy(
        name: input.string("PolicyName"),
        path: input.string(ifAny: "Path") ?? "/",
        id: UniqueID.make("ANPA"),
        description: input.string(ifAny: "Description"),
        createdAt: now,
        updatedAt: now,
        tags: try tagMap(input),
        versions: [.init(number: 1, document: try checked(input.string("PolicyDocument")), createdAt: now)],
        defaultVersion: 1,
        lastVersion: 1
      )
      return try await identities.change { catalog in
        guard catalog[policy: policy.name, in: account] == nil else {
          throw entityAlreadyExists("A policy called \(policy.name) already exists. Duplicate names are not allowed.")
        }
        guard catalog.policies(of: account).count < 1500 else {
          throw limitExceeded("Cannot exceed quota for PoliciesPerAccount: 1500")
        }
        catalog[policy: policy.name, in: account] = policy
        return ["Policy": output(policy: policy, in: account, catalog)]
      }
    },
    Operation(
      "GetPolicy",
      "Shows a managed policy, without its document.",
      input: [.required("PolicyArn", arn)],
      output: [.optional("Policy", policy)],
      errors: [noSuchEntity]
    ) { identities, call in
      let (catalog, account) = (identities.snapshot, call.account)
      let found = try readable(call.input.string("PolicyArn"), in: account, catalog)
      return ["Policy": output(policy: found.policy, of: found.owner, in: account, catalog)]
    },
    Operation(
      "ListPolicies",
      "Lists the managed policies of the account, and those of AWS that are known here.",
      input: [
        .optional("Scope", .choice("All", "AWS", "Local")), .optional("OnlyAttached", .boolean),
        .optional("PathPrefix", .string(1...512)),
        .optional("PolicyUsageFilter", .choice("PermissionsPolicy", "PermissionsBoundary")),
      ] + paging,
      output: [.optional("Policies", .list(policy))] + pagingOutput
    ) { identities, call in
      let (catalog, account) = (identities.snapshot, call.account)
      let prefix = call.input.string(ifAny: "PathPrefix") ?? "/"
      let scope = call.input.string(ifAny: "Scope") ?? "All"
      let attached = Set(catalog.holders(of: account).flatMap(\.attached))
      var policies: [(arn: String, policy: ManagedPolicy, owner: String)] = []
      if scope != "AWS" {
        policies += catalog.policies(of: account).map { ($0.arn(in: account), $0, account) }
      }
      if scope != "Local" {
        policies += AWSManagedPolicies.all(and: attached).map {
          ($0.arn(in: AWSManagedPolicies.owner), $0, AWSManagedPolicies.owner)
        }
      }
      policies = policies.filter { arn, policy, _ in
        policy.path.hasPrefix(prefix) && (call.input.bool(ifAny: "OnlyAttached") != true || attached.contains(arn))
      }
      return try page(policies.sorted { $0.arn < $1.arn }, call.input, key: \.arn, "Policies") {
        output(policy: $0.policy, of: $0.owner, in: account, catalog)
      }
    },
    Operation(
      "DeletePolicy",
      "Removes a managed policy that nobody has attached.",
      input: [.required("PolicyArn", arn)],
      errors: usual + [deleteConflict]
    ) { identities, call in
      let (arn, account) = (call.input.string("PolicyArn"), call.account)
      try await identities.change { catalog in
        let policy = try policy(arn, in: account, catalog)
        guard !catalog.holders(of: account).contains(where: { $0.attached.contains(arn) }) else {
          throw deleteConflict("Cannot delete a policy attached to entities.")
        }
        guard policy.versions.count == 1 else {
          throw deleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the "
              + "policy's versions. The default version is deleted with the policy."
          )
        }
        catalog[policy: policy.name, in: account] = nil
      }
      return [:]
    },
    Operation(
      "CreatePolicyVersion",
      "Adds a version to a managed policy.",
      input: [
        .required("PolicyArn", arn), .required("PolicyDocument", document), .optional("SetAsDefault", .boolean),
      ],
      output: [.optional("PolicyVersion", policyVersion)],
      errors: usual + [malformedPolicy]
    ) { identities, call in
      let document = try checked(call.input.string("PolicyDocument"))
      return try await changePolicy(identities, call) { policy, input in
        guard policy.versions.count < 5 else {
          throw limitExceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, you must "
              + "delete an existing version."
          )
        }
        policy.lastVersion += 1
        let version = ManagedPolicy.Version(
          number: policy.lastVersion,
          document: document,
          createdAt: call.time.milliseconds
        )
        policy.versions.append(version)
        if input.bool(ifAny: "SetAsDefault") == true { policy.defaultVersion = version.number }
        return ["PolicyVersion": output(version: version, of: policy, withDocument: false)]
      }
    },
    Operation(
      "GetPolicyVersion",
      "Shows a version of a managed policy with its document.",
      input: [.required("PolicyArn", arn), .required("VersionId", .string)],
      output: [.optional("PolicyVersion", policyVersion)],
      errors: [noSuchEntity]
    ) { identities, call in
      let arn = call.input.string("PolicyArn")
      let policy = try readable(arn, in: call.account, identities.snapshot).policy
      let version = try version(call.input.string("VersionId"), of: policy)
      guard !version.document.isEmpty else {
        throw noSuchEntity(
          "The document of \(arn) is not known here: Docs/serve.md says of which policies of AWS it is."
        )
      }
      return ["PolicyVersion": output(version: version, of: policy, withDocument: true)]
    },
    Operation(
      "ListPolicyVersions",
      "Lists the versions of a managed policy.",
      input: [.required("PolicyArn", arn)] + paging,
      output: [.optional("Versions", .list(policyVersion))] + pagingOutput,
      errors: [noSuchEntity]
    ) { identities, call in
      let policy = try readable(call.input.string("PolicyArn"), in: call.account, identities.snapshot).policy
      return try page(policy.versions.reversed(), call.input, key: { "v\($0.number)" }, "Versions") {
        output(version: $0, of: policy, withDocument: false)
      }
    },
    Operation(
      "SetDefaultPolicyVersion",
      "Chooses the version of a managed policy that holds.",
      input: [.required("PolicyArn", arn), .required("VersionId", .string)],
      errors: usual
    ) { identities, call in
      try await changePolicy(identities, call) { policy, input in
        policy.defaultVersion = try version(input.string("VersionId"), of: policy).number
        return [:]
      }
    },
    Operation(
      "DeletePolicyVersion",
      "Removes a version of a managed policy that is not the default.",
      input: [.required("PolicyArn", arn), .required("VersionId", .string)],
      errors: usual + [deleteConflict]
    ) { identities, call in
      try await changePolicy(identities, call) { policy, input in
        let number = try version(input.string("VersionId"), of: policy).number
        guard number != policy.defaultVersion else {
          throw deleteConflict("Cannot delete the default version of a policy.")
        }
        policy.versions.removeAll { $0.number == number }
        return [:]
      }
    },
  ]

  private static func version(_ id: String, of policy: ManagedPolicy) throws(AWSError) -> ManagedPolicy.Version {
    guard let version = policy.versions.first(where: { "v\($0.number)" == id }) else {
      throw noSuchEntity("Policy version \(id) does not exist.")
    }
    return version
  }

  private static func changePolicy(
    _ identities: Identities,
    _ call: Call,
    _ body: @Sendable @escaping (inout ManagedPolicy, Input) throws -> Value
  ) async throws -> Value {
    let (input, account) = (call.input, call.account)
    return try await identities.change { catalog in
      var policy = try policy(input.string("PolicyArn"), in: account, catalog)
      policy.updatedAt = call.time.milliseconds
      let result = try body(&policy, input)
      catalog[policy: policy.name, in: account] = policy
      return result
    }
  }
}

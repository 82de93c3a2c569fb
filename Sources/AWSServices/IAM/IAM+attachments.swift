// Managed policies attached to roles, users and groups. A policy of AWS's own may be attached by its ARN though it is not
// here.

internal import AWSProtocols

extension IAM {
  static let attachmentOperations =
    attachments(of: .role) + attachments(of: .user) + attachments(of: .group) + [
      Operation(
        "ListEntitiesForPolicy",
        "Lists who has a managed policy attached.",
        input: [
          .required("PolicyArn", arn),
          .optional(
            "EntityFilter",
            .choice("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
          ),
          .optional("PathPrefix", .string(1...512)),
          .optional("PolicyUsageFilter", .choice("PermissionsPolicy", "PermissionsBoundary")),
        ] + paging,
        output: [
          .optional("PolicyGroups", entities("Group")), .optional("PolicyUsers", entities("User")),
          .optional("PolicyRoles", entities("Role")),
        ] + pagingOutput,
        errors: [noSuchEntity]
      ) { identities, call in
        let (catalog, account, arn) = (identities.snapshot, call.account, call.input.string("PolicyArn"))
        _ = try readable(arn, in: account, catalog)
        let filter = call.input.string(ifAny: "EntityFilter")
        let prefix = call.input.string(ifAny: "PathPrefix") ?? "/"
        func having(_ title: String, _ principals: [Principal]) -> Value {
          guard filter ?? title == title, call.input.string(ifAny: "PolicyUsageFilter") != "PermissionsBoundary" else {
            return []
          }
          let found = principals.filter { $0.attached.contains(arn) && $0.path.hasPrefix(prefix) }
          return .list(
            found.map { Value.fields(["\(title)Name": .string($0.name), "\(title)Id": .string($0.id)]) }
          )
        }
        return [
          "PolicyGroups": having("Group", catalog.groups(of: account)),
          "PolicyUsers": having("User", catalog.users(of: account)),
          "PolicyRoles": having("Role", catalog.roles(of: account)), "IsTruncated": false,
        ]
      }
    ]

  private static func entities(_ title: String) -> Shape {
    .list(.structure([.optional("\(title)Name", .string), .optional("\(title)Id", .string)]))
  }

  private static func attachments(of holder: Holder) -> [Operation<Identities>] {
    let title = holder.title
    let noun = title.lowercased()
    return [
      Operation(
        "Attach\(title)Policy",
        "Attaches a managed policy to a \(noun).",
        input: [holder.nameMember, .required("PolicyArn", arn)],
        errors: usual
      ) { identities, call in
        let arn = call.input.string("PolicyArn")
        if !AWSManagedPolicies.isOne(arn) {
          _ = try policy(arn, in: call.account, identities.snapshot)
        }
        return try await holder.change(identities, call) { principal, _ in
          guard !principal.attached.contains(arn) else { return }
          guard principal.attached.count < holder.mostPolicies else {
            throw limitExceeded("Cannot exceed quota for PoliciesPer\(title): \(holder.mostPolicies)")
          }
          principal.attached.append(arn)
        }
      },
      Operation(
        "Detach\(title)Policy",
        "Takes a managed policy off a \(noun).",
        input: [holder.nameMember, .required("PolicyArn", arn)],
        errors: usual
      ) { identities, call in
        try await holder.change(identities, call) { principal, input in
          let arn = input.string("PolicyArn")
          guard let index = principal.attached.firstIndex(of: arn) else {
            throw noSuchEntity("Policy \(arn) was not found.")
          }
          principal.attached.remove(at: index)
        }
      },
      Operation(
        "ListAttached\(title)Policies",
        "Lists the managed policies attached to a \(noun).",
        input: [holder.nameMember, .optional("PathPrefix", .string(1...512))] + paging,
        output: [
          .optional(
            "AttachedPolicies",
            .list(.structure([.optional("PolicyName", .string), .optional("PolicyArn", .string)]))
          )
        ] + pagingOutput,
        errors: [noSuchEntity]
      ) { identities, call in
        let arns = try holder.principal(identities, call).attached.sorted()
        return try page(arns, call.input, key: { $0 }, "AttachedPolicies") { arn in
          [
            "PolicyName": .string(arn.split(separator: "/").last.map(String.init) ?? arn), "PolicyArn": .string(arn),
          ]
        }
      },
    ]
  }
}

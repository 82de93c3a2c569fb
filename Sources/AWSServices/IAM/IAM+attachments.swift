// Managed policies attached to roles and users. A policy of AWS's own may be attached by its ARN though it is not here.

internal import AWSProtocols

extension IAM {
  static let attachmentOperations = attachments(of: .role) + attachments(of: .user)

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
        if !arn.hasPrefix("arn:aws:iam::aws:policy/") {
          _ = try policy(arn, in: call.account, identities.snapshot)
        }
        return try await holder.change(identities, call) { principal, _ in
          guard !principal.attached.contains(arn) else { return }
          guard principal.attached.count < 20 else {
            throw limitExceeded("Cannot exceed quota for PoliciesPer\(title): 20")
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
        return page(arns, call.input, key: { $0 }, "AttachedPolicies") { arn in
          [
            "PolicyName": .string(arn.split(separator: "/").last.map(String.init) ?? arn), "PolicyArn": .string(arn),
          ]
        }
      },
    ]
  }
}

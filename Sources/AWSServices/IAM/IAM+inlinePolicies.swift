// Policies that belong to one role, user or group. All have the same four operations.

internal import AWSProtocols

extension IAM {
  static let inlinePolicyOperations = inlinePolicies(of: .role) + inlinePolicies(of: .user) + inlinePolicies(of: .group)

  private static func inlinePolicies(of holder: Holder) -> [Operation<Identities>] {
    let title = holder.title
    let noun = title.lowercased()
    return [
      Operation(
        "Put\(title)Policy",
        "Sets a policy of a \(noun)'s own.",
        input: [holder.nameMember, .required("PolicyName", policyName), .required("PolicyDocument", document)],
        errors: usual + [malformedPolicy]
      ) { identities, call in
        let document = try checked(call.input.string("PolicyDocument"))
        return try await holder.change(identities, call) { principal, input in
          principal.policies[input.string("PolicyName")] = document
        }
      },
      Operation(
        "Get\(title)Policy",
        "Shows a policy of a \(noun)'s own.",
        input: [holder.nameMember, .required("PolicyName", policyName)],
        output: [
          .required("\(title)Name", .string), .required("PolicyName", .string), .required("PolicyDocument", .string),
        ],
        errors: [noSuchEntity]
      ) { identities, call in
        let principal = try holder.principal(identities, call)
        let name = call.input.string("PolicyName")
        guard let document = principal.policies[name] else {
          throw noSuchEntity("The \(noun) policy with name \(name) cannot be found.")
        }
        return Value.fields(["PolicyName": .string(name), "PolicyDocument": encoded(document)])
          .adding("\(title)Name", .string(principal.name))
      },
      Operation(
        "List\(title)Policies",
        "Lists the policies of a \(noun)'s own.",
        input: [holder.nameMember] + paging,
        output: [.required("PolicyNames", .list(.string))] + pagingOutput,
        errors: [noSuchEntity]
      ) { identities, call in
        let names = try holder.principal(identities, call).policies.keys.sorted()
        return try page(names, call.input, key: { $0 }, "PolicyNames") { .string($0) }
      },
      Operation(
        "Delete\(title)Policy",
        "Removes a policy of a \(noun)'s own.",
        input: [holder.nameMember, .required("PolicyName", policyName)],
        errors: usual
      ) { identities, call in
        try await holder.change(identities, call) { principal, input in
          let name = input.string("PolicyName")
          guard principal.policies.removeValue(forKey: name) != nil else {
            throw noSuchEntity("The \(noun) policy with name \(name) cannot be found.")
          }
        }
      },
    ]
  }
}

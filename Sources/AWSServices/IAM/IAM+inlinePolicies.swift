// Policies that belong to one role or user. Roles and users have the same four operations.

internal import AWSProtocols

extension IAM {
  static let inlinePolicyOperations = inlinePolicies(of: .role) + inlinePolicies(of: .user)

  /// What differs between roles and users.
  struct Holder: Sendable {
    let title: String
    let isRole: Bool

    static let role = Holder(title: "Role", isRole: true)
    static let user = Holder(title: "User", isRole: false)

    var nameMember: Member { .required("\(title)Name", name) }

    func principal(_ identities: Identities, _ call: Call) throws(AWSError) -> Principal {
      let name = call.input.string("\(title)Name")
      let catalog = identities.snapshot
      if isRole {
        guard let role = catalog[role: name, in: call.account] else { throw noRole(name) }
        return role
      }
      guard let user = catalog[user: name, in: call.account] else { throw noUser(name) }
      return user
    }

    func change(
      _ identities: Identities,
      _ call: Call,
      _ body: @Sendable @escaping (inout Principal, Input) throws -> Void
    ) async throws -> Value {
      isRole ? try await changeRole(identities, call, body) : try await changeUser(identities, call, body)
    }
  }

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
        return page(names, call.input, key: { $0 }, "PolicyNames") { .string($0) }
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

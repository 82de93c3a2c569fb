// Roles, users and groups have policies, and the operations on them are the same but for their names.

internal import AWSProtocols

extension IAM {
  /// What differs between roles, users and groups.
  struct Holder: Sendable {
    let title: String
    /// How a holder's name is written.
    let name: Shape
    /// How many managed policies it may have attached.
    let mostPolicies: Int
    private let table: @Sendable (IdentityCatalog, String, String) -> Principal?
    private let put: @Sendable (inout IdentityCatalog, Principal, String) -> Void
    private let missing: @Sendable (String) -> AWSError

    static let role = Holder(
      title: "Role",
      name: IAM.name,
      mostPolicies: 20,
      table: { $0[role: $1, in: $2] },
      put: { $0[role: $1.name, in: $2] = $1 },
      missing: noRole
    )
    static let user = Holder(
      title: "User",
      name: IAM.name,
      mostPolicies: 20,
      table: { $0[user: $1, in: $2] },
      put: { $0[user: $1.name, in: $2] = $1 },
      missing: noUser
    )
    static let group = Holder(
      title: "Group",
      name: groupName,
      mostPolicies: 10,
      table: { $0[group: $1, in: $2] },
      put: { $0[group: $1.name, in: $2] = $1 },
      missing: noGroup
    )

    var nameMember: Member { .required("\(title)Name", name) }

    func principal(_ identities: Identities, _ call: Call) throws(AWSError) -> Principal {
      let name = call.input.string("\(title)Name")
      guard let found = table(identities.snapshot, name, call.account) else { throw missing(name) }
      return found
    }

    func change(
      _ identities: Identities,
      _ call: Call,
      _ body: @Sendable @escaping (inout Principal, Input) throws -> Void
    ) async throws -> Value {
      let (input, account) = (call.input, call.account)
      let name = input.string("\(title)Name")
      try await identities.change { catalog in
        guard var found = table(catalog, name, account) else { throw missing(name) }
        try body(&found, input)
        put(&catalog, found, account)
      }
      return [:]
    }
  }
}

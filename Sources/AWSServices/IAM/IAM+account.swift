// The account itself, and lists that are always empty here but that clients ask for.

internal import AWSProtocols

extension IAM {
  static let accountOperations: [Operation<Identities>] = [
    Operation(
      "GetAccountSummary",
      "Counts what the account has.",
      output: [.optional("SummaryMap", .map(.string, .integer))]
    ) { identities, call in
      let (catalog, account) = (identities.snapshot, call.account)
      return [
        "SummaryMap": [
          "Users": .integer(Int64(catalog.users(of: account).count)),
          "Roles": .integer(Int64(catalog.roles(of: account).count)),
          "Policies": .integer(Int64(catalog.policies(of: account).count)),
          "Groups": .integer(Int64(catalog.groups(of: account).count)), "GroupsQuota": 300, "InstanceProfiles": 0,
          "AccountAccessKeysPresent": .integer(catalog.accessKeys(of: account, user: nil).isEmpty ? 0 : 1),
          "UsersQuota": 5000, "RolesQuota": 1000, "PoliciesQuota": 1500,
        ]
      ]
    },
    Operation(
      "ListAccountAliases",
      "Lists other names of the account: there are none here.",
      input: paging,
      output: [.required("AccountAliases", .list(.string))] + pagingOutput
    ) { _, _ in ["AccountAliases": [], "IsTruncated": false] },
    Operation(
      "ListInstanceProfilesForRole",
      "Lists instance profiles of a role: there are none here.",
      input: [.required("RoleName", name)] + paging,
      output: [.required("InstanceProfiles", .list(.structure([.optional("Arn", .string)])))] + pagingOutput,
      errors: [noSuchEntity]
    ) { identities, call in
      _ = try Holder.role.principal(identities, call)
      return ["InstanceProfiles": [], "IsTruncated": false]
    },
  ]
}

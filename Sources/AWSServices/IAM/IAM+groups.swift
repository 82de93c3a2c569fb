// Groups of users. Who is in a group stands with the group, so that users from the settings can be in one, too.

internal import AWSProtocols

extension IAM {
  static let group = Shape.structure([
    .required("Path", .string), .required("GroupName", .string), .required("GroupId", .string),
    .required("Arn", .string), .required("CreateDate", .timestamp),
  ])

  static func output(group: Principal, in account: String) -> Value {
    [
      "Path": .string(group.path), "GroupName": .string(group.name), "GroupId": .string(group.id),
      "Arn": .string(group.arn(.group, in: account)), "CreateDate": time(group.createdAt),
    ]
  }

  static func noGroup(_ name: String) -> AWSError { noSuchEntity("The group with name \(name) cannot be found.") }

  private static func groupExists(_ name: String) -> AWSError {
    entityAlreadyExists("Group with name \(name) already exists.")
  }

  static let groupOperations: [Operation<Identities>] = [
    Operation(
      "CreateGroup",
      "Makes a group.",
      input: [.optional("Path", path), .required("GroupName", groupName)],
      output: [.required("Group", group)],
      errors: usual + [entityAlreadyExists]
    ) { identities, call in
      let (input, account) = (call.input, call.account)
      let group = Principal(
        name: input.string("GroupName"),
        path: input.string(ifAny: "Path") ?? "/",
        id: UniqueID.make("AGPA"),
        createdAt: call.time.milliseconds
      )
      try await identities.change { catalog in
        guard catalog[group: group.name, in: account] == nil else { throw groupExists(group.name) }
        guard catalog.groups(of: account).count < 300 else {
          throw limitExceeded("Cannot exceed quota for GroupsPerAccount: 300")
        }
        catalog[group: group.name, in: account] = group
      }
      return ["Group": output(group: group, in: account)]
    },
    Operation(
      "GetGroup",
      "Shows a group and its users.",
      input: [.required("GroupName", groupName)] + paging,
      output: [.required("Group", group), .required("Users", .list(user))] + pagingOutput,
      errors: [noSuchEntity]
    ) { identities, call in
      let (catalog, account) = (identities.snapshot, call.account)
      let group = try Holder.group.principal(identities, call)
      let users = (group.members ?? []).compactMap { catalog[user: $0, in: account] }.sorted { $0.name < $1.name }
      return try page(users, call.input, key: \.name, "Users") { output(user: $0, in: account) }
        .adding("Group", output(group: group, in: account))
    },
    Operation(
      "ListGroups",
      "Lists the groups of the account.",
      input: [.optional("PathPrefix", .string(1...512))] + paging,
      output: [.required("Groups", .list(group))] + pagingOutput
    ) { identities, call in
      let account = call.account
      let prefix = call.input.string(ifAny: "PathPrefix") ?? "/"
      let groups = identities.snapshot.groups(of: account).filter { $0.path.hasPrefix(prefix) }
      return try page(groups, call.input, key: \.name, "Groups") { output(group: $0, in: account) }
    },
    Operation(
      "ListGroupsForUser",
      "Lists the groups that a user is in.",
      input: [.required("UserName", name)] + paging,
      output: [.required("Groups", .list(group))] + pagingOutput,
      errors: [noSuchEntity]
    ) { identities, call in
      let account = call.account
      let user = try Holder.user.principal(identities, call)
      let groups = identities.snapshot.groups(withMember: user.name, in: account)
      return try page(groups, call.input, key: \.name, "Groups") { output(group: $0, in: account) }
    },
    Operation(
      "UpdateGroup",
      "Changes a group's name and path.",
      input: [
        .required("GroupName", groupName), .optional("NewPath", path), .optional("NewGroupName", groupName),
      ],
      errors: usual + [entityAlreadyExists]
    ) { identities, call in
      let (input, account) = (call.input, call.account)
      let name = input.string("GroupName")
      try await identities.change { catalog in
        guard var group = catalog[group: name, in: account] else { throw noGroup(name) }
        if let path = input.string(ifAny: "NewPath") { group.path = path }
        if let newName = input.string(ifAny: "NewGroupName") {
          // The group itself may be spelled anew.
          guard newName.lowercased() == name.lowercased() || catalog[group: newName, in: account] == nil else {
            throw groupExists(newName)
          }
          group.name = newName
          catalog[group: name, in: account] = nil
        }
        catalog[group: group.name, in: account] = group
      }
      return [:]
    },
    Operation(
      "DeleteGroup",
      "Removes a group that has neither users nor policies left.",
      input: [.required("GroupName", groupName)],
      errors: usual + [deleteConflict]
    ) { identities, call in
      let (name, account) = (call.input.string("GroupName"), call.account)
      try await identities.change { catalog in
        guard let group = catalog[group: name, in: account] else { throw noGroup(name) }
        guard (group.members ?? []).isEmpty else {
          throw deleteConflict("Cannot delete entity, must remove users from group first.")
        }
        try checkIsBare(group)
        catalog[group: name, in: account] = nil
      }
      return [:]
    },
    Operation(
      "AddUserToGroup",
      "Puts a user into a group.",
      input: [.required("GroupName", groupName), .required("UserName", name)],
      errors: usual
    ) { identities, call in
      let (input, account) = (call.input, call.account)
      let (name, userName) = (input.string("GroupName"), input.string("UserName"))
      try await identities.change { catalog in
        guard var group = catalog[group: name, in: account] else { throw noGroup(name) }
        guard let user = catalog[user: userName, in: account] else { throw noUser(userName) }
        guard !group.hasMember(user.name) else { return }
        guard catalog.groups(withMember: user.name, in: account).count < 10 else {
          throw limitExceeded("Cannot exceed quota for GroupsPerUser: 10")
        }
        group.members = (group.members ?? []) + [user.name]
        catalog[group: name, in: account] = group
      }
      return [:]
    },
    Operation(
      "RemoveUserFromGroup",
      "Takes a user out of a group.",
      input: [.required("GroupName", groupName), .required("UserName", name)],
      errors: usual
    ) { identities, call in
      let (input, account) = (call.input, call.account)
      let (name, userName) = (input.string("GroupName"), input.string("UserName"))
      try await identities.change { catalog in
        guard var group = catalog[group: name, in: account] else { throw noGroup(name) }
        guard catalog[user: userName, in: account] != nil else { throw noUser(userName) }
        // As in AWS, it is no error if he was not in it.
        guard group.hasMember(userName) else { return }
        group.members?.removeAll { $0.lowercased() == userName.lowercased() }
        catalog[group: name, in: account] = group
      }
      return [:]
    },
  ]
}

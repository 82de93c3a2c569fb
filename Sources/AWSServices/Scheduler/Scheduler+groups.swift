// Groups of schedules, and their tags.

internal import AWSProtocols
internal import Schedules
internal import TrailEvents

extension Scheduler {
  private static let named: Structure = [.required("Name", name, at: .label)]

  private static let tags = Shape.list(
    .structure([.required("Key", .string(1...128)), .required("Value", .string(1...256))]),
    0...200
  )

  private static let shown: Structure = [
    .optional("Arn", .string),
    .optional("CreationDate", .timestamp),
    .optional("LastModificationDate", .timestamp),
    .optional("Name", .string),
    .optional("State", .string),
  ]

  static let groupOperations: [AWSProtocols.Operation<ScheduleEngine>] = [
    operation(
      "CreateScheduleGroup",
      "Makes a group of schedules.",
      HTTPBinding("POST", "/schedule-groups/{Name}"),
      input: named + [.optional("Tags", tags), .optional("ClientToken", token)],
      output: [.required("ScheduleGroupArn", .string)],
      errors: [conflict, quota]
    ) { engine, call in
      let arn = try await engine.createGroup(
        call.input.string("Name"),
        tags: tags(call),
        token: call.input.string(ifAny: "ClientToken"),
        in: call.scope
      )
      return ["ScheduleGroupArn": .string(arn.description)]
    },
    operation(
      "GetScheduleGroup",
      "Shows a group.",
      HTTPBinding("GET", "/schedule-groups/{Name}"),
      input: named,
      output: shown,
      errors: [notFound]
    ) { engine, call in
      .fields(fields(try await engine.group(call.input.string("Name"), in: call.scope), in: call.scope))
    },
    operation(
      "DeleteScheduleGroup",
      "Deletes a group with all of its schedules.",
      HTTPBinding("DELETE", "/schedule-groups/{Name}"),
      input: named + [tokenOfQuery],
      errors: [notFound, conflict]
    ) { engine, call in
      let token = call.input.string(ifAny: "ClientToken")
      try await engine.deleteGroup(call.input.string("Name"), token: token, in: call.scope)
      return [:]
    },
    operation(
      "ListScheduleGroups",
      "Lists groups in the order of their names.",
      HTTPBinding("GET", "/schedule-groups"),
      input: paging,
      output: [.optional("NextToken", .string), .required("ScheduleGroups", .list(.structure(shown)))]
    ) { engine, call in
      let last = try lastItem(call) ?? ""
      let prefix = call.input.string(ifAny: "NamePrefix") ?? ""
      let found = try await engine.groups(in: call.scope).filter { $0.name > last && $0.name.hasPrefix(prefix) }
      let page = found.prefix(call.input.integer(ifAny: "MaxResults") ?? 100)
      return [
        "NextToken": .maybe(page.count < found.count ? page.last.map { PageToken.token(for: $0.name) } : nil),
        "ScheduleGroups": .list(page.map { .fields(fields($0, in: call.scope)) }),
      ]
    },
  ]

  private static func fields(_ group: ScheduleGroup, in scope: Scope) -> Fields {
    [
      "Arn": .string(ScheduleGroup.arn(group.name, in: scope).description),
      "CreationDate": time(group.createdAt),
      "LastModificationDate": time(group.modifiedAt),
      "Name": .string(group.name),
      "State": "ACTIVE",
    ]
  }

  // MARK: Tags

  private static let resource = Member.required(
    "ResourceArn",
    .string(
      1...1011,
      pattern: TextPattern(
        #"^arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+$"#,
        matchedAs: #"arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z_.-]+"#
      )
    ),
    at: .label
  )

  static let tagOperations: [AWSProtocols.Operation<ScheduleEngine>] = [
    operation(
      "TagResource",
      "Tags a group.",
      HTTPBinding("POST", "/tags/{ResourceArn}"),
      input: [resource, .required("Tags", tags)],
      errors: [notFound, conflict]
    ) { engine, call in
      try await engine.tag(call.input.string("ResourceArn"), tags(call), in: call.scope)
      return [:]
    },
    operation(
      "UntagResource",
      "Removes tags of a group.",
      HTTPBinding("DELETE", "/tags/{ResourceArn}"),
      input: [resource, .required("TagKeys", .list(.string(1...128), 0...200), at: .query("TagKeys"))],
      errors: [notFound, conflict]
    ) { engine, call in
      try await engine.untag(call.input.string("ResourceArn"), call.input.strings("TagKeys"), in: call.scope)
      return [:]
    },
    operation(
      "ListTagsForResource",
      "Lists the tags of a group.",
      HTTPBinding("GET", "/tags/{ResourceArn}"),
      input: [resource],
      output: [.optional("Tags", tags)],
      errors: [notFound]
    ) { engine, call in
      let tags = try await engine.tags(of: call.input.string("ResourceArn"), in: call.scope)
      return ["Tags": .list(tags.map { ["Key": .string($0.key), "Value": .string($0.value)] })]
    },
  ]

  private static func tags(_ call: Call) -> [ScheduleGroup.Tag] {
    call.input.structures("Tags").map { ScheduleGroup.Tag(key: $0.string("Key"), value: $0.string("Value")) }
  }
}

// Schedules.

internal import AWSProtocols
internal import Schedules
internal import TrailEvents

extension Scheduler {
  private static let window = Shape.structure([
    .required("Mode", .choice("OFF", "FLEXIBLE")), .optional("MaximumWindowInMinutes", .integer(1...1440)),
  ])

  /// What can be said of a schedule, in the order of AWS's documentation.
  private static let settings: Structure = [
    .optional("GroupName", name),
    .required("ScheduleExpression", .string(1...256)),
    .optional("StartDate", .timestamp),
    .optional("EndDate", .timestamp),
    .optional("Description", .string(0...512)),
    .optional("ScheduleExpressionTimezone", .string(1...50)),
    .optional("State", state),
    .optional(
      "KmsKeyArn",
      .string(
        1...2048,
        pattern: TextPattern(
          #"^arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*$"#,
          matchedAs: #"arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z_-]*"#
        )
      )
    ),
    .required("Target", target),
    .required("FlexibleTimeWindow", window),
    .optional("ActionAfterCompletion", .choice("NONE", "DELETE")),
  ]

  private static let named: Structure = [.required("Name", name, at: .label)]
  private static let arnOutput: Structure = [.required("ScheduleArn", .string)]

  static let scheduleOperations: [AWSProtocols.Operation<ScheduleEngine>] = [
    operation(
      "CreateSchedule",
      "Makes a schedule; from then on it fires.",
      HTTPBinding("POST", "/schedules/{Name}"),
      input: named + settings + [.optional("ClientToken", token)],
      output: arnOutput,
      errors: [notFound, conflict, quota, denied]
    ) { engine, call in
      let token = call.input.string(ifAny: "ClientToken")
      let arn = try await engine.create(definition(call.input), token: token, in: call.scope)
      return ["ScheduleArn": .string(arn.description)]
    },
    operation(
      "UpdateSchedule",
      "Puts other settings in the place of all of a schedule's; what is left out is as for a new one.",
      HTTPBinding("PUT", "/schedules/{Name}"),
      input: named + settings + [.optional("ClientToken", token)],
      output: arnOutput,
      errors: [notFound, conflict, denied]
    ) { engine, call in
      ["ScheduleArn": .string(try await engine.update(definition(call.input), in: call.scope).description)]
    },
    operation(
      "GetSchedule",
      "Shows a schedule.",
      HTTPBinding("GET", "/schedules/{Name}"),
      input: named + [groupOfQuery],
      output: named(inBody: settings),
      errors: [notFound]
    ) { engine, call in
      let schedule = try await engine.schedule(call.input.string("Name"), of: group(call), in: call.scope)
      return .fields(fields(schedule, in: call.scope))
    },
    operation(
      "DeleteSchedule",
      "Deletes a schedule.",
      HTTPBinding("DELETE", "/schedules/{Name}"),
      input: named + [groupOfQuery, tokenOfQuery],
      errors: [notFound, conflict]
    ) { engine, call in
      let token = call.input.string(ifAny: "ClientToken")
      try await engine.delete(call.input.string("Name"), of: group(call), token: token, in: call.scope)
      return [:]
    },
  ]

  private static let summary: Structure = [
    .optional("Arn", .string),
    .optional("Name", .string),
    .optional("GroupName", .string),
    .optional("State", .string),
    .optional("CreationDate", .timestamp),
    .optional("LastModificationDate", .timestamp),
    .optional("Target", .structure([.required("Arn", .string)])),
  ]

  static let scheduleListOperations: [AWSProtocols.Operation<ScheduleEngine>] = [
    operation(
      "ListSchedules",
      "Lists schedules, of one group or of all, in the order of group and name.",
      HTTPBinding("GET", "/schedules"),
      input: paging + [
        .optional("GroupName", name, at: .query("ScheduleGroup")), .optional("State", state, at: .query("State")),
      ],
      output: [.optional("NextToken", .string), .required("Schedules", .list(.structure(summary)))],
      errors: [notFound]
    ) { engine, call in
      let input = call.input
      let size = input.integer(ifAny: "MaxResults") ?? 100
      let query = ScheduleQuery(
        group: input.string(ifAny: "GroupName"),
        prefix: input.string(ifAny: "NamePrefix"),
        state: input.string(ifAny: "State").flatMap(ScheduleDefinition.State.init),
        after: try lastItem(call).map(place),
        limit: size + 1
      )
      let found = try await engine.schedules(query, in: call.scope)
      let last = found.count > size ? found[size - 1].definition : nil
      return [
        "NextToken": .maybe(last.map { PageToken.token(for: "\($0.group)/\($0.name)") }),
        "Schedules": .list(found.prefix(size).map { .fields(summary($0, in: call.scope)) }),
      ]
    }
  ]

  // MARK: In

  private static func group(_ call: Call) -> String {
    call.input.string(ifAny: "GroupName") ?? ScheduleGroup.defaultName
  }

  /// The place in a list that a page's token tells.
  private static func place(_ key: String) -> (group: String, name: String) {
    let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
    return (parts.first ?? "", parts.last ?? "")
  }

  private static func definition(_ input: Input) -> ScheduleDefinition {
    let window = input.structure("FlexibleTimeWindow")
    return ScheduleDefinition(
      group: input.string(ifAny: "GroupName") ?? ScheduleGroup.defaultName,
      name: input.string("Name"),
      expression: input.string("ScheduleExpression"),
      timeZone: input.string(ifAny: "ScheduleExpressionTimezone") ?? "UTC",
      start: input.time(ifAny: "StartDate")?.milliseconds,
      end: input.time(ifAny: "EndDate")?.milliseconds,
      isFlexible: window.string("Mode") == "FLEXIBLE",
      windowMinutes: window.integer(ifAny: "MaximumWindowInMinutes"),
      state: input.string(ifAny: "State").flatMap(ScheduleDefinition.State.init) ?? .enabled,
      description: input.string(ifAny: "Description"),
      kmsKey: input.string(ifAny: "KmsKeyArn"),
      completion: input.string(ifAny: "ActionAfterCompletion").flatMap(ScheduleDefinition.Completion.init) ?? .keep,
      target: scheduleTarget(input.structure("Target"))
    )
  }

  // MARK: Out

  /// The members of an answer that shows a schedule.
  private static func named(inBody settings: Structure) -> Structure {
    [.optional("Arn", .string), .optional("Name", .string)]
      + settings
      + [.optional("CreationDate", .timestamp), .optional("LastModificationDate", .timestamp)]
  }

  private static func summary(_ schedule: ScheduleRecord, in scope: Scope) -> Fields {
    let definition = schedule.definition
    return [
      "Arn": .string(definition.arn(in: scope).description),
      "Name": .string(definition.name),
      "GroupName": .string(definition.group),
      "State": .string(definition.state.rawValue),
      "CreationDate": time(schedule.createdAt),
      "LastModificationDate": time(schedule.modifiedAt),
      "Target": ["Arn": .string(definition.target.arn)],
    ]
  }

  private static func fields(_ schedule: ScheduleRecord, in scope: Scope) -> Fields {
    let definition = schedule.definition
    var fields = summary(schedule, in: scope)
    fields["ScheduleExpression"] = .string(definition.expression)
    fields["ScheduleExpressionTimezone"] = .string(definition.timeZone)
    fields["StartDate"] = time(definition.start)
    fields["EndDate"] = time(definition.end)
    fields["Description"] = .maybe(definition.description)
    fields["KmsKeyArn"] = .maybe(definition.kmsKey)
    fields["ActionAfterCompletion"] = .string(definition.completion.rawValue)
    fields["FlexibleTimeWindow"] = [
      "Mode": .string(definition.isFlexible ? "FLEXIBLE" : "OFF"),
      "MaximumWindowInMinutes": .maybe(definition.windowMinutes),
    ]
    fields["Target"] = .fields(targetFields(definition.target))
    return fields
  }
}

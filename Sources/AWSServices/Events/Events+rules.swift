// Rules and tags.

internal import AWSProtocols
internal import EventBuses
internal import TrailEvents

extension Events {
  private static let state = Shape.choice(
    "ENABLED",
    "DISABLED",
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  )

  private static let summary: Structure = [
    .optional("Name", .string),
    .optional("Arn", .string),
    .optional("EventPattern", .string),
    .optional("State", .string),
    .optional("Description", .string),
    .optional("ScheduleExpression", .string),
    .optional("RoleArn", .string),
    .optional("ManagedBy", .string),
    .optional("EventBusName", .string),
  ]

  private static let reference: Structure = [
    .required("Name", name64), .optional("EventBusName", busNameOrARN),
  ]

  static let ruleOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "PutRule",
      "Makes a rule, or replaces all of its settings; targets stay.",
      input: [
        .required("Name", name64),
        .optional("ScheduleExpression", .string(0...256)),
        .optional("EventPattern", eventPattern),
        .optional("State", state),
        .optional("Description", description),
        .optional("RoleArn", arn),
        .optional("Tags", tags),
        .optional("EventBusName", busNameOrARN),
      ],
      output: [.optional("RuleArn", .string)],
      errors: [invalidPattern, limit, concurrent, managed, notFound]
    ) { engine, call in
      let (bus, input) = (try ruleBus(call, "events:PutRule", engine), call.input)
      let settings = RuleSettings(
        pattern: input.string(ifAny: "EventPattern"),
        schedule: input.string(ifAny: "ScheduleExpression"),
        state: input.string(ifAny: "State").flatMap(BusRule.State.init) ?? .enabled,
        description: input.string(ifAny: "Description"),
        roleARN: input.string(ifAny: "RoleArn")
      )
      let tags = tags(call)
      let arn = try await engine.change { catalog throws(BusError) in
        try catalog.putRule(
          input.string("Name"),
          settings,
          tags: tags,
          on: bus,
          by: call.scope.account,
          now: call.time.milliseconds
        )
      }
      return ["RuleArn": .string(arn)]
    },
    operation(
      "DeleteRule",
      "Removes a rule that has no targets.",
      input: reference + [.optional("Force", .boolean)],
      errors: [concurrent, managed, notFound]
    ) { engine, call in
      let (bus, input) = (try ruleBus(call, "events:DeleteRule", engine), call.input)
      try await engine.change { catalog throws(BusError) in
        try catalog.deleteRule(input.string("Name"), on: bus, force: input.bool(ifAny: "Force") ?? false)
      }
      return [:]
    },
    operation(
      "DescribeRule",
      "Shows a rule.",
      input: reference,
      output: summary + [.optional("CreatedBy", .string)],
      errors: [notFound]
    ) { engine, call in
      let bus = try ruleBus(call, "events:DescribeRule", engine)
      let rule = try engine.catalog.rule(call.input.string("Name"), on: bus)
      var fields = fields(rule, bus)
      fields["CreatedBy"] = .string(rule.isFromFile ? call.scope.account : rule.createdBy)
      return .fields(fields)
    },
    stateOperation("EnableRule", "Lets a rule take events again.", .enabled),
    stateOperation("DisableRule", "Keeps events from a rule.", .disabled),
  ]

  private static func stateOperation(
    _ name: String,
    _ documentation: String,
    _ state: BusRule.State
  ) -> AWSProtocols.Operation<BusEngine> {
    operation(
      name,
      documentation,
      input: reference,
      errors: [notFound, concurrent, managed]
    ) { engine, call in
      let (bus, rule) = (try ruleBus(call, "events:\(name)", engine), call.input.string("Name"))
      try await engine.change { catalog throws(BusError) in
        try catalog.setState(state, of: rule, on: bus, now: call.time.milliseconds)
      }
      return [:]
    }
  }

  static let ruleListOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "ListRules",
      "Lists the rules of a bus, those of rule files included.",
      input: Structure(
        [.optional("NamePrefix", name64), .optional("EventBusName", busNameOrARN)] + paging()
      ),
      output: [.optional("Rules", .list(.structure(summary))), .optional("NextToken", .string)],
      errors: [notFound]
    ) { engine, call in
      let bus = try ruleBus(call, "events:ListRules", engine)
      let rules = try engine.catalog.rules(on: bus, prefix: call.input.string(ifAny: "NamePrefix"))
      return try page(rules, call, as: "Rules", key: \.name) { .fields(fields($0, bus)) }
    },
    operation(
      "ListRuleNamesByTarget",
      "Lists the rules of a bus that have a target.",
      input: Structure(
        [.required("TargetArn", arn), .optional("EventBusName", busNameOrARN)] + paging()
      ),
      output: [.optional("RuleNames", .list(.string)), .optional("NextToken", .string)],
      errors: [notFound]
    ) { engine, call in
      let bus = try ruleBus(call, "events:ListRuleNamesByTarget", engine)
      let names = try engine.catalog.ruleNames(withTarget: call.input.string("TargetArn"), on: bus)
      return try page(names, call, as: "RuleNames", key: \.self) { .string($0) }
    },
  ]

  /// The bus of a rule that a call is about; the bus of another account only if its policy says so.
  static func ruleBus(
    _ call: Call,
    _ action: String,
    _ engine: BusEngine,
    conditions: [String: [String]] = [:]
  ) throws(BusError) -> BusReference {
    let bus = bus(call)
    func text(_ name: String) -> String? {
      call.input.structure.member(named: name) == nil ? nil : call.input.string(ifAny: name)
    }
    try engine.catalog.authorize(
      call.policyCaller,
      action,
      on: bus,
      rule: text("Rule") ?? text("Name"),
      pattern: text("EventPattern"),
      conditions: conditions,
      now: call.time.milliseconds
    )
    return bus
  }

  private static func fields(_ rule: BusRule, _ bus: BusReference) -> Fields {
    [
      "Name": .string(rule.name),
      "Arn": .string(rule.arn(in: bus.scope)),
      "EventPattern": .maybe(rule.pattern),
      "State": .string(rule.state.rawValue),
      "Description": .maybe(rule.description),
      "ScheduleExpression": .maybe(rule.schedule),
      "RoleArn": .maybe(rule.roleARN),
      "ManagedBy": .maybe(rule.managedBy),
      "EventBusName": .string(rule.bus),
    ]
  }

  // MARK: Tags

  /// Where the bus or rule is that a call names by its ARN; one of another account only if the bus's policy says so.
  private static func tagged(_ call: Call, _ action: String, _ engine: BusEngine) throws(BusError) -> Scope {
    guard let place = Catalog.place(ofARN: call.input.string("ResourceARN")),
      place.bus.scope.region == call.scope.region
    else { return call.scope }
    try engine.catalog.authorize(
      call.policyCaller,
      action,
      on: place.bus,
      rule: place.rule,
      now: call.time.milliseconds
    )
    return place.bus.scope
  }

  static let tagOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "TagResource",
      "Tags a bus or a rule.",
      input: [.required("ResourceARN", arn), .required("Tags", tags)],
      errors: [notFound, concurrent, managed]
    ) { engine, call in
      let (arn, tags, scope) = (
        call.input.string("ResourceARN"), tags(call), try tagged(call, "events:TagResource", engine)
      )
      try await engine.change { catalog throws(BusError) in try catalog.tag(arn, tags, in: scope) }
      return [:]
    },
    operation(
      "UntagResource",
      "Removes tags of a bus or a rule.",
      input: [.required("ResourceARN", arn), .required("TagKeys", .list(.string(1...128)))],
      errors: [notFound, concurrent, managed]
    ) { engine, call in
      let (arn, keys, scope) = (
        call.input.string("ResourceARN"), call.input.strings("TagKeys"),
        try tagged(call, "events:UntagResource", engine)
      )
      try await engine.change { catalog throws(BusError) in try catalog.untag(arn, keys, in: scope) }
      return [:]
    },
    operation(
      "ListTagsForResource",
      "Lists the tags of a bus or a rule.",
      input: [.required("ResourceARN", arn)],
      output: [.optional("Tags", tags)],
      errors: [notFound]
    ) { engine, call in
      let scope = try tagged(call, "events:ListTagsForResource", engine)
      return ["Tags": tagList(try engine.catalog.tags(of: call.input.string("ResourceARN"), in: scope))]
    },
  ]
}

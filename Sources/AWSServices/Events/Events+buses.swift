// Buses and their policies.

internal import AWSProtocols
internal import EventBuses
internal import TrailEvents

extension Events {
  private static let settings: Structure = [
    .optional("Description", description),
    .optional("KmsKeyIdentifier", kmsKey),
    .optional("DeadLetterConfig", deadLetterConfig),
    .optional("LogConfig", logConfig),
  ]

  private static let summary: Structure = [
    .optional("Name", .string),
    .optional("Arn", .string),
    .optional("Description", .string),
    .optional("Policy", .string),
    .optional("CreationTime", .timestamp),
    .optional("LastModifiedTime", .timestamp),
  ]

  static let busOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "CreateEventBus",
      "Makes a custom bus, or the bus of a partner's source.",
      input: [.required("Name", busName), .optional("EventSourceName", sourceName)] + settings
        + [.optional("Tags", tags)],
      output: [.optional("EventBusArn", .string)] + settings,
      errors: [exists, notFound, invalidState, concurrent, limit, disabled]
    ) { engine, call in
      let input = call.input
      let new = EventBus(
        name: input.string("Name"),
        description: input.string(ifAny: "Description"),
        kmsKey: input.string(ifAny: "KmsKeyIdentifier"),
        deadLetterARN: input.structure(ifAny: "DeadLetterConfig")?.string(ifAny: "Arn"),
        log: log(input),
        sourceName: input.string(ifAny: "EventSourceName"),
        createdAt: call.time.milliseconds
      )
      let tags = tags(call)
      let bus = try await engine.change { catalog throws(BusError) in
        try catalog.createBus(new, tags: tags, in: call.scope)
      }
      return with(bus, ["EventBusArn": .string(BusReference(scope: call.scope, name: bus.name).arn)])
    },
    operation(
      "DeleteEventBus",
      "Removes a bus that has no rules.",
      input: [.required("Name", busName)],
      errors: [concurrent]
    ) { engine, call in
      let bus = bus(call, "Name")
      try await engine.change { catalog throws(BusError) in try catalog.deleteBus(bus) }
      return [:]
    },
    operation(
      "DescribeEventBus",
      "Shows a bus with its policy.",
      input: [.optional("Name", busNameOrARN)],
      output: summary
        + [
          .optional("KmsKeyIdentifier", .string), .optional("DeadLetterConfig", deadLetterConfig),
          .optional("LogConfig", logConfig),
        ],
      errors: [notFound]
    ) { engine, call in
      let reference = bus(call, "Name")
      let catalog = engine.catalog
      try catalog.authorize(
        call.policyCaller,
        "events:DescribeEventBus",
        on: reference,
        now: call.time.milliseconds
      )
      let bus = try catalog.bus(reference)
      return with(bus, fields(bus, reference))
    },
    operation(
      "ListEventBuses",
      "Lists the buses of an account and Region.",
      input: Structure([.optional("NamePrefix", busName)] + paging()),
      output: [.optional("EventBuses", .list(.structure(summary))), .optional("NextToken", .string)]
    ) { engine, call in
      let buses = engine.catalog.buses(in: call.scope, prefix: call.input.string(ifAny: "NamePrefix"))
      return try page(buses, call, as: "EventBuses", key: \.name) { bus in
        .fields(fields(bus, BusReference(scope: call.scope, name: bus.name)))
      }
    },
    operation(
      "UpdateEventBus",
      "Changes the description, key, dead-letter queue or log of a bus.",
      input: [.optional("Name", busName)] + settings,
      output: [.optional("Arn", .string), .optional("Name", .string)] + settings,
      errors: [notFound, concurrent, disabled]
    ) { engine, call in
      let reference = bus(call, "Name")
      let input = call.input
      let bus = try await engine.change { catalog throws(BusError) in
        try catalog.updateBus(
          reference,
          description: input.string(ifAny: "Description"),
          kmsKey: input.string(ifAny: "KmsKeyIdentifier"),
          deadLetterARN: input.structure(ifAny: "DeadLetterConfig").map { $0.string(ifAny: "Arn") ?? "" },
          log: log(input),
          now: call.time.milliseconds
        )
      }
      return with(bus, ["Arn": .string(reference.arn), "Name": .string(bus.name)])
    },
  ]

  private static func log(_ input: Input) -> EventBus.LogSettings? {
    input.structure(ifAny: "LogConfig").map {
      EventBus.LogSettings(
        includeDetail: $0.string(ifAny: "IncludeDetail"),
        level: $0.string(ifAny: "Level")
      )
    }
  }

  private static func fields(_ bus: EventBus, _ reference: BusReference) -> Fields {
    [
      "Name": .string(bus.name),
      "Arn": .string(reference.arn),
      "Description": .maybe(bus.description),
      "Policy": .maybe(bus.policy),
      "CreationTime": time(bus.createdAt == 0 ? nil : bus.createdAt),
      "LastModifiedTime": time(bus.modifiedAt == 0 ? nil : bus.modifiedAt),
    ]
  }

  /// The settings of a bus, after other members.
  private static func with(_ bus: EventBus, _ fields: Fields) -> Value {
    var fields = fields
    fields["Description"] = .maybe(bus.description)
    fields["KmsKeyIdentifier"] = .maybe(bus.kmsKey)
    if let queue = bus.deadLetterARN { fields["DeadLetterConfig"] = ["Arn": .string(queue)] }
    if let log = bus.log {
      fields["LogConfig"] = ["IncludeDetail": .maybe(log.includeDetail), "Level": .maybe(log.level)]
    }
    return .fields(fields)
  }

  // MARK: Policies

  static let permissionOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "PutPermission",
      "Lets another account or organization use a bus: one statement of its policy, or a whole policy.",
      input: [
        .optional("EventBusName", busName),
        .optional("Action", .string(1...64, pattern: "events:[a-zA-Z]+")),
        .optional("Principal", .string(1...12, pattern: #"(\d{12}|\*)"#)),
        .optional("StatementId", .string(1...64, pattern: "[a-zA-Z0-9-_]+")),
        .optional(
          "Condition",
          .structure([.required("Type", .string), .required("Key", .string), .required("Value", .string)])
        ),
        .optional("Policy", .string),
      ],
      errors: [notFound, policyLength, concurrent, disabled]
    ) { engine, call in
      let (bus, input, now) = (bus(call), call.input, call.time.milliseconds)
      if let policy = input.string(ifAny: "Policy") {
        try await engine.change { catalog throws(BusError) in try catalog.putPolicy(policy, on: bus, now: now) }
        return [:]
      }
      guard let action = input.string(ifAny: "Action"), let principal = input.string(ifAny: "Principal"),
        let statement = input.string(ifAny: "StatementId")
      else {
        throw AWSError(
          "ValidationException",
          "Parameter(s) Action, Principal and StatementId, or Policy, must be specified."
        )
      }
      let condition = input.structure(ifAny: "Condition").map {
        PermissionSettings.Condition(type: $0.string("Type"), key: $0.string("Key"), value: $0.string("Value"))
      }
      try await engine.change { catalog throws(BusError) in
        try catalog.putPermission(
          PermissionSettings(
            statementID: statement,
            action: action,
            principal: principal,
            condition: condition
          ),
          on: bus,
          now: now
        )
      }
      return [:]
    },
    operation(
      "RemovePermission",
      "Removes a statement of a bus's policy, or all of it.",
      input: [
        .optional("StatementId", .string(1...64, pattern: "[a-zA-Z0-9-_]+")),
        .optional("RemoveAllPermissions", .boolean),
        .optional("EventBusName", busName),
      ],
      errors: [notFound, concurrent, disabled]
    ) { engine, call in
      let (bus, now) = (bus(call), call.time.milliseconds)
      let statement = call.input.string(ifAny: "StatementId")
      let isAll = call.input.bool(ifAny: "RemoveAllPermissions") ?? false
      guard statement != nil || isAll else {
        throw AWSError("ValidationException", "Parameter StatementId is required.")
      }
      try await engine.change { catalog throws(BusError) in
        try catalog.removePermission(isAll ? nil : statement, on: bus, now: now)
      }
      return [:]
    },
  ]
}

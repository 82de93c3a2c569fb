// Targets of rules.

internal import AWSProtocols
internal import EventBuses
internal import EventPatterns
internal import TrailEvents

extension Events {
  /// Parameters of services that are not here: kept as they are given, shown, and used where they are forwarded.
  private static let others = [
    "KinesisParameters", "RunCommandParameters", "EcsParameters", "BatchParameters", "RedshiftDataParameters",
    "SageMakerPipelineParameters", "AppSyncParameters",
  ]

  private static let target = Shape.structure(
    Structure(
      [
        .required("Id", name64),
        .required("Arn", arn),
        .optional("RoleArn", arn),
        .optional("Input", .string(0...8192)),
        .optional("InputPath", .string(0...256)),
        .optional(
          "InputTransformer",
          .structure([
            .optional("InputPathsMap", .map(.string(1...256), .string(0...256), 0...100)),
            .required("InputTemplate", .string(1...8192)),
          ])
        ),
        .optional("SqsParameters", .structure([.optional("MessageGroupId", .string(0...100))])),
        .optional(
          "HttpParameters",
          .structure([
            .optional("PathParameterValues", .list(.string)),
            .optional("HeaderParameters", .map(.string(0...512), .string(0...512))),
            .optional("QueryStringParameters", .map(.string(0...512), .string(0...512))),
          ])
        ),
        .optional("DeadLetterConfig", deadLetterConfig),
        .optional(
          "RetryPolicy",
          .structure([
            .optional("MaximumRetryAttempts", .integer(0...185)),
            .optional("MaximumEventAgeInSeconds", .integer(60...86_400)),
          ])
        ),
      ] + others.map { .optional($0, .document) }
    )
  )

  private static let reference: Structure = [
    .required("Rule", name64), .optional("EventBusName", busNameOrARN),
  ]

  private static let failures: Structure = [
    .optional("FailedEntryCount", .integer),
    .optional(
      "FailedEntries",
      .list(
        .structure([
          .optional("TargetId", .string), .optional("ErrorCode", .string), .optional("ErrorMessage", .string),
        ])
      )
    ),
  ]

  static let targetOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "PutTargets",
      "Adds targets to a rule, or replaces those with the same ids.",
      input: reference + [.required("Targets", .list(target, 1...100))],
      output: failures,
      errors: [notFound, concurrent, limit, managed]
    ) { engine, call in
      let input = call.input
      let targets = input.structures("Targets").map(ruleTarget)
      let bus = try ruleBus(call, "events:PutTargets", engine, conditions: ["events:TargetArn": targets.map(\.arn)])
      try await engine.change { catalog throws(BusError) in
        try catalog.putTargets(targets, of: input.string("Rule"), on: bus)
      }
      return ["FailedEntryCount": 0, "FailedEntries": []]
    },
    operation(
      "RemoveTargets",
      "Removes targets of a rule.",
      input: reference + [.required("Ids", .list(name64, 1...100)), .optional("Force", .boolean)],
      output: failures,
      errors: [notFound, concurrent, managed]
    ) { engine, call in
      let (bus, input) = (try ruleBus(call, "events:RemoveTargets", engine), call.input)
      try await engine.change { catalog throws(BusError) in
        try catalog.removeTargets(
          input.strings("Ids"),
          of: input.string("Rule"),
          on: bus,
          force: input.bool(ifAny: "Force") ?? false
        )
      }
      return ["FailedEntryCount": 0, "FailedEntries": []]
    },
    operation(
      "ListTargetsByRule",
      "Lists the targets of a rule.",
      input: reference + Structure(paging()),
      output: [.optional("Targets", .list(target)), .optional("NextToken", .string)],
      errors: [notFound]
    ) { engine, call in
      let bus = try ruleBus(call, "events:ListTargetsByRule", engine)
      let targets = try engine.catalog.targets(of: call.input.string("Rule"), on: bus)
      return try page(targets.sorted { $0.id < $1.id }, call, as: "Targets", key: \.id) { .fields(fields($0)) }
    },
  ]

  private static func ruleTarget(_ input: Input) -> RuleTarget {
    let transformer = input.structure(ifAny: "InputTransformer")
    let http = input.structure(ifAny: "HttpParameters")
    let retry = input.structure(ifAny: "RetryPolicy")
    var target = RuleTarget(
      id: input.string("Id"),
      arn: input.string("Arn"),
      roleARN: input.string(ifAny: "RoleArn"),
      input: input.string(ifAny: "Input"),
      inputPath: input.string(ifAny: "InputPath"),
      transformer: transformer.map {
        RuleTarget.Transformer(paths: $0.stringMap("InputPathsMap"), template: $0.string("InputTemplate"))
      },
      messageGroupID: input.structure(ifAny: "SqsParameters")?.string(ifAny: "MessageGroupId"),
      http: http.map {
        RuleTarget.HTTPParameters(
          pathValues: $0.strings("PathParameterValues"),
          headers: $0.stringMap("HeaderParameters"),
          query: $0.stringMap("QueryStringParameters")
        )
      },
      deadLetterARN: input.structure(ifAny: "DeadLetterConfig")?.string(ifAny: "Arn"),
      retry: retry.map {
        RuleTarget.Retry(
          attempts: $0.integer(ifAny: "MaximumRetryAttempts"),
          age: $0.integer(ifAny: "MaximumEventAgeInSeconds")
        )
      }
    )
    for name in others {
      if let value = input.document(ifAny: name) { target.others[name] = value.text }
    }
    return target
  }

  private static func fields(_ target: RuleTarget) -> Fields {
    var fields: Fields = [
      "Id": .string(target.id),
      "Arn": .string(target.arn),
      "RoleArn": .maybe(target.roleARN),
      "Input": .maybe(target.input),
      "InputPath": .maybe(target.inputPath),
    ]
    if let transformer = target.transformer {
      fields["InputTransformer"] = [
        "InputPathsMap": transformer.paths.isEmpty ? .absent : .map(transformer.paths),
        "InputTemplate": .string(transformer.template),
      ]
    }
    if let group = target.messageGroupID { fields["SqsParameters"] = ["MessageGroupId": .string(group)] }
    if let http = target.http {
      fields["HttpParameters"] = [
        "PathParameterValues": .list(of: http.pathValues),
        "HeaderParameters": .map(http.headers),
        "QueryStringParameters": .map(http.query),
      ]
    }
    if let queue = target.deadLetterARN { fields["DeadLetterConfig"] = ["Arn": .string(queue)] }
    if let retry = target.retry {
      fields["RetryPolicy"] = [
        "MaximumRetryAttempts": .maybe(retry.attempts), "MaximumEventAgeInSeconds": .maybe(retry.age),
      ]
    }
    for (name, text) in target.others.sorted(by: { $0.key < $1.key }) {
      if let value = try? JSONValue(parsing: text) { fields[name] = .document(value) }
    }
    return fields
  }
}

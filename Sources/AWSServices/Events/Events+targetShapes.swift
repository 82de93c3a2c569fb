// What targets look like. Parameters of services that are not here are declared like all others, so that what AWS would
// refuse is refused here, too; they are kept, shown, and used where such targets are forwarded.

internal import AWSProtocols

extension Events {
  /// Parameters of services that are not here, by their name in a target.
  static let otherParameters: [(name: String, shape: Shape)] = [
    ("KinesisParameters", .structure([.required("PartitionKeyPath", .string(0...256))])),
    ("RunCommandParameters", runCommand), ("EcsParameters", task), ("BatchParameters", job),
    ("RedshiftDataParameters", statement), ("SageMakerPipelineParameters", pipeline),
    (
      "AppSyncParameters",
      .structure([.optional("GraphQLOperation", .string(1...1_048_576), secret: true)])
    ),
  ]

  static let target = Shape.structure(
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
            .optional(
              "InputPathsMap",
              .map(.string(1...256, pattern: #"[A-Za-z0-9\_\-]+"#), .string(0...256), 0...100)
            ),
            .required("InputTemplate", .string(1...8192)),
          ])
        ),
        .optional("SqsParameters", .structure([.optional("MessageGroupId", .string(0...100))])),
        .optional(
          "HttpParameters",
          .structure([
            .optional("PathParameterValues", .list(.string(0..., pattern: #"^(?!\s*$).+"#))),
            .optional("HeaderParameters", .map(headerName, headerValue)),
            .optional("QueryStringParameters", .map(queryName, queryValue)),
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
      ] + otherParameters.map { .optional($0.name, $0.shape) }
    )
  )

  // MARK: Requests

  static let headerName = Shape.string(0...512, pattern: "^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$")
  /// AWS's pattern, and one of the same texts that takes no longer for the worst of them.
  static let headerValue = Shape.string(
    0...512,
    pattern: TextPattern(
      #"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$"#,
      matchedAs: #"\t*[\x20-\x7E][\t\x20-\x7E]*"#
    )
  )
  static let queryName = Shape.string(0...512, pattern: #"[^\x00-\x1F\x7F]+"#)
  static let queryValue = Shape.string(0...512, pattern: #"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+"#)

  // MARK: Services that are not here

  private static let runCommand = Shape.structure([
    .required(
      "RunCommandTargets",
      .list(
        .structure([
          .required("Key", .string(1...128, pattern: #"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"#)),
          .required("Values", .list(.string(1...256), 1...50)),
        ]),
        1...5
      )
    )
  ])

  private static let task = Shape.structure([
    .required("TaskDefinitionArn", arn),
    .optional("TaskCount", .integer(1...Int(Int32.max))),
    .optional("LaunchType", .choice("EC2", "FARGATE", "EXTERNAL")),
    .optional(
      "NetworkConfiguration",
      .structure([
        .optional(
          "awsvpcConfiguration",
          .structure([
            .required("Subnets", .list(.string)),
            .optional("SecurityGroups", .list(.string)),
            .optional("AssignPublicIp", .choice("ENABLED", "DISABLED")),
          ])
        )
      ])
    ),
    .optional("PlatformVersion", .string),
    .optional("Group", .string),
    .optional(
      "CapacityProviderStrategy",
      .list(
        .structure([
          .required("capacityProvider", .string(1...255)),
          .optional("weight", .integer(0...1000)),
          .optional("base", .integer(0...100_000)),
        ]),
        0...6
      )
    ),
    .optional("EnableECSManagedTags", .boolean),
    .optional("EnableExecuteCommand", .boolean),
    .optional(
      "PlacementConstraints",
      .list(
        .structure([
          .optional("type", .choice("distinctInstance", "memberOf")), .optional("expression", .string(0...2000)),
        ]),
        0...10
      )
    ),
    .optional(
      "PlacementStrategy",
      .list(
        .structure([
          .optional("type", .choice("random", "spread", "binpack")), .optional("field", .string(0...255)),
        ]),
        0...5
      )
    ),
    .optional("PropagateTags", .choice("TASK_DEFINITION")),
    .optional("ReferenceId", .string(0...1024)),
    .optional("Tags", tags),
  ])

  private static let job = Shape.structure([
    .required("JobDefinition", .string),
    .required("JobName", .string),
    .optional("ArrayProperties", .structure([.optional("Size", .integer)])),
    .optional("RetryStrategy", .structure([.optional("Attempts", .integer)])),
  ])

  private static let statement = Shape.structure([
    .optional(
      "SecretManagerArn",
      .string(
        1...1600,
        pattern: TextPattern(
          #"(^arn:aws([a-z]|\-)*:secretsmanager:[a-z0-9-.]+:.*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)"#,
          matchedAs: #"(arn:aws[a-z-]*:secretsmanager:[a-z0-9.-]+:.*)|(\$(\.[\w-]+(\[(\d+|\*)\])*)*)"#
        )
      )
    ),
    .required("Database", .string(1...64)),
    .optional("DbUser", .string(1...128)),
    .optional("Sql", .string(1...100_000), secret: true),
    .optional("StatementName", .string(1...500)),
    .optional("WithEvent", .boolean),
    .optional("Sqls", .list(.string(1...100_000), 0...40), secret: true),
  ])

  private static let pipeline = Shape.structure([
    .optional(
      "PipelineParameterList",
      .list(
        .structure([
          .required("Name", .string(1...256, pattern: "^[a-zA-Z0-9](-*[a-zA-Z0-9])*$")),
          .required("Value", .string(0...1024)),
        ]),
        0...200
      )
    )
  ])
}

// What schedules invoke, in requests and answers.

internal import AWSProtocols
internal import EventPatterns
internal import Schedules

extension Scheduler {
  private static let sourceName: TextPattern =
    #"^(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)$"#

  static let target = Shape.structure(
    Structure(
      [
        .required("Arn", .string(1...1600)),
        .required("RoleArn", .string(1...1600, pattern: #"^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@\/-]+$"#)),
        .optional(
          "DeadLetterConfig",
          .structure([
            .optional(
              "Arn",
              .string(1...1600, pattern: #"^arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+$"#)
            )
          ])
        ),
        .optional(
          "RetryPolicy",
          .structure([
            .optional("MaximumEventAgeInSeconds", .integer(60...86_400)),
            .optional("MaximumRetryAttempts", .integer(0...185)),
          ])
        ),
        // What is handed over is the target's; the record of the call does not repeat it.
        .optional("Input", .string(1...), secret: true),
        .optional(
          "EventBridgeParameters",
          .structure([
            .required("DetailType", .string(1...128)), .required("Source", .string(1...256, pattern: sourceName)),
          ])
        ),
        .optional("SqsParameters", .structure([.optional("MessageGroupId", .string(1...128))])),
      ] + others.map { .optional($0, .document) }
    )
  )

  /// Parameters of services that are not here: kept as they are given, and shown.
  private static let others = ["EcsParameters", "KinesisParameters", "SageMakerPipelineParameters"]

  static func scheduleTarget(_ input: Input) -> ScheduleTarget {
    let retry = input.structure(ifAny: "RetryPolicy")
    var target = ScheduleTarget(
      arn: input.string("Arn"),
      roleARN: input.string("RoleArn"),
      input: input.string(ifAny: "Input"),
      event: input.structure(ifAny: "EventBridgeParameters").map {
        ScheduleTarget.BusEvent(source: $0.string("Source"), detailType: $0.string("DetailType"))
      },
      messageGroupID: input.structure(ifAny: "SqsParameters")?.string(ifAny: "MessageGroupId"),
      deadLetterARN: input.structure(ifAny: "DeadLetterConfig")?.string(ifAny: "Arn"),
      retryAttempts: retry?.integer(ifAny: "MaximumRetryAttempts") ?? 185,
      retryAge: retry?.integer(ifAny: "MaximumEventAgeInSeconds") ?? 86_400
    )
    for name in others {
      if let value = input.document(ifAny: name) { target.others[name] = value.text }
    }
    return target
  }

  static func targetFields(_ target: ScheduleTarget) -> Fields {
    var fields: Fields = [
      "Arn": .string(target.arn),
      "RoleArn": .string(target.roleARN),
      "Input": .maybe(target.input),
      "RetryPolicy": [
        "MaximumEventAgeInSeconds": .maybe(target.retryAge), "MaximumRetryAttempts": .maybe(target.retryAttempts),
      ],
    ]
    if let queue = target.deadLetterARN { fields["DeadLetterConfig"] = ["Arn": .string(queue)] }
    if let group = target.messageGroupID { fields["SqsParameters"] = ["MessageGroupId": .string(group)] }
    if let event = target.event {
      fields["EventBridgeParameters"] = ["DetailType": .string(event.detailType), "Source": .string(event.source)]
    }
    for (name, text) in target.others {
      if let value = try? JSONValue(parsing: text) { fields[name] = .document(value) }
    }
    return fields
  }
}

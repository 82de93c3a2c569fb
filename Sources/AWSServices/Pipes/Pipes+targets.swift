// Targets of pipes, in requests and answers.

internal import AWSProtocols
internal import EventPatterns
internal import Pipes

extension EventPipes {
  /// Parameters of services that are not here: kept as they are given, shown, and used where they are forwarded.
  private static let otherTargets = [
    "KinesisStreamParameters", "EcsTaskParameters", "BatchJobParameters", "RedshiftDataParameters",
    "SageMakerPipelineParameters", "CloudWatchLogsParameters", "TimestreamParameters",
  ]

  private static let invocation = Shape.structure([
    .optional("InvocationType", .choice("REQUEST_RESPONSE", "FIRE_AND_FORGET"))
  ])

  static let targetParameters = Shape.structure(
    Structure(
      [
        .optional("InputTemplate", template, secret: true),
        .optional("LambdaFunctionParameters", invocation),
        .optional("StepFunctionStateMachineParameters", invocation),
        .optional(
          "SqsQueueParameters",
          .structure([
            .optional("MessageGroupId", .string(0...100), secret: true),
            .optional("MessageDeduplicationId", .string(0...100), secret: true),
          ])
        ),
        .optional("HttpParameters", http),
        .optional(
          "EventBridgeEventBusParameters",
          .structure([
            .optional("EndpointId", .string(1...50, pattern: #"[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+"#), secret: true),
            .optional("DetailType", .string(1...128), secret: true),
            .optional("Source", .string(1...256, pattern: eventSource), secret: true),
            .optional(
              "Resources",
              .list(.string(1...1600, pattern: TextPattern(stringLiteral: arnPattern + "|" + pathPattern)), 0...10)
            ),
            .optional("Time", .string(1...256, pattern: TextPattern(stringLiteral: timePattern))),
          ])
        ),
      ] + otherTargets.map { .optional($0, .document) }
    )
  )

  private static let timePattern = #"\$(\.[\w/_-]+(\[(\d+|\*)\])*)*"#
  private static let eventSource: TextPattern =
    #".*(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*).*"#

  /// - Parameter arn: the target; empty where only parameters are given.
  static func target(_ input: Input?, arn: String) -> PipeTarget {
    var target = PipeTarget(arn: arn)
    guard let input else { return target }
    target.template = input.string(ifAny: "InputTemplate")
    target.queue = input.structure(ifAny: "SqsQueueParameters").map {
      PipeTarget.QueueMessage(
        groupID: $0.string(ifAny: "MessageGroupId"),
        deduplicationID: $0.string(ifAny: "MessageDeduplicationId")
      )
    }
    target.bus = input.structure(ifAny: "EventBridgeEventBusParameters").map {
      PipeTarget.BusEvent(
        endpointID: $0.string(ifAny: "EndpointId"),
        detailType: $0.string(ifAny: "DetailType"),
        source: $0.string(ifAny: "Source"),
        resources: $0.strings("Resources"),
        time: $0.string(ifAny: "Time")
      )
    }
    target.http = httpParameters(input.structure(ifAny: "HttpParameters"))
    target.function = invocationType(input.structure(ifAny: "LambdaFunctionParameters"))
    target.stateMachine = invocationType(input.structure(ifAny: "StepFunctionStateMachineParameters"))
    for name in otherTargets {
      if let value = input.document(ifAny: name) { target.others[name] = value.text }
    }
    return target
  }

  private static func invocationType(_ input: Input?) -> PipeTarget.InvocationType? {
    input.map { $0.string(ifAny: "InvocationType").flatMap(PipeTarget.InvocationType.init) ?? .requestResponse }
  }

  static func targetFields(_ target: PipeTarget) -> Value {
    var fields: Fields = [:]
    if let template = target.template { fields["InputTemplate"] = .string(template) }
    if let function = target.function {
      fields["LambdaFunctionParameters"] = ["InvocationType": .string(function.rawValue)]
    }
    if let machine = target.stateMachine {
      fields["StepFunctionStateMachineParameters"] = ["InvocationType": .string(machine.rawValue)]
    }
    if let queue = target.queue {
      fields["SqsQueueParameters"] = [
        "MessageGroupId": .maybe(queue.groupID), "MessageDeduplicationId": .maybe(queue.deduplicationID),
      ]
    }
    if target.http != nil { fields["HttpParameters"] = httpFields(target.http) }
    if let bus = target.bus {
      fields["EventBridgeEventBusParameters"] = [
        "EndpointId": .maybe(bus.endpointID),
        "DetailType": .maybe(bus.detailType),
        "Source": .maybe(bus.source),
        "Resources": bus.resources.isEmpty ? .absent : .list(of: bus.resources),
        "Time": .maybe(bus.time),
      ]
    }
    for (name, text) in target.others {
      if let value = try? JSONValue(parsing: text) { fields[name] = .document(value) }
    }
    return fields.entries.isEmpty ? .absent : .fields(fields)
  }
}

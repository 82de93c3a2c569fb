// Message move tasks: dead letters go back, or elsewhere.

internal import AWSProtocols
internal import Messaging
internal import TrailEvents

extension SQS {
  static let moveOperations: [Operation<QueueService>] = [
    Operation(
      "StartMessageMoveTask",
      "Begins to move the messages of a dead-letter queue to where they came from, or to another queue.",
      input: [
        .required("SourceArn", .string), .optional("DestinationArn", .string),
        .optional("MaxNumberOfMessagesPerSecond", .integer),
      ],
      output: [.optional("TaskHandle", .string)],
      errors: [shape("ResourceNotFoundException"), shape("UnsupportedOperation")]
    ) { queues, call in
      try await translating {
        let handle = try await queues.startMove(
          from: try queue(arn: call.input.string("SourceArn"), "SourceArn"),
          to: try call.input.string(ifAny: "DestinationArn").map { try queue(arn: $0, "DestinationArn") },
          rate: call.input.integer(ifAny: "MaxNumberOfMessagesPerSecond"),
          as: call.messagingCaller
        )
        return ["TaskHandle": .string(handle)]
      }
    },
    Operation(
      "CancelMessageMoveTask",
      "Stops a message move task; what it has moved stays moved.",
      input: [.required("TaskHandle", .string)],
      output: [.optional("ApproximateNumberOfMessagesMoved", .long)],
      errors: [shape("ResourceNotFoundException"), shape("UnsupportedOperation")]
    ) { queues, call in
      try await translating {
        let moved = try await queues.cancelMove(call.input.string("TaskHandle"), as: call.messagingCaller)
        return ["ApproximateNumberOfMessagesMoved": .integer(Int64(moved))]
      }
    },
    Operation(
      "ListMessageMoveTasks",
      "Lists the newest message move tasks of a queue.",
      input: [.required("SourceArn", .string), .optional("MaxResults", .integer)],
      output: [
        .optional(
          "Results",
          .list(
            .structure([
              .optional("TaskHandle", .string), .optional("Status", .string), .optional("SourceArn", .string),
              .optional("DestinationArn", .string), .optional("MaxNumberOfMessagesPerSecond", .integer),
              .optional("ApproximateNumberOfMessagesMoved", .long),
              .optional("ApproximateNumberOfMessagesToMove", .long), .optional("FailureReason", .string),
              .optional("StartedTimestamp", .long),
            ])
          ).flattened(),
          queryName: "ListMessageMoveTasksResultEntry"
        )
      ],
      errors: [shape("ResourceNotFoundException")]
    ) { queues, call in
      try await translating {
        let tasks = try await queues.moves(
          from: try queue(arn: call.input.string("SourceArn"), "SourceArn"),
          limit: call.input.integer(ifAny: "MaxResults") ?? 1,
          as: call.messagingCaller
        )
        return ["Results": .list(tasks.map(value))]
      }
    },
  ]

  private static func value(of task: MessageMoveTask) -> Value {
    [
      "TaskHandle": .maybe(task.handle),
      "Status": .string(task.status.rawValue),
      "SourceArn": .string(task.source.description),
      "DestinationArn": .maybe(task.destination?.description),
      "MaxNumberOfMessagesPerSecond": .maybe(task.rate),
      "ApproximateNumberOfMessagesMoved": .integer(Int64(task.moved)),
      "ApproximateNumberOfMessagesToMove": .integer(Int64(task.toMove)),
      "FailureReason": .maybe(task.failure),
      "StartedTimestamp": .integer(task.startedAt),
    ]
  }
}

// Sending messages.

internal import AWSProtocols
internal import Messaging

extension SQS {
  private static let attributeMap = Shape.map(.string, AttributeShapes.value).flattened()
    .entries(key: "Name", value: "Value")

  private static let message: Structure = [
    .required("MessageBody", .string, secret: true),
    .optional("DelaySeconds", .integer),
    .optional("MessageAttributes", attributeMap, queryName: "MessageAttribute", secret: true),
    .optional("MessageSystemAttributes", attributeMap, queryName: "MessageSystemAttribute", secret: true),
    .optional("MessageDeduplicationId", .string),
    .optional("MessageGroupId", .string),
  ]

  static let failed = Member.required(
    "Failed",
    .list(
      .structure([
        .required("Id", .string), .required("SenderFault", .boolean), .required("Code", .string),
        .optional("Message", .string),
      ])
    ).flattened(),
    queryName: "BatchResultErrorEntry"
  )

  static let sendOperations: [Operation<QueueService>] = [
    Operation(
      "SendMessage",
      "Puts a message into a queue; the answer comes when it is on the disk.",
      input: Structure([queueURL]) + message,
      output: [
        .optional("MD5OfMessageBody", .string), .optional("MD5OfMessageAttributes", .string),
        .optional("MD5OfMessageSystemAttributes", .string), .optional("MessageId", .string),
        .optional("SequenceNumber", .string),
      ],
      errors: queueErrors + [shape("InvalidMessageContents")],
      category: .data
    ) { queues, call in
      try await translating {
        let (message, system) = try outgoing(call.input, call)
        let sent = try await queues.send(message, to: try queue(call), as: call.messagingCaller)
        return .fields(answer(to: message, system, sent))
      }
    },
    Operation(
      "SendMessageBatch",
      "Puts up to ten messages into a queue, each by itself.",
      input: [
        queueURL,
        .required(
          "Entries",
          .list(.structure(Structure([.required("Id", .string)]) + message)).flattened(),
          queryName: "SendMessageBatchRequestEntry"
        ),
      ],
      output: [
        .required(
          "Successful",
          .list(
            .structure([
              .required("Id", .string), .required("MessageId", .string), .required("MD5OfMessageBody", .string),
              .optional("MD5OfMessageAttributes", .string), .optional("MD5OfMessageSystemAttributes", .string),
              .optional("SequenceNumber", .string),
            ])
          ).flattened(),
          queryName: "SendMessageBatchResultEntry"
        ),
        failed,
      ],
      errors: batchErrors + [shape("BatchRequestTooLong")],
      category: .data
    ) { queues, call in
      try await translating {
        var systems: [String: [String: MessageAttribute]] = [:]
        var messages: [String: OutgoingMessage] = [:]
        let entries = try call.input.structures("Entries").map { input in
          let (message, system) = try outgoing(input, call)
          let id = input.string("Id")
          systems[id] = system
          messages[id] = message
          return BatchEntry(id: id, message)
        }
        let results = try await queues.send(entries, to: try queue(call), as: call.messagingCaller)
        return batchAnswer(results) { id, sent in
          guard let message = messages[id] else { return Fields() }
          return answer(to: message, systems[id] ?? [:], sent)
        }
      }
    },
  ]

  /// The message that an input describes, and its system attributes as they were given, for their digest.
  private static func outgoing(
    _ input: Input,
    _ call: Call
  ) throws(MessagingError) -> (message: OutgoingMessage, system: [String: MessageAttribute]) {
    let system = try AttributeShapes.attributes(input, "MessageSystemAttributes")
    for (name, attribute) in system where name != "AWSTraceHeader" || attribute.dataType != "String" {
      throw MessagingError(
        .invalidParameterValue,
        "Message system attribute name '\(name)' is invalid; the only one is AWSTraceHeader, a String."
      )
    }
    var message = OutgoingMessage(body: Array(input.string("MessageBody").utf8))
    message.messageAttributes = try AttributeShapes.attributes(input, "MessageAttributes")
    message.delay = input.integer(ifAny: "DelaySeconds").map {
      Int64(clamping: $0).multipliedReportingOverflow(by: 1000)
    }
    .map { $0.overflow ? .max : $0.partialValue }
    message.deduplicationID = input.string(ifAny: "MessageDeduplicationId")
    message.groupID = input.string(ifAny: "MessageGroupId")
    message.traceHeader = system["AWSTraceHeader"]?.text ?? call.traceHeader
    return (message, system)
  }

  private static func answer(
    to message: OutgoingMessage,
    _ system: [String: MessageAttribute],
    _ sent: SentMessage
  ) -> Fields {
    [
      "MD5OfMessageBody": .string(sent.md5OfBody),
      "MD5OfMessageAttributes": .maybe(message.messageAttributes.md5),
      "MD5OfMessageSystemAttributes": .maybe(system.md5),
      "MessageId": .string(sent.messageID),
      "SequenceNumber": .maybe(sent.sequenceNumber),
    ]
  }

  /// The answer to a batch: what succeeded and what failed, by the client's ids.
  static func batchAnswer<Outcome>(
    _ results: [BatchResult<Outcome>],
    _ fields: (_ id: String, Outcome) -> Fields
  ) -> Value {
    var successful: [Value] = []
    var failed: [Value] = []
    for result in results {
      switch result.outcome {
      case .success(let outcome):
        successful.append(.fields(Fields([("Id", .string(result.id))] + fields(result.id, outcome).entries)))
      case .failure(let error):
        let shape = shape(error.code)
        failed.append([
          "Id": .string(result.id), "SenderFault": .bool(error.isSenderFault),
          "Code": .string(shape.queryCode ?? shape.code), "Message": .string(error.message),
        ])
      }
    }
    // SDKs take both lists to be there or not by what JSON has; an empty list is not written by AWS.
    return [
      "Successful": successful.isEmpty ? .absent : .list(successful),
      "Failed": failed.isEmpty ? .absent : .list(failed),
    ]
  }
}

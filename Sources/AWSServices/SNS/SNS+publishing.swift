// Publishing.

internal import AWSProtocols
internal import Messaging

extension SNS {
  private static let message: Structure = [
    .required("Message", .string, secret: true), .optional("Subject", .string, secret: true),
    .optional("MessageStructure", .string),
    .optional(
      "MessageAttributes",
      .map(.string, AttributeShapes.value).entries(key: "Name", value: "Value"),
      secret: true
    ),
    .optional("MessageDeduplicationId", .string), .optional("MessageGroupId", .string),
  ]

  static let publishOperations: [Operation<TopicService>] = [
    Operation(
      "Publish",
      "Publishes a message to a topic; the answer comes when it is on the disk for every subscriber.",
      input: Structure([
        .optional("TopicArn", .string), .optional("TargetArn", .string), .optional("PhoneNumber", .string),
      ]) + message,
      output: [.optional("MessageId", .string), .optional("SequenceNumber", .string)],
      errors: topicErrors + [shape("InvalidParameterValue")],
      category: .data
    ) { topics, call in
      try await translating {
        let published = try await topics.publish(
          try request(call.input, call),
          to: try target(of: call),
          server: call.endpoint,
          as: call.messagingCaller
        )
        return ["MessageId": .string(published.messageID), "SequenceNumber": .maybe(published.sequenceNumber)]
      }
    },
    Operation(
      "PublishBatch",
      "Publishes up to ten messages to a topic, each by itself.",
      input: [
        topicARN,
        .required("PublishBatchRequestEntries", .list(.structure(Structure([.required("Id", .string)]) + message))),
      ],
      output: [
        .optional(
          "Successful",
          .list(
            .structure([
              .optional("Id", .string), .optional("MessageId", .string), .optional("SequenceNumber", .string),
            ])
          )
        ),
        .optional(
          "Failed",
          .list(
            .structure([
              .required("Id", .string), .required("Code", .string), .optional("Message", .string),
              .required("SenderFault", .boolean),
            ])
          )
        ),
      ],
      errors: topicErrors
        + [
          "BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidBatchEntryId",
          "TooManyEntriesInBatchRequest",
        ].map(shape),
      category: .data
    ) { topics, call in
      try await translating {
        let entries = try call.input.structures("PublishBatchRequestEntries").map {
          BatchEntry(id: $0.string("Id"), try request($0, call))
        }
        let results = try await topics.publish(
          entries,
          to: try topic(call.input.string("TopicArn")),
          server: call.endpoint,
          as: call.messagingCaller
        )
        return answer(results)
      }
    },
  ]

  private static func request(_ input: Input, _ call: Call) throws(MessagingError) -> PublishRequest {
    let structure = input.string(ifAny: "MessageStructure")
    guard structure == nil || structure == "json" || structure == "" else {
      throw MessagingError(.invalidParameter, "Invalid parameter: MessageStructure")
    }
    var request = PublishRequest(
      input.string("Message"),
      subject: input.string(ifAny: "Subject"),
      attributes: try AttributeShapes.attributes(input, "MessageAttributes"),
      isJSONStructure: structure == "json",
      groupID: input.string(ifAny: "MessageGroupId"),
      deduplicationID: input.string(ifAny: "MessageDeduplicationId")
    )
    request.traceHeader = call.traceHeader
    return request
  }

  private static func target(of call: Call) throws -> TopicAddress {
    if call.input.has("PhoneNumber") {
      throw AWSError(
        shape("InvalidParameter"),
        "Invalid parameter: PhoneNumber Reason: there is no telephone network here"
      )
    }
    guard let arn = call.input.string(ifAny: "TopicArn") ?? call.input.string(ifAny: "TargetArn") else {
      throw AWSError(
        shape("InvalidParameter"),
        "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
      )
    }
    return try topic(arn, call.input.has("TopicArn") ? "TopicArn" : "TargetArn")
  }

  private static func answer(_ results: [BatchResult<PublishedMessage>]) -> Value {
    var successful: [Value] = []
    var failed: [Value] = []
    for result in results {
      switch result.outcome {
      case .success(let published):
        successful.append([
          "Id": .string(result.id), "MessageId": .string(published.messageID),
          "SequenceNumber": .maybe(published.sequenceNumber),
        ])
      case .failure(let error):
        failed.append([
          "Id": .string(result.id), "Code": .string(shape(error.code.rawValue).code),
          "Message": .string(error.message), "SenderFault": .bool(error.isSenderFault),
        ])
      }
    }
    return ["Successful": .list(successful), "Failed": .list(failed)]
  }
}

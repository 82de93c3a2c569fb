// Receiving messages, and what receivers do with their receipts.

internal import AWSProtocols
internal import Messaging

extension SQS {
  static let receiveOperations: [Operation<QueueService>] = [
    Operation(
      "ReceiveMessage",
      "Gives up to ten messages and hides them; waits up to 20 seconds until there is one.",
      input: [
        queueURL,
        .optional("AttributeNames", .list(.string).flattened(), queryName: "AttributeName"),
        .optional("MessageSystemAttributeNames", .list(.string).flattened(), queryName: "MessageSystemAttributeName"),
        .optional("MessageAttributeNames", .list(.string).flattened(), queryName: "MessageAttributeName"),
        .optional("MaxNumberOfMessages", .integer),
        .optional("VisibilityTimeout", .integer),
        .optional("WaitTimeSeconds", .integer),
        .optional("ReceiveRequestAttemptId", .string),
      ],
      output: [
        .optional(
          "Messages",
          .list(
            .structure([
              .optional("MessageId", .string), .optional("ReceiptHandle", .string), .optional("MD5OfBody", .string),
              .optional("Body", .string),
              .optional(
                "Attributes",
                stringMap.flattened().entries(key: "Name", value: "Value"),
                queryName: "Attribute"
              ),
              .optional("MD5OfMessageAttributes", .string),
              .optional(
                "MessageAttributes",
                .map(.string, AttributeShapes.value).flattened().entries(key: "Name", value: "Value"),
                queryName: "MessageAttribute"
              ),
            ])
          ).flattened(),
          queryName: "Message"
        )
      ],
      errors: queueErrors + [shape("InvalidAttributeName"), shape("OverLimit")],
      readOnly: true,
      category: .data
    ) { queues, call in
      try await translating {
        let address = try queue(call)
        let request = ReceiveRequest(
          limit: call.input.integer(ifAny: "MaxNumberOfMessages") ?? 1,
          visibilityTimeout: call.input.integer(ifAny: "VisibilityTimeout"),
          wait: call.input.integer(ifAny: "WaitTimeSeconds"),
          attemptID: call.input.string(ifAny: "ReceiveRequestAttemptId")
        )
        let names = call.input.strings("AttributeNames") + call.input.strings("MessageSystemAttributeNames")
        try QueueMessage.check(systemAttributeNames: names)
        let received = try await receive(request, from: address, queues, call)
        if received.isEmpty { return [:] }
        let attributeNames = call.input.strings("MessageAttributeNames")
        return ["Messages": .list(try received.map { try value(of: $0, names, attributeNames, in: address) })]
      }
    }
  ]

  /// Receives; a receiver that waits stops when its client is gone, because what it took then would be hidden from all.
  private static func receive(
    _ request: ReceiveRequest,
    from address: QueueAddress,
    _ queues: QueueService,
    _ call: Call
  ) async throws(MessagingError) -> [ReceivedMessage] {
    guard let departure = call.departure, request.wait != 0 else {
      return try await queues.receive(request, from: address, as: call.messagingCaller)
    }
    return try await departure.cancelling { () async -> Result<[ReceivedMessage], MessagingError> in
      do throws(MessagingError) {
        return .success(try await queues.receive(request, from: address, as: call.messagingCaller))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  private static func value(
    of received: ReceivedMessage,
    _ systemNames: [String],
    _ attributeNames: [String],
    in address: QueueAddress
  ) throws(MessagingError) -> Value {
    let message = received.message
    let system = try message.systemAttributes(named: systemNames, in: address)
    let attributes = message.messageAttributes(named: attributeNames)
    return [
      "MessageId": .string(message.messageID),
      "ReceiptHandle": .string(received.receiptHandle),
      "MD5OfBody": .string(message.md5OfBody),
      "Body": .string(String(decoding: message.body, as: UTF8.self)),
      "Attributes": system.isEmpty ? .absent : .map(system),
      "MD5OfMessageAttributes": .maybe(attributes.md5),
      "MessageAttributes": AttributeShapes.value(attributes),
    ]
  }

  static let receiptOperations: [Operation<QueueService>] = [
    Operation(
      "DeleteMessage",
      "Deletes a received message for good.",
      input: [queueURL, .required("ReceiptHandle", .string)],
      errors: queueErrors + [shape("ReceiptHandleIsInvalid")],
      category: .data
    ) { queues, call in
      try await translating {
        try await queues.deleteMessage(
          call.input.string("ReceiptHandle"),
          from: try queue(call),
          as: call.messagingCaller
        )
        return [:]
      }
    },
    Operation(
      "DeleteMessageBatch",
      "Deletes up to ten received messages, each by itself.",
      input: [
        queueURL,
        .required(
          "Entries",
          .list(.structure([.required("Id", .string), .required("ReceiptHandle", .string)])).flattened(),
          queryName: "DeleteMessageBatchRequestEntry"
        ),
      ],
      output: [successful("DeleteMessageBatchResultEntry"), failed],
      errors: batchErrors,
      category: .data
    ) { queues, call in
      try await translating {
        let entries = call.input.structures("Entries").map {
          BatchEntry(id: $0.string("Id"), $0.string("ReceiptHandle"))
        }
        let results = try await queues.deleteMessages(entries, from: try queue(call), as: call.messagingCaller)
        return batchAnswer(results) { _, _ in Fields() }
      }
    },
    Operation(
      "ChangeMessageVisibility",
      "Hides a received message for another time from now on; 0 makes it visible.",
      input: [queueURL, .required("ReceiptHandle", .string), .required("VisibilityTimeout", .integer)],
      errors: queueErrors + ["ReceiptHandleIsInvalid", "MessageNotInflight"].map { shape($0) },
      category: .data
    ) { queues, call in
      try await translating {
        let change = VisibilityChange(
          receiptHandle: call.input.string("ReceiptHandle"),
          timeout: call.input.integer("VisibilityTimeout")
        )
        try await queues.changeVisibility(change, in: try queue(call), as: call.messagingCaller)
        return [:]
      }
    },
    Operation(
      "ChangeMessageVisibilityBatch",
      "Hides up to ten received messages for other times, each by itself.",
      input: [
        queueURL,
        .required(
          "Entries",
          .list(
            .structure([
              .required("Id", .string), .required("ReceiptHandle", .string), .optional("VisibilityTimeout", .integer),
            ])
          ).flattened(),
          queryName: "ChangeMessageVisibilityBatchRequestEntry"
        ),
      ],
      output: [successful("ChangeMessageVisibilityBatchResultEntry"), failed],
      errors: batchErrors,
      category: .data
    ) { queues, call in
      try await translating {
        let entries = call.input.structures("Entries").map { input in
          BatchEntry(
            id: input.string("Id"),
            VisibilityChange(
              receiptHandle: input.string("ReceiptHandle"),
              timeout: input.integer(ifAny: "VisibilityTimeout") ?? 0
            )
          )
        }
        let results = try await queues.changeVisibility(entries, in: try queue(call), as: call.messagingCaller)
        return batchAnswer(results) { _, _ in Fields() }
      }
    },
  ]

  private static func successful(_ queryName: String) -> Member {
    .required("Successful", .list(.structure([.required("Id", .string)])).flattened(), queryName: queryName)
  }
}

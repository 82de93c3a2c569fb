// Queues: making, finding, listing, removing, purging.

internal import AWSProtocols
internal import Messaging
internal import TrailEvents

extension SQS {
  static let queueOperations: [Operation<QueueService>] = [
    Operation(
      "CreateQueue",
      "Makes a standard or FIFO queue; one with the same name and attributes is the answer, too.",
      input: [
        .required("QueueName", .string),
        .optional("Attributes", stringMap.flattened().entries(key: "Name", value: "Value"), queryName: "Attribute"),
        .optional("tags", stringMap.flattened().entries(key: "Key", value: "Value"), queryName: "Tag"),
      ],
      output: [.optional("QueueUrl", .string)],
      errors: ["QueueNameExists", "QueueDeletedRecently", "InvalidAttributeName", "InvalidAttributeValue"].map {
        shape($0)
      }
    ) { queues, call in
      try await translating {
        let address = try await queues.create(
          call.input.string("QueueName"),
          in: call.scope,
          attributes: call.input.stringMap("Attributes"),
          tags: call.input.stringMap("tags")
        )
        return ["QueueUrl": url(of: address, call)]
      }
    },
    Operation(
      "GetQueueUrl",
      "Gives the URL of a queue by its name.",
      input: [.required("QueueName", .string), .optional("QueueOwnerAWSAccountId", .string)],
      output: [.optional("QueueUrl", .string)],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        let account = call.input.string(ifAny: "QueueOwnerAWSAccountId") ?? call.scope.account
        let address = try await queues.address(
          of: call.input.string("QueueName"),
          in: Scope(account: account, region: call.scope.region),
          as: call.messagingCaller
        )
        return ["QueueUrl": url(of: address, call)]
      }
    },
    Operation(
      "ListQueues",
      "Lists the queues of the account and Region, in pages if MaxResults is given.",
      input: [
        .optional("QueueNamePrefix", .string), .optional("NextToken", .string), .optional("MaxResults", .integer),
      ],
      output: [
        .optional("QueueUrls", .list(.string).flattened(), queryName: "QueueUrl"), .optional("NextToken", .string),
      ]
    ) { queues, call in
      try await translating {
        let page = try await queues.list(
          in: call.scope,
          prefix: call.input.string(ifAny: "QueueNamePrefix") ?? "",
          limit: call.input.integer(ifAny: "MaxResults"),
          after: call.input.string(ifAny: "NextToken")
        )
        return [
          "QueueUrls": page.items.isEmpty ? .absent : .list(page.items.map { url(of: $0, call) }),
          "NextToken": .maybe(page.nextToken),
        ]
      }
    },
    Operation(
      "ListDeadLetterSourceQueues",
      "Lists the queues whose dead letters go to a queue.",
      input: [queueURL, .optional("NextToken", .string), .optional("MaxResults", .integer)],
      output: [
        .required("queueUrls", .list(.string).flattened(), queryName: "QueueUrl"), .optional("NextToken", .string),
      ],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        let page = try await queues.deadLetterSources(
          of: try queue(call),
          limit: call.input.integer(ifAny: "MaxResults"),
          after: call.input.string(ifAny: "NextToken"),
          as: call.messagingCaller
        )
        return ["queueUrls": .list(page.items.map { url(of: $0, call) }), "NextToken": .maybe(page.nextToken)]
      }
    },
    Operation(
      "DeleteQueue",
      "Removes a queue with its messages; its name can be used again after a minute.",
      input: [queueURL],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        try await queues.delete(try queue(call), as: call.messagingCaller)
        return [:]
      }
    },
    Operation(
      "PurgeQueue",
      "Deletes all messages of a queue, at most once a minute.",
      input: [queueURL],
      errors: queueErrors + [shape("PurgeQueueInProgress")]
    ) { queues, call in
      try await translating {
        try await queues.purge(try queue(call), as: call.messagingCaller)
        return [:]
      }
    },
  ]
}

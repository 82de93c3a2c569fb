// What is said of queues: attributes, tags, permissions.

internal import AWSProtocols
internal import Messaging

extension SQS {
  static let attributeOperations: [Operation<QueueService>] = [
    Operation(
      "GetQueueAttributes",
      "Gives a queue's attributes and how many messages it has.",
      input: [queueURL, .optional("AttributeNames", .list(.string).flattened(), queryName: "AttributeName")],
      output: [
        .optional("Attributes", stringMap.flattened().entries(key: "Name", value: "Value"), queryName: "Attribute")
      ],
      errors: queueErrors + [shape("InvalidAttributeName")]
    ) { queues, call in
      try await translating {
        let values = try await queues.attributes(
          of: try queue(call),
          named: call.input.strings("AttributeNames"),
          as: call.messagingCaller
        )
        return ["Attributes": values.isEmpty ? .absent : .map(values)]
      }
    },
    Operation(
      "SetQueueAttributes",
      "Sets attributes of a queue; those not named stay.",
      input: [
        queueURL,
        .required("Attributes", stringMap.flattened().entries(key: "Name", value: "Value"), queryName: "Attribute"),
      ],
      errors: queueErrors + ["InvalidAttributeName", "InvalidAttributeValue"].map { shape($0) }
    ) { queues, call in
      try await translating {
        try await queues.setAttributes(
          of: try queue(call),
          to: call.input.stringMap("Attributes"),
          as: call.messagingCaller
        )
        return [:]
      }
    },
    Operation(
      "AddPermission",
      "Lets other accounts do something with a queue, as a statement of its policy.",
      input: [
        queueURL, .required("Label", .string),
        .required("AWSAccountIds", .list(.string).flattened(), queryName: "AWSAccountId"),
        .required("Actions", .list(.string).flattened(), queryName: "ActionName"),
      ],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        try await queues.addPermission(
          call.input.string("Label"),
          accounts: call.input.strings("AWSAccountIds"),
          actions: call.input.strings("Actions"),
          to: try queue(call),
          as: call.messagingCaller
        )
        return [:]
      }
    },
    Operation(
      "RemovePermission",
      "Takes a statement out of a queue's policy.",
      input: [queueURL, .required("Label", .string)],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        try await queues.removePermission(
          call.input.string("Label"),
          from: try queue(call),
          as: call.messagingCaller
        )
        return [:]
      }
    },
    Operation(
      "ListQueueTags",
      "Gives a queue's tags.",
      input: [queueURL],
      output: [.optional("Tags", stringMap.flattened().entries(key: "Key", value: "Value"), queryName: "Tag")],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        let tags = try await queues.tags(of: try queue(call), as: call.messagingCaller)
        return ["Tags": tags.isEmpty ? .absent : .map(tags)]
      }
    },
    Operation(
      "TagQueue",
      "Puts tags on a queue.",
      input: [
        queueURL, .required("Tags", stringMap.flattened().entries(key: "Key", value: "Value"), queryName: "Tag"),
      ],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        try await queues.tag(try queue(call), call.input.stringMap("Tags"), as: call.messagingCaller)
        return [:]
      }
    },
    Operation(
      "UntagQueue",
      "Takes tags off a queue.",
      input: [queueURL, .required("TagKeys", .list(.string).flattened(), queryName: "TagKey")],
      errors: queueErrors
    ) { queues, call in
      try await translating {
        try await queues.untag(try queue(call), call.input.strings("TagKeys"), as: call.messagingCaller)
        return [:]
      }
    },
  ]
}

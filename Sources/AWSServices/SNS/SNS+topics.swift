// Topics: making, listing, removing, and what is said of them.

internal import AWSProtocols
internal import Messaging
internal import TrailEvents

extension SNS {
  static let tagList = Shape.list(.structure([.required("Key", .string), .required("Value", .string)]))

  static func tags(_ input: Input, _ name: String = "Tags") throws(AWSError) -> [String: String] {
    let pairs = input.structures(name).map { ($0.string("Key"), $0.string("Value")) }
    let tags = Dictionary(pairs) { $1 }
    guard tags.count == pairs.count else {
      throw AWSError(shape("InvalidParameter"), "Invalid parameter: Duplicated keys are not allowed.")
    }
    return tags
  }

  static let topicOperations: [Operation<TopicService>] = [
    Operation(
      "CreateTopic",
      "Makes a standard or FIFO topic; one with the same name and attributes is the answer, too.",
      input: [
        .required("Name", .string), .optional("Attributes", stringMap), .optional("Tags", tagList),
        .optional("DataProtectionPolicy", .string),
      ],
      output: [.optional("TopicArn", .string)],
      errors: ["InvalidParameter", "TagLimitExceeded"].map(shape)
    ) { topics, call in
      try await translating {
        let address = try await topics.create(
          call.input.string("Name"),
          in: call.scope,
          attributes: call.input.stringMap("Attributes"),
          tags: try tags(call.input)
        )
        return ["TopicArn": .string(address.arn.description)]
      }
    },
    Operation(
      "DeleteTopic",
      "Removes a topic and its subscriptions.",
      input: [topicARN],
      errors: topicErrors
    ) { topics, call in
      try await translating {
        try await topics.delete(try topic(call.input.string("TopicArn")), as: call.messagingCaller)
        return [:]
      }
    },
    Operation(
      "ListTopics",
      "Lists the topics of the account and Region, a hundred at a time.",
      input: [nextToken],
      output: [.optional("Topics", .list(.structure([.optional("TopicArn", .string)]))), nextToken],
      errors: [shape("InvalidParameter")]
    ) { topics, call in
      try await translating {
        let page = try await topics.list(in: call.scope, after: call.input.string(ifAny: "NextToken"))
        return [
          "Topics": .list(page.items.map { ["TopicArn": .string($0.arn.description)] }),
          "NextToken": .maybe(page.nextToken),
        ]
      }
    },
  ]

  static let topicAttributeOperations: [Operation<TopicService>] = [
    Operation(
      "GetTopicAttributes",
      "Gives a topic's attributes, its policy among them.",
      input: [topicARN],
      output: [.optional("Attributes", stringMap)],
      errors: topicErrors
    ) { topics, call in
      try await translating {
        let values = try await topics.attributes(
          of: try topic(call.input.string("TopicArn")),
          as: call.messagingCaller
        )
        return ["Attributes": .map(values)]
      }
    },
    Operation(
      "SetTopicAttributes",
      "Sets an attribute of a topic.",
      input: [topicARN, .required("AttributeName", .string), .optional("AttributeValue", .string)],
      errors: topicErrors
    ) { topics, call in
      try await translating {
        try await topics.setAttribute(
          call.input.string("AttributeName"),
          to: call.input.string(ifAny: "AttributeValue") ?? "",
          of: try topic(call.input.string("TopicArn")),
          as: call.messagingCaller
        )
        return [:]
      }
    },
    Operation(
      "AddPermission",
      "Lets other accounts do something with a topic, as a statement of its policy.",
      input: [
        topicARN, .required("Label", .string), .required("AWSAccountId", .list(.string)),
        .required("ActionName", .list(.string)),
      ],
      errors: topicErrors
    ) { topics, call in
      try await translating(valuesAs: "InvalidParameter") {
        try await topics.addPermission(
          call.input.string("Label"),
          accounts: call.input.strings("AWSAccountId"),
          actions: call.input.strings("ActionName"),
          to: try topic(call.input.string("TopicArn")),
          as: call.messagingCaller
        )
        return [:]
      }
    },
    Operation(
      "RemovePermission",
      "Takes a statement out of a topic's policy.",
      input: [topicARN, .required("Label", .string)],
      errors: topicErrors
    ) { topics, call in
      try await translating(valuesAs: "InvalidParameter") {
        try await topics.removePermission(
          call.input.string("Label"),
          from: try topic(call.input.string("TopicArn")),
          as: call.messagingCaller
        )
        return [:]
      }
    },
  ]

  static let tagOperations: [Operation<TopicService>] = [
    Operation(
      "ListTagsForResource",
      "Gives a topic's tags.",
      input: [.required("ResourceArn", .string)],
      output: [.optional("Tags", tagList)],
      errors: ["ResourceNotFound", "InvalidParameter"].map(shape)
    ) { topics, call in
      try await translating {
        let address = try topic(call.input.string("ResourceArn"), "ResourceArn")
        let tags = try await topics.tags(of: address, as: call.messagingCaller)
        return [
          "Tags": .list(tags.sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] })
        ]
      }
    },
    Operation(
      "TagResource",
      "Puts tags on a topic.",
      input: [.required("ResourceArn", .string), .required("Tags", tagList)],
      errors: ["ResourceNotFound", "TagLimitExceeded", "InvalidParameter"].map(shape)
    ) { topics, call in
      try await translating {
        let address = try topic(call.input.string("ResourceArn"), "ResourceArn")
        try await topics.tag(address, try tags(call.input), as: call.messagingCaller)
        return [:]
      }
    },
    Operation(
      "UntagResource",
      "Takes tags off a topic.",
      input: [.required("ResourceArn", .string), .required("TagKeys", .list(.string))],
      errors: ["ResourceNotFound", "InvalidParameter"].map(shape)
    ) { topics, call in
      try await translating {
        let address = try topic(call.input.string("ResourceArn"), "ResourceArn")
        try await topics.untag(address, call.input.strings("TagKeys"), as: call.messagingCaller)
        return [:]
      }
    },
  ]
}

// Subscriptions. Confirming and ending one works without a signature, too: that is what the links in messages do.

internal import AWSProtocols
internal import Messaging
internal import TrailEvents

extension SNS {
  private static let subscriptionARN = Member.required("SubscriptionArn", .string)
  private static let subscriptions = Member.optional(
    "Subscriptions",
    .list(
      .structure([
        .optional("SubscriptionArn", .string), .optional("Owner", .string), .optional("Protocol", .string),
        .optional("Endpoint", .string), .optional("TopicArn", .string),
      ])
    )
  )

  static let subscriptionOperations: [Operation<TopicService>] = [
    Operation(
      "Subscribe",
      "Subscribes a queue or an HTTP endpoint to a topic; other endpoints wait for a confirmation that does not come.",
      input: [
        topicARN, .required("Protocol", .string), .optional("Endpoint", .string), .optional("Attributes", stringMap),
        .optional("ReturnSubscriptionArn", .boolean),
      ],
      output: [.optional("SubscriptionArn", .string)],
      errors: topicErrors + ["FilterPolicyLimitExceeded", "SubscriptionLimitExceeded"].map(shape)
    ) { topics, call in
      try await translating {
        let subscription = try await topics.subscribe(
          to: try topic(call.input.string("TopicArn")),
          protocol: call.input.string("Protocol"),
          endpoint: call.input.string(ifAny: "Endpoint") ?? "",
          attributes: call.input.stringMap("Attributes"),
          serverEndpoint: call.endpoint,
          as: call.messagingCaller
        )
        let shows = subscription.isConfirmed || call.input.bool(ifAny: "ReturnSubscriptionArn") == true
        return ["SubscriptionArn": .string(shows ? subscription.address.arn : "pending confirmation")]
      }
    },
    Operation(
      "ConfirmSubscription",
      "Confirms a subscription by the token that its endpoint was sent.",
      input: [topicARN, .required("Token", .string, secret: true), .optional("AuthenticateOnUnsubscribe", .string)],
      output: [.optional("SubscriptionArn", .string)],
      errors: topicErrors,
      isOpen: true
    ) { topics, call in
      try await translating {
        let subscription = try await topics.confirm(
          call.input.string("Token"),
          of: try topic(call.input.string("TopicArn")),
          isAuthenticated: try authenticates(call)
        )
        return ["SubscriptionArn": .string(subscription.address.arn)]
      }
    },
    Operation(
      "Unsubscribe",
      "Ends a subscription; without a signature only one whose confirmation was not authenticated.",
      input: [subscriptionARN],
      errors: topicErrors,
      isOpen: true
    ) { topics, call in
      try await translating {
        let isKnown = call.caller.kind != .unknown
        try await topics.unsubscribe(
          try subscription(call),
          serverEndpoint: call.endpoint,
          as: isKnown ? call.messagingCaller : nil
        )
        return [:]
      }
    },
    Operation(
      "ListSubscriptions",
      "Lists the subscriptions of the account and Region, a hundred at a time.",
      input: [nextToken],
      output: [subscriptions, nextToken],
      errors: [shape("InvalidParameter")]
    ) { topics, call in
      try await translating {
        value(try await topics.subscriptions(in: call.scope, after: call.input.string(ifAny: "NextToken")))
      }
    },
    Operation(
      "ListSubscriptionsByTopic",
      "Lists the subscriptions of a topic, a hundred at a time.",
      input: [topicARN, nextToken],
      output: [subscriptions, nextToken],
      errors: topicErrors
    ) { topics, call in
      try await translating {
        value(
          try await topics.subscriptions(
            of: try topic(call.input.string("TopicArn")),
            after: call.input.string(ifAny: "NextToken"),
            as: call.messagingCaller
          )
        )
      }
    },
    Operation(
      "GetSubscriptionAttributes",
      "Gives a subscription's attributes.",
      input: [subscriptionARN],
      output: [.optional("Attributes", stringMap)],
      errors: topicErrors
    ) { topics, call in
      try await translating {
        ["Attributes": .map(try await topics.attributes(of: try subscription(call), as: call.messagingCaller))]
      }
    },
    Operation(
      "SetSubscriptionAttributes",
      "Sets an attribute of a subscription, such as its filter policy.",
      input: [subscriptionARN, .required("AttributeName", .string), .optional("AttributeValue", .string)],
      errors: topicErrors + [shape("FilterPolicyLimitExceeded")]
    ) { topics, call in
      try await translating {
        try await topics.setAttribute(
          call.input.string("AttributeName"),
          to: call.input.string(ifAny: "AttributeValue") ?? "",
          of: try subscription(call),
          as: call.messagingCaller
        )
        return [:]
      }
    },
  ]

  /// Whether a confirmation wants that only signed calls end the subscription, which it has to be signed for itself.
  private static func authenticates(_ call: Call) throws -> Bool {
    guard let text = call.input.string(ifAny: "AuthenticateOnUnsubscribe")?.lowercased(), !text.isEmpty else {
      return false
    }
    guard ["true", "false"].contains(text) else {
      throw AWSError(shape("InvalidParameter"), "Invalid parameter: AuthenticateOnUnsubscribe")
    }
    guard text == "false" || call.caller.kind != .unknown else {
      throw AWSError(
        shape("AccessDenied"),
        "User: anonymous is not authorized to perform: SNS:ConfirmSubscription because AuthenticateOnUnsubscribe needs a "
          + "signed call"
      )
    }
    return text == "true"
  }

  private static func value(_ page: NamePage<SubscriptionSummary>) -> Value {
    [
      "Subscriptions": .list(
        page.items.map { subscription in
          [
            "SubscriptionArn": .string(
              subscription.isConfirmed ? subscription.address.arn : "PendingConfirmation"
            ),
            "Owner": .string(subscription.owner),
            "Protocol": .string(subscription.protocol),
            "Endpoint": .string(subscription.endpoint),
            "TopicArn": .string(subscription.address.topic.arn.description),
          ]
        }
      ),
      "NextToken": .maybe(page.nextToken),
    ]
  }
}

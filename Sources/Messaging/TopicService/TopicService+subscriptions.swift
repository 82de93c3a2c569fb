// Subscribing, and looking at subscriptions and changing them.

internal import EventPatterns
internal import Foundation
internal import GRDB
internal import Storage
internal import Synchronization
public import TrailEvents

extension TopicService {
  private static let protocols = [
    "http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose",
  ]
  private static let settableOfSubscriptions: Set<String> = [
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy",
    "SubscriptionRoleArn", "ReplayPolicy",
  ]

  /// Subscribes an endpoint; a subscription of it with the same attributes that is there is the answer, too.
  ///
  /// Queues of the topic's or the caller's account are confirmed at once. HTTP endpoints are sent a message with the
  /// address that confirms them. What needs a service that is not here (mail, text messages, mobile push, functions)
  /// stays unconfirmed, so that nothing is lost unnoticed.
  ///
  /// - Parameter endpoint: how the client reaches this server, for the confirmation's URL.
  public func subscribe(
    to topic: TopicAddress,
    protocol name: String,
    endpoint target: String,
    attributes: [String: String] = [:],
    serverEndpoint: String? = nil,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> SubscriptionSummary {
    try Self.check(name, target, topic)
    for (attribute, value) in attributes {
      do throws(MessagingError) {
        try check(attribute, value, among: attributes, protocol: name, of: topic)
      } catch {
        // What only SetSubscriptionAttributes calls by its name is one of the attributes here.
        let text = error.message
          .replacing("Invalid parameter: Filter", with: "Invalid parameter: Attributes Reason: Filter")
        throw MessagingError(error.code, text)
      }
    }
    let account = caller.principal.account ?? topic.scope.account
    try Self.check(deadLettersIn: attributes["RedrivePolicy"], of: account, topic)
    let given = attributes.filter { !$0.value.isEmpty }
    let now = now()
    let server = serverEndpoint ?? endpoint
    // The key that confirmations are signed with is made before the transaction.
    if name.hasPrefix("http") { try await prepareKey() }
    let (made, lane): (Subscription, String?) = try await transact { [self] db -> (Subscription, String?) in
      let row = try open(
        topic,
        for: "Subscribe",
        as: caller,
        db,
        conditions: ["sns:Protocol": [name], "sns:Endpoint": [target]]
      )
      if let present = try subscription(name, target, of: row, db) {
        for (name, value) in given where present.attributes[name] != value {
          throw Self.invalid("Attributes Reason: Subscription already exists with different attributes")
        }
        let lane = present.isConfirmed ? nil : try tell(present, .subscription, row, server: server, now: now, db)
        return (present, lane)
      }
      var isConfirmed = false
      if name == "sqs", let queue = QueueAddress(arn: target) {
        // Nobody else may decide what comes into it.
        isConfirmed = queue.scope.account == account
      }
      try db.execute(
        sql: """
          INSERT INTO subscriptions (topic, protocol, endpoint, owner, is_confirmed, is_authenticated, token, attributes)
          VALUES (?1, ?2, ?3, ?4, ?5, ?5, lower(hex(randomblob(64))), ?6)
          """,
        arguments: [row.key, name, target, account, isConfirmed, try Self.text(of: given)]
      )
      guard let made = try subscription(name, target, of: row, db) else {
        throw MessagingError(.internalFailure, "A subscription that was made is not there.")
      }
      if ["http", "https"].contains(name) {
        let route = route(of: made, topicAttributes: row.attributes)
        routes.withLock { $0[made.lane] = route }
      }
      return (made, isConfirmed ? nil : try tell(made, .subscription, row, server: server, now: now, db))
    }
    if let lane { announce([lane]) }
    return made.summary
  }

  // MARK: Lists

  /// The subscriptions to topics of an account and Region, a hundred at a time.
  public func subscriptions(
    in scope: Scope,
    after token: String? = nil
  ) async throws(MessagingError) -> NamePage<SubscriptionSummary> {
    let (account, region) = queues.stored(scope)
    return try await page(
      token,
      where: "s.topic IN (SELECT topic FROM topics WHERE account = ? AND region = ?)",
      [account, region],
      in: scope
    )
  }

  /// The subscriptions of a topic, a hundred at a time.
  public func subscriptions(
    of topic: TopicAddress,
    after token: String? = nil,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> NamePage<SubscriptionSummary> {
    let key = try await fetch { [self] db in try open(topic, for: "ListSubscriptionsByTopic", as: caller, db).key }
    return try await page(token, where: "s.topic = ?", [key], in: topic.scope)
  }

  private func page(
    _ token: String?,
    where condition: String,
    _ arguments: StatementArguments,
    in scope: Scope
  ) async throws(MessagingError) -> NamePage<SubscriptionSummary> {
    let text = try Self.position(of: token)
    guard let after = text.isEmpty ? 0 : Int64(text) else {
      throw Self.invalid("NextToken Reason: Unable to parse the token")
    }
    var found = try await fetch { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT \(Subscription.columns.split(separator: ", ").map { "s.\($0)" }.joined(separator: ", ")), t.name
          FROM subscriptions AS s JOIN topics AS t ON t.topic = s.topic
          WHERE \(condition) AND s.subscription > ? AND s.protocol NOT IN ('queue', 'target')
          ORDER BY s.subscription LIMIT ?
          """,
        arguments: arguments + [after, Self.pageSize + 1]
      ).map { try Subscription($0, of: TopicAddress($0[9], in: scope)) }
    }
    let hasMore = found.count > Self.pageSize
    if hasMore { found.removeLast() }
    return NamePage(
      items: found.map(\.summary),
      nextToken: hasMore ? found.last.map { Self.token("\($0.key)") } : nil
    )
  }

  // MARK: Attributes

  /// A subscription's attributes by name.
  public func attributes(
    of address: SubscriptionAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [String: String] {
    try await fetch { [self] db in
      let (row, subscription) = try owned(address, caller, db)
      var values = subscription.attributes
      values["SubscriptionArn"] = address.arn
      values["TopicArn"] = address.topic.arn.description
      values["Owner"] = subscription.summary.owner
      values["Protocol"] = subscription.protocol
      values["Endpoint"] = subscription.endpoint
      values["RawMessageDelivery"] = subscription.isRaw ? "true" : "false"
      values["PendingConfirmation"] = subscription.isConfirmed ? "false" : "true"
      values["ConfirmationWasAuthenticated"] = subscription.isAuthenticated ? "true" : "false"
      values["SubscriptionPrincipal"] = "arn:aws:iam::\(subscription.summary.owner):root"
      if subscription.attributes["FilterPolicy"] != nil {
        values["FilterPolicyScope"] = subscription.attributes["FilterPolicyScope"] ?? "MessageAttributes"
      }
      if ["http", "https"].contains(subscription.protocol) {
        values["EffectiveDeliveryPolicy"] = DeliveryRetries.effective(
          subscription.attributes["DeliveryPolicy"] ?? row.attributes["DeliveryPolicy"]
        )
      }
      return values
    }
  }

  /// Sets an attribute of a subscription; an empty value takes it back.
  public func setAttribute(
    _ name: String,
    to value: String,
    of address: SubscriptionAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try await transact { [self] db in
      var (row, subscription) = try owned(address, caller, db)
      var attributes = subscription.attributes
      attributes[name] = value.isEmpty || name == "FilterPolicy" && value == "{}" ? nil : value
      try check(name, value, among: attributes, protocol: subscription.protocol, of: address.topic)
      if name == "RedrivePolicy" {
        try Self.check(deadLettersIn: value, of: subscription.summary.owner, address.topic)
      }
      if name == "FilterPolicyScope", let policy = attributes["FilterPolicy"] {
        _ = try filter(policy, scope: value)
      }
      try db.execute(
        sql: "UPDATE subscriptions SET attributes = ? WHERE subscription = ?",
        arguments: [try Self.text(of: attributes), subscription.key]
      )
      subscription.attributes = attributes
      if ["http", "https"].contains(subscription.protocol) {
        let route = route(of: subscription, topicAttributes: row.attributes)
        let lane = subscription.lane
        routes.withLock { $0[lane] = route }
      }
      row.attributes = [:]
    }
  }

  private func owned(
    _ address: SubscriptionAddress,
    _ caller: MessagingCaller,
    _ db: Database
  ) throws -> (topic: TopicRow, subscription: Subscription) {
    guard let row = try find(address.topic, db), let subscription = try subscription(address, of: row, db) else {
      throw MessagingError(.notFound, "Subscription does not exist")
    }
    let account = caller.principal.account
    guard account == subscription.summary.owner || account == address.topic.scope.account else {
      throw MessagingError(.accessDenied, "Not authorized to access this subscription")
    }
    return (row, subscription)
  }

  // MARK: Rows

  func subscription(
    _ name: String,
    _ endpoint: String,
    of topic: TopicRow,
    _ db: Database
  ) throws -> Subscription? {
    try Row.fetchOne(
      db,
      sql: "SELECT \(Subscription.columns) FROM subscriptions WHERE topic = ? AND protocol = ? AND endpoint = ?",
      arguments: [topic.key, name, endpoint]
    ).map { try Subscription($0, of: topic.address) }
  }

  func subscription(_ address: SubscriptionAddress, of topic: TopicRow, _ db: Database) throws -> Subscription? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT \(Subscription.columns) FROM subscriptions
        WHERE topic = ? AND identifier = ? AND protocol NOT IN ('queue', 'target')
        """,
      arguments: [topic.key, address.identifier]
    ).map { try Subscription($0, of: topic.address) }
  }

  // MARK: Checks

  private static func check(_ name: String, _ endpoint: String, _ topic: TopicAddress) throws(MessagingError) {
    guard protocols.contains(name) else {
      throw invalid("Amazon SNS does not support this protocol string: \(name)")
    }
    switch name {
    case "http", "https":
      guard endpoint.hasPrefix("\(name)://"), URL(string: endpoint)?.host?.isEmpty == false else {
        throw invalid("Endpoint must match the specified protocol")
      }
    case "sqs":
      guard let queue = QueueAddress(arn: endpoint) else { throw invalid("SQS endpoint ARN") }
      guard topic.isFIFO || !queue.name.hasSuffix(".fifo") else {
        throw invalid(
          "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        )
      }
    case "email", "email-json":
      guard endpoint.contains("@") else { throw invalid("Email address") }
    case "sms":
      guard endpoint.drop(while: { $0 == "+" }).allSatisfy({ $0.isNumber || $0 == "-" }), !endpoint.isEmpty else {
        throw invalid("Invalid SMS endpoint: \(endpoint)")
      }
    default:
      guard ARN(endpoint) != nil else { throw invalid("\(name) endpoint ARN") }
    }
    guard !topic.isFIFO || name == "sqs" else {
      throw invalid("Invalid protocol type: \(name)")
    }
  }

  private func check(
    _ name: String,
    _ value: String,
    among attributes: [String: String],
    protocol: String,
    of topic: TopicAddress
  ) throws(MessagingError) {
    guard Self.settableOfSubscriptions.contains(name) else { throw Self.invalid("AttributeName") }
    if value.isEmpty { return }
    switch name {
    case "FilterPolicy": _ = try filter(value, scope: attributes["FilterPolicyScope"])
    case "FilterPolicyScope":
      guard FilterPolicy.Scope(rawValue: value) != nil else {
        throw Self.invalid(
          "FilterPolicyScope: Invalid value [\(value)]. Please use either MessageBody or MessageAttributes"
        )
      }
    case "RawMessageDelivery":
      guard ["true", "false"].contains(value.lowercased()) else {
        throw Self.invalid("Attributes Reason: RawMessageDelivery: Invalid value [\(value)]. Must be true or false.")
      }
      guard ["sqs", "http", "https", "firehose"].contains(`protocol`) || value.lowercased() == "false" else {
        throw Self.invalid(
          "Attributes Reason: Delivery protocol [\(`protocol`)] does not support raw message delivery."
        )
      }
    case "RedrivePolicy":
      guard Self.deadLetterQueue(in: value) != nil else {
        throw Self.invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")
      }
    case "DeliveryPolicy": _ = try DeliveryRetries(parsing: value)
    case "ReplayPolicy":
      throw Self.invalid(
        topic.isFIFO
          ? "ReplayPolicy Reason: topics have no archive here"
          : "ReplayPolicy Reason: ReplayPolicy is only supported for subscriptions of FIFO topics"
      )
    default: break
    }
  }

  /// Refuses a dead-letter queue of somebody else: what is given up is put there whatever that queue's policy says.
  private static func check(
    deadLettersIn policy: String?,
    of owner: String,
    _ topic: TopicAddress
  ) throws(MessagingError) {
    guard let queue = policy.flatMap(deadLetterQueue) else { return }
    guard queue.scope == Scope(account: owner, region: topic.scope.region) else {
      throw invalid("RedrivePolicy: deadLetterTargetArn must be in the subscription's account and Region")
    }
  }

  /// The queue that a redrive policy names.
  static func deadLetterQueue(in policy: String) -> QueueAddress? {
    (try? JSONValue(parsing: policy))?["deadLetterTargetArn"]?.string.flatMap { QueueAddress(arn: $0) }
  }
}

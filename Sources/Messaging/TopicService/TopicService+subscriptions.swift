// Subscribing, confirming, changing and ending subscriptions.

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
      try check(attribute, value, among: attributes, protocol: name)
    }
    let account = caller.principal.account ?? topic.scope.account
    try Self.check(deadLettersIn: attributes["RedrivePolicy"], of: account, topic)
    let given = attributes.filter { !$0.value.isEmpty }
    let now = now()
    let server = serverEndpoint ?? endpoint
    // The key that confirmations are signed with is made before the transaction.
    if name.hasPrefix("http") { _ = try signingCertificate() }
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
        let lane = present.isConfirmed ? nil : try confirm(present, server: server, now: now, db)
        return (present, lane)
      }
      var isConfirmed = false
      if name == "sqs", let queue = QueueAddress(arn: target) {
        // Nobody else may decide what comes into it.
        isConfirmed = queue.scope.account == account
      }
      try db.execute(
        sql: """
          INSERT INTO subscriptions (topic, protocol, endpoint, owner, is_confirmed, token, attributes)
          VALUES (?, ?, ?, ?, ?, lower(hex(randomblob(64))), ?)
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
      return (made, isConfirmed ? nil : try confirm(made, server: server, now: now, db))
    }
    if let lane { announce([lane]) }
    return made.summary
  }

  /// Sends an endpoint what it needs to confirm its subscription.
  ///
  /// - Returns: the lane of the outbox that has a new delivery.
  private func confirm(_ subscription: Subscription, server: String, now: Int64, _ db: Database) throws -> String? {
    guard let token = subscription.token else { return nil }
    let topic = subscription.address.topic
    let confirmation = SubscriptionConfirmation(
      messageID: Self.identifier(of: "\(token)\(now)"),
      topic: topic,
      token: token,
      subscribeURL: "\(server)/?Action=ConfirmSubscription&TopicArn=\(topic.arn)&Token=\(token)",
      sentAt: now
    )
    let body = confirmation.envelope(try signature(of: confirmation.signedText, .one, server: server, db))
    switch subscription.protocol {
    case "http", "https":
      let delivery = delivery(
        of: body,
        id: confirmation.messageID,
        to: subscription,
        headers: ["SubscriptionConfirmation", confirmation.messageID, topic.arn.description, "PendingConfirmation"],
        now: now
      )
      try Outbox.insert([delivery], db)
      return subscription.lane
    case "sqs":
      if let queue = QueueAddress(arn: subscription.endpoint) {
        let caller = MessagingCaller.service("sns.amazonaws.com", for: topic.arn)
        // A queue that does not let the topic send cannot be confirmed; the subscription waits.
        _ = try? queues.send(OutgoingMessage(body: body), to: queue, as: caller, now: now, db)
      }
      return nil
    default: return nil
    }
  }

  /// Confirms a subscription by the token that its endpoint was sent.
  public func confirm(_ token: String, of topic: TopicAddress) async throws(MessagingError) -> SubscriptionSummary {
    try await transact { [self] db in
      guard let row = try find(topic, db) else { throw MessagingError(.notFound, "Topic does not exist") }
      let found = try Row.fetchOne(
        db,
        sql: "SELECT \(Subscription.columns) FROM subscriptions WHERE topic = ? AND token = ?",
        arguments: [row.key, token]
      )
      guard let found else { throw Self.invalid("Token") }
      var subscription = try Subscription(found, of: topic)
      guard ["http", "https", "sqs"].contains(subscription.protocol) else { throw Self.invalid("Token") }
      try db.execute(
        sql: "UPDATE subscriptions SET is_confirmed = 1 WHERE subscription = ?",
        arguments: [subscription.key]
      )
      subscription.isConfirmed = true
      return subscription.summary
    }
  }

  /// Ends a subscription.
  ///
  /// - Parameter caller: nil for whoever follows the link in a message; such a caller only ends confirmed ones.
  public func unsubscribe(_ address: SubscriptionAddress, as caller: MessagingCaller?) async throws(MessagingError) {
    try await transact { [self] db in
      guard let row = try find(address.topic, db), let subscription = try subscription(address, of: row, db) else {
        // There is nothing to end, as SNS sees it.
        return
      }
      if let account = caller?.principal.account {
        guard account == subscription.summary.owner || account == address.topic.scope.account else {
          throw MessagingError(.accessDenied, "Only the owner of a subscription or of its topic can end it.")
        }
      }
      try db.execute(sql: "DELETE FROM subscriptions WHERE subscription = ?", arguments: [subscription.key])
    }
    routes.withLock { _ = $0.removeValue(forKey: "sns:\(address.arn)") }
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
      ).map { try Subscription($0, of: TopicAddress($0[8], in: scope)) }
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
      values["ConfirmationWasAuthenticated"] = subscription.protocol == "sqs" ? "true" : "false"
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
      try check(name, value, among: attributes, protocol: subscription.protocol)
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

  private func subscription(
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

  private func subscription(_ address: SubscriptionAddress, of topic: TopicRow, _ db: Database) throws -> Subscription?
  {
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
    protocol: String
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

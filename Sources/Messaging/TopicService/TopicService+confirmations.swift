// Beginning and ending of subscriptions by their endpoints: what they are told, the tokens that answer it, and who may end a
// subscription without a signature.

internal import GRDB
internal import Storage
internal import Synchronization
internal import TrailEvents

extension TopicService {
  /// How long the token of an ended subscription restores it: as long as SNS's tokens hold, two days.
  private static let restorable: Int64 = 2 * 86_400_000

  /// Sends an endpoint what it needs to confirm its subscription, or to restore it.
  ///
  /// - Returns: the lane of the outbox that has a new delivery.
  func tell(
    _ subscription: Subscription,
    _ kind: SubscriptionConfirmation.Kind,
    _ row: TopicRow,
    server: String,
    now: Int64,
    _ db: Database
  ) throws -> String? {
    guard let token = subscription.token else { return nil }
    let topic = subscription.address.topic
    let confirmation = SubscriptionConfirmation(
      kind: kind,
      messageID: Self.identifier(of: "\(token)\(now)"),
      topic: topic,
      token: token,
      subscribeURL: "\(server)/?Action=ConfirmSubscription&TopicArn=\(topic.arn)&Token=\(token)",
      sentAt: now
    )
    let signature = try signature(of: confirmation.signedText, row.signatureVersion, server: server, db)
    let body = confirmation.envelope(signature)
    switch subscription.protocol {
    case "http", "https":
      let arn =
        switch kind {
        case .subscription: "PendingConfirmation"
        case .removal(let address): address.arn
        }
      let delivery = delivery(
        of: body,
        id: confirmation.messageID,
        to: subscription,
        headers: [kind.type, confirmation.messageID, topic.arn.description, arn],
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

  // MARK: Confirming

  /// Confirms a subscription by the token that its endpoint was sent, or restores one that was ended.
  ///
  /// - Parameter isAuthenticated: whether from now on only signed calls end it, which a signed call may ask for
  ///   (`AuthenticateOnUnsubscribe`). It stays so: the token comes without a signature, too.
  public func confirm(
    _ token: String,
    of topic: TopicAddress,
    isAuthenticated: Bool = false
  ) async throws(MessagingError) -> SubscriptionSummary {
    let (confirmed, route) = try await transact { [self] db -> (SubscriptionSummary, (String, HTTPSubscription)?) in
      guard let row = try find(topic, db) else { throw MessagingError(.notFound, "Topic does not exist") }
      try restore(token, of: row, db)
      let found = try Row.fetchOne(
        db,
        sql: "SELECT \(Subscription.columns) FROM subscriptions WHERE topic = ? AND token = ?",
        arguments: [row.key, token]
      )
      guard let found else { throw Self.invalid("Token") }
      var subscription = try Subscription(found, of: topic)
      guard ["http", "https", "sqs"].contains(subscription.protocol) else { throw Self.invalid("Token") }
      try db.execute(
        sql: """
          UPDATE subscriptions SET is_confirmed = 1, is_authenticated = is_authenticated OR ? WHERE subscription = ?
          """,
        arguments: [isAuthenticated, subscription.key]
      )
      subscription.isConfirmed = true
      guard subscription.protocol != "sqs" else { return (subscription.summary, nil) }
      return (subscription.summary, (subscription.lane, self.route(of: subscription, topicAttributes: row.attributes)))
    }
    if let (lane, route) = route { routes.withLock { $0[lane] = route } }
    return confirmed
  }

  /// Puts a subscription back that was ended, unless its endpoint has been subscribed again.
  private func restore(_ token: String, of topic: TopicRow, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO subscriptions (topic, identifier, protocol, endpoint, owner, is_confirmed, token, attributes)
        SELECT topic, identifier, protocol, endpoint, owner, 0, token, attributes FROM ended_subscriptions
        WHERE topic = ? AND token = ? AND ended_at > ?
        ON CONFLICT DO NOTHING
        """,
      arguments: [topic.key, token, now() - Self.restorable]
    )
    guard db.changesCount > 0 else { return }
    try db.execute(sql: "DELETE FROM ended_subscriptions WHERE token = ?", arguments: [token])
  }

  // MARK: Ending

  /// Ends a subscription.
  ///
  /// Without a signature only one is ended whose confirmation was not authenticated. Its endpoint is told, and can
  /// restore it (Amazon SNS API Reference, Unsubscribe): whoever followed the link in a message need not be its owner.
  ///
  /// - Parameters:
  ///   - serverEndpoint: how the client reaches this server, for the URL that restores the subscription.
  ///   - caller: nil for whoever follows the link in a message.
  public func unsubscribe(
    _ address: SubscriptionAddress,
    serverEndpoint: String? = nil,
    as caller: MessagingCaller?
  ) async throws(MessagingError) {
    let now = now()
    let server = serverEndpoint ?? endpoint
    let (lane, isToldOf) = try await transact { [self] db -> (lane: String?, isToldOf: Bool) in
      guard let row = try find(address.topic, db), let subscription = try subscription(address, of: row, db) else {
        // There is nothing to end, as SNS sees it.
        return (nil, false)
      }
      let owner = subscription.summary.owner
      if let account = caller?.principal.account {
        guard account == owner || account == address.topic.scope.account else {
          throw MessagingError(.accessDenied, "Only the owner of a subscription or of its topic can end it.")
        }
      } else if subscription.isAuthenticated || !subscription.isConfirmed {
        throw MessagingError(
          .accessDenied,
          "User: \(caller?.policyCaller.name ?? "anonymous") is not authorized to perform: SNS:Unsubscribe on resource: "
            + "\(address.arn) because the subscription can only be ended by a signed call of its owner or its topic's"
        )
      }
      try db.execute(sql: "DELETE FROM subscriptions WHERE subscription = ?", arguments: [subscription.key])
      try db.execute(
        sql: "DELETE FROM ended_subscriptions WHERE ended_at <= ?",
        arguments: [now - Self.restorable]
      )
      let isOwner = caller.map { $0.principal.account == owner } ?? false
      guard !isOwner, !subscription.isAuthenticated, subscription.isConfirmed else { return (nil, false) }
      return (try tellRemoval(of: subscription, row, server: server, now: now, db), true)
    }
    if let lane { announce([lane]) }
    if !isToldOf { routes.withLock { _ = $0.removeValue(forKey: "sns:\(address.arn)") } }
  }

  private func tellRemoval(
    of subscription: Subscription,
    _ row: TopicRow,
    server: String,
    now: Int64,
    _ db: Database
  ) throws -> String? {
    var ended = subscription
    ended.token = try String.fetchOne(db, sql: "SELECT lower(hex(randomblob(64)))")
    try db.execute(
      sql: """
        INSERT INTO ended_subscriptions (token, topic, identifier, protocol, endpoint, owner, attributes, ended_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        ended.token, row.key, ended.address.identifier, ended.protocol, ended.endpoint, ended.owner,
        try Self.text(of: ended.attributes), now,
      ]
    )
    return try tell(ended, .removal(ended.address), row, server: server, now: now, db)
  }
}

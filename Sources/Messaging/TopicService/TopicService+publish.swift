// Publishing: one transaction writes a message into every subscribed queue and a delivery for every HTTP endpoint. What
// cannot be delivered for good goes to the subscription's dead-letter queue by the same transaction, or is recorded in
// the ledger as failed.

internal import Crypto
internal import Foundation
package import GRDB
internal import Storage
internal import Synchronization
internal import TrailEvents

extension TopicService {
  /// Publishes a message; when this returns, it is on the disk for every subscriber.
  ///
  /// - Parameter server: how the client reaches this server, for URLs in the message.
  public func publish(
    _ request: PublishRequest,
    to topic: TopicAddress,
    server: String? = nil,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> PublishedMessage {
    var signatures = SignatureCache(server: server ?? endpoint)
    let now = now()
    let identifier = UUID().uuidString.lowercased()
    try await presign([(request, identifier)], topic, now: now, &signatures)
    let known = signatures
    let published = try await transact { [self] db in
      var signatures = known
      let row = try open(topic, for: "Publish", as: caller, db)
      return try publish(request, id: identifier, to: row, now: now, &signatures, db)
    }
    announce(published.lanes)
    return published
  }

  /// Publishes up to ten messages; each is published or refused by itself.
  public func publish(
    _ entries: [BatchEntry<PublishRequest>],
    to topic: TopicAddress,
    server: String? = nil,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [BatchResult<PublishedMessage>] {
    try QueueService.check(entries, of: "PublishBatchRequestEntry")
    guard entries.reduce(0, { $0 + $1.item.size }) <= PublishRequest.largest else {
      throw MessagingError(.batchRequestTooLong, "The length of all the messages put together is more than the limit.")
    }
    var signatures = SignatureCache(server: server ?? endpoint)
    let now = now()
    let identified = entries.map { ($0.item, UUID().uuidString.lowercased()) }
    try await presign(identified, topic, now: now, &signatures)
    let known = signatures
    let results = try await transact { [self] db in
      var signatures = known
      let row = try open(topic, for: "Publish", as: caller, db)
      return try zip(entries, identified).map { entry, identified in
        do {
          let published = try publish(entry.item, id: identified.1, to: row, now: now, &signatures, db)
          return BatchResult(id: entry.id, outcome: .success(published))
        } catch let error as MessagingError {
          return BatchResult<PublishedMessage>(id: entry.id, outcome: .failure(error))
        }
      }
    }
    announce(results.flatMap { (try? $0.outcome.get())?.lanes ?? [] })
    return results
  }

  /// Publishes within a transaction that somebody else has begun; when this throws, it has written nothing.
  ///
  /// The caller tells the dispatcher of the lanes once the transaction is committed.
  ///
  /// - Parameters:
  ///   - identifier: the message's id; the same one again reaches no queue of a rule file and no endpoint twice.
  ///   - signatures: what `signatures(for:now:)` has made before.
  package func publish(
    _ request: PublishRequest,
    id identifier: String,
    to topic: TopicAddress,
    as caller: MessagingCaller,
    now: Int64,
    _ signatures: inout SignatureCache,
    _ db: Database
  ) throws -> PublishedMessage {
    var published: PublishedMessage?
    try db.inSavepoint {
      let row = try open(topic, for: "Publish", as: caller, db)
      published = try publish(request, id: identifier, to: row, now: now, &signatures, db)
      return .commit
    }
    guard let published else { throw MessagingError(.internalFailure, "A message was not published.") }
    return published
  }

  /// Signs what a transaction is going to publish, so that nobody waits for RSA while it is open.
  package func signatures(
    for messages: [(request: PublishRequest, id: String, topic: TopicAddress)],
    now: Int64
  ) async throws -> SignatureCache {
    var signatures = SignatureCache(server: endpoint)
    for message in messages {
      try await presign([(message.request, message.id)], message.topic, now: now, &signatures)
    }
    return signatures
  }

  func announce(_ lanes: [String]) {
    guard !lanes.isEmpty, let listener = outboxListener.withLock({ $0 }) else { return }
    listener(lanes)
  }

  // MARK: Fan-out

  private func publish(
    _ request: PublishRequest,
    id identifier: String,
    to row: TopicRow,
    now: Int64,
    _ signatures: inout SignatureCache,
    _ db: Database
  ) throws -> PublishedMessage {
    try request.check(for: row.address, deduplicatesContent: row.deduplicatesContent)
    var published = PublishedMessage(messageID: identifier)
    var deduplicationID = request.deduplicationID
    if row.address.isFIFO {
      let own = deduplicationID ?? hex(SHA256.hash(data: Array(request.message.utf8)))
      deduplicationID = own
      let isByGroup = row.attributes["FifoThroughputScope"] == "MessageGroup"
      let key = isByGroup ? "\(request.groupID ?? "")\u{1}\(own)" : own
      if let first = try duplicate(of: key, in: row, now: now, db) { return first }
      published.sequenceNumber = try remember(key, identifier, in: row, now: now, db)
    }
    try fanOut(request, deduplicationID, &published, from: row, now: now, &signatures, db)
    return published
  }

  /// Publishes what a rule file's target sends to a topic of the home account and Region: to what rule files subscribe
  /// as always, and to the subscriptions of clients.
  ///
  /// The same publication again reaches no queue of this installation twice.
  ///
  /// - Returns: how many subscribers it has.
  public func publish(_ publication: Publication, toHomeTopic name: String) async throws(MessagingError) -> Int {
    let topic = TopicAddress(name, in: queues.home)
    let attributes = publication.attributes.mapValues { MessageAttribute($0) }
    let request = PublishRequest(String(decoding: publication.body, as: UTF8.self), attributes: attributes)
    let identifier = Self.identifier(of: publication.id)
    var signatures = SignatureCache(server: endpoint)
    let now = now()
    try await presign([(request, identifier)], topic, now: now, &signatures)
    let known = signatures
    let published = try await transact { [self] db -> (count: Int, lanes: [String]) in
      let result = try Topics.publish(publication, to: name, now: now, db)
      let fromFiles = result.messages.count + result.deliveries.count
      guard let row = try find(topic, db), try hasClients(row, db) else {
        return (fromFiles, Array(result.deliveries.keys))
      }
      try request.check(for: topic, deduplicatesContent: false)
      var signatures = known
      var published = PublishedMessage(messageID: identifier)
      let count = try fanOut(
        request,
        nil,
        &published,
        from: row,
        ofClients: publication.id,
        now: now,
        &signatures,
        db
      )
      return (fromFiles + count, result.deliveries.keys + published.lanes)
    }
    announce(published.lanes)
    return published.count
  }

  private func hasClients(_ row: TopicRow, _ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(
        sql: "SELECT 1 FROM subscriptions WHERE topic = ? AND is_confirmed AND protocol NOT IN ('queue', 'target')"
      ),
      arguments: [row.key]
    ) ?? false
  }

  /// Hands a message to the subscribers of a topic that want it.
  ///
  /// - Parameter publicationID: if given, only subscriptions of clients get it, and queues remember that they had it.
  /// - Returns: how many got it.
  @discardableResult
  private func fanOut(
    _ request: PublishRequest,
    _ deduplicationID: String?,
    _ published: inout PublishedMessage,
    from row: TopicRow,
    ofClients publicationID: String? = nil,
    now: Int64,
    _ signatures: inout SignatureCache,
    _ db: Database
  ) throws -> Int {
    let subscriptions = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT \(Subscription.columns) FROM subscriptions WHERE topic = ? AND is_confirmed ORDER BY subscription"
      ),
      arguments: [row.key]
    ).map { try Subscription($0, of: row.address) }
    let identifier = published.messageID
    var count = 0
    let caller = MessagingCaller.service("sns.amazonaws.com", for: row.address.arn)
    for subscription in subscriptions {
      if publicationID != nil, ["queue", "target"].contains(subscription.protocol) { continue }
      if let text = subscription.attributes["FilterPolicy"] {
        let policy = try filter(text, scope: subscription.attributes["FilterPolicyScope"])
        guard policy.admits(request.attributes, body: Array(request.message.utf8)) else { continue }
      }
      let notification = Notification(
        messageID: identifier,
        topic: row.address,
        subject: request.subject,
        message: request.text(for: subscription.protocol == "queue" ? "sqs" : subscription.protocol),
        publishedAt: now,
        attributes: request.attributes,
        sequenceNumber: published.sequenceNumber
      )
      switch subscription.protocol {
      case "queue", "sqs":
        var message = try message(of: notification, to: subscription, row, &signatures, db)
        message.groupID = request.groupID
        message.traceHeader = request.traceHeader
        message.deduplicationID = publicationID.map { Self.deliveryID($0, subscription) } ?? deduplicationID
        try deliver(message, of: notification, to: subscription, as: caller, now: now, db)
      case "http", "https", "target":
        let body = try message(of: notification, to: subscription, row, &signatures, db).body
        var headers = ["Notification", identifier, row.address.arn.description, subscription.address.arn]
        if subscription.isRaw { headers.append("true") }
        var delivery = delivery(of: body, id: identifier, to: subscription, headers: headers, now: now)
        if subscription.isRaw, !request.attributes.isEmpty, subscription.protocol != "target" {
          let attributes = try StoredAttributes.text(of: request.attributes)
          delivery.parameters.append(DeliveryParameter(name: DeadLetter.messageAttributes, value: attributes))
        }
        try Outbox.insert([delivery], db)
        published.lanes.append(delivery.targetID)
      default: continue
      }
      count += 1
    }
    return count
  }

  /// What a subscription is sent: the message alone, or in SNS's envelope.
  private func message(
    of notification: Notification,
    to subscription: Subscription,
    _ row: TopicRow,
    _ signatures: inout SignatureCache,
    _ db: Database
  ) throws -> OutgoingMessage {
    // What rule files subscribe has always got the message alone.
    if subscription.isRaw || ["queue", "target"].contains(subscription.protocol) {
      var message = OutgoingMessage(body: Array(notification.message.utf8))
      message.messageAttributes = notification.attributes
      return message
    }
    var signature: Notification.Signature?
    if !row.address.isFIFO {
      let text = notification.signedText
      let known = signatures.known[text]
      let made = try known ?? self.signature(of: text, row.signatureVersion, server: signatures.server, db)
      signatures.known[text] = made
      signature = made
    }
    let server = signatures.server
    return OutgoingMessage(
      body: notification.envelope(
        signature,
        unsubscribeURL: "\(server)/?Action=Unsubscribe&SubscriptionArn=\(subscription.address.arn)"
      )
    )
  }

  // MARK: FIFO

  private func duplicate(of key: String, in row: TopicRow, now: Int64, _ db: Database) throws -> PublishedMessage? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT message_id, number FROM topic_deduplication WHERE topic = ? AND deduplication_id = ? AND sent_at > ?
          """
      ),
      arguments: [row.key, key, now - Queues.fifoDeduplication]
    ).map { PublishedMessage(messageID: $0[0], sequenceNumber: sequenceNumber(of: $0[1])) }
  }

  private func remember(
    _ key: String,
    _ identifier: String,
    in row: TopicRow,
    now: Int64,
    _ db: Database
  ) throws -> String {
    try db.cachedStatement(sql: "INSERT INTO topic_sequences DEFAULT VALUES").execute()
    let number = db.lastInsertedRowID
    try db.cachedStatement(sql: "DELETE FROM topic_sequences").execute()
    try db.cachedStatement(sql: "DELETE FROM topic_deduplication WHERE topic = ? AND sent_at <= ?")
      .execute(arguments: [row.key, now - Queues.fifoDeduplication])
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO topic_deduplication (topic, deduplication_id, message_id, number, sent_at)
        VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [row.key, key, identifier, number, now])
    return sequenceNumber(of: number)
  }
}

// Topics fan a message out to their subscribers, as Amazon SNS does. Publishing is one transaction that writes one
// message per subscribed queue and one outbox delivery per subscribed target, so from then on each subscriber is served,
// retried and given up on its own.

internal import Crypto
internal import GRDB
public import Storage

/// Who gets what is published to a topic.
public enum Subscriber: Sendable, Hashable {
  /// A queue gets a message.
  case queue(String)
  /// A target of the rule repository (a webhook, say) gets a delivery through the outbox.
  case target(String)
}

/// Something to publish.
public struct Publication: Sendable, Equatable {
  /// Its identity: publishing the same one again reaches nobody twice.
  ///
  /// A topic target sets the delivery id.
  public var id: String
  /// What subscribers get.
  public var body: [UInt8]
  /// Text attributes for queue subscribers.
  public var attributes: [String: String]

  /// Makes a publication.
  public init(id: String, body: [UInt8], attributes: [String: String] = [:]) {
    self.id = id
    self.body = body
    self.attributes = attributes
  }
}

/// What publishing did.
public struct PublishResult: Sendable, Equatable {
  /// The message in each subscribed queue, by queue name.
  public var messages: [String: SentMessage] = [:]
  /// The delivery to each subscribed target, by target id.
  public var deliveries: [String: String] = [:]
}

/// The topics of an embedded database that are in the engine's own account and Region, and what rule files subscribe to
/// them.
public struct Topics: Sendable {
  let database: EmbeddedDatabase

  /// Makes a topic unless it is there and gives it exactly these subscribers; queues are made unless they are there.
  ///
  /// What was published before stays on its way to those who subscribed then.
  public func set(_ name: String, subscribers: [Subscriber], now: Int64) throws(StorageError) {
    try check(name)
    for case .queue(let queue) in subscribers { try check(queue) }
    try database.write { db in
      let topic = try Self.ensureTopic(name, now: now, db)
      try db.execute(
        sql: "DELETE FROM subscriptions WHERE topic = ? AND protocol IN ('queue', 'target')",
        arguments: [topic]
      )
      for subscriber in subscribers { try Self.insert(subscriber, topic: topic, now: now, db) }
    }
  }

  /// Adds a subscriber to a topic, which is made unless it is there.
  public func subscribe(_ subscriber: Subscriber, to name: String, now: Int64) throws(StorageError) {
    try check(name)
    if case .queue(let queue) = subscriber { try check(queue) }
    try database.write { db in
      try Self.insert(subscriber, topic: try Self.ensureTopic(name, now: now, db), now: now, db)
    }
  }

  /// Removes a subscriber.
  ///
  /// - Returns: whether it was one.
  @discardableResult
  public func unsubscribe(_ subscriber: Subscriber, from name: String) throws(StorageError) -> Bool {
    try database.write { db in
      let (kind, endpoint) = subscriber.columns
      try db.execute(
        sql: """
          DELETE FROM subscriptions WHERE protocol = ?2 AND endpoint = ?3
            AND topic = (SELECT topic FROM topics WHERE account = '' AND region = '' AND name = ?1)
          """,
        arguments: [name, kind, endpoint]
      )
      return db.changesCount > 0
    }
  }

  /// Removes a topic with its subscriptions.
  ///
  /// - Returns: whether it was there.
  @discardableResult
  public func remove(_ name: String) throws(StorageError) -> Bool {
    try database.write { db in
      try db.execute(sql: "DELETE FROM topics WHERE account = '' AND region = '' AND name = ?", arguments: [name])
      return db.changesCount > 0
    }
  }

  /// All topics in name order.
  public func list() throws(StorageError) -> [String] {
    try database.read {
      try String.fetchAll($0, sql: "SELECT name FROM topics WHERE account = '' AND region = '' ORDER BY name")
    }
  }

  /// The subscribers of a topic, queues first, in name order.
  public func subscribers(of name: String) throws(StorageError) -> [Subscriber] {
    try database.read { try Self.subscribers(of: name, $0) }
  }

  /// Hands a publication to every subscriber, in one transaction.
  ///
  /// A delivery to a target has an id derived from the publication's, the topic and the target; when the publication is
  /// a delivery itself, the new ones are recorded under its rule and event.
  ///
  /// - Parameter now: in milliseconds since 1970.
  @discardableResult
  public func publish(_ publication: Publication, to name: String, now: Int64) throws(StorageError) -> PublishResult {
    try database.write { try Self.publish(publication, to: name, now: now, $0) }
  }

  /// Does it within a transaction.
  static func publish(
    _ publication: Publication,
    to name: String,
    now: Int64,
    _ db: Database
  ) throws -> PublishResult {
    var result = PublishResult()
    var deliveries: [DecidedDelivery] = []
    let parent = try Row.fetchOne(
      db,
      sql: "SELECT \(Ledger.columns) FROM deliveries AS d WHERE d.delivery_id = ?",
      arguments: [publication.id]
    ).map(Ledger.record)
    for subscriber in try Self.subscribers(of: name, db) {
      let id = subscriber.deliveryID(of: publication.id, topic: name)
      switch subscriber {
      case .queue(let queue):
        let message = OutgoingMessage(
          body: publication.body,
          attributes: publication.attributes,
          deduplicationID: id
        )
        result.messages[queue] = try Queues.send(message, to: try Queues.queue(queue, db), now: now, db)
      case .target(let target):
        result.deliveries[target] = id
        deliveries.append(
          DecidedDelivery(
            deliveryID: id,
            eventID: parent?.decision.eventID ?? publication.id,
            ruleID: parent?.decision.ruleID ?? "",
            ruleTitle: parent?.decision.ruleTitle ?? "published to topic \(name)",
            ruleSetHash: parent?.decision.ruleSetHash ?? "",
            stepID: parent?.decision.stepID ?? name,
            targetID: target,
            kind: .send,
            state: .pending,
            decidedAt: now,
            payload: publication.body
          )
        )
      }
    }
    try Outbox.insert(deliveries, db)
    return result
  }

  private static func subscribers(of name: String, _ db: Database) throws -> [Subscriber] {
    guard let topic = try key(of: name, db) else {
      let names = try String.fetchAll(
        db,
        sql: "SELECT name FROM topics WHERE account = '' AND region = '' ORDER BY name LIMIT 20"
      )
      let known = names.isEmpty ? "there are no topics yet" : "there are \(names.joined(separator: ", "))"
      throw StorageError.notFound("topic named '\(name)' (\(known))")
    }
    return try Row.fetchAll(
      db,
      sql: """
        SELECT protocol, endpoint FROM subscriptions WHERE topic = ? AND protocol IN ('queue', 'target')
        ORDER BY protocol, endpoint
        """,
      arguments: [topic]
    ).map { ($0[0] as String) == "queue" ? .queue($0[1]) : .target($0[1]) }
  }

  private static func key(of name: String, _ db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT topic FROM topics WHERE account = '' AND region = '' AND name = ?"),
      arguments: [name]
    )
  }

  private static func ensureTopic(_ name: String, now: Int64, _ db: Database) throws -> Int64 {
    if let topic = try key(of: name, db) { return topic }
    try db.execute(sql: "INSERT INTO topics (name, created_at) VALUES (?, ?)", arguments: [name, now])
    return db.lastInsertedRowID
  }

  private static func insert(_ subscriber: Subscriber, topic: Int64, now: Int64, _ db: Database) throws {
    let (kind, endpoint) = subscriber.columns
    if case .queue(let queue) = subscriber { _ = try QueueRows.ensureQueue(queue, now: now, db) }
    try db.execute(
      sql: "INSERT OR IGNORE INTO subscriptions (topic, protocol, endpoint) VALUES (?, ?, ?)",
      arguments: [topic, kind, endpoint]
    )
  }
}

extension Subscriber {
  fileprivate var columns: (kind: String, endpoint: String) {
    switch self {
    case .queue(let name): ("queue", name)
    case .target(let id): ("target", id)
    }
  }

  /// The id of what one subscriber gets of a publication, of the same form as every delivery id.
  func deliveryID(of publication: String, topic: String) -> String {
    let (kind, endpoint) = columns
    let digest = SHA256.hash(data: Array("\(publication)\0\(topic)\0\(kind)\0\(endpoint)".utf8))
    return "dlv-" + hex(digest.prefix(16))
  }
}

extension EmbeddedDatabase {
  /// The topics.
  public var topics: Topics { Topics(database: self) }
}

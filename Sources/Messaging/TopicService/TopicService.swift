// Topics for clients of all accounts, with SNS's rules. What is published becomes messages in queues and deliveries in
// the outbox in one transaction; from then on each subscriber is served, retried and given up by itself.

internal import Foundation
internal import GRDB
public import Storage
internal import Synchronization
internal import TrailEvents

/// Where the parts of a process find its topic service, if it has one: rules' targets are made before it is.
public final class ServedTopics: Sendable {
  private let present = Mutex<TopicService?>(nil)

  /// Makes an empty place.
  public init() {}

  /// The topic service of this process; nil where no API is served.
  public var service: TopicService? { present.withLock { $0 } }

  /// Puts the service there.
  public func serve(_ service: TopicService) { present.withLock { $0 = service } }
}

/// Amazon SNS's operations on topics, subscriptions and messages.
///
/// Safe to use from many tasks; no method blocks its thread except where it says so.
public final class TopicService: Sendable {
  /// A topic's row.
  struct TopicRow: Sendable {
    var key: Int64
    var address: TopicAddress
    /// As clients have set them, by name.
    var attributes: [String: String]

    var deduplicatesContent: Bool { attributes["ContentBasedDeduplication"] == "true" }

    /// How what the topic sends is signed, confirmations included.
    var signatureVersion: MessageSigner.Version {
      MessageSigner.Version(rawValue: attributes["SignatureVersion"] ?? "1") ?? .one
    }
  }

  /// The queues that topics send to.
  public let queues: QueueService
  /// Where this server is reached, for URLs in messages that no call has caused: `http://127.0.0.1:4010`.
  public var endpoint: String { location.withLock { $0 } }
  let database: EmbeddedDatabase
  let now: @Sendable () -> Int64
  let signer: MessageSigner
  /// Compiled filter policies by scope and text.
  let filters = Mutex<[String: FilterPolicy]>([:])
  /// HTTP subscriptions that deliveries may need a route for, by lane.
  let routes = Mutex<[String: HTTPSubscription]>([:])
  /// Told which lanes of the outbox have new deliveries.
  let outboxListener = Mutex<(@Sendable ([String]) -> Void)?>(nil)
  /// Told what subscribed queues refuse.
  let refusalListener = Mutex<(@Sendable (RefusedNotification) -> Void)?>(nil)
  private let location: Mutex<String>
  private let policies = Mutex<[String: ResourcePolicy]>([:])

  /// Makes the service; blocks until it has read the HTTP subscriptions.
  ///
  /// - Parameters:
  ///   - secrets: seals the key that messages are signed with; `keepSecrets` has to have taken it.
  ///   - now: tells the time in milliseconds since 1970.
  public init(
    database: EmbeddedDatabase,
    queues: QueueService,
    endpoint: String,
    secrets: SecretBox = SecretBox(),
    now: @escaping @Sendable () -> Int64
  ) throws(StorageError) {
    self.database = database
    self.queues = queues
    location = Mutex(endpoint)
    self.now = now
    signer = MessageSigner(database: database, secrets: secrets)
    let known = try database.read { db in try self.httpSubscriptions(db) }
    routes.withLock { $0 = known }
  }

  /// Says where this server is reached, once that is known: a port that the system chooses is known late.
  public func isReached(at endpoint: String) { location.withLock { $0 = endpoint } }

  /// Calls back after a commit that put deliveries into the outbox, with their targets.
  public func onNewDeliveries(_ listener: @escaping @Sendable ([String]) -> Void) {
    outboxListener.withLock { $0 = listener }
  }

  /// Calls back after a commit with each message that a subscribed queue has refused.
  ///
  /// The call comes on the thread that writes, so it has to be quick.
  public func onRefusal(_ listener: @escaping @Sendable (RefusedNotification) -> Void) {
    refusalListener.withLock { $0 = listener }
  }

  // MARK: Rows

  static func text(of values: [String: String]) throws -> String { try json(values) }

  static func values(in text: String) throws -> [String: String] {
    text == "{}" ? [:] : try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
  }

  func find(_ address: TopicAddress, _ db: Database) throws -> TopicRow? {
    let (account, region) = queues.stored(address.scope)
    return try Row.fetchOne(
      db.cachedStatement(sql: "SELECT topic, attributes FROM topics WHERE account = ? AND region = ? AND name = ?"),
      arguments: [account, region, address.name]
    ).map { TopicRow(key: $0[0], address: address, attributes: try Self.values(in: $0[1])) }
  }

  /// The topic, if it is there and the caller may do that with it.
  ///
  /// - Parameter conditions: what conditions may want to know of what is asked for.
  func open(
    _ address: TopicAddress,
    for action: String,
    as caller: MessagingCaller,
    _ db: Database,
    conditions: [String: [String]] = [:]
  ) throws -> TopicRow {
    guard let row = try find(address, db) else { throw MessagingError(.notFound, "Topic does not exist") }
    try authorize(action, on: row, as: caller, conditions)
    return row
  }

  // MARK: Who may

  /// What a `*` of a topic's policy does not give to another account: whoever may do this may as well do everything.
  private static let management: Set<String> = [
    "AddPermission", "DeleteTopic", "RemovePermission", "SetTopicAttributes",
  ]

  /// Refuses what the topic's policy does not open to another account or a service.
  ///
  /// The topic's own account may do everything that the policy does not deny.
  private func authorize(
    _ action: String,
    on row: TopicRow,
    as caller: MessagingCaller,
    _ conditions: [String: [String]]
  ) throws {
    let isOwner = caller.principal.account == row.address.scope.account
    // The policy that a topic has from the beginning says what holds for its owner anyway.
    if isOwner, row.attributes["Policy"] == nil { return }
    var known = caller.policyCaller.conditions.merging(conditions) { $1 }
    known["aws:SourceOwner"] = known["aws:SourceOwner"] ?? [caller.principal.account].compactMap(\.self)
    var request = PolicyRequest(
      principal: caller.principal,
      action: "SNS:\(action)",
      resource: row.address.arn.description,
      conditions: known,
      now: now()
    )
    request.mustBeNamed = Self.management.contains(action)
    let decision = try policy(of: row).decision(request)
    if isOwner ? decision != .denied : decision == .allowed { return }
    let why =
      decision == .denied
      ? "with an explicit deny in a resource-based policy"
      : "because no resource-based policy allows the SNS:\(action) action"
    throw MessagingError(
      .accessDenied,
      "User: \(caller.policyCaller.name) is not authorized to perform: SNS:\(action) on resource: "
        + "\(row.address.arn) \(why)"
    )
  }

  private func policy(of row: TopicRow) throws -> ResourcePolicy {
    let text = row.attributes["Policy"] ?? Self.defaultPolicy(of: row.address)
    if let known = policies.withLock({ $0[text] }) { return known }
    guard let policy = try? ResourcePolicy(parsing: text) else {
      throw MessagingError(.internalFailure, "The policy of \(row.address.arn) cannot be read.")
    }
    policies.withLock { policies in
      if policies.count >= 1000 { policies = [:] }
      policies[text] = policy
    }
    return policy
  }

  /// The policy that a topic has until somebody sets another: its account may do everything.
  static func defaultPolicy(of address: TopicAddress) -> String {
    let actions = [
      "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
      "ListSubscriptionsByTopic", "Publish",
    ].map { "\"SNS:\($0)\"" }.joined(separator: ",")
    return """
      {"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID",\
      "Effect":"Allow","Principal":{"AWS":"*"},"Action":[\(actions)],"Resource":"\(address.arn)",\
      "Condition":{"StringEquals":{"AWS:SourceOwner":"\(address.scope.account)"}}}]}
      """
  }

  // MARK: Filters

  func filter(_ text: String, scope: String?) throws(MessagingError) -> FilterPolicy {
    let scope = FilterPolicy.Scope(rawValue: scope ?? "MessageAttributes") ?? .messageAttributes
    let key = "\(scope.rawValue) \(text)"
    if let known = filters.withLock({ $0[key] }) { return known }
    let policy = try FilterPolicy(parsing: text, scope: scope)
    filters.withLock { filters in
      if filters.count >= 1000 { filters = [:] }
      filters[key] = policy
    }
    return policy
  }

  // MARK: Transactions

  func transact<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(MessagingError) -> R {
    try await queues.transact(body)
  }

  func fetch<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(MessagingError) -> R {
    try await queues.fetch(body)
  }

  static func invalid(_ reason: String) -> MessagingError {
    MessagingError(.invalidParameter, "Invalid parameter: \(reason)")
  }
}

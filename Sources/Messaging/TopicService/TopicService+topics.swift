// Making, changing and removing topics.

internal import EventPatterns
internal import Foundation
internal import GRDB
internal import Storage
internal import Synchronization
public import TrailEvents

extension TopicService {
  /// How many topics or subscriptions a page has.
  static let pageSize = 100

  private static let feedback: [String] = ["Application", "Firehose", "HTTP", "Lambda", "SQS"].flatMap {
    ["\($0)SuccessFeedbackRoleArn", "\($0)SuccessFeedbackSampleRate", "\($0)FailureFeedbackRoleArn"]
  }
  private static let settable: Set<String> = Set(
    [
      "ContentBasedDeduplication", "DeliveryPolicy", "DisplayName", "FifoThroughputScope", "FifoTopic",
      "KmsMasterKeyId", "Policy", "SignatureVersion", "TracingConfig", "ArchivePolicy",
    ] + feedback
  )

  /// Makes a topic; one that is there with the same attributes is the answer, too.
  public func create(
    _ name: String,
    in scope: Scope,
    attributes: [String: String] = [:],
    tags: [String: String] = [:]
  ) async throws(MessagingError) -> TopicAddress {
    let address = TopicAddress(name, in: scope)
    try Self.check(name, attributes)
    for (name, value) in attributes { try Self.check(name, value, of: address) }
    guard tags.count <= 50 else {
      throw MessagingError(.tagLimitExceeded, "Could not complete request: tag quota of per resource exceeded")
    }
    let now = now()
    let given = attributes.filter { !$0.value.isEmpty }
    return try await transact { [self] db in
      if let row = try find(address, db) {
        for (name, value) in given where row.attributes[name] ?? Self.fallback(name) != value {
          throw Self.invalid("Attributes Reason: Topic already exists with different attributes")
        }
        let present = try Self.tags(of: row.key, db)
        guard tags.isEmpty || tags == present else {
          throw Self.invalid("Tags Reason: Topic already exists with different tags")
        }
        return address
      }
      let (account, region) = queues.stored(scope)
      try db.execute(
        sql: "INSERT INTO topics (account, region, name, created_at, attributes, tags) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [account, region, name, now, try Self.text(of: given), try Self.text(of: tags)]
      )
      return address
    }
  }

  private static func fallback(_ name: String) -> String? {
    switch name {
    case "ContentBasedDeduplication", "FifoTopic": "false"
    case "SignatureVersion": "1"
    case "TracingConfig": "PassThrough"
    default: nil
    }
  }

  /// Removes a topic and its subscriptions; there is no error when it is not there.
  public func delete(_ address: TopicAddress, as caller: MessagingCaller) async throws(MessagingError) {
    try await transact { [self] db in
      guard try find(address, db) != nil else { return }
      let row = try open(address, for: "DeleteTopic", as: caller, db)
      try db.execute(sql: "DELETE FROM topics WHERE topic = ?", arguments: [row.key])
    }
    routes.withLock { routes in routes = routes.filter { $0.value.address.topic != address } }
  }

  /// The topics of an account and Region in name order, a hundred at a time.
  public func list(
    in scope: Scope,
    after token: String? = nil
  ) async throws(MessagingError) -> NamePage<TopicAddress> {
    let (account, region) = queues.stored(scope)
    let after = try Self.position(of: token)
    var names = try await fetch { db in
      try String.fetchAll(
        db,
        sql: "SELECT name FROM topics WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        arguments: [account, region, after, Self.pageSize + 1]
      )
    }
    let hasMore = names.count > Self.pageSize
    if hasMore { names.removeLast() }
    return NamePage(
      items: names.map { TopicAddress($0, in: scope) },
      nextToken: hasMore ? names.last.map(Self.token) : nil
    )
  }

  static func token(_ position: String) -> String { Data(position.utf8).base64EncodedString() }

  static func position(of token: String?) throws(MessagingError) -> String {
    guard let token else { return "" }
    guard let data = Data(base64Encoded: token) else { throw invalid("NextToken Reason: Unable to parse the token") }
    return String(decoding: data, as: UTF8.self)
  }

  // MARK: Attributes

  /// A topic's attributes by name.
  public func attributes(of address: TopicAddress, as caller: MessagingCaller) async throws(MessagingError) -> [String:
    String]
  {
    try await fetch { [self] db in
      let row = try open(address, for: "GetTopicAttributes", as: caller, db)
      var values = row.attributes
      values["TopicArn"] = address.arn.description
      values["Owner"] = address.scope.account
      values["DisplayName"] = values["DisplayName"] ?? ""
      values["Policy"] = values["Policy"] ?? Self.defaultPolicy(of: address)
      values["EffectiveDeliveryPolicy"] = DeliveryRetries.effective(values["DeliveryPolicy"])
      if address.isFIFO {
        values["ContentBasedDeduplication"] = values["ContentBasedDeduplication"] ?? "false"
        values["FifoThroughputScope"] = values["FifoThroughputScope"] ?? "Topic"
      }
      let counts = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) FILTER (WHERE is_confirmed), count(*) FILTER (WHERE NOT is_confirmed)
          FROM subscriptions WHERE topic = ?
          """,
        arguments: [row.key]
      )
      values["SubscriptionsConfirmed"] = "\(counts?[0] as Int? ?? 0)"
      values["SubscriptionsPending"] = "\(counts?[1] as Int? ?? 0)"
      values["SubscriptionsDeleted"] = "0"
      return values
    }
  }

  /// Sets an attribute of a topic; an empty value takes it back.
  public func setAttribute(
    _ name: String,
    to value: String,
    of address: TopicAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try Self.check(name, value, of: address)
    guard name != "FifoTopic" else { throw Self.invalid("AttributeName") }
    let renewed = try await transact { [self] db -> [String: HTTPSubscription] in
      let row = try open(address, for: "SetTopicAttributes", as: caller, db)
      var attributes = row.attributes
      attributes[name] = value.isEmpty ? nil : value
      try Self.write(attributes, to: row, db)
      return name == "DeliveryPolicy" ? try httpSubscriptions(db) : [:]
    }
    routes.withLock { routes in routes.merge(renewed) { $1 } }
  }

  private static func write(_ attributes: [String: String], to row: TopicRow, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE topics SET attributes = ? WHERE topic = ?",
      arguments: [try text(of: attributes), row.key]
    )
  }

  /// What the policy of a topic can be about.
  private static let grantable: Set<String> = [
    "AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes", "ListSubscriptionsByTopic",
    "ListTagsForResource", "Publish", "PutDataProtectionPolicy", "Receive", "RemovePermission", "SetTopicAttributes",
    "Subscribe",
  ]

  /// Adds a statement to a topic's policy.
  public func addPermission(
    _ label: String,
    accounts: [String],
    actions: [String],
    to address: TopicAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    for action in actions where !Self.grantable.contains(action) {
      throw Self.invalid("Policy statement action out of service scope!")
    }
    let statement = try PolicyEdit.statement(
      label,
      accounts: accounts,
      actions: actions.map { "SNS:\($0)" },
      resource: address.arn.description
    )
    try await transact { [self] db in
      let row = try open(address, for: "AddPermission", as: caller, db)
      var attributes = row.attributes
      let policy = attributes["Policy"] ?? Self.defaultPolicy(of: address)
      do {
        attributes["Policy"] = try PolicyEdit.adding(statement, labelled: label, to: policy)
      } catch {
        throw Self.invalid("Statement already exists")
      }
      try Self.write(attributes, to: row, db)
    }
  }

  /// Takes a statement out of a topic's policy; none of the label is fine.
  public func removePermission(
    _ label: String,
    from address: TopicAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try await transact { [self] db in
      let row = try open(address, for: "RemovePermission", as: caller, db)
      var attributes = row.attributes
      guard let policy = attributes["Policy"], let edited = try PolicyEdit.removing(label, from: policy) else { return }
      attributes["Policy"] = edited.isEmpty ? nil : edited
      try Self.write(attributes, to: row, db)
    }
  }

  // MARK: Tags

  /// A topic's tags.
  public func tags(of address: TopicAddress, as caller: MessagingCaller) async throws(MessagingError) -> [String:
    String]
  {
    try await fetch { [self] db in try Self.tags(of: try tagged(address, caller, db).key, db) }
  }

  /// Adds tags to a topic, or new values to those it has.
  public func tag(
    _ address: TopicAddress,
    _ tags: [String: String],
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try await editTags(of: address, as: caller) { $0.merging(tags) { $1 } }
  }

  /// Takes tags off a topic.
  public func untag(_ address: TopicAddress, _ names: [String], as caller: MessagingCaller) async throws(MessagingError)
  {
    try await editTags(of: address, as: caller) { $0.filter { !names.contains($0.key) } }
  }

  private func editTags(
    of address: TopicAddress,
    as caller: MessagingCaller,
    _ edit: @escaping @Sendable ([String: String]) -> [String: String]
  ) async throws(MessagingError) {
    try await transact { [self] db in
      let key = try tagged(address, caller, db).key
      let tags = edit(try Self.tags(of: key, db))
      guard tags.count <= 50 else {
        throw MessagingError(.tagLimitExceeded, "Could not complete request: tag quota of per resource exceeded")
      }
      try db.execute(sql: "UPDATE topics SET tags = ? WHERE topic = ?", arguments: [try Self.text(of: tags), key])
    }
  }

  private func tagged(_ address: TopicAddress, _ caller: MessagingCaller, _ db: Database) throws -> TopicRow {
    guard let row = try find(address, db), caller.principal.account == address.scope.account else {
      throw MessagingError(.resourceNotFoundSNS, "Resource does not exist")
    }
    return row
  }

  private static func tags(of key: Int64, _ db: Database) throws -> [String: String] {
    try values(
      in: try String.fetchOne(db, sql: "SELECT tags FROM topics WHERE topic = ?", arguments: [key]) ?? "{}"
    )
  }

  // MARK: Checks

  private static func check(_ name: String, _ attributes: [String: String]) throws(MessagingError) {
    let isFIFO = attributes["FifoTopic"]?.lowercased() == "true"
    let base = name.hasSuffix(".fifo") && isFIFO ? name.dropLast(5) : Substring(name)
    let isAllowed = base.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
    guard isAllowed, !base.isEmpty, name.utf8.count <= 256, isFIFO == name.hasSuffix(".fifo") else {
      throw invalid(
        isFIFO
          ? "Topic Name Reason: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase "
            + "ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
          : "Topic Name"
      )
    }
  }

  private static func check(_ name: String, _ value: String, of address: TopicAddress) throws(MessagingError) {
    guard settable.contains(name) else { throw invalid("AttributeName") }
    if value.isEmpty { return }
    switch name {
    case "Policy":
      do {
        _ = try ResourcePolicy(checking: value)
      } catch {
        throw invalid("Policy Error: \(error.message)")
      }
    case "DeliveryPolicy": _ = try DeliveryRetries(parsing: value)
    case "DisplayName":
      guard value.unicodeScalars.count <= 100 else { throw invalid("DisplayName") }
    case "SignatureVersion":
      guard ["1", "2"].contains(value) else { throw invalid("SignatureVersion") }
    case "TracingConfig":
      guard ["PassThrough", "Active"].contains(value) else { throw invalid("TracingConfig") }
    case "FifoTopic":
      guard ["true", "false"].contains(value.lowercased()) else { throw invalid("FifoTopic") }
    case "ContentBasedDeduplication":
      guard ["true", "false"].contains(value.lowercased()), address.isFIFO else { throw invalid("Attributes") }
    case "FifoThroughputScope":
      guard ["Topic", "MessageGroup"].contains(value), address.isFIFO else { throw invalid("Attributes") }
    case "ArchivePolicy":
      throw invalid(
        address.isFIFO
          ? "ArchivePolicy Reason: topics have no archive here"
          : "ArchivePolicy Reason: ArchivePolicy is only supported for FIFO topics"
      )
    case _ where name.hasSuffix("SampleRate"):
      guard let rate = Int(value), (0...100).contains(rate) else {
        throw invalid("\(name) Reason: the sample rate must be an integer from 0 to 100")
      }
    default: break
    }
  }
}

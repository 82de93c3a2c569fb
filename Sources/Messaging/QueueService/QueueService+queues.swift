// Making, finding, changing and removing queues.

internal import Foundation
internal import GRDB
internal import Storage
public import TrailEvents

/// Names in pages.
public struct NamePage<Name: Sendable>: Sendable {
  /// What is on the page.
  public var items: [Name]
  /// What asks for the next page; nil on the last one.
  public var nextToken: String?
}

extension QueueService {
  /// How long after a removal no queue of the same name can be made, in milliseconds; the same holds between purges.
  private static let pause: Int64 = 60_000

  /// Makes a queue; one that is there with the same attributes is the answer, too.
  ///
  /// - Parameter attributes: by name, as clients write them.
  public func create(
    _ name: String,
    in scope: Scope,
    attributes values: [String: String] = [:],
    tags: [String: String] = [:]
  ) async throws(MessagingError) -> QueueAddress {
    let address = QueueAddress(name, in: scope)
    try Self.check(name)
    try Self.check(tags, of: name)
    let now = now()
    return try await transact { [self] db in
      if let row = try find(address, db) {
        try compare(row, with: values)
        return address
      }
      let (account, region) = stored(scope)
      let deletedAt = try Int64.fetchOne(
        db,
        sql: "SELECT deleted_at FROM deleted_queues WHERE account = ? AND region = ? AND name = ?",
        arguments: [account, region, name]
      )
      if let deletedAt, now - deletedAt < Self.pause, now >= deletedAt {
        throw MessagingError(
          .queueDeletedRecently,
          "You must wait 60 seconds after deleting a queue before you can create another with the same name."
        )
      }
      let attributes = try resolved(try QueueAttributes.new(named: name, values), of: address, db)
      try db.execute(sql: "DELETE FROM deleted_queues WHERE deleted_at <= ?", arguments: [now - Self.pause])
      try db.execute(
        sql: "INSERT INTO queues (account, region, name, created_at, tags) VALUES (?, ?, ?, ?, ?)",
        arguments: [account, region, name, now, try json(tags)]
      )
      try Self.write(attributes, to: db.lastInsertedRowID, now: now, db)
      return address
    }
  }

  /// The address of a queue that is there.
  public func address(
    of name: String,
    in scope: Scope,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> QueueAddress {
    try await fetch { [self] db in
      address(of: try open(QueueAddress(name, in: scope), for: "GetQueueUrl", as: caller, db))
    }
  }

  /// Removes a queue with its messages.
  public func delete(_ address: QueueAddress, as caller: MessagingCaller) async throws(MessagingError) {
    let now = now()
    try await transact { [self] db in
      let row = try open(address, for: "DeleteQueue", as: caller, db)
      try db.execute(
        sql: "INSERT OR REPLACE INTO deleted_queues (account, region, name, deleted_at) VALUES (?, ?, ?, ?)",
        arguments: [row.account, row.region, row.name, now]
      )
      try db.execute(sql: "DELETE FROM queues WHERE queue = ?", arguments: [row.key])
    }
  }

  /// The queues of an account and Region in name order.
  ///
  /// - Parameters:
  ///   - limit: at most so many, 1 to 1000; nil gives up to 1000 without a token for more.
  ///   - token: what the page before gave.
  public func list(
    in scope: Scope,
    prefix: String = "",
    limit: Int? = nil,
    after token: String? = nil
  ) async throws(MessagingError) -> NamePage<QueueAddress> {
    let (account, region) = stored(scope)
    let page = try await page(
      limit,
      token,
      sql: "SELECT name FROM queues WHERE account = ? AND region = ? AND substr(name, 1, ?) = ? AND name > ?",
      arguments: [account, region, prefix.unicodeScalars.count, prefix]
    )
    return NamePage(items: page.items.map { QueueAddress($0, in: scope) }, nextToken: page.nextToken)
  }

  /// The queues that have a queue for their dead-letter queue, in name order.
  public func deadLetterSources(
    of address: QueueAddress,
    limit: Int? = nil,
    after token: String? = nil,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> NamePage<QueueAddress> {
    let row = try await fetch { [self] db in try open(address, for: "ListDeadLetterSourceQueues", as: caller, db) }
    let page = try await page(
      limit,
      token,
      sql: "SELECT name FROM queues WHERE account = ? AND region = ? AND dead_letter_queue = ? AND name > ?",
      arguments: [row.account, row.region, row.name]
    )
    return NamePage(items: page.items.map { QueueAddress($0, in: address.scope) }, nextToken: page.nextToken)
  }

  private func page(
    _ limit: Int?,
    _ token: String?,
    sql: String,
    arguments: StatementArguments
  ) async throws(MessagingError) -> NamePage<String> {
    if let limit, !(1...1000).contains(limit) {
      throw .value(limit, of: "MaxResults", "MaxResults must be an integer between 1 and 1000.")
    }
    var after = ""
    if let token {
      guard let data = Data(base64Encoded: token) else {
        throw .value(token, of: "NextToken", "It is not a token of this operation.")
      }
      after = String(decoding: data, as: UTF8.self)
    }
    let count = limit ?? 1000
    let start = after
    var names = try await fetch { db in
      try String.fetchAll(db, sql: sql + " ORDER BY name LIMIT ?", arguments: arguments + [start, count + 1])
    }
    let hasMore = names.count > count
    if hasMore { names.removeLast() }
    let next = hasMore && limit != nil ? names.last.map { Data($0.utf8).base64EncodedString() } : nil
    return NamePage(items: names, nextToken: next)
  }

  // MARK: Purging and tags

  /// Deletes every message of a queue.
  public func purge(_ address: QueueAddress, as caller: MessagingCaller) async throws(MessagingError) {
    let now = now()
    let (queue, last) = try await transact { [self] db in
      let row = try open(address, for: "PurgeQueue", as: caller, db)
      try db.execute(
        sql: "UPDATE queues SET purged_at = ?1 WHERE queue = ?2 AND (purged_at <= ?1 - ?3 OR purged_at > ?1)",
        arguments: [now, row.key, Self.pause]
      )
      guard db.changesCount == 1 else {
        throw MessagingError(
          .purgeQueueInProgress,
          "Only one PurgeQueue operation on \(row.name) is allowed every 60 seconds."
        )
      }
      let last = try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
      return (row.key, last ?? 0)
    }
    // What comes from now on stays. A thousand in a transaction: others write between them.
    let chunk = 1000
    var removed = chunk
    while removed == chunk {
      removed = try await transact { db in
        try db.cachedStatement(
          sql: """
            DELETE FROM messages WHERE number IN (SELECT number FROM messages WHERE queue = ? AND number <= ? LIMIT ?)
            """
        ).execute(arguments: [queue, last, chunk])
        return db.changesCount
      }
    }
  }

  /// A queue's tags.
  public func tags(of address: QueueAddress, as caller: MessagingCaller) async throws(MessagingError) -> [String:
    String]
  {
    try await fetch { [self] db in
      try Self.tags(of: try open(address, for: "ListQueueTags", as: caller, db).key, db)
    }
  }

  /// Adds tags to a queue, or new values to those it has.
  public func tag(
    _ address: QueueAddress,
    _ tags: [String: String],
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try Self.check(tags, of: address.name)
    try await transact { [self] db in
      let key = try open(address, for: "TagQueue", as: caller, db).key
      let all = try Self.tags(of: key, db).merging(tags) { $1 }
      try Self.check(all, of: address.name)
      try db.execute(sql: "UPDATE queues SET tags = ? WHERE queue = ?", arguments: [try json(all), key])
    }
  }

  /// Takes tags off a queue.
  public func untag(
    _ address: QueueAddress,
    _ names: [String],
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try await transact { [self] db in
      let key = try open(address, for: "UntagQueue", as: caller, db).key
      let left = try Self.tags(of: key, db).filter { !names.contains($0.key) }
      try db.execute(sql: "UPDATE queues SET tags = ? WHERE queue = ?", arguments: [try json(left), key])
    }
  }

  private static func tags(of key: Int64, _ db: Database) throws -> [String: String] {
    let text = try String.fetchOne(db, sql: "SELECT tags FROM queues WHERE queue = ?", arguments: [key]) ?? "{}"
    return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
  }

  // MARK: Checks

  private static func check(_ name: String) throws(MessagingError) {
    let base = name.hasSuffix(".fifo") ? name.dropLast(5) : Substring(name)
    let isAllowed = base.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_".unicodeScalars.contains(scalar))
    }
    guard isAllowed, !base.isEmpty, name.utf8.count <= 80 else {
      throw MessagingError(
        .invalidParameterValue,
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
      )
    }
  }

  private static func check(_ tags: [String: String], of name: String) throws(MessagingError) {
    guard tags.count <= 50 else {
      throw MessagingError(
        .invalidParameterValue,
        "Too many tags added for queue \(name). Maximum number of tags is 50."
      )
    }
    for (key, value) in tags {
      guard (1...128).contains(key.unicodeScalars.count), value.unicodeScalars.count <= 256 else {
        throw MessagingError(.invalidParameterValue, "Tag keys have 1 to 128 characters and values at most 256.")
      }
    }
  }

  /// Refuses to make a queue again with other attributes.
  private func compare(_ row: Queues.QueueRow, with values: [String: String]) throws {
    var attributes = row.attributes
    attributes.more = Self.more(row.moreText)
    let address = address(of: row)
    let present = attributes.values(of: address)
    let wanted = try { () throws(MessagingError) in
      var wanted = attributes
      try wanted.set(values)
      if let redrive = wanted.redrive, let target = QueueAddress(arn: redrive.deadLetterQueue) {
        wanted.redrive?.deadLetterQueue = target.name
      }
      return wanted.values(of: address)
    }()
    for name in values.keys.sorted() where wanted[name] != present[name] {
      throw MessagingError(
        .queueNameExists,
        "A queue already exists with the same name and a different value for attribute \(name)"
      )
    }
  }
}

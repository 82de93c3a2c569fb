// Queues with the semantics of Amazon SQS, in the same database as everything else: a received message is hidden for the
// visibility timeout and comes back unless it is deleted; one that comes back too often goes to the dead-letter queue.

internal import Foundation
internal import GRDB
public import Storage

/// The queues of an embedded database that are in the engine's own account and region: those that rule files declare
/// and commands show.
///
/// `QueueService` is for clients of all accounts.
///
/// Every method is one transaction and blocks until it is on the disk; engine and commands may use the same queues from
/// different processes.
public struct Queues: Sendable {
  let database: EmbeddedDatabase

  /// Makes a queue, or sets those attributes of the one that is there that rule files can set.
  ///
  /// - Returns: whether it was made.
  @discardableResult
  public func create(
    _ name: String,
    attributes: QueueAttributes = QueueAttributes(),
    now: Int64
  ) throws(StorageError) -> Bool {
    try check(name)
    try check(attributes, of: name)
    return try database.write { db in
      let isNew = try Self.find(name, db) == nil
      let queue = try QueueRows.ensureQueue(name, now: now, db)
      if let redrive = attributes.redrive { _ = try Self.ensureDeadLetterQueue(of: redrive, now: now, db) }
      try db.execute(
        sql: """
          UPDATE queues SET visibility_timeout = ?, retention = ?, delay = ?, max_receive_count = ?,
            dead_letter_queue = ? WHERE queue = ?
          """,
        arguments: [
          attributes.visibilityTimeout, attributes.retention, attributes.delay, attributes.redrive?.maxReceiveCount,
          attributes.redrive?.deadLetterQueue, queue,
        ]
      )
      return isNew
    }
  }

  /// Makes a queue with default attributes unless it is there; one that is there keeps its attributes.
  public func createIfAbsent(_ name: String, now: Int64) throws(StorageError) {
    try check(name)
    try database.write { _ = try QueueRows.ensureQueue(name, now: now, $0) }
  }

  /// Removes a queue with all its messages and its subscriptions to topics.
  ///
  /// - Returns: whether it was there.
  @discardableResult
  public func remove(_ name: String) throws(StorageError) -> Bool {
    try database.write { db in
      try db.execute(sql: "DELETE FROM subscriptions WHERE protocol = 'queue' AND endpoint = ?", arguments: [name])
      try db.execute(sql: "DELETE FROM queues WHERE account = '' AND region = '' AND name = ?", arguments: [name])
      return db.changesCount > 0
    }
  }

  /// How a queue behaves.
  public func attributes(of name: String) throws(StorageError) -> QueueAttributes {
    try database.read { try Self.queue(name, $0).attributes }
  }

  /// All queues in name order.
  public func list(now: Int64) throws(StorageError) -> [QueueSummary] {
    try database.read { db in
      try String.fetchAll(db, sql: "SELECT name FROM queues WHERE account = '' AND region = '' ORDER BY name").map {
        name in
        let queue = try Self.queue(name, db)
        return QueueSummary(
          name: name,
          attributes: queue.attributes,
          counts: try Self.counts(queue, now: now, db)
        )
      }
    }
  }

  /// What is in a queue.
  public func counts(of name: String, now: Int64) throws(StorageError) -> QueueCounts {
    try database.read { db in
      try Self.counts(try Self.queue(name, db), now: now, db)
    }
  }

  /// Deletes every message of a queue.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func purge(_ name: String) throws(StorageError) -> Int {
    try database.write { db in
      try db.execute(sql: "DELETE FROM messages WHERE queue = ?", arguments: [try Self.queue(name, db).key])
      return db.changesCount
    }
  }

  /// Deletes the messages of all queues whose retention is over; `receive` never returns those anyway.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func expire(now: Int64) throws(StorageError) -> Int {
    var expired = 0
    let queues = try database.read { db in
      try Row.fetchAll(db, sql: "SELECT queue, retention, is_fifo FROM queues").map { row in
        (key: row[0] as Int64, retention: row[1] as Int64, isFIFO: row[2] as Bool)
      }
    }
    for queue in queues {
      expired += try removeMessages(of: queue.key, sentThrough: now - queue.retention)
      let memory = queue.isFIFO ? min(queue.retention, Self.fifoDeduplication) : queue.retention
      try database.write { db in
        try db.execute(
          sql: "DELETE FROM message_deduplication WHERE queue = ? AND sent_at <= ?",
          arguments: [queue.key, now - memory]
        )
      }
    }
    return expired
  }

  /// Deletes a thousand messages in a transaction: others write between them.
  private func removeMessages(of queue: Int64, sentThrough time: Int64) throws(StorageError) -> Int {
    let chunk = 1000
    var (sum, removed) = (0, chunk)
    while removed == chunk {
      removed = try database.write { db in
        try db.execute(
          sql: """
            DELETE FROM messages WHERE number IN (
              SELECT number FROM messages WHERE queue = ? AND sent_at <= ? LIMIT ?)
            """,
          arguments: [queue, time, chunk]
        )
        return db.changesCount
      }
      sum += removed
    }
    return sum
  }

  static func ensureDeadLetterQueue(
    of redrive: QueueAttributes.RedrivePolicy,
    now: Int64,
    _ db: Database
  ) throws -> Int64 {
    try QueueRows.ensureQueue(redrive.deadLetterQueue, retention: QueueRows.deadLetterRetention, now: now, db)
  }

  /// A queue's row.
  struct QueueRow: Sendable {
    var key: Int64
    /// Empty, like the region, for the engine's own.
    var account: String
    var region: String
    var name: String
    var createdAt: Int64
    var modifiedAt: Int64
    /// Without `more`, which is read when it is wanted.
    var attributes: QueueAttributes
    /// `more` as it is stored.
    var moreText: String
  }

  /// The columns of a queue that come with every use.
  static let queueColumns = """
    queue, account, region, name, created_at, modified_at, visibility_timeout, retention, delay, receive_wait, \
    maximum_message_size, max_receive_count, dead_letter_queue, is_fifo, deduplicates_content, deduplicates_by_group, \
    more
    """

  /// Reads a row of `queueColumns`.
  static func queueRow(_ row: Row) -> QueueRow {
    var attributes = QueueAttributes(visibilityTimeout: row[6], retention: row[7], delay: row[8])
    attributes.receiveWait = row[9]
    attributes.maximumMessageSize = row[10]
    if let count = row[11] as Int?, let deadLetters = row[12] as String? {
      attributes.redrive = QueueAttributes.RedrivePolicy(deadLetterQueue: deadLetters, maxReceiveCount: count)
    }
    if row[13] as Bool {
      var fifo = QueueAttributes.FIFO()
      fifo.deduplicatesContent = row[14]
      fifo.deduplicatesByGroup = row[15]
      attributes.fifo = fifo
    }
    return QueueRow(
      key: row[0],
      account: row[1],
      region: row[2],
      name: row[3],
      createdAt: row[4],
      modifiedAt: row[5],
      attributes: attributes,
      moreText: row[16]
    )
  }

  /// A queue without the attributes that are read only when asked for.
  static func find(account: String = "", region: String = "", _ name: String, _ db: Database) throws -> QueueRow? {
    let statement = try db.cachedStatement(
      sql: "SELECT \(queueColumns) FROM queues WHERE account = ? AND region = ? AND name = ?"
    )
    return try Row.fetchOne(statement, arguments: [account, region, name]).map(queueRow)
  }

  static func queue(_ name: String, _ db: Database) throws -> QueueRow {
    guard let queue = try find(name, db) else {
      let names = try String.fetchAll(
        db,
        sql: "SELECT name FROM queues WHERE account = '' AND region = '' ORDER BY name LIMIT 20"
      )
      let known = names.isEmpty ? "there are no queues yet" : "there are \(names.joined(separator: ", "))"
      throw StorageError.notFound("queue named '\(name)' (\(known))")
    }
    return queue
  }

  static func counts(_ queue: QueueRow, now: Int64, _ db: Database) throws -> QueueCounts {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT count(*) FILTER (WHERE visible_at <= ?1), count(*) FILTER (WHERE visible_at > ?1 AND receive_count > 0),
          count(*) FILTER (WHERE visible_at > ?1 AND receive_count = 0)
        FROM messages WHERE queue = ?2 AND sent_at > ?3
        """,
      arguments: [now, queue.key, now - queue.attributes.retention]
    )
    return row.map { QueueCounts(visible: $0[0], inFlight: $0[1], delayed: $0[2]) } ?? QueueCounts()
  }
}

extension EmbeddedDatabase {
  /// The queues.
  public var queues: Queues { Queues(database: self) }
}

/// Refuses names that SQS or our own file names and URLs could not carry.
func check(_ name: String) throws(StorageError) {
  let isAllowed = name.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
  guard isAllowed, (1...80).contains(name.utf8.count) else {
    throw .invalid("'\(name)' is no name for a queue or topic: use 1 to 80 letters, digits, '-', '_' and '.'.")
  }
}

private func check(_ attributes: QueueAttributes, of name: String) throws(StorageError) {
  func require(_ value: Int64, in range: ClosedRange<Int64>, _ what: String) throws(StorageError) {
    guard range.contains(value) else {
      let bounds = "\(span(range.lowerBound)) to \(span(range.upperBound))"
      throw .invalid("queue '\(name)': \(what) must be \(bounds), not \(span(value)).")
    }
  }
  try require(attributes.visibilityTimeout, in: 0...43_200_000, "the visibility timeout")
  try require(attributes.retention, in: 60_000...1_209_600_000, "the retention")
  try require(attributes.delay, in: 0...900_000, "the delay")
  if let redrive = attributes.redrive {
    try check(redrive.deadLetterQueue)
    guard redrive.deadLetterQueue != name else {
      throw .invalid("queue '\(name)' cannot be its own dead-letter queue; name another one.")
    }
    guard (1...1000).contains(redrive.maxReceiveCount) else {
      throw .invalid("queue '\(name)': the maximum receive count must be 1 to 1000, not \(redrive.maxReceiveCount).")
    }
  }
}

/// Milliseconds in the largest unit that divides them, as people write them: `14d`, `90s`.
private func span(_ milliseconds: Int64) -> String {
  let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
  let unit = units.first { abs(milliseconds) >= $0.1 && milliseconds.isMultiple(of: $0.1) }
  return unit.map { "\(milliseconds / $0.1)\($0.0)" } ?? (milliseconds == 0 ? "0s" : "\(milliseconds)ms")
}

// Receiving: at once, or waiting until there is something. A waiting receiver sleeps until messages are committed, until
// Receiving: at once, or waiting until there is something. A waiting receiver sleeps until messages are committed, until
// the first hidden one becomes visible, or for a second or so, because other processes write to the same queues. A
// receiver that is gone takes nothing: what was written for it meanwhile is visible again.

internal import GRDB
internal import Storage
internal import Synchronization

/// What a receiver asks for.
public struct ReceiveRequest: Sendable {
  /// At most so many messages, 1 to 10.
  public var limit: Int
  /// How long they are hidden, in seconds; the queue's visibility timeout unless set.
  public var visibilityTimeout: Int?
  /// How long to wait for a message, in seconds; the queue's time unless set.
  public var wait: Int?
  /// Names an attempt to receive from a FIFO queue: the same name within five minutes gives the same messages, as long
  /// as they are hidden.
  public var attemptID: String?
  /// How long a waiting receiver sleeps at most, in milliseconds, before it looks for what other processes wrote.
  package var longestSleep: Int64 = 1000
  /// Makes the time for which messages are hidden out of the queue's visibility timeout, both in milliseconds.
  package var hiding: @Sendable (_ visibilityTimeout: Int64) -> Int64 = { $0 }

  /// Makes a request.
  public init(limit: Int = 1, visibilityTimeout: Int? = nil, wait: Int? = nil, attemptID: String? = nil) {
    self.limit = limit
    self.visibilityTimeout = visibilityTimeout
    self.wait = wait
    self.attemptID = attemptID
  }
}

extension QueueService {
  private enum Look: Sendable {
    case received([ReceivedMessage])
    case empty(queue: Int64, wait: Int64, nextVisible: Int64?)
  }

  /// Receives messages and hides them; waits for some as long as the request says.
  public func receive(
    _ request: ReceiveRequest,
    from address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [ReceivedMessage] {
    try Self.check(request)
    let begin = ContinuousClock.now
    while true {
      let stamp = waiters.stamp
      let now = now()
      let seen: Look = try await transact { [self] db in
        try look(into: address, request, as: caller, now: now, db)
      }
      guard case .empty(let queue, let wait, let nextVisible) = seen else {
        guard case .received(let messages) = seen else { return [] }
        // Whoever has gone while they were written cannot have them: the next one may. They count as received.
        guard Task.isCancelled else { return messages }
        try await release(messages)
        return []
      }
      let left = Duration.milliseconds(wait) - (ContinuousClock.now - begin)
      guard left > .zero, !Task.isCancelled else { return [] }
      let sleep = min(request.longestSleep, nextVisible.map { max(1, $0 - now) } ?? .max)
      await waiters.wait(for: queue, since: stamp, atMost: min(left, .milliseconds(sleep)))
      // Whoever is gone must not take what the next one is waiting for.
      if Task.isCancelled { return [] }
    }
  }

  /// Makes messages visible again that nobody will get.
  private func release(_ messages: [ReceivedMessage]) async throws(MessagingError) {
    let now = now()
    try await transact { db in
      for message in messages {
        let handle = try ReceiptHandle(message.receiptHandle)
        try db.cachedStatement(
          sql: "UPDATE messages SET visible_at = ? WHERE number = ? AND queue = ? AND receipt = ? AND visible_at > ?"
        ).execute(arguments: [now, handle.number, handle.queue, handle.receipt, now])
      }
    }
  }

  private func look(
    into address: QueueAddress,
    _ request: ReceiveRequest,
    as caller: MessagingCaller,
    now: Int64,
    _ db: Database
  ) throws -> Look {
    let row = try open(address, for: "ReceiveMessage", as: caller, db)
    let timeout =
      request.visibilityTimeout.map { Int64($0) * 1000 } ?? request.hiding(row.attributes.visibilityTimeout)
    if let attempt = request.attemptID, row.attributes.fifo != nil {
      let again = try repeated(attempt, of: row, timeout: timeout, now: now, db)
      if !again.isEmpty { return .received(again) }
    }
    let found = try Queues.receive(from: row, limit: request.limit, visibilityTimeout: timeout, now: now, db)
    if found.isEmpty {
      return .empty(
        queue: row.key,
        wait: request.wait.map { Int64($0) * 1000 } ?? row.attributes.receiveWait,
        nextVisible: try Queues.nextVisible(in: row, after: now, db)
      )
    }
    let handles = found.map { ReceiptHandle(queue: row.key, number: $0.message.number, receipt: $0.receipt) }
    if let attempt = request.attemptID, row.attributes.fifo != nil {
      attempts.withLock { $0.remember(handles, of: attempt, in: row.key, now: now) }
    }
    return .received(zip(found, handles).map { ReceivedMessage(receiptHandle: $1.text, message: $0.message) })
  }

  /// The messages of an attempt that is made again, hidden anew, as far as they still have the receipts of then.
  private func repeated(
    _ attempt: String,
    of row: Queues.QueueRow,
    timeout: Int64?,
    now: Int64,
    _ db: Database
  ) throws -> [ReceivedMessage] {
    let handles = attempts.withLock { $0.handles(of: attempt, in: row.key, now: now) }
    return try handles.compactMap { handle in
      let found = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            UPDATE messages SET visible_at = ? WHERE number = ? AND queue = ? AND receipt = ? AND visible_at > ?
            RETURNING \(Queues.columns)
            """
        ),
        arguments: [
          now + (timeout ?? row.attributes.visibilityTimeout), handle.number, row.key, handle.receipt, now,
        ]
      )
      return try found.map { ReceivedMessage(receiptHandle: handle.text, message: try Queues.message($0)) }
    }
  }

  private static func check(_ request: ReceiveRequest) throws(MessagingError) {
    guard (1...10).contains(request.limit) else {
      throw .value(request.limit, of: "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    }
    if let wait = request.wait, !(0...20).contains(wait) {
      throw .value(wait, of: "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
    }
    if let timeout = request.visibilityTimeout { try check(visibilityTimeout: timeout) }
  }

  static func check(visibilityTimeout: Int) throws(MessagingError) {
    guard (0...43_200).contains(visibilityTimeout) else {
      throw .value(visibilityTimeout, of: "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
    }
  }
}

/// Named attempts to receive from FIFO queues, remembered for five minutes.
struct ReceiveAttempts {
  private struct Key: Hashable {
    var queue: Int64
    var attempt: String
  }

  /// With more names than this in five minutes the oldest are forgotten.
  static let most = 10_000

  private var attempts: [Key: (at: Int64, handles: [ReceiptHandle])] = [:]

  var count: Int { attempts.count }

  mutating func remember(_ handles: [ReceiptHandle], of attempt: String, in queue: Int64, now: Int64) {
    if attempts.count >= Self.most {
      attempts = attempts.filter { now - $0.value.at < Queues.fifoDeduplication }
      // By halves, so that the next thousands need not look through them.
      let excess = attempts.count - Self.most / 2
      for (key, _) in attempts.sorted(by: { $0.value.at < $1.value.at }).prefix(max(0, excess)) { attempts[key] = nil }
    }
    attempts[Key(queue: queue, attempt: attempt)] = (now, handles)
  }

  func handles(of attempt: String, in queue: Int64, now: Int64) -> [ReceiptHandle] {
    guard let known = attempts[Key(queue: queue, attempt: attempt)], now - known.at < Queues.fifoDeduplication else {
      return []
    }
    return known.handles
  }
}

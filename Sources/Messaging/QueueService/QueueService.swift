// Queues for clients of all accounts: who may do what with which queue, and SQS's rules for making, changing and
// removing one. Each operation is one transaction, which it shares with the writes of other callers who wait.

internal import Foundation
internal import GRDB
public import Storage
internal import Synchronization
public import TrailEvents

/// Amazon SQS's operations on queues, their attributes and messages.
///
/// Safe to use from many tasks; no method blocks its thread. Queues of the home account and Region are the ones that
/// rule files and commands see, too.
public final class QueueService: Sendable {
  /// The account and Region of queues that rule files declare.
  public let home: Scope
  let database: EmbeddedDatabase
  let now: @Sendable () -> Int64
  let waiters = QueueWaiters()
  let attempts = Mutex(ReceiveAttempts())
  private let policies = Mutex<[String: ResourcePolicy]>([:])

  /// Makes the service.
  ///
  /// - Parameter now: tells the time in milliseconds since 1970.
  public init(database: EmbeddedDatabase, home: Scope, now: @escaping @Sendable () -> Int64) {
    self.database = database
    self.home = home
    self.now = now
    database.arrivals.listen { [weak waiters] in waiters?.notify($0) }
  }

  // MARK: Finding queues

  /// How a scope is written in rows: the home scope is empty, so that it can change with the settings.
  func stored(_ scope: Scope) -> (account: String, region: String) {
    scope == home ? ("", "") : (scope.account, scope.region)
  }

  /// The scope of a row.
  func scope(of row: Queues.QueueRow) -> Scope {
    row.account.isEmpty ? home : Scope(account: row.account, region: row.region)
  }

  /// The address of a row.
  func address(of row: Queues.QueueRow) -> QueueAddress { QueueAddress(row.name, in: scope(of: row)) }

  /// How a dead-letter queue that must not be made is written in a `DeadLetter`.
  public func deadLetterReference(to address: QueueAddress) -> String {
    let (account, region) = stored(address.scope)
    return QueueRows.reference(account: account, region: region, name: address.name)
  }

  func find(_ address: QueueAddress, _ db: Database) throws -> Queues.QueueRow? {
    let (account, region) = stored(address.scope)
    return try Queues.find(account: account, region: region, address.name, db)
  }

  /// The queue, if it is there and the caller may do that with it.
  func open(
    _ address: QueueAddress,
    for action: String,
    as caller: MessagingCaller,
    _ db: Database
  ) throws -> Queues.QueueRow {
    guard let row = try find(address, db) else {
      throw MessagingError(.queueDoesNotExist, "The specified queue does not exist.")
    }
    try authorize(action, on: row, as: caller)
    return row
  }

  // MARK: Who may

  /// What only the account of a queue may do with it, whatever its policy says to others.
  static let ownerOnly: Set<String> = [
    "AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks", "ListQueueTags",
    "ListQueues", "RemovePermission", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue",
  ]

  /// Refuses what the queue's policy does not open to another account or a service.
  ///
  /// The queue's own account may do everything that the policy does not deny.
  private func authorize(_ action: String, on row: Queues.QueueRow, as caller: MessagingCaller) throws {
    let address = address(of: row)
    let isOwner = caller.principal.account == address.scope.account
    let decision = policy(of: row)?.decision(
      PolicyRequest(
        principal: caller.principal,
        action: "sqs:\(action)",
        resource: address.arn.description,
        conditions: caller.policyCaller.conditions,
        now: now()
      )
    )
    if isOwner ? decision != .denied : decision == .allowed && !Self.ownerOnly.contains(action) { return }
    let why =
      decision == .denied
      ? "with an explicit deny in a resource-based policy"
      : "because no resource-based policy allows the sqs:\(action.lowercased()) action"
    throw MessagingError(
      .accessDenied,
      "User: \(caller.policyCaller.name) is not authorized to perform: sqs:\(action.lowercased()) on resource: "
        + "\(address.arn) \(why)"
    )
  }

  private func policy(of row: Queues.QueueRow) -> ResourcePolicy? {
    guard row.moreText != "{}" else { return nil }
    if let known = policies.withLock({ $0[row.moreText] }) { return known }
    guard let text = Self.more(row.moreText).policy, let policy = try? ResourcePolicy(parsing: text) else { return nil }
    policies.withLock { policies in
      if policies.count >= 1000 { policies = [:] }
      policies[row.moreText] = policy
    }
    return policy
  }

  static func more(_ text: String) -> QueueAttributes.More {
    if text == "{}" { return QueueAttributes.More() }
    return (try? JSONDecoder().decode(QueueAttributes.More.self, from: Data(text.utf8))) ?? QueueAttributes.More()
  }

  // MARK: Transactions

  /// Runs a body in a shared transaction.
  func transact<R: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> R
  ) async throws(MessagingError) -> R {
    do {
      return try await database.transact(body)
    } catch {
      throw MessagingError(error)
    }
  }

  /// Runs a body that only reads.
  func fetch<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(MessagingError) -> R {
    let result = await withCheckedContinuation { continuation in
      database.pool.asyncRead { db in
        continuation.resume(returning: Result { try body(db.get()) }.mapError { MessagingError($0) })
      }
    }
    return try result.get()
  }
}

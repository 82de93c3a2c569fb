// Many writers, one wait for the disk. A commit waits for the disk about as long whatever it holds, so writes that come
// while one is under way are gathered and make the next commit together: under load the batches grow by themselves, and
// a lone write waits for nobody.
//
// A write that fails undoes what it did and nothing else. Most that fail have changed nothing by then (there is no such
// queue); for the others the transaction is begun again, with each write as a savepoint of its own. Savepoints are not
// there from the start, because SQLite keeps a copy of every page that changes within one: that costs more than the
// changes. So a write may run twice, and must do nothing but read and write the database.
//
// When the commit itself fails, all of its writes have failed.

internal import Dispatch
internal import GRDB
internal import Synchronization

/// Gathers writes into shared transactions.
final class GroupCommit: Sendable {
  /// A write: `perform` runs the body and remembers what it gave, `finish` tells the caller once the commit is known.
  private struct Job: Sendable {
    var perform: @Sendable (Database) throws -> Void
    /// Keeps why `perform` threw, for `finish`.
    var fail: @Sendable (any Error) -> Void
    var finish: @Sendable (StorageError?) -> Void
  }

  private struct State {
    var waiting: [Job] = []
    var isRunning = false
  }

  /// The most writes in one transaction, so that none waits long for the others' bodies.
  private static let largestGroup = 256

  private let pool: DatabasePool
  private let path: String
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "signalbox.group-commit", qos: .userInitiated)

  init(pool: DatabasePool, path: String) {
    self.pool = pool
    self.path = path
  }

  /// Runs a body within the next shared transaction and returns when that is on the disk; throws what the body threw, or
  /// a `StorageError`.
  func run<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
    let path = path
    let result: Result<R, any Error> = await withCheckedContinuation { continuation in
      let outcome = Outcome<R>()
      add(
        Job(
          perform: { db in outcome.set(.success(try body(db))) },
          fail: { error in outcome.set(.failure(error is DatabaseError ? StorageError(error, path: path) : error)) },
          finish: { error in
            if let error {
              continuation.resume(returning: .failure(error))
            } else {
              continuation.resume(
                returning: outcome.value ?? .failure(StorageError.fault("a write of a group was not performed"))
              )
            }
          }
        )
      )
    }
    return try result.get()
  }

  private func add(_ job: Job) {
    let isFirst = state.withLock { state in
      state.waiting.append(job)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isFirst { queue.async { self.work() } }
  }

  /// Says that a job failed after it had changed something.
  private struct Undoing: Error {}

  /// Runs a job; throws ``Undoing`` if what it did has to be undone.
  private static func run(_ job: Job, _ db: Database) throws {
    let before = db.totalChangesCount
    do {
      try job.perform(db)
    } catch {
      job.fail(error)
      // SQLite itself may have rolled everything back.
      guard db.isInsideTransaction else { throw error }
      guard db.totalChangesCount == before else { throw Undoing() }
    }
  }

  /// Runs a job as a savepoint. Throws when the transaction as a whole has failed: the disk may be full.
  private static func runApart(_ job: Job, _ db: Database) throws {
    try db.cachedStatement(sql: "SAVEPOINT job").execute()
    do {
      try job.perform(db)
    } catch {
      job.fail(error)
      guard db.isInsideTransaction else { throw error }
      try db.cachedStatement(sql: "ROLLBACK TO SAVEPOINT job").execute()
    }
    try db.cachedStatement(sql: "RELEASE SAVEPOINT job").execute()
  }

  /// Commits groups until nobody waits.
  private func work() {
    while true {
      let group = state.withLock { state in
        let group = Array(state.waiting.prefix(Self.largestGroup))
        state.waiting.removeFirst(group.count)
        if group.isEmpty { state.isRunning = false }
        return group
      }
      if group.isEmpty { return }
      var failure: StorageError?
      do {
        do {
          try pool.write { db in
            for job in group { try Self.run(job, db) }
          }
        } catch is Undoing {
          try pool.write { db in
            for job in group { try Self.runApart(job, db) }
          }
        }
      } catch {
        failure = StorageError(error, path: path)
      }
      for job in group { job.finish(failure) }
    }
  }
}

/// What a body gave, between its run and the commit.
private final class Outcome<R: Sendable>: Sendable {
  private let stored = Mutex<Result<R, any Error>?>(nil)

  var value: Result<R, any Error>? { stored.withLock { $0 } }

  func set(_ result: Result<R, any Error>) { stored.withLock { $0 = result } }
}

// Many writers, one wait for the disk. A commit waits for the disk about as long whatever it holds, so writes that come
// while one is under way are gathered and make the next commit together: under load the batches grow by themselves, and
// a lone write waits for nobody.
//
// Each write is a savepoint of its own within the shared transaction, so one that fails undoes what it did and nothing
// else. When the commit itself fails, all of its writes have failed.

internal import Dispatch
internal import GRDB
internal import Synchronization

/// Gathers writes into shared transactions.
final class GroupCommit: Sendable {
  /// A write: `perform` runs the body and remembers what it gave, `finish` tells the caller once the commit is known.
  private struct Job: Sendable {
    var perform: @Sendable (Database) -> Void
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
          perform: { db in
            var given: R?
            do {
              try db.inSavepoint {
                given = try body(db)
                return .commit
              }
              if let given { outcome.set(.success(given)) }
            } catch {
              outcome.set(.failure(error is DatabaseError ? StorageError(error, path: path) : error))
            }
          },
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
        try pool.write { db in
          for job in group { job.perform(db) }
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

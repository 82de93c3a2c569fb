// Copying the write-ahead log back into the database, beside the writer and not in its way.
//
// By itself SQLite does that in the commit that makes the log long enough, and who waits for this commit waits a tenth of
// a second for thousands of scattered pages. Here a second connection does it, often and little at a time:
//
//     log    ├────────── copied back ──────────┤├── not yet ──┤
//                                               400 pages or more: the second connection is told to go on
//            ├──────────── 2,000 pages or more ──────────────┤
//                                               200 or less: the writer copies these itself, and the log begins anew
//
// The last step is the writer's, because the log can begin anew only at a moment when all of it is copied, and a second
// connection never sees such a moment while there is always another commit.

internal import Dispatch
internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// Keeps the write-ahead log of a database short.
final class Checkpointer: Sendable {
  private struct State {
    /// How many pages the log has, and how many of them are in the database.
    var pages = 0
    var copied = 0
    var isCopying = false
    /// The length at which the writer last tried to copy the rest.
    var tried = 0
  }

  /// From how many pages on the second connection goes on.
  private static let worthCopying = 400
  /// How long the log gets before it begins anew, if so few pages are left that the writer may copy them.
  private static let longEnough = 2_000
  private static let fewLeft = 200
  /// The length at which the writer copies whatever is left: the disk does not keep up.
  private static let tooLong = 16_000

  private let state = Mutex(State())
  private let connection: DatabaseQueue
  private let queue = DispatchQueue(label: "signalbox.checkpoints", qos: .utility)

  /// Takes over from SQLite on the connection that writes, which keeps the checkpointer as long as it is open.
  init(_ pool: DatabasePool) throws {
    var configuration = Configuration()
    configuration.label = "signalbox.checkpoints"
    connection = try DatabaseQueue(path: pool.path, configuration: configuration)
    try connection.inDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
    let this = Unmanaged.passUnretained(self).toOpaque()
    pool.writeWithoutTransaction { db in
      // The hook does not retain its context; a function that the connection has retains what it captures.
      db.add(
        function: DatabaseFunction("signalbox_checkpointer", argumentCount: 0) { _ in withExtendedLifetime(self) { nil }
        }
      )
      // This replaces the hook that `wal_autocheckpoint` sets.
      sqlite3_wal_hook(
        db.sqliteConnection,
        { context, connection, _, pages in
          guard let context else { return SQLITE_OK }
          Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue().noteCommit(Int(pages), connection)
          return SQLITE_OK
        },
        this
      )
    }
  }

  /// Closes the second connection.
  func close() throws {
    queue.sync {}
    try connection.close()
  }

  /// Decides, after a commit, who copies pages back. On the thread that writes.
  private func noteCommit(_ pages: Int, _ writer: OpaquePointer?) {
    enum Step { case nothing, beside, here }
    let step: Step = state.withLock { state in
      if pages < state.pages { (state.copied, state.tried) = (0, 0) }
      state.pages = pages
      guard !state.isCopying else { return .nothing }
      let left = pages - state.copied
      if pages >= Self.longEnough, left <= Self.fewLeft || pages >= Self.tooLong, pages - state.tried > Self.fewLeft {
        state.tried = pages
        return .here
      }
      guard left >= Self.worthCopying else { return .nothing }
      state.isCopying = true
      return .beside
    }
    switch step {
    case .nothing: break
    case .beside: queue.async { self.copy() }
    case .here:
      var (length, copied) = (Int32(0), Int32(0))
      // Another process may be copying, or a reader need the old pages: then a later commit tries again.
      guard sqlite3_wal_checkpoint_v2(writer, nil, SQLITE_CHECKPOINT_PASSIVE, &length, &copied) == SQLITE_OK else {
        return
      }
      state.withLock { $0.copied = Int(copied) }
    }
  }

  private func copy() {
    // What fails here fails for a reason that the writer meets as well, or is another process's copying; nothing is lost.
    let result = try? connection.inDatabase { db in try db.checkpoint(.passive) }
    state.withLock { state in
      if let result, result.walFrameCount <= state.pages { state.copied = result.checkpointedFrameCount }
      state.isCopying = false
    }
  }
}

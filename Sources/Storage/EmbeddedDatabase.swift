// The one file that holds everything durable: SQLite in write-ahead mode under the data directory. What is stored and
// how it is laid out is in Schema.swift; what can be done with it is in Journal, Outbox, Ledger and (module Messaging)
// queues and topics, which are all thin values around this handle.

internal import Foundation
package import GRDB
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The embedded database of a data directory, `signalbox.db`.
///
/// Every method is synchronous and blocks its thread until the disk has answered: call them from a thread or executor
/// that may block, not from Swift's cooperative pool. Reads run beside each other and beside a writer; writes take
/// turns, also with those of other processes. A method that writes returns after the commit reached the disk
/// (`synchronous=FULL`): what was returned from survives a power cut.
public final class EmbeddedDatabase: Sendable {
  /// Who opens the database.
  public enum Access: Sendable, Equatable {
    /// The engine: takes the directory's lock, creates what is missing, upgrades the format.
    case engine
    /// A command that reads or writes for a moment, also while an engine runs. With `creating`, a database that is not
    /// there yet is made.
    case beside(creating: Bool = false)
  }

  /// The data directory.
  public let directory: String
  /// The database file.
  public let path: String

  /// The connections: one that writes, a few that read.
  package let pool: DatabasePool
  /// Tells who waits for messages that there are some.
  package let arrivals: Arrivals
  private let groupCommit: GroupCommit
  /// The engine's; commands leave it to SQLite.
  private let checkpointer: Checkpointer?
  private let lock: Mutex<DirectoryLock?>

  /// Opens the database of a data directory.
  ///
  /// The engine's `open` creates the directory (mode 0700) and upgrades the format by named migrations. Throws
  /// `StorageError`: `.owned` when another engine runs there, `.newerFormat` when a newer version wrote the file,
  /// `.missing` for a command when there is nothing to open.
  ///
  /// - Parameter busyTimeout: how many seconds a write waits for another process's write.
  public init(directory: String, access: Access = .engine, busyTimeout: Double = 10) throws(StorageError) {
    self.directory = directory
    let path = directory + "/signalbox.db"
    self.path = path
    let exists = FileManager.default.fileExists(atPath: path)

    var held: DirectoryLock?
    switch access {
    case .engine:
      try createDirectory(directory)
      held = try DirectoryLock(directory: directory)
    case .beside(let creating):
      guard exists || creating else { throw .missing(path: path) }
      if !exists { try createDirectory(directory) }
    }

    createFile(path)
    if access == .engine { try makePrivate(path) }
    do {
      pool = try connect(path: path, busyTimeout: busyTimeout)
      checkpointer = access == .engine ? try Checkpointer(pool) : nil
    } catch {
      throw StorageError(error, path: path)
    }
    lock = Mutex(held.take())
    arrivals = Arrivals()
    groupCommit = GroupCommit(pool: pool, path: path)

    switch try Schema.format(of: pool, path: path) {
    case .current: break
    case .newer(let unknown): throw .newerFormat(path: path, unknown: unknown)
    case .older:
      if access == .engine {
        try Schema.migrate(pool, path: path)
      } else {
        // Nobody may change the tables under a running engine, so the upgrade needs the lock, if only for a moment.
        do {
          let momentary = try DirectoryLock(directory: directory)
          try Schema.migrate(pool, path: path)
          _ = consume momentary
        } catch StorageError.owned {
          throw .olderFormat(path: path)
        }
      }
    }
    do {
      try arrivals.observe(pool)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Closes the connections and gives the directory free.
  ///
  /// Any use afterwards throws.
  public func close() throws(StorageError) {
    do {
      try checkpointer?.close()
      try pool.close()
    } catch {
      throw StorageError(error, path: path)
    }
    lock.withLock { $0 = nil }
  }

  /// Runs a body in one transaction: all of it is on the disk when this returns, or none of it when this throws.
  package func write<Result>(_ body: (Database) throws -> Result) throws(StorageError) -> Result {
    do {
      return try pool.write(body)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Runs a body in a transaction that it shares with those of other callers who wait at the same time, so that many
  /// small writes cost one wait for the disk.
  ///
  /// Each body's changes are all kept or, when it throws, all undone, whatever becomes of the others'. Does not block
  /// the calling thread.
  package func commit<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws(StorageError) -> Result {
    do {
      return try await groupCommit.run(body)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Does what `commit` does, and throws what the body threw as it is; what the database refuses is a `StorageError`.
  package func transact<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws -> Result {
    try await groupCommit.run(body)
  }

  /// Runs a body that reads one unchanging state of the database, without blocking the calling thread.
  package func fetch<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws(StorageError) -> Result {
    do {
      return try await pool.read(body)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Runs a body that reads one unchanging state of the database.
  package func read<Result>(_ body: (Database) throws -> Result) throws(StorageError) -> Result {
    do {
      return try pool.read(body)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// The bytes in use by tables and indexes, without free pages and the write-ahead log.
  public func usedBytes() throws(StorageError) -> Int64 {
    try read { db in
      let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
      let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      return (pages - free) * size
    }
  }

  /// Writes a consistent copy of the database to a path where there is no file yet, also while an engine runs.
  public func backUp(to destination: String) throws(StorageError) {
    guard !FileManager.default.fileExists(atPath: destination) else {
      throw .invalid("\(destination): there is a file already; name one that does not exist.")
    }
    let isOurs = createFile(destination)
    do {
      try pool.vacuum(into: destination)
    } catch {
      if isOurs { try? FileManager.default.removeItem(atPath: destination) }
      throw StorageError(error, path: destination)
    }
  }
}

/// Makes the data directory, readable by its owner only, unless it is there.
private func createDirectory(_ directory: String) throws(StorageError) {
  do {
    try FileManager.default.createDirectory(
      atPath: directory,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  } catch {
    throw .inaccessible(path: directory, detail: error.localizedDescription)
  }
}

/// Makes an empty database file that only its owner can read, whatever the mode of its folder; one that is there stays.
///
/// SQLite takes an empty file for a new database and gives the files that it puts beside it the same mode. A file that
/// is there is never opened here: to close it again would drop the locks that connections of this process hold on it.
///
/// - Returns: whether it was made.
@discardableResult
private func createFile(_ path: String) -> Bool {
  let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  // What cannot be made is for SQLite to report, in its words.
  guard descriptor >= 0 else { return false }
  close(descriptor)
  return true
}

/// Takes from others the right to read database files that an earlier version or somebody else has made.
private func makePrivate(_ path: String) throws(StorageError) {
  for file in [path, path + "-wal", path + "-shm"] {
    var status = stat()
    guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 else { continue }
    guard chmod(file, 0o600) == 0 else {
      throw .inaccessible(path: file, detail: "its mode cannot be set to 0600: \(lastSystemError())")
    }
  }
}

private func connect(path: String, busyTimeout: Double) throws -> DatabasePool {
  var configuration = Configuration()
  configuration.label = "signalbox"
  configuration.busyMode = .timeout(busyTimeout)
  configuration.foreignKeysEnabled = true
  configuration.maximumReaderCount = 4
  configuration.prepareDatabase { db in
    try db.execute(sql: "PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;")
    // Page size and vacuum mode are fixed when the file is made.
    if !db.configuration.readonly, try Int.fetchOne(db, sql: "PRAGMA page_count") == 0 {
      try db.execute(sql: "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL;")
    }
  }
  let pool = try DatabasePool(path: path, configuration: configuration)
  // GRDB sets `synchronous=NORMAL` when it turns on WAL, which can lose the last commits in a power cut. We
  // acknowledge after the commit, so every commit is synced. Fewer, larger checkpoints make bulk loads faster; the engine
  // has a `Checkpointer`.
  try pool.writeWithoutTransaction { db in
    try db.execute(
      sql: """
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 2000;
        PRAGMA journal_size_limit = 67108864;
        """
    )
  }
  return pool
}

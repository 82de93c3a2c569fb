// What can go wrong with the database, in words for the person who has to do something about it. SQLite's result codes
// are translated here and nowhere else.

internal import GRDB

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Why the database could not do what it was asked to.
///
/// A thrown error means that nothing of the refused batch is in the database; the handle stays usable.
public enum StorageError: Error, Sendable, Equatable {
  /// The disk (or quota) is full. Free space and try again with the same handle.
  case diskFull(path: String)
  /// Another engine owns the data directory; its process id when it could be read.
  case owned(directory: String, processID: Int32?)
  /// Another process kept the write lock for longer than the busy timeout.
  case busy(path: String)
  /// There is no database yet.
  case missing(path: String)
  /// A newer Signalbox wrote the database; the names of the migrations that this one does not know.
  case newerFormat(path: String, unknown: [String])
  /// An older Signalbox wrote the database and an engine that is running owns it, so that it cannot be upgraded now.
  case olderFormat(path: String)
  /// The secrets in the database are sealed with another key than the one that was given; the key's file.
  case wrongKey(origin: String, path: String)
  /// The file is not a database of Signalbox's, or it is damaged.
  case damaged(path: String, detail: String)
  /// The directory or a file in it cannot be opened, created or written.
  case inaccessible(path: String, detail: String)
  /// Something that was named is not there (a queue, a delivery, a topic).
  case notFound(String)
  /// A value that was passed in cannot be used.
  case invalid(String)
  /// A fault of our own: SQL that does not fit the tables. Please report it.
  case fault(String)
}

extension StorageError: CustomStringConvertible {
  /// The error in words: what was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .diskFull(let path):
      return
        "\(path): the disk is full, so nothing more can be stored. Free some space; work goes on from where it stopped."
    case .owned(let directory, let processID):
      let owner = processID.map { "process \($0)" } ?? "another process"
      return
        "\(directory): this data directory is in use by \(owner). Stop that process, or give this one a data directory"
        + " of its own."
    case .busy(let path):
      return "\(path): another process kept the database locked for too long. Try again; if it stays so, look for a"
        + " process that hangs with the file open."
    case .missing(let path):
      return "\(path): there is no database here. Check the data directory, or run the engine once to create it."
    case .newerFormat(let path, let unknown):
      return "\(path): a newer version of Signalbox wrote this database (it has \(unknown.joined(separator: ", ")))."
        + " Use that version, or restore a backup made by this one."
    case .olderFormat(let path):
      return "\(path): an older version of Signalbox wrote this database and is still running on it. Restart the engine"
        + " with this version to upgrade it."
    case .wrongKey(let origin, let path):
      return
        "\(origin): this is not the key that the secrets in \(path) are sealed with. Put the file back from a backup that"
        + " belongs to this database; Docs/storage.md says how to go on without these secrets."
    case .damaged(let path, let detail):
      return
        "\(path): this is not a Signalbox database, or it is damaged (\(detail)). Restore it from a backup, or move it"
        + " away to start afresh."
    case .inaccessible(let path, let detail):
      return "\(path): cannot be opened or written (\(detail)). Check the path and its permissions."
    case .notFound(let what):
      return "There is no \(what)."
    case .invalid(let what):
      return what
    case .fault(let detail):
      return "The database refused a statement (\(detail)). This is a fault of Signalbox; please report it."
    }
  }
}

extension StorageError {
  /// Translates what GRDB or a body threw.
  init(_ error: any Error, path: String) {
    if let known = error as? StorageError {
      self = known
      return
    }
    guard let error = error as? DatabaseError else {
      self = .fault(String(describing: error))
      return
    }
    let detail = error.message ?? "SQLite code \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL:
      self = .diskFull(path: path)
    case .SQLITE_IOERR:
      // A full disk shows as an I/O error when the file that could not grow is the shared-memory index.
      self =
        freeBytes(at: path).map { $0 < 1 << 20 } == true
        ? .diskFull(path: path)
        : .inaccessible(path: path, detail: "\(detail), SQLite code \(error.extendedResultCode.rawValue)")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self = .busy(path: path)
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self = .inaccessible(path: path, detail: detail)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .damaged(path: path, detail: detail)
    case .SQLITE_TOOBIG:
      self = .invalid("A value is too big to be stored (\(detail)).")
    default:
      self = .fault(detail)
    }
  }
}

/// The bytes that an unprivileged writer has left on the file system of a path; nil when it cannot be told.
private func freeBytes(at path: String) -> UInt64? {
  var figures = statvfs()
  guard statvfs(path, &figures) == 0 else { return nil }
  return UInt64(figures.f_bavail) * UInt64(figures.f_frsize)
}

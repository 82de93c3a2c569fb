// inotify, as a list of what has changed and a signal that there is something in the list.
//
// The kernel's queue is emptied on a dispatch queue as soon as anything arrives, so that it does not overflow while a
// batch is being committed; what is read waits, bounded, until the source takes it. A new folder is watched before it
// is listed, so a file is seen at least once: by the listing, or by its own event.

#if os(Linux)
internal import Dispatch
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Synchronization

/// What has happened in the watched folders.
package struct FolderChanges: Equatable {
  /// Files that were closed after writing or renamed into place, and new folders.
  package var paths: [String] = []
  /// Whether events were lost: only a new listing tells what is there.
  package var needsRescan = false

  /// Whether nothing has happened.
  package var isEmpty: Bool { paths.isEmpty && !needsRescan }
}

/// Watches folders for finished files.
package final class FolderWatch {
  /// One event of the kernel's.
  private struct RawEvent: Sendable {
    var watch: Int32
    var mask: UInt32
    var name: String
  }

  private struct Pending: Sendable {
    var events: [RawEvent] = []
    var overflowed = false
  }

  /// Shared with the dispatch queue.
  private final class Inbox: Sendable {
    let pending = Mutex(Pending())
    let signal: AsyncStream<Void>.Continuation
    init(signal: AsyncStream<Void>.Continuation) { self.signal = signal }
  }

  private static let interesting = UInt32(
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE_SELF | IN_ONLYDIR
  )

  private let descriptor: Int32
  private let interesting: UInt32
  private let inbox: Inbox
  private let reader: any DispatchSourceRead
  /// A signal for every time that changes may have come in; several may be one.
  package let signals: AsyncStream<Void>
  private var folders: [Int32: String] = [:]

  /// Starts watching nothing.
  ///
  /// - Parameters:
  ///   - noticingRemovals: whether removed files count as changes; to logs that were read they are none.
  ///   - capacity: how many changes wait at most before they count as lost.
  package init(noticingRemovals: Bool = false, capacity: Int = 100_000) throws(FileError) {
    interesting = Self.interesting | UInt32(noticingRemovals ? IN_DELETE : 0)
    descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard descriptor >= 0 else {
      throw
        FileError.last(
          "folders cannot be watched (inotify)",
          remedy: errno == EMFILE ? "raise fs.inotify.max_user_instances" : nil
        )
    }
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    signals = stream
    inbox = Inbox(signal: continuation)
    reader = DispatchSource.makeReadSource(
      fileDescriptor: descriptor,
      queue: DispatchQueue(label: "signalbox.folder-watch")
    )
    reader.setEventHandler { [inbox, descriptor] in Self.drain(descriptor, into: inbox, capacity: capacity) }
    reader.setCancelHandler { [inbox, descriptor] in
      close(descriptor)
      inbox.signal.finish()
    }
    reader.activate()
  }

  deinit { reader.cancel() }

  /// Watches a folder too; watching one twice changes nothing. False if it is no folder any more.
  package func add(_ folder: String) throws(FileError) -> Bool {
    let watch = inotify_add_watch(descriptor, folder, interesting)
    if watch < 0 {
      if errno == ENOENT || errno == ENOTDIR || errno == EACCES { return false }
      if errno == ENOSPC {
        throw FileError(
          message: "cannot be watched: the limit of inotify watches is reached; raise fs.inotify.max_user_watches"
        )
      }
      throw FileError.last("cannot be watched")
    }
    folders[watch] = folder == "." ? "" : folder
    return true
  }

  /// Takes what has changed since the last call.
  package func takeChanges() -> FolderChanges {
    let taken = inbox.pending.withLock { pending in
      defer { pending = Pending() }
      return pending
    }
    var changes = FolderChanges(needsRescan: taken.overflowed)
    var seen: Set<String> = []
    for event in taken.events {
      if event.mask & UInt32(IN_IGNORED) != 0 {
        folders[event.watch] = nil
        continue
      }
      guard let folder = folders[event.watch], !event.name.isEmpty else { continue }
      let path = folder.isEmpty ? event.name : folder.hasSuffix("/") ? folder + event.name : folder + "/" + event.name
      let isFolder = event.mask & UInt32(IN_ISDIR) != 0
      if event.mask & UInt32(IN_MOVED_FROM) != 0 {
        if isFolder { forget(path) }
        continue
      }
      // A file that was just created is being written; its end is an event of its own.
      if event.mask & UInt32(IN_CREATE) != 0, !isFolder { continue }
      if seen.insert(path).inserted { changes.paths.append(path) }
    }
    return changes
  }

  /// Stops watching a folder that was moved away, and those in it: their paths are no longer true.
  private func forget(_ path: String) {
    for (watch, folder) in folders where folder == path || folder.hasPrefix(path + "/") {
      inotify_rm_watch(descriptor, watch)
      folders[watch] = nil
    }
  }

  private static func drain(_ descriptor: Int32, into inbox: Inbox, capacity: Int) {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    var events: [RawEvent] = []
    var overflowed = false
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      buffer.withUnsafeBytes { bytes in
        var at = 0
        // struct inotify_event { int wd; uint32_t mask, cookie, len; char name[len]; }
        while at + 16 <= count {
          let watch = bytes.loadUnaligned(fromByteOffset: at, as: Int32.self)
          let mask = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
          let length = Int(bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
          let name = bytes[(at + 16)..<min(at + 16 + length, count)].prefix { $0 != 0 }
          if mask & UInt32(IN_Q_OVERFLOW) != 0 { overflowed = true }
          events.append(RawEvent(watch: watch, mask: mask, name: String(decoding: name, as: UTF8.self)))
          at += 16 + length
        }
      }
    }
    inbox.pending.withLock { pending in
      pending.overflowed = pending.overflowed || overflowed
      if pending.events.count + events.count > capacity {
        pending.events.removeAll()
        pending.overflowed = true
      } else {
        pending.events += events
      }
    }
    inbox.signal.yield()
  }
}
#endif

// One engine per data directory. The lock is the kernel's (flock), so it goes away with the process however that ends;
// the file's text only tells a second process whom to name.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The exclusive ownership of a data directory, held until `release` or the end of the process.
struct DirectoryLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock of a directory that exists.
  ///
  /// Throws `StorageError.owned` when another process (or another handle of this one) has it.
  init(directory: String) throws(StorageError) {
    let path = directory + "/signalbox.lock"
    // Close-on-exec, because a remediation script that outlives the engine must not keep the lock.
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .inaccessible(path: path, detail: lastSystemError()) }
    guard Self.lock(descriptor) else {
      let code = errno
      let owner = readProcessID(descriptor)
      let reason = lastSystemError()
      close(descriptor)
      throw code == EWOULDBLOCK
        ? .owned(directory: directory, processID: owner) : .inaccessible(path: path, detail: reason)
    }
    // The text is a courtesy: a full disk here must not keep the engine from starting.
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Takes the kernel's lock. A child that was forked while this process had the lock keeps it until it becomes another
  /// program, some moments later: then nobody is to be told of a second owner who is ourselves.
  private static func lock(_ descriptor: Int32) -> Bool {
    var attempt = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      attempt += 1
      guard code == EWOULDBLOCK, attempt < 40, readProcessID(descriptor) == getpid() else {
        errno = code
        return false
      }
      usleep(5000)
    }
    return true
  }
}

/// The process id that the owner wrote into the lock file, if it is there.
private func readProcessID(_ descriptor: Int32) -> Int32? {
  var bytes = [UInt8](repeating: 0, count: 32)
  let count = pread(descriptor, &bytes, bytes.count, 0)
  guard count > 0 else { return nil }
  let digits = bytes[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }
  return Int32(String(decoding: digits, as: UTF8.self))
}

/// The words for `errno`.
func lastSystemError() -> String {
  String(cString: strerror(errno))
}

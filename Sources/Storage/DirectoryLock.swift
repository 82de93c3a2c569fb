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

extension EmbeddedDatabase {
  /// The process that runs an engine on a data directory; nothing if none does.
  ///
  /// It only looks, and never takes the lock even for a moment: an engine that starts meanwhile must get it.
  public static func engineProcess(in directory: String) -> Int32? { lockOwner(of: directory) }
}

private func lockOwner(of directory: String) -> Int32? {
  let descriptor = open(directory + "/signalbox.lock", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, let owner = readProcessID(descriptor) else { return nil }
  if let locks = readAll("/proc/locks") {
    // `1: FLOCK  ADVISORY  WRITE 123 08:01:4711 0 EOF`, the last number of the triple being the file's.
    let isLocked = locks.split(separator: "\n").contains { line in
      line.contains(" FLOCK ") && line.contains(":\(status.st_ino) ")
    }
    return isLocked ? owner : nil
  }
  return kill(owner, 0) == 0 || errno == EPERM ? owner : nil
}

/// The text of a file of the kernel's, whose size is not known before.
private func readAll(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
    bytes += chunk[..<count]
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

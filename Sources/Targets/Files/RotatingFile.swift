// A file of lines that survives what happens to files: a crash in the middle of a line, a full disk, somebody who moves
// it away, and growth.
//
// Lines are appended in one write and synced before anybody hears of success. A write that fails half-way is taken back
// (the file is cut to where it ended before). A crash can leave half a line; whoever opens the file next ends that line,
// so that the next record begins on its own. The file is rotated when a line would make it larger than the limit:
// `name` becomes `name.1`, `name.1` becomes `name.2`, and so on. Events are nobody else's to read, so only the owner may
// read the files that are made here.

import Glibc
import Synchronization

/// Appends lines to a file and rotates it.
final class RotatingFile: Sendable {
  struct Limits: Sendable {
    /// The size in bytes that the file does not grow beyond, unless a single line is larger.
    var size = 100 << 20
    /// How many rotated files are kept.
    var keep = 5
  }

  private let path: String
  private let limits: Limits
  private let opened = Mutex<OpenFile?>(nil)

  init(path: String, limits: Limits) {
    self.path = path
    self.limits = limits
  }

  /// Appends lines, all or none of each file's share, and syncs them.
  func append(_ lines: [[UInt8]]) throws(LineWriteError) {
    // The lock only guards against a second caller; LineWriter calls from one queue.
    let result = opened.withLock { opened in
      Result { () throws(LineWriteError) in
        var share: [UInt8] = []
        for line in lines {
          var file = try current(&opened)
          if file.size + share.count + line.count > limits.size, file.size + share.count > 0 {
            try file.append(share, path)
            share = []
            try rotate(&opened)
            file = try current(&opened)
          }
          opened = file
          share += line
        }
        var file = try current(&opened)
        try file.append(share, path)
        opened = file
      }
    }
    try result.get()
  }

  /// The file at `path`, opened again if somebody has moved or removed it.
  private func current(_ opened: inout OpenFile?) throws(LineWriteError) -> OpenFile {
    if var file = opened, file.isStill(at: path) {
      opened = file
      return file
    }
    opened?.close()
    opened = nil
    let file = try OpenFile(path)
    opened = file
    return file
  }

  private func rotate(_ opened: inout OpenFile?) throws(LineWriteError) {
    opened?.close()
    opened = nil
    if limits.keep == 0 {
      guard unlink(path) == 0 || errno == ENOENT else { throw failure("\(path) cannot be removed") }
    } else {
      for number in stride(from: limits.keep - 1, through: 1, by: -1) {
        guard rename("\(path).\(number)", "\(path).\(number + 1)") == 0 || errno == ENOENT else {
          throw failure("\(path).\(number) cannot be renamed")
        }
      }
      guard rename(path, "\(path).1") == 0 || errno == ENOENT else { throw failure("\(path) cannot be renamed") }
    }
    syncFolder(of: path)
  }

  deinit {
    opened.withLock { $0?.close() }
  }
}

/// The file as it is open now.
private struct OpenFile {
  let descriptor: Int32
  private let device: dev_t
  private let inode: ino_t
  private(set) var size: Int

  init(_ path: String) throws(LineWriteError) {
    let isNew = access(path, F_OK) != 0
    descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw failure("\(path) cannot be opened") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(descriptor)
      throw LineWriteError(message: "\(path) is not a plain file", isRetryable: false)
    }
    device = status.st_dev
    inode = status.st_ino
    size = Int(status.st_size)
    if isNew { syncFolder(of: path) }
    var last: UInt8 = 0x0A
    if size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != 0x0A { try append([0x0A], path) }
  }

  /// Whether the path still leads here; then the size is what it is now, whoever has written.
  mutating func isStill(at path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return false }
    size = Int(status.st_size)
    return true
  }

  func close() {
    Glibc.close(descriptor)
  }

  mutating func append(_ bytes: [UInt8], _ path: String) throws(LineWriteError) {
    guard !bytes.isEmpty else { return }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure("\(path) cannot be written")
        ftruncate(descriptor, off_t(size))
        throw error
      }
      written += count
    }
    guard fsync(descriptor) == 0 else {
      let error = failure("\(path) cannot be synced")
      ftruncate(descriptor, off_t(size))
      throw error
    }
    size += bytes.count
  }
}

private func failure(_ what: String) -> LineWriteError {
  let number = errno
  // A missing permission or folder does not come by itself, but people mend it while deliveries wait.
  return LineWriteError(message: "\(what): \(String(cString: strerror(number)))", isRetryable: number != EISDIR)
}

/// Makes new and changed names in a file's folder durable.
private func syncFolder(of path: String) {
  let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

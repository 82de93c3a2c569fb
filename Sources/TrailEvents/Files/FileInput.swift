// Bytes as the operating system hands them out: from a file, a pipe, or an array that is already there.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Why the operating system did not give bytes.
package struct FileError: Error, Equatable {
  package var message: String

  /// The current `errno` in words, and what to do about it.
  static func last(_ doing: String, remedy: String? = nil) -> FileError {
    let code = errno
    let remedy = (remedy ?? LogFileRemedy.of(code)).map { "; \($0)" } ?? ""
    return FileError(message: "\(doing): \(String(cString: strerror(code)))\(remedy)")
  }
}

/// A file open for reading, or bytes in memory that are read like one.
final class FileInput {
  private let descriptor: Int32
  private let closes: Bool
  private let bytes: [UInt8]
  /// The most bytes that one read gives, so that tests can cut a text anywhere.
  private let largestRead: Int
  private var position = 0
  /// The size of a regular file or of the bytes; nothing for pipes.
  let size: Int?
  /// How many bytes have been read, for progress.
  private(set) var bytesRead = 0

  /// Opens a file.
  ///
  /// - Parameter onlyRegular: refuse what is no plain file. A pipe would hold up whoever opens it until somebody writes.
  init(path: String, onlyRegular: Bool = false) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (onlyRegular ? O_NONBLOCK : 0))
    guard descriptor >= 0 else { throw FileError.last("cannot be opened") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = FileError.last("cannot be examined")
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw FileError(message: "is a folder, not a file; name the files in it")
    }
    guard !onlyRegular || status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(message: "is no plain file; pipes are read by the source `stdin`")
    }
    self.descriptor = descriptor
    closes = true
    bytes = []
    largestRead = .max
    size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// Reads from a descriptor that somebody else closes.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    closes = false
    bytes = []
    largestRead = .max
    size = nil
  }

  /// Reads from memory.
  init(bytes: [UInt8], largestRead: Int = .max) {
    self.largestRead = largestRead
    descriptor = -1
    closes = false
    self.bytes = bytes
    size = bytes.count
  }

  deinit {
    if closes { close(descriptor) }
  }

  /// Reads some bytes; 0 is the end. Waits if there are none yet.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    guard descriptor >= 0 else {
      let count = min(buffer.count, largestRead, bytes.count - position)
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
      }
      position += count
      bytesRead = position
      return count
    }
    while true {
      let count = posixRead(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 {
        bytesRead += count
        return count
      }
      guard errno == EINTR else { throw FileError.last("cannot be read") }
    }
  }
}

/// `read(2)`, which the method of the same name hides.
private func posixRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

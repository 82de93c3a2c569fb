// Lines of a file or of standard input, one at a time, so that the size of the input does not matter.

internal import Glibc

/// Reads lines of any length; holds one line and one block in memory.
struct LineReader: ~Copyable {
  /// What messages call the input.
  let name: String
  /// The number of the line returned last, from 1.
  private(set) var lineNumber = 0

  private let descriptor: Int32
  private var block = [UInt8](repeating: 0, count: 1 << 16)
  private var blockStart = 0
  private var blockEnd = 0
  private var isAtEnd = false

  /// Opens a file; `-` is standard input.
  init(path: String) throws(CommandFailure) {
    if path == "-" {
      name = "standard input"
      descriptor = dup(STDIN_FILENO)
    } else {
      name = path
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
    }
    guard descriptor >= 0 else {
      throw CommandFailure(.usage, "\(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// The next line without its line feed, or nothing at the end.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    var line: [UInt8] = []
    var hasLine = false
    while true {
      if blockStart == blockEnd {
        guard try readBlock() else {
          guard hasLine else { return nil }
          break
        }
      }
      hasLine = true
      if let end = block[blockStart..<blockEnd].firstIndex(of: UInt8(ascii: "\n")) {
        line.append(contentsOf: block[blockStart..<end])
        blockStart = end + 1
        break
      }
      line.append(contentsOf: block[blockStart..<blockEnd])
      blockStart = blockEnd
    }
    lineNumber += 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return line
  }

  private mutating func readBlock() throws(CommandFailure) -> Bool {
    while !isAtEnd {
      let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        (blockStart, blockEnd) = (0, count)
        return true
      }
      if count == 0 {
        isAtEnd = true
      } else if errno != EINTR {
        throw CommandFailure(.usage, "\(name): \(String(cString: strerror(errno)))")
      }
    }
    return false
  }
}

/// The whole of a small file; `-` is standard input.
func readWholeFile(_ path: String) throws(CommandFailure) -> [UInt8] {
  let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw CommandFailure(.usage, "\(path): \(String(cString: strerror(errno)))") }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      bytes.append(contentsOf: block[..<count])
    } else if count == 0 {
      return bytes
    } else if errno != EINTR {
      throw CommandFailure(.usage, "\(path): \(String(cString: strerror(errno)))")
    }
  }
}

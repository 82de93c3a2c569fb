// Standard output as a place for lines. Its reader may stall for hours, so nothing here blocks for longer than a moment:
// what does not fit is tried again until nobody waits for it any longer.
//
// A line that was begun then is not forgotten: its rest is written before the next line, so that lines never mix. The
// reader gets that line whole, and once more when its delivery is tried again.

import Glibc
import Synchronization

extension LineWriter {
  /// A writer for standard output; there should be one in a process.
  public static func standardOutput() -> LineWriter {
    descriptor(1, named: "standard output")
  }

  /// A writer for an open descriptor.
  static func descriptor(_ descriptor: Int32, named name: String) -> LineWriter {
    let stream = LineStream(descriptor, name: name)
    return LineWriter(sink: { stream.write($0, while: $1) })
  }
}

/// Writes lines to a descriptor without ever waiting in a system call for its reader.
package final class LineStream: Sendable {
  /// How a descriptor is kept from blocking. The flag of the descriptor itself is not ours to set: it belongs to all
  /// processes that share the pipe or terminal.
  private enum Manner {
    /// Opened once more by us, without blocking.
    case reopened(Int32)
    case socket
    /// Nobody reads at the other end.
    case file
    /// Asked first whether there is room, and given no more than a pipe with room always takes.
    case cautious
  }

  /// How long the reader is waited for before it is asked again whether anybody waits for the line, in milliseconds.
  private static let patience: Int32 = 50
  /// `PIPE_BUF` of Linux.
  private static let pipeBuffer = 4096

  private let descriptor: Int32
  private let name: String
  private let manner: Manner
  /// What is missing of a line that was begun.
  private let rest = Mutex<[UInt8]>([])

  /// Takes a descriptor, which stays the caller's to close.
  package init(_ descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
    var status = stat()
    let type = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
    switch type {
    case S_IFSOCK: manner = .socket
    case S_IFREG: manner = .file
    case S_IFIFO, S_IFCHR:
      let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      manner = own >= 0 ? .reopened(own) : .cautious
    default: manner = .cautious
    }
  }

  deinit {
    if case .reopened(let own) = manner { close(own) }
  }

  /// Writes lines until all are written, something is wrong, or nobody waits for them.
  package func write(_ lines: [[UInt8]], while isAwaited: () -> Bool) -> LineWriter.Progress {
    rest.withLock { rest in
      let bytes = rest + lines.joined()
      let (done, error) = write(bytes, while: isAwaited)
      var lineEnd = rest.count
      var written = 0
      while written < lines.count, lineEnd + lines[written].count <= done {
        lineEnd += lines[written].count
        written += 1
      }
      // The end of what was begun: of the old rest, or of the first line that is not whole.
      let begun = done < rest.count ? rest.count : done > lineEnd ? lineEnd + lines[written].count : done
      rest = Array(bytes[done..<begun])
      return LineWriter.Progress(written: written, error: error)
    }
  }

  private func write(_ bytes: [UInt8], while isAwaited: () -> Bool) -> (done: Int, error: LineWriteError?) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes(writeSome)
      let number = errno
      if count > 0 {
        done += count
      } else if count < 0, number == EAGAIN {
        guard isAwaited() else { return (done, .abandoned) }
        _ = hasRoom(within: Self.patience)
      } else if count < 0, number != EINTR {
        let reason = String(cString: strerror(number))
        return (done, LineWriteError(message: "\(name) cannot be written: \(reason)", isRetryable: true))
      }
    }
    return (done, nil)
  }

  /// Writes what there is room for; `EAGAIN` if there is none.
  private func writeSome(_ bytes: UnsafeRawBufferPointer) -> Int {
    switch manner {
    case .reopened(let own): return Glibc.write(own, bytes.baseAddress, bytes.count)
    case .file: return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    case .socket: return send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    case .cautious:
      guard hasRoom(within: 0) else {
        errno = EAGAIN
        return -1
      }
      return Glibc.write(descriptor, bytes.baseAddress, min(bytes.count, Self.pipeBuffer))
    }
  }

  /// Whether something can be written without waiting for the reader, or will be able to within some milliseconds.
  package func hasRoom(within milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&waiting, 1, milliseconds) > 0
  }
}

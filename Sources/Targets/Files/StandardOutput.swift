// Standard output as a place for lines.

import Glibc

extension LineWriter {
  /// A writer for standard output; there should be one in a process.
  public static func standardOutput() -> LineWriter {
    descriptor(1, named: "standard output")
  }

  /// A writer for an open descriptor.
  static func descriptor(_ descriptor: Int32, named name: String) -> LineWriter {
    LineWriter { lines throws(LineWriteError) in
      let bytes = Array(lines.joined())
      var written = 0
      while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
          written += count
        } else if count < 0, errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
        } else if count < 0, errno != EINTR {
          let reason = String(cString: strerror(errno))
          throw LineWriteError(message: "\(name) cannot be written: \(reason)", isRetryable: true)
        }
      }
    }
  }
}

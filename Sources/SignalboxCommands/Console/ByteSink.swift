// Where bytes leave the process. Results are buffered, because a verb may print millions of lines; a reader that went
// away (`| head`) is an ordinary end, not a fault.

internal import Glibc
internal import Synchronization

/// Why nothing more can be written.
enum OutputFailure: Error, Equatable {
  /// The reader closed its end.
  case closed
  /// The system refused, with its `errno`.
  case refused(Int32)
}

/// A buffered writer to a file descriptor or to memory.
public final class ByteSink: Sendable {
  private struct State {
    var buffer: [UInt8] = []
    var failure: OutputFailure?
  }

  private static let bufferSize = 1 << 16
  private let descriptor: Int32?
  private let state = Mutex(State())

  /// Writes to a file descriptor, which stays the caller's to close.
  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Keeps everything in memory.
  public init() { descriptor = nil }

  /// What a sink in memory has got so far.
  public var contents: String {
    state.withLock { String(decoding: $0.buffer, as: UTF8.self) }
  }

  /// Adds bytes; they leave when enough have gathered or on `flush`.
  func write(_ bytes: some Collection<UInt8>) throws(OutputFailure) {
    try change { state in
      state.buffer.append(contentsOf: bytes)
      return state.buffer.count >= Self.bufferSize
    }
  }

  /// Sends what is buffered on its way.
  func flush() throws(OutputFailure) {
    try change { _ in true }
  }

  private func change(_ body: (inout State) -> Bool) throws(OutputFailure) {
    let failure = state.withLock { state -> OutputFailure? in
      if let failure = state.failure { return failure }
      guard body(&state), let descriptor else { return nil }
      state.failure = Self.send(state.buffer, to: descriptor)
      state.buffer.removeAll(keepingCapacity: true)
      return state.failure
    }
    if let failure { throw failure }
  }

  private static func send(_ bytes: [UInt8], to descriptor: Int32) -> OutputFailure? {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
          continue
        }
        switch errno {
        case EINTR: continue
        case EAGAIN:
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&waiting, 1, -1)
        case EPIPE: return .closed
        case let code: return .refused(code)
        }
      }
      return nil
    }
  }
}

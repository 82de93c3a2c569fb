// Lines for a file or standard output. Writing blocks, so it happens on a queue of its own; what has gathered there
// meanwhile is written and synced together, which makes a hundred waiting deliveries cost one sync.

import Dispatch
import Synchronization

/// Why lines could not be written.
public struct LineWriteError: Error, Sendable, Equatable {
  /// What happened, for a person.
  public var message: String
  /// Whether it may work later.
  public var isRetryable: Bool
}

/// Writes whole lines, one after the other.
public final class LineWriter: Sendable {
  /// Writes lines (each with its line break) for good, all or none.
  typealias Sink = @Sendable (_ lines: [[UInt8]]) throws(LineWriteError) -> Void

  private struct Waiting {
    var line: [UInt8]
    var continuation: CheckedContinuation<Result<Void, LineWriteError>, Never>
  }

  private let waiting = Mutex<[Waiting]>([])
  private let queue = DispatchQueue(label: "lines")
  private let sink: Sink

  init(_ sink: @escaping Sink) {
    self.sink = sink
  }

  /// Writes a line, without its line break, and returns when it is there for good.
  func append(_ line: [UInt8]) async throws(LineWriteError) {
    let result = await withCheckedContinuation { continuation in
      let isFirst = waiting.withLock { waiting in
        waiting.append(Waiting(line: line + [0x0A], continuation: continuation))
        return waiting.count == 1
      }
      if isFirst { queue.async { self.drain() } }
    }
    try result.get()
  }

  private func drain() {
    let batch = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    let result: Result<Void, LineWriteError>
    do throws(LineWriteError) {
      result = .success(try sink(batch.map(\.line)))
    } catch {
      result = .failure(error)
    }
    for item in batch { item.continuation.resume(returning: result) }
  }
}

// Lines for a file or standard output. Writing blocks, so it happens on a queue of its own; what has gathered there
// meanwhile is written and synced together, which makes a hundred waiting deliveries cost one sync.
//
// Who waits for a line can stop waiting, whatever the writing does: a reader that stalls or a disk that does not answer
// must keep no delivery, and no engine that is told to end. So a continuation is the property of this file's state, and
// resumed by whoever takes it out first.

import Dispatch
import Synchronization

/// Why lines could not be written.
public struct LineWriteError: Error, Sendable, Equatable {
  /// What happened, for a person.
  public var message: String
  /// Whether it may work later.
  public var isRetryable: Bool

  /// Nobody waits for the line any longer.
  static let abandoned = LineWriteError(message: "the line was given up before it was written", isRetryable: true)
}

/// Writes whole lines, one after the other.
public final class LineWriter: Sendable {
  /// How far the writing of several lines came.
  package struct Progress: Sendable, Equatable {
    /// How many of the lines, from the first, are there for good.
    package var written: Int
    /// What kept the others out.
    package var error: LineWriteError?
  }

  /// Writes lines, each with its line break; gives up when nobody waits for any of them.
  typealias Sink = @Sendable (_ lines: [[UInt8]], _ isAwaited: () -> Bool) -> Progress

  private typealias Waiter = CheckedContinuation<Result<Void, LineWriteError>, Never>

  private struct State {
    var lastNumber: UInt64 = 0
    var lines: [(number: UInt64, bytes: [UInt8])] = []
    /// Who waits for a line, one that is being written included.
    var waiters: [UInt64: Waiter] = [:]
    var isDraining = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "lines")
  private let sink: Sink

  init(sink: @escaping Sink) {
    self.sink = sink
  }

  /// A writer whose lines are written for good all or none.
  convenience init(_ write: @escaping @Sendable (_ lines: [[UInt8]]) throws(LineWriteError) -> Void) {
    self.init { lines, _ in
      do throws(LineWriteError) {
        try write(lines)
        return Progress(written: lines.count)
      } catch {
        return Progress(written: 0, error: error)
      }
    }
  }

  /// Writes a line, without its line break, and returns when it is there for good.
  ///
  /// Returns at once when the task is cancelled; a line that is being written may come to its end all the same.
  func append(_ line: [UInt8]) async throws(LineWriteError) {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (isTaken, isFirst) = state.withLock { state in
          guard !Task.isCancelled else { return (false, false) }
          state.lines.append((number, line + [0x0A]))
          state.waiters[number] = continuation
          defer { state.isDraining = true }
          return (true, !state.isDraining)
        }
        if !isTaken { continuation.resume(returning: .failure(.abandoned)) }
        if isFirst { queue.async { self.drain() } }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.lines.removeAll { $0.number == number }
        return state.waiters.removeValue(forKey: number)
      }
      waiter?.resume(returning: .failure(.abandoned))
    }
    try result.get()
  }

  private func drain() {
    while true {
      let batch = state.withLock { state in
        defer { state.lines = [] }
        state.isDraining = !state.lines.isEmpty
        return state.lines
      }
      guard !batch.isEmpty else { return }
      let progress = sink(batch.map(\.bytes)) {
        state.withLock { state in batch.contains { state.waiters[$0.number] != nil } }
      }
      for (index, line) in batch.enumerated() {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: line.number) }
        waiter?.resume(
          returning: index < progress.written ? .success(()) : .failure(progress.error ?? .abandoned)
        )
      }
    }
  }
}

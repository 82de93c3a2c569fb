// Where the log's lines go. The log must never be what stops the engine: its reader may stall (a pager, a collector that
// hangs) or go away, its disk may be full. So a line that cannot be written in time is left out, and counted.

internal import Delivery
internal import Synchronization
internal import Targets

/// Writes the lines of a log as long as somebody takes them.
final class LogOutput: Sendable {
  /// The log of the process.
  static let standardError = LogOutput(LineStream(2, name: "standard error"))

  private struct State {
    var isStalled = false
    var lost = 0
  }

  private let stream: LineStream
  private let patience: Duration
  private let state = Mutex(State())

  /// Takes a stream; a line waits for its reader for `patience`, and not at all while the line before was left out.
  init(_ stream: LineStream, patience: Duration = .seconds(1)) {
    self.stream = stream
    self.patience = patience
  }

  /// Whether the line before could not be written.
  var isStalled: Bool { state.withLock { $0.isStalled } }

  /// Whether there is no room for a line and none comes within `patience`.
  var hasNoRoom: Bool { !stream.hasRoom(within: isStalled ? 0 : Int32(clamping: patience.milliseconds)) }

  /// Writes a line, without its line break, or leaves it out.
  func write(_ line: String) {
    state.withLock { state in
      var lines = [Array("\(line)\n".utf8)]
      if state.lost > 0 {
        lines.insert(Array("(\(state.lost) lines of the log were not written in time)\n".utf8), at: 0)
      }
      let deadline: ContinuousClock.Instant = .now + (state.isStalled ? .zero : patience)
      let written = stream.write(lines) { .now < deadline }.written
      state.isStalled = written < lines.count
      if written > 0, lines.count > 1 { state.lost = 0 }
      if state.isStalled { state.lost += 1 }
    }
  }
}

// One run of a program, plain data: what to start and what came of it.

/// A program to run, and the bounds it has to keep.
struct ProcessRequest: Sendable {
  /// The file to execute.
  var path: String
  /// The argument list, the program's name first.
  var arguments: [String]
  /// The whole environment.
  var environment: [(name: String, value: String)]
  /// The working directory.
  var directory: String
  /// What the program reads on standard input.
  var input: [UInt8]
  /// How long it may run before its group gets SIGTERM.
  var timeout: Duration
  /// How long after SIGTERM its group gets SIGKILL.
  var grace: Duration = .seconds(5)
  /// How many bytes of standard output and of standard error are kept, each.
  var outputCap = 64 * 1024
}

/// What came of a run.
struct ProcessResult: Sendable {
  /// How a run ended.
  enum Ending: Sendable, Equatable {
    /// By itself, with an exit status.
    case exited(Int32)
    /// By a signal that we did not send.
    case signaled(Int32)
    /// We ended it because its time was over.
    case timedOut
    /// We ended it because its caller gave up or the engine stops.
    case cancelled
  }

  var ending: Ending
  var output: CapturedBytes
  var errorOutput: CapturedBytes
}

/// The beginning of a stream, up to a cap.
struct CapturedBytes: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  private(set) var dropped = 0
  let cap: Int

  init(cap: Int) {
    self.cap = cap
  }

  mutating func append(_ chunk: UnsafeRawBufferPointer) {
    let room = max(0, cap - bytes.count)
    bytes.append(contentsOf: chunk.prefix(room))
    dropped += max(0, chunk.count - room)
  }

  var isEmpty: Bool { bytes.isEmpty && dropped == 0 }

  /// The same with another, smaller cap.
  func cut(to cap: Int) -> CapturedBytes {
    guard cap < bytes.count else { return self }
    var copy = CapturedBytes(cap: cap)
    bytes.withUnsafeBytes { copy.append($0) }
    copy.dropped += dropped
    return copy
  }

  /// The bytes as text without secrets, with a mark where something is missing; `isCut` says that the stream ended where
  /// the program did not mean it to.
  func text(_ redactor: Redactor, isCut: Bool) -> String {
    let text = redactor.redacted(bytes, isCut: isCut || dropped > 0)
    return dropped == 0 ? text : text + "\n[\(dropped) more bytes left out]"
  }
}

/// Why a program could not be started.
struct ProcessError: Error, Sendable, Equatable {
  /// What happened, for a person.
  var message: String
  /// The error number of the system; 0 if there is none.
  var number: Int32
}

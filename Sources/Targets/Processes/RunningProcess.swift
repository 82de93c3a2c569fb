// One child from its start to its end. Lives on the supervisor's thread.
//
// The child leads a process group of its own. Signals go to the group, so that what the child has started goes with it;
// and when the child has ended, what it left behind in its group is killed before the child is reaped: until then its
// number cannot belong to anybody else.

import CSignalbox
import Glibc

/// A program that runs.
final class RunningProcess {
  let order: ProcessOrder
  /// Becomes readable when the child has ended.
  let descriptor: Int32
  private(set) var outputEnd: Int32
  private(set) var errorEnd: Int32
  private let pid: pid_t
  private let deadline: ContinuousClock.Instant
  private var killAt: ContinuousClock.Instant?
  private var hasBeenKilled = false
  private var reason: ProcessResult.Ending?
  private var output: CapturedBytes
  private var errorOutput: CapturedBytes

  /// Starts the program.
  init(_ order: ProcessOrder, at now: ContinuousClock.Instant) throws(ProcessError) {
    let request = order.request
    func failure(_ what: String) -> ProcessError {
      let number = errno
      return ProcessError(message: "\(what): \(String(cString: strerror(number)))", number: number)
    }
    let input = request.input.withUnsafeBytes { signalbox_memory_file($0.baseAddress, $0.count) }
    guard input >= 0 else { throw failure("no room for the event") }
    defer { close(input) }
    var out: [Int32] = [-1, -1]
    var err: [Int32] = [-1, -1]
    guard signalbox_pipe(&out) == 0 else { throw failure("no pipe for the output") }
    defer { close(out[1]) }
    guard signalbox_pipe(&err) == 0 else {
      let found = failure("no pipe for the output")
      close(out[0])
      throw found
    }
    defer { close(err[1]) }
    var pid: pid_t = 0
    var code = ETXTBSY
    // A program that was written a moment ago may still be open for writing in a child that another thread has started
    // and that has not yet closed what it inherited; it does so within milliseconds.
    for attempt in 0..<6 where code == ETXTBSY {
      if attempt > 0 { usleep(1000 << UInt32(attempt)) }
      code = Self.spawn(&pid, request, input: input, output: out[1], error: err[1])
    }
    guard code == 0 else {
      close(out[0])
      close(err[0])
      throw ProcessError(message: String(cString: strerror(code)), number: code)
    }
    let descriptor = signalbox_process_descriptor(pid)
    guard descriptor >= 0 else {
      let found = failure("the started program cannot be watched")
      close(out[0])
      close(err[0])
      kill(-pid, SIGKILL)
      waitpid(pid, nil, 0)
      throw found
    }
    self.order = order
    self.descriptor = descriptor
    self.pid = pid
    outputEnd = out[0]
    errorEnd = err[0]
    deadline = now + request.timeout
    output = CapturedBytes(cap: request.outputCap)
    errorOutput = CapturedBytes(cap: request.outputCap)
  }

  private static func spawn(
    _ pid: inout pid_t,
    _ request: ProcessRequest,
    input: Int32,
    output: Int32,
    error: Int32
  ) -> Int32 {
    withCStrings(request.arguments) { arguments in
      withCStrings(request.environment.map { "\($0.name)=\($0.value)" }) { environment in
        signalbox_spawn(&pid, request.path, arguments, environment, request.directory, input, output, error)
      }
    }
  }

  /// When something has to be done even if nothing happens.
  var nextDeadline: ContinuousClock.Instant? {
    hasBeenKilled ? nil : killAt ?? deadline
  }

  /// Asks the group to end; `keepDeadline` sees to it that it does.
  func terminate(as ending: ProcessResult.Ending, at now: ContinuousClock.Instant) {
    guard reason == nil else { return }
    reason = ending
    kill(-pid, SIGTERM)
    killAt = now + order.request.grace
  }

  /// Does what is due.
  func keepDeadline(at now: ContinuousClock.Instant) {
    if now >= deadline { terminate(as: .timedOut, at: now) }
    if let killAt, now >= killAt, !hasBeenKilled {
      hasBeenKilled = true
      kill(-pid, SIGKILL)
    }
  }

  func readOutput() {
    Self.read(&outputEnd, into: &output)
  }

  func readErrorOutput() {
    Self.read(&errorEnd, into: &errorOutput)
  }

  /// Takes what is left after the child's end, cleans up and tells the caller.
  func finish() {
    kill(-pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    // What fits in a pipe; more can only come from somebody outside the group, for whom nobody waits.
    for _ in 0..<16 where outputEnd >= 0 { readOutput() }
    for _ in 0..<16 where errorEnd >= 0 { readErrorOutput() }
    for end in [outputEnd, errorEnd, descriptor] where end >= 0 { close(end) }
    let signal = status & 0x7F
    let ending = reason ?? (signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal))
    let result = ProcessResult(ending: ending, output: output, errorOutput: errorOutput)
    order.continuation.resume(returning: .success(result))
  }

  /// Reads one chunk; closes the end at the end of the stream.
  private static func read(_ end: inout Int32, into captured: inout CapturedBytes) {
    guard end >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { buffer in
      let count = Glibc.read(end, buffer.baseAddress, buffer.count)
      if count > 0 {
        captured.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
        close(end)
        end = -1
      }
    }
  }

  /// Calls with a NULL-terminated list of C strings.
  private static func withCStrings<R>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let list = texts.map { strdup($0) } + [nil]
    defer { for text in list { free(text) } }
    return body(list)
  }
}

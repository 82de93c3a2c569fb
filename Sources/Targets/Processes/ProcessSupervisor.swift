// Runs programs. One thread of its own starts them, reads what they print, watches their deadlines and reaps them, so
// that no thread of Swift's cooperative pool waits for a child. Each child is watched by a process descriptor: no signal
// handler, no wait for "any" child, nothing that other parts of the process could disturb.

import CSignalbox
import Foundation
import Glibc
import Synchronization

/// Starts programs and sees to their end.
///
/// Made once per process and shared; `shutdown()` ends its thread.
public final class ProcessSupervisor: Sendable {
  private let mailbox: ProcessMailbox

  /// Starts the supervisor's thread.
  public init() throws {
    let mailbox = try ProcessMailbox()
    self.mailbox = mailbox
    let thread = Thread { ProcessLoop(mailbox: mailbox).run() }
    thread.name = "processes"
    thread.start()
  }

  deinit {
    mailbox.stop()
  }

  /// Runs a program to its end.
  ///
  /// Cancelling the task ends the program as a timeout does: SIGTERM to its group, SIGKILL after the grace time.
  func run(_ request: ProcessRequest) async throws(ProcessError) -> ProcessResult {
    let ticket = ProcessTicket()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        mailbox.start(ProcessOrder(ticket: ticket, request: request, continuation: continuation))
      }
    } onCancel: {
      ticket.isCancelled.store(true, ordering: .releasing)
      mailbox.wake()
    }
    return try result.get()
  }

  /// Ends all programs that run (SIGTERM, then SIGKILL after their grace time) and waits for the thread's end.
  public func shutdown() async {
    await withCheckedContinuation { mailbox.stop(then: $0) }
  }
}

/// The identity of one run, and whether its caller still wants it.
final class ProcessTicket: Sendable {
  let isCancelled = Atomic(false)
}

/// What the loop needs to carry out one run.
struct ProcessOrder: Sendable {
  var ticket: ProcessTicket
  var request: ProcessRequest
  var continuation: CheckedContinuation<Result<ProcessResult, ProcessError>, Never>
}

/// The orders that wait for the supervisor's thread, and the means to wake it.
final class ProcessMailbox: Sendable {
  private struct State {
    var orders: [ProcessOrder] = []
    var isWoken = false
    var isStopping = false
    var hasEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let writingEnd: Int32
  /// Readable while there is something to do.
  let readingEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard signalbox_pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
    readingEnd = ends[0]
    writingEnd = ends[1]
  }

  func start(_ order: ProcessOrder) {
    let isTaken = state.withLock { state in
      guard !state.isStopping else { return false }
      state.orders.append(order)
      wake(&state)
      return true
    }
    if !isTaken { order.continuation.resume(returning: .failure(Self.shutDown)) }
  }

  func wake() {
    state.withLock { wake(&$0) }
  }

  func stop(then waiter: CheckedContinuation<Void, Never>? = nil) {
    let isOver = state.withLock { state in
      guard !state.hasEnded else { return true }
      state.isStopping = true
      if let waiter { state.waiting.append(waiter) }
      wake(&state)
      return false
    }
    if isOver { waiter?.resume() }
  }

  /// At most one byte is in the pipe, so that writing never blocks.
  private func wake(_ state: inout State) {
    guard !state.isWoken, !state.hasEnded else { return }
    state.isWoken = true
    var byte: UInt8 = 0
    write(writingEnd, &byte, 1)
  }

  /// What came since the last call, and whether the loop has to end.
  ///
  /// For the supervisor's thread.
  func take() -> (orders: [ProcessOrder], isStopping: Bool) {
    state.withLock { state in
      if state.isWoken {
        var byte: UInt8 = 0
        read(readingEnd, &byte, 1)
        state.isWoken = false
      }
      defer { state.orders = [] }
      return (state.orders, state.isStopping)
    }
  }

  /// The last act of the supervisor's thread.
  func end() {
    let waiting = state.withLock { state in
      state.hasEnded = true
      close(readingEnd)
      close(writingEnd)
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in waiting { waiter.resume() }
  }

  static let shutDown = ProcessError(message: "the engine is shutting down", number: 0)
}

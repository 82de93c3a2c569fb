// What the supervisor's thread does: start what was ordered, sleep until something is printed, ends or is overdue.

import Delivery
import Glibc
import Synchronization

/// The loop over all running programs; lives on one thread.
final class ProcessLoop {
  private let mailbox: ProcessMailbox
  private var running: [RunningProcess] = []

  init(mailbox: ProcessMailbox) {
    self.mailbox = mailbox
  }

  func run() {
    while true {
      let (orders, isStopping) = mailbox.take()
      for order in orders { start(order) }
      let now = ContinuousClock.now
      for process in running {
        if isStopping || process.order.ticket.isCancelled.load(ordering: .acquiring) {
          process.terminate(as: .cancelled, at: now)
        }
        process.keepDeadline(at: now)
      }
      if isStopping, running.isEmpty { break }
      sleep(until: running.compactMap(\.nextDeadline).min())
    }
    mailbox.end()
  }

  private func start(_ order: ProcessOrder) {
    guard !order.ticket.isCancelled.load(ordering: .acquiring) else {
      return order.continuation.resume(returning: .failure(ProcessError(message: "the run was cancelled", number: 0)))
    }
    do throws(ProcessError) {
      running.append(try RunningProcess(order, at: .now))
    } catch {
      order.continuation.resume(returning: .failure(error))
    }
  }

  /// Waits for whatever comes first and takes what the programs have for us.
  private func sleep(until deadline: ContinuousClock.Instant?) {
    var watched = [pollfd(fd: mailbox.readingEnd, events: Int16(POLLIN), revents: 0)]
    // poll() skips negative descriptors: streams that have ended.
    for process in running {
      for descriptor in [process.descriptor, process.outputEnd, process.errorEnd] {
        watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      }
    }
    let wait = deadline.map { Int32(clamping: max(0, ($0 - .now).milliseconds)) } ?? -1
    guard poll(&watched, nfds_t(watched.count), wait) > 0 else { return }
    var ended: [Int] = []
    for (index, process) in running.enumerated() {
      let events = watched[(1 + index * 3)...]
      if events[events.startIndex + 1].revents != 0 { process.readOutput() }
      if events[events.startIndex + 2].revents != 0 { process.readErrorOutput() }
      if events[events.startIndex].revents != 0 { ended.append(index) }
    }
    for index in ended.reversed() { running.remove(at: index).finish() }
  }
}

// Transactions wait for the disk. They do it on threads of their own, not on those of Swift's cooperative pool, of which
// there are only as many as cores.

internal import Dispatch

/// Threads that may block.
package struct BlockingQueue: Sendable {
  private let queue: DispatchQueue

  /// Makes a queue; `concurrent` work runs beside other work, else one piece after the other.
  package init(label: String, concurrent: Bool = false) {
    queue = DispatchQueue(label: label, attributes: concurrent ? .concurrent : [])
  }

  /// Runs work that blocks and returns what it returns.
  package func run<R: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> R
  ) async throws(Failure) -> R {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, Failure>, Never>) in
      queue.async { continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
  }
}

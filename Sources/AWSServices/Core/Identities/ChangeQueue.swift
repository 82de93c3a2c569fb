// Changes wait for the disk, one after the other, on a thread of their own.

internal import Dispatch

/// Runs work that blocks, one piece after the other.
struct ChangeQueue: Sendable {
  private let queue = DispatchQueue(label: "signalbox.identities")

  func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result(catching: work)) }
    }
  }
}

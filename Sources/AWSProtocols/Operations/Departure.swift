// Whoever waits for messages may be gone before they come, and what is given to nobody is hidden from everybody. So work
// that waits ends with its client.

/// Tells when nobody waits for an answer any more.
public struct Departure: Sendable {
  private let untilGone: @Sendable () async -> Void

  /// - Parameter untilGone: returns when the client is gone, or when the task is cancelled.
  public init(_ untilGone: @escaping @Sendable () async -> Void) { self.untilGone = untilGone }

  /// Does work that may take long, as a task that is cancelled when the client goes.
  public func cancelling<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
    let task = Task { await work() }
    return await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          await untilGone()
          task.cancel()
        }
        let result = await task.value
        group.cancelAll()
        return result
      }
    } onCancel: {
      task.cancel()
    }
  }
}

// Several threads on one set: what each gives up to the others.

internal import Dispatch
internal import EventPatterns
internal import Synchronization

/// Processor time and wall time of threads that pass over the same events.
struct ThreadsRun {
  /// Wall time in nanoseconds from the first thread's start to the last one's end.
  var wall = 0
  /// Processor time in nanoseconds, summed.
  var time = 0
  var events = 0

  private struct Share {
    var start: Int
    var end: Int
    var time: Int
    var events: Int
  }

  /// Each of `threads` matches the first `count` events `passes` times, after a pass to warm up.
  init(_ set: PatternSet, events path: String, threads: Int, passes: Int, first count: Int) throws {
    let shares = Mutex<[Share]>([])
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      guard let events = try? Lines(path: path) else { return }
      var matcher = EventMatcher(set)
      _ = Pass.run(&matcher, over: events, first: count)
      var share = Share(start: Clocks.wall, end: 0, time: 0, events: 0)
      for _ in 0..<passes {
        let pass = Pass.run(&matcher, over: events, first: count)
        share.time += pass.time
        share.events += pass.events
      }
      share.end = Clocks.wall
      shares.withLock { $0.append(share) }
    }
    let done = shares.withLock { $0 }
    guard done.count == threads else { throw InputError(description: "\(path): cannot be read any more") }
    wall = (done.map(\.end).max() ?? 0) - (done.map(\.start).min() ?? 0)
    time = done.reduce(0) { $0 + $1.time }
    events = done.reduce(0) { $0 + $1.events }
  }

  var json: String { "{\"events\": \(events), \"ns\": \(time), \"wall_ns\": \(wall)}" }
}

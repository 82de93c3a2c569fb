// One pass over the events: what every figure rests on.

internal import CMatcherBench
internal import EventPatterns

/// What a pass took and found.
struct Pass {
  var events = 0
  var bytes = 0
  /// Processor time in nanoseconds.
  var time = 0
  var matches = 0
  /// Events that were no JSON objects.
  var refused = 0
  /// Heap allocations.
  var allocations = 0

  /// Matches the first `count` events. With `counting`, callgrind counts exactly this.
  static func run(
    _ matcher: inout EventMatcher,
    over events: borrowing Lines,
    first count: Int,
    counting: Bool = false
  ) -> Pass {
    var pass = Pass()
    pass.events = min(count, events.ranges.count)
    let allocations = bench_allocations()
    let start = Clocks.thread
    if counting { bench_start_counting() }
    for number in 0..<pass.events {
      let event = events.line(number)
      pass.bytes &+= event.count
      do {
        try matcher.forEachMatch(event) { _ in pass.matches &+= 1 }
      } catch {
        pass.refused &+= 1
      }
    }
    if counting { bench_stop_counting() }
    pass.time = Clocks.thread - start
    pass.allocations = Int(bench_allocations() - allocations)
    return pass
  }

  var json: String {
    """
    {"events": \(events), "bytes": \(bytes), "ns": \(time), "matches": \(matches), "refused": \(refused), \
    "allocations": \(allocations)}
    """
  }
}

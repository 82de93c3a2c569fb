// Measures the matcher alone: events in memory, one thread, bytes in and rule indices out. Processor time, not wall
// time, is what is divided by, so that a busy machine does not lower the figures.

internal import EventPatterns

/// Events in one block of memory, as a log pipeline would hand them over.
struct BenchEvents {
  private(set) var bytes: [UInt8] = []
  private(set) var ranges: [Range<Int>] = []

  /// Adds one event.
  mutating func append(_ event: some Collection<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: event)
    ranges.append(start..<bytes.count)
  }
}

/// What a run showed.
struct BenchFigures: Equatable {
  var rules: Int
  var compileSeconds: Double
  var eventsPerSecond: Double
  var megabytesPerSecond: Double
  var matchesPerPass: Int
  /// Events of a pass that the matcher refused.
  var refused: Int
  /// The most memory the process ever held, in bytes.
  var peakMemory: Int
}

enum BenchRun {
  /// Compiles the patterns, passes over the events once to warm up, then again and again for a time.
  static func measure(
    compile: () throws -> PatternSet,
    events: BenchEvents,
    seconds: Double
  ) rethrows -> BenchFigures {
    let compileStart = Ticks.processor
    let set = try compile()
    let compileTime = Ticks.processor - compileStart
    var matcher = EventMatcher(set)
    var matches = 0
    var refused = 0

    func pass(until deadline: Int64) -> (events: Int, bytes: Int) {
      matches = 0
      refused = 0
      return events.bytes.withUnsafeBytes { bytes in
        var done = (events: 0, bytes: 0)
        for range in events.ranges {
          do {
            try matcher.forEachMatch(UnsafeRawBufferPointer(rebasing: bytes[range])) { _ in matches += 1 }
          } catch {
            refused += 1
          }
          done = (done.events + 1, done.bytes + range.count)
          if done.events & 255 == 0, Ticks.monotonic > deadline { break }
        }
        return done
      }
    }

    _ = pass(until: .max)
    let (matchesPerPass, refusedPerPass) = (matches, refused)
    let deadline = Ticks.monotonic + Int64(seconds * 1e9)
    let start = Ticks.processor
    var total = (events: 0, bytes: 0)
    repeat {
      let done = pass(until: deadline)
      total = (total.events + done.events, total.bytes + done.bytes)
    } while Ticks.monotonic < deadline && total.events > 0
    let time = max(1e-9, Double(Ticks.processor - start) / 1e9)

    return BenchFigures(
      rules: set.count,
      compileSeconds: Double(compileTime) / 1e9,
      eventsPerSecond: Double(total.events) / time,
      megabytesPerSecond: Double(total.bytes) / time / 1e6,
      matchesPerPass: matchesPerPass,
      refused: refusedPerPass,
      peakMemory: peakMemory()
    )
  }

  /// The high-water mark of resident memory, in bytes; 0 where the system does not tell.
  static func peakMemory() -> Int {
    guard let status = try? readWholeFile("/proc/self/status") else { return 0 }
    let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("VmHWM:") }) else { return 0 }
    return (Int(line.filter(\.isNumber)) ?? 0) * 1024
  }
}

// Measures the matcher at another program's bidding: one command a line on standard input, one JSON object a line back.
// The one who asks (Benchmarks/run) lets contestants take turns, so that a busy minute hits all of them alike.
//
//   matcher-bench RULES.jsonl EVENTS.jsonl [--level sse2] [--extended]
//
//   pass N               match the first N events once
//   count N              the same under callgrind's eyes, after a pass to warm up
//   threads T P N        T threads, P passes each over the first N events
//   change N             remove a rule and add it again, N times
//   rules N              how many of the first N events each rule matches
//   memory               resident memory now and at its highest

internal import CMatcherBench
internal import EventPatterns
internal import Glibc

@main
struct MatcherBench {
  static func main() {
    do {
      try serve(Array(CommandLine.arguments.dropFirst()))
    } catch {
      let message = "matcher-bench: \(error)\n"
      _ = message.withCString { write(2, $0, strlen($0)) }
      exit(1)
    }
  }

  private static func serve(_ arguments: [String]) throws {
    guard arguments.count >= 2 else {
      throw InputError(description: "usage: matcher-bench RULES EVENTS [--level L] [--extended]")
    }
    if let flag = arguments.firstIndex(of: "--level") {
      let level = arguments[flag + 1]
      guard sb_set_simd_level(level) == 0 else { throw InputError(description: "this machine has no \(level)") }
    }
    let compilation = try Compilation(
      path: arguments[0],
      language: arguments.contains("--extended") ? .extended : .eventBridge
    )
    let events = try Lines(path: arguments[1])
    var matcher = EventMatcher(compilation.set)
    say(compilation.json)
    while let command = readLine() {
      let words = command.split(separator: " ")
      let numbers = words.dropFirst().compactMap { Int($0) }
      switch (words.first, numbers.count) {
      case ("pass", 1):
        say(Pass.run(&matcher, over: events, first: numbers[0]).json)
      case ("count", 1):
        _ = Pass.run(&matcher, over: events, first: numbers[0])
        say(Pass.run(&matcher, over: events, first: numbers[0], counting: true).json)
      case ("threads", 3):
        let run = try ThreadsRun(
          compilation.set,
          events: arguments[1],
          threads: numbers[0],
          passes: numbers[1],
          first: numbers[2]
        )
        say(run.json)
      case ("change", 1):
        let changes = try compilation.changes(numbers[0])
        say("{\"removals_ns\": \(changes.removals), \"additions_ns\": \(changes.additions)}")
      case ("rules", 1):
        say("{\"matches\": \(matchesPerRule(&matcher, over: events, first: numbers[0]))}")
      case ("memory", 0):
        bench_trim_heap()
        say("{\"resident_bytes\": \(processMemory("VmRSS")), \"peak_bytes\": \(processMemory("VmHWM"))}")
      default:
        throw InputError(description: "no such command: \(command)")
      }
    }
  }

  private static func matchesPerRule(_ matcher: inout EventMatcher, over events: borrowing Lines, first: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: matcher.set.count)
    for number in 0..<min(first, events.ranges.count) {
      try? matcher.forEachMatch(events.line(number)) { counts[$0] += 1 }
    }
    return counts
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}

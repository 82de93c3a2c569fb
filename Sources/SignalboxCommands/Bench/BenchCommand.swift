// `signalbox bench`: how fast is the matcher on these rules and these events, on this machine?

internal import ArgumentParser
internal import EventPatterns
internal import TrailEvents

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the matcher on your rules and events.",
    discussion: """
      Loads the events into memory, compiles the rules, passes over the events once to warm up and then for some seconds \
      on one thread. Rates are per second of processor time.

      Examples:
        signalbox bench --rules Rules/ --events AWSLogs/
        signalbox bench --rules mix-1000.jsonl --events events.jsonl --seconds 10 --format json
      """
  )

  @Option(help: "A rule folder or file, or JSON lines of {\"name\", \"pattern\"} (.jsonl).")
  var rules: String

  @Option(
    help: ArgumentHelp(
      "Events, in every form that match reads (gzip too), and other JSON objects as they are; - is standard input.",
      valueName: "path"
    )
  )
  var events: String

  @Option(help: "How long to measure, in seconds.")
  var seconds = 5.0

  @Option(help: "text or json.")
  var format = ValueFormat.text

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must be more than 0 and at most 3600.")
    }
  }

  func run() async throws {
    let console = Console.current
    let source = try PatternSource([rules])
    let events = try loadEvents()
    let figures = try BenchRun.measure(compile: source.compile, events: events, seconds: seconds)
    if figures.refused > 0 {
      console.sayWarning("\(figures.refused.counted("event")) of \(self.events) were refused by the matcher")
    }
    switch format {
    case .json: try console.print(figures.json)
    case .text: for line in figures.text { try console.print(line) }
    }
  }

  /// The events as `match` and `run` show them to the rules: CloudTrail records in their envelopes. Other objects are taken
  /// as they are: a benchmark may have events of its own.
  private func loadEvents() throws(CommandFailure) -> BenchEvents {
    let listing = LogFileTree([events]).list()
    if let problem = listing.problems.first { throw CommandFailure(.usage, problem.description.shownSafely) }
    var loaded = BenchEvents()
    var writer = EnvelopeWriter()
    for file in listing.files {
      var reader = LogFileReader(path: file.path)
      reader.takesEveryObject = true
      while let record = reader.next() {
        if record.isTaken {
          loaded.append(writer.envelope(of: record))
        } else {
          loaded.append(record.bytes)
        }
      }
      let summary = reader.summary
      if summary.kind == .unreadable { throw CommandFailure(.usage, "\(file.path): \(summary.note)".shownSafely) }
      if !summary.isClean { Console.current.sayWarning("\(file.path): \(summary.note)".shownSafely) }
    }
    guard !loaded.ranges.isEmpty else { throw CommandFailure(.invalid, "\(events): there are no events") }
    return loaded
  }
}

/// The format of a verb that prints one value.
enum ValueFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

extension BenchFigures {
  var json: JSONValue {
    .members([
      "rules": .integer(rules),
      "compile_seconds": .number(compileSeconds.fixed(6)),
      "events_per_second": .number(eventsPerSecond.fixed(1)),
      "megabytes_per_second": .number(megabytesPerSecond.fixed(2)),
      "matches_per_pass": .integer(matchesPerPass),
      "peak_rss_bytes": .integer(peakMemory),
    ])
  }

  var text: [String] {
    [
      ("rules", rules.grouped),
      ("compile", "\(compileSeconds.fixed(3)) s"),
      ("events", "\(Int(eventsPerSecond).grouped) /s"),
      ("input", "\(megabytesPerSecond.fixed(1)) MB/s"),
      ("matches", "\(matchesPerPass.grouped) per pass"),
      ("peak memory", "\((Double(peakMemory) / 1e6).fixed(1)) MB"),
    ].map { label, value in "\(label.padded(to: 13))\(value)" }
  }
}

// One pass over log files: every record becomes an event, every event is judged, every match is written at once. What
// stays in memory is one record, the counts, and with `--dedupe` the ids that were seen.

internal import EventPatterns
internal import TrailEvents

/// What to do with the records.
struct MatchOptions: Sendable {
  /// Drop events whose id was seen before.
  var dropsDuplicates = false
  /// Stop after this many matches.
  var limit: Int?
}

/// A pass over log files.
struct MatchRun<Judge: EventJudge & ~Copyable>: ~Copyable {
  private(set) var summary: MatchSummary
  private(set) var judge: Judge
  private var envelopes = EnvelopeWriter()
  private var output: MatchWriter
  private var seen = SeenEvents()
  private var progress: ProgressBar
  private let options: MatchOptions
  private let console: Console
  /// Used again for each file.
  private let memory = LogFileMemory()
  private let started = Ticks.monotonic
  /// How many faults of one kind are told in full.
  private static var shownProblems: Int { 3 }
  /// Bytes of the files that have been read to the end.
  private var bytesDone: Int64 = 0

  init(_ judge: consuming Judge, output: MatchWriter, totalSize: Int64?, options: MatchOptions, on console: Console) {
    summary = MatchSummary(rules: judge.labels.count)
    self.judge = judge
    self.output = output
    self.options = options
    self.console = console
    progress = ProgressBar(total: totalSize, on: console)
  }

  /// Whether enough matches have been written.
  private var isDone: Bool { options.limit.map { summary.matches >= $0 } ?? false }

  /// Reads files in order; what is wrong with one is said, and the next one goes on.
  mutating func read(_ files: [LogFile]) throws(OutputFailure) {
    for file in files where !isDone {
      try read(file)
      bytesDone += file.size
    }
    progress.hide()
  }

  private mutating func read(_ file: LogFile) throws(OutputFailure) {
    var reader = LogFileReader(path: file.path, memory: memory)
    let (eventsBefore, duplicatesBefore) = (summary.events, summary.duplicates)
    var steps = 0
    while !isDone, !reader.isAtEnd {
      if steps & 15 == 0 { showProgress(file, read: reader.bytesRead) }
      steps += 1
      let match = options.dropsDuplicates ? nextUnseen(of: &reader) : judge.nextMatch(of: &reader)
      summary.events = eventsBefore + reader.summary.delivered - (summary.duplicates - duplicatesBefore)
      guard let match else { continue }
      if let refusal = match.refusal {
        refuse(match.record, of: file, refusal)
      } else {
        try report(match, of: file)
      }
    }
    finish(reader.summary)
  }

  /// What becomes of the next record, if it has not been met before.
  private mutating func nextUnseen(of reader: inout LogFileReader) -> RecordMatch? {
    guard let record = reader.next() else { return nil }
    guard seen.insert(record.eventID) else {
      summary.duplicates += 1
      return nil
    }
    return judge.match(record)
  }

  private mutating func report(_ match: RecordMatch, of file: LogFile) throws(OutputFailure) {
    let rules = judge.rules(triggeredBy: match.patterns)
    guard !rules.isEmpty else { return }
    if console.outputTerminal != nil { progress.hide() }
    var event: MatchedEvent?
    if !output.isSilent {
      let record = match.record
      event = MatchedEvent(
        value: (try? JSONValue(parsing: envelopes.envelope(of: record))) ?? .null,
        eventID: record.eventID,
        origin: file.path
      )
    }
    for rule in rules where !isDone {
      summary.matches += 1
      summary.matchesPerRule[rule] += 1
      if let event { try output.write(event, rule: rule) }
    }
    // Who pipes a growing log through wants each match when it happens.
    if file.path == "-" { try console.output.flush() }
  }

  private mutating func refuse(_ record: TrailRecord, of file: LogFile, _ error: EventError) {
    summary.refused += 1
    guard summary.refused <= Self.shownProblems else { return }
    progress.hide()
    console.sayError("\(file.path):\(record.line): \(error.message)".shownSafely)
  }

  private mutating func finish(_ file: LogFileSummary) {
    if file.isClean { return summary.skipped.note(file) }
    summary.failedFiles += 1
    progress.hide()
    for diagnostic in file.diagnostics.prefix(Self.shownProblems) {
      console.sayError(diagnostic.description.shownSafely)
    }
    let more = file.rejected - min(Self.shownProblems, file.diagnostics.count)
    if more > 0 { console.sayError("\(file.file.shownSafely): \(more.grouped) more of this kind") }
  }

  private mutating func showProgress(_ file: LogFile, read: Int) {
    let now = Ticks.monotonic
    guard progress.isDue(now) else { return }
    let seconds = Double(now - started) / 1e9
    let rate = seconds > 0 ? Int(Double(summary.events) / seconds) : 0
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    let text =
      "\(summary.events.counted("event")), \(summary.matches.counted("match", "matches")), "
      + "\(rate.grouped)/s  \(name.shownSafely)"
    progress.show(done: bytesDone + Int64(read), text: text, now: now)
  }
}

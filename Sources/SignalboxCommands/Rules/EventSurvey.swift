// Counts over logs how often each pattern is tried: `match` with another judge, so that it reads what `match` reads.

internal import EventPatterns
internal import TrailEvents

/// What counting came to.
struct TryCounts: Equatable {
  /// Events that were looked at.
  var events: Int
  /// On how many of them each pattern was tried, by index.
  var tried: [Int]
  /// How many of them each pattern matched.
  var matched: [Int]
}

/// A survey of logs.
struct EventSurvey {
  var counts: TryCounts
  /// What the verb ends with if not everything could be read.
  var status: ExitStatus?

  /// Reads logs.
  init(of set: PatternSet, names: [String], logs: [String], on console: Console) throws {
    let listing = try LogInputs.list(logs, on: console)
    let isStream = listing.files.contains { $0.path == "-" }
    let judge = SurveyJudge(set, names: names)
    let output = MatchWriter(nil, rules: judge.labels, includesEvent: false, on: console)
    var run = MatchRun(
      judge,
      output: output,
      totalSize: isStream ? nil : listing.totalSize,
      options: MatchOptions(),
      on: console
    )
    try run.read(listing.files)
    counts = run.judge.counts
    let summary = run.summary
    guard counts.events > 0 else {
      throw CommandFailure(.invalid, "there are no events in \(logs.joined(separator: ", ").shownSafely)")
    }
    if summary.failedFiles > 0 || summary.refused > 0 || !listing.problems.isEmpty { status = .partial }
  }
}

/// Judges nothing, counts.
private struct SurveyJudge: EventJudge, ~Copyable {
  let labels: [RuleLabel]
  private var survey: AccessSurvey
  private var envelopes = EnvelopeWriter()

  init(_ set: PatternSet, names: [String]) {
    survey = AccessSurvey(set)
    labels = names.map { RuleLabel(id: $0, title: "", severity: nil) }
  }

  var counts: TryCounts { TryCounts(events: survey.events, tried: survey.tried, matched: survey.matched) }

  mutating func nextMatch(of reader: inout LogFileReader) -> RecordMatch? { reader.next().flatMap { match($0) } }

  mutating func match(_ record: TrailRecord) -> RecordMatch? {
    do throws(EventError) {
      try Self.add(record, &survey, &envelopes)
      return nil
    } catch {
      return RecordMatch(record, patterns: [], refusal: error)
    }
  }

  private static func add(
    _ record: TrailRecord,
    _ survey: inout AccessSurvey,
    _ envelopes: inout EnvelopeWriter
  ) throws(EventError) {
    try envelopes.withEnvelope(of: record) { (event) throws(EventError) in _ = try survey.add(event) }
  }

  /// Nothing triggers: there is no match to write.
  func rules(triggeredBy patterns: [Int]) -> [Int] { [] }
}

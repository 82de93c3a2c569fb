// What a `match` came to: for people on standard error, as one object for programs.

internal import EventPatterns
internal import TrailEvents

/// Counts of a run.
struct MatchSummary: Equatable {
  /// Every record that was read.
  var events = 0
  /// Pairs of an event and a rule.
  var matches = 0
  /// Matches per rule, by index.
  var matchesPerRule: [Int]
  /// Records dropped by `--dedupe`.
  var duplicates = 0
  /// Events the matcher refused.
  var refused = 0
  /// Files that failed.
  var failedFiles = 0
  /// Files that were not read, or hold no records.
  var skipped = SkippedFiles()

  init(rules: Int) { matchesPerRule = Array(repeating: 0, count: rules) }

  /// The object that `--format json` ends with.
  func json(rules: [RuleLabel]) -> JSONValue {
    .members([
      "events": .integer(events),
      "matches": .integer(matches),
      "rules": .object(JSONObject(zip(rules, matchesPerRule).map { ($0.id, .integer($1)) })),
    ])
  }

  /// The lines for people.
  func lines(rules: [RuleLabel], seconds: Double, style: TextStyle) -> [String] {
    var lines: [String] = []
    let found = zip(rules, matchesPerRule).filter { $1 > 0 }.sorted { ($1.1, $0.0.id) < ($0.1, $1.0.id) }
    let width = found.reduce(0) { max($0, $1.1.grouped.count) }
    for (rule, count) in found {
      let title = rule.title.isEmpty ? "" : "  " + rule.title.shownSafely
      lines.append(
        "  \(count.grouped.padded(to: width, onTheLeft: true))  \(style.paint(rule.id, rule.severity))\(title)"
      )
    }
    let rate = seconds > 0 ? Int(Double(events) / seconds) : 0
    var parts = [
      events.counted("event"),
      matches == 0 ? "no matches" : "\(matches.counted("match", "matches")) of \(found.count.counted("rule"))",
      "\(rate.grouped) events/s",
    ]
    if duplicates > 0 { parts.append("\(duplicates.counted("duplicate")) dropped") }
    if let skipped = skipped.phrase { parts.append(skipped) }
    if refused > 0 { parts.append("\(refused.counted("event")) refused") }
    if failedFiles > 0 { parts.append("\(failedFiles.counted("file")) failed") }
    lines.append(style.bold(parts.joined(separator: ", ")))
    return lines
  }
}

// `signalbox match`: which of these logs' events would the rules have seen? No daemon, no state, nothing is delivered.

internal import ArgumentParser
internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import TrailEvents

struct MatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Match rules against CloudTrail logs and print what they find.",
    discussion: """
      Logs are files, folders, patterns in quotes ('logs/**/*.json.gz') or - for standard input; CloudTrail's log files, \
      JSON lines, single records or EventBridge events, plain or gzip. The summary goes to standard error. With --format \
      json the last line is {"events": N, "matches": N, "rules": {ID: N}}. Exit code 4 if some files could not be read.

      Every rule with a pattern is tried, whatever its stage and its bus (--bus: only those of one). Exceptions (unless) \
      hold as of now. Rules with a schedule (every) are left out; once, key and settle are not looked at: this is what \
      the rules see, not what they would do.

      Examples:
        signalbox match --rules Rules/ AWSLogs/
        signalbox match --rules Rules/ --format ndjson 'logs/*.json.gz' | jq -r .eventID
        zcat logs.json.gz | signalbox match --pattern '{"detail": {"eventName": ["DeleteTrail"]}}' -
      """
  )

  @Option(
    name: .customLong("rules"),
    help: "A rule folder or file; may be given several times. Rules or rules unless given."
  )
  var rules: [String] = []

  @Option(help: ArgumentHelp("Only rules that listen on this bus; all unless given.", valueName: "name"))
  var bus: String?

  @Option(help: ArgumentHelp("One event pattern (JSON) instead of rules.", valueName: "json"))
  var pattern: String?

  @Option(help: ArgumentHelp("A file with one event pattern instead of rules.", valueName: "file"))
  var patternFile: String?

  @Argument(help: "Log files, folders, patterns, or - for standard input.")
  var logs: [String]

  @Option(help: "text (a table), ndjson, or json (ndjson with the counts as last line).")
  var format = MatchFormat.text

  @Flag(help: "Print the whole event with each match.")
  var outputEvent = false

  @Flag(help: "Take each event once, by its eventID.")
  var dedupe = false

  @Option(help: "Stop after this many matches.")
  var limit: Int?

  @Flag(help: "Print no matches, only the summary.")
  var quiet = false

  func validate() throws {
    let given = [!rules.isEmpty, pattern != nil, patternFile != nil].count { $0 }
    if given > 1 { throw ValidationError("Give one of --rules, --pattern and --pattern-file.") }
    if bus != nil, pattern != nil || patternFile != nil {
      throw ValidationError("Patterns have no bus; --bus is for rules.")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
  }

  func run() async throws {
    if let pattern = try adHocPattern() {
      try match(PatternJudge(PatternSet([pattern]), names: ["pattern"]))
    } else if rules.count == 1, PatternLines.isNamed(by: rules[0]) {
      if bus != nil { throw CommandFailure(.usage, "bare patterns have no bus; --bus is for rules") }
      let lines = try PatternLines(path: rules[0])
      try match(PatternJudge(try lines.compile(), names: lines.names))
    } else {
      let set = try RuleSource.compile(rules)
      try match(RuleSetJudge(set, tried: try triedRules(set.repository.rules), now: WallClock.now))
    }
  }

  /// The rules that are asked, by index; says which are not.
  private func triedRules(_ rules: [Rule]) throws(CommandFailure) -> Set<Int> {
    let console = Console.current
    let tried = rules.indices.filter { rules[$0].pattern != nil && (bus == nil || rules[$0].bus == bus) }
    if tried.isEmpty, let bus {
      let buses = Set(rules.map(\.bus)).sorted().joined(separator: ", ")
      throw CommandFailure(.usage, "no rule listens on bus '\(bus.shownSafely)'; there are rules on \(buses)")
    }
    let scheduled = rules.filter { $0.pattern == nil }.map(\.id)
    if !scheduled.isEmpty {
      let name = scheduled.count == 1 ? "the rule \(scheduled[0]) has" : "\(scheduled.count.grouped) rules have"
      console.say("\(name) a schedule and no pattern: not tried")
    }
    return Set(tried)
  }

  private func adHocPattern() throws(CommandFailure) -> EventPattern? {
    let source: (name: String, json: [UInt8])
    if let pattern {
      source = ("--pattern", Array(pattern.utf8))
    } else if let patternFile {
      source = (patternFile, try readWholeFile(patternFile))
    } else {
      return nil
    }
    do {
      return try EventPattern(parsing: source.json, language: .extended)
    } catch {
      let place = JSONReader(source.json).position(of: error.offset)
      throw CommandFailure(.invalid, "\(source.name):\(place.line):\(place.column): \(error.message)")
    }
  }

  private func match<Judge: EventJudge & ~Copyable>(_ judge: consuming Judge) throws {
    let console = Console.current
    let started = Ticks.monotonic
    let listing = try LogInputs.list(logs, on: console)
    let labels = judge.labels
    let isStream = listing.files.contains { $0.path == "-" }
    var run = MatchRun(
      judge,
      output: MatchWriter(quiet ? nil : format, rules: labels, includesEvent: outputEvent, on: console),
      totalSize: isStream ? nil : listing.totalSize,
      options: MatchOptions(dropsDuplicates: dedupe, limit: limit),
      on: console
    )
    try run.read(listing.files)
    var summary = run.summary
    summary.skipped += listing.skipped
    if format == .json { try console.print(summary.json(rules: labels)) }
    try console.output.flush()
    let seconds = Double(Ticks.monotonic - started) / 1e9
    for line in summary.lines(rules: labels, seconds: seconds, style: console.diagnosticsStyle) { console.say(line) }
    guard summary.failedFiles > 0 || summary.refused > 0 || !listing.problems.isEmpty else { return }
    throw summary.events > 0 ? ExitStatus.partial : .invalid
  }
}

extension MatchFormat: ExpressibleByArgument {
  /// Reads a format; `table` is what most people call the text.
  init?(argument: String) {
    self.init(rawValue: argument == "table" ? MatchFormat.text.rawValue : argument)
  }
}

// `signalbox explain`: why does this event trigger this rule, or why not?

internal import ArgumentParser
internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import TrailEvents

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say per condition what a rule wanted and what an event had.",
    discussion: """
      The event is a file with a CloudTrail record or an EventBridge event, the JSON itself, or - for standard input. \
      Without --rule every rule is explained in a line.

      Examples:
        signalbox explain event.json --rule trail-stopped
        signalbox explain AWSLogs/…/log.json.gz --event 7d1f5a52-0000-4000-8000-000000000001 --rule trail-stopped
        signalbox explain '{"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}' --rule trail-stopped
      """
  )

  @Argument(help: "A file with the event, its JSON, or - for standard input.")
  var event: String

  @Option(name: .customLong("rule"), help: "The rule; may be given several times.")
  var ruleIDs: [String] = []

  @Option(
    name: .customLong("rules"),
    help: "A rule folder or file; may be given several times. Rules or rules unless given."
  )
  var paths: [String] = []

  @Option(
    name: [.customLong("event"), .customLong("event-id")],
    help: ArgumentHelp("Which event of a file with several: its eventID, or its number from 1.", valueName: "id")
  )
  var eventID: String?

  @Option(help: "text or json.")
  var format = ValueFormat.text

  func run() async throws {
    let console = Console.current
    let rules = try RuleSource.compile(paths)
    let chosen = try ruleIDs.isEmpty ? rules.repository.rules : ruleIDs.map { try Self.rule($0, in: rules.repository) }
    let event = try EventArgument(event, eventID: eventID).event
    let explanations = try chosen.compactMap { try RuleExplanation(of: $0, event: event, now: WallClock.now) }
    switch format {
    case .json:
      let values = explanations.map(\.json)
      try console.print(values.count == 1 && !ruleIDs.isEmpty ? values[0] : .array(values), pretty: true)
    case .text where ruleIDs.isEmpty:
      for explanation in explanations { try console.print(explanation.line(console.style)) }
    case .text:
      for explanation in explanations {
        for line in explanation.lines(console.style) { try console.print(line) }
      }
    }
  }

  private static func rule(_ id: String, in repository: RuleRepository) throws(CommandFailure) -> Rule {
    guard let rule = repository.rule(id) else {
      throw RuleSource.noSuchRule(id, in: repository)
    }
    guard rule.pattern != nil else {
      throw CommandFailure(.usage, "the rule '\(id)' has a schedule and no pattern: no event triggers it")
    }
    return rule
  }
}

/// The one event a verb is asked about.
struct EventArgument {
  var event: TrailEvent

  /// How many events are listed when it is not clear which one is meant.
  private static let listed = 20

  /// Reads the event: JSON as such, or a file.
  ///
  /// - Parameter wanted: the event's id, or its number from 1 if no event has that id.
  init(_ argument: String, eventID wanted: String?) throws(CommandFailure) {
    let isJSON = argument.drop { $0.isWhitespace }.first == "{"
    let name = isJSON ? "the event" : argument
    let bytes = isJSON ? Array(argument.utf8) : try readWholeFile(argument)
    var reader = LogFileReader(bytes: bytes, name: name)
    var writer = EnvelopeWriter()
    var list: [String] = []
    var count = 0
    var (first, named, numbered): (TrailEvent?, TrailEvent?, TrailEvent?)
    while named == nil, let record = reader.next() {
      count += 1
      if wanted == record.eventID { named = TrailEvent(record, writer: &writer) }
      if wanted == String(count) { numbered = TrailEvent(record, writer: &writer) }
      if count == 1 { first = TrailEvent(record, writer: &writer) }
      if count <= Self.listed {
        let event = TrailEvent(record, writer: &writer)
        list.append("  \(count)  \(event.eventID)  \(Instant(seconds: event.time))  \(event.source)".shownSafely)
      }
    }
    if count > Self.listed { list.append("  … and \((count - Self.listed).grouped) more") }
    let events = list.joined(separator: "\n")
    guard let first else {
      let why = reader.summary.note
      throw CommandFailure(.invalid, "\(name): there is no event to explain" + (why.isEmpty ? "" : " (\(why))"))
    }
    if let wanted {
      guard let event = named ?? numbered else {
        throw CommandFailure(
          .invalid,
          "\(name): there is no event with the eventID or number \(wanted.shownSafely); it has\n\(events)"
        )
      }
      self.event = event
    } else if count > 1 {
      throw CommandFailure(.usage, "\(name) has \(count.grouped) events; say which: --event ID or NUMBER\n\(events)")
    } else {
      event = first
    }
  }
}

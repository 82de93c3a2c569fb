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
        signalbox explain AWSLogs/…/log.json.gz --event-id 7d1f5a52-0000-4000-8000-000000000001 --rule trail-stopped
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

  @Option(help: "Which event, by its eventID, of a file with several.")
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

  /// Reads the event: JSON as such, or a file.
  init(_ argument: String, eventID: String?) throws(CommandFailure) {
    let isJSON = argument.drop { $0.isWhitespace }.first == "{"
    let name = isJSON ? "the event" : argument
    let bytes = isJSON ? Array(argument.utf8) : try readWholeFile(argument)
    var reader = LogFileReader(bytes: bytes, name: name)
    var writer = EnvelopeWriter()
    var found: [TrailEvent] = []
    var others = 0
    while let record = reader.next() {
      if let eventID, record.eventID != eventID { continue }
      if found.isEmpty { found.append(TrailEvent(record, writer: &writer)) } else { others += 1 }
    }
    guard let event = found.first else {
      if let eventID, reader.summary.delivered > 0 {
        throw CommandFailure(.invalid, "\(name): there is no event with the eventID \(eventID.shownSafely)")
      }
      let why = reader.summary.note
      throw CommandFailure(.invalid, "\(name): there is no event to explain" + (why.isEmpty ? "" : " (\(why))"))
    }
    if others > 0, eventID == nil {
      throw CommandFailure(.usage, "\(name) has \((others + 1).grouped) events; say which: --event-id ID")
    }
    self.event = event
  }
}

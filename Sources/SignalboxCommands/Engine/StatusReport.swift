// What `status` prints. Gathering is one function, printing another; between them it is a value.

internal import EventPatterns
internal import Server
internal import Storage

/// How an engine does at a moment.
struct StatusReport: Equatable {
  /// When it was asked, in milliseconds since 1970.
  var now: Int64
  var directory: String
  /// The process of the engine that runs, if one does.
  var process: Int32?
  /// What the engine that runs says about itself.
  var notice: EngineNotice?
  var figures: EngineFigures
  var troubles: EngineTroubles
  /// When the newest event was journalled.
  var newestEvent: Int64?
  /// How many rules were made through EventBridge's API.
  var busRules: Int

  /// Whether an engine runs, and with the rules that the files have.
  var isWell: Bool { process != nil && notice?.refusal == nil }

  /// Letters that wait.
  var letters: Int { troubles.letters.reduce(0) { $0 + $1.count } }

  /// How long what is overdue the longest has been so, in milliseconds.
  var lag: Int64 { figures.backlog.map { max(0, now - $0.dueAt) }.max() ?? 0 }
}

extension StatusReport {
  /// Gathers what there is to say. Blocks.
  init(reading database: EmbeddedDatabase, directory: String, now: Int64) throws(StorageError) {
    let process = EmbeddedDatabase.engineProcess(in: directory)
    // A notice that an engine left behind when it was killed says nothing about now.
    let notice = process.flatMap { process in
      EngineNotice.read(in: directory).flatMap { $0.processID == process ? $0 : nil }
    }
    self.init(
      now: now,
      directory: directory,
      process: process,
      notice: notice,
      figures: try database.figures(),
      troubles: try database.troubles(),
      newestEvent: try database.newestEventTime(),
      busRules: try database.ruleCountOfBuses()
    )
  }

  // MARK: For people

  /// The lines for a person.
  func lines(_ style: TextStyle) -> [String] {
    var lines: [String] = []
    func say(_ label: String, _ text: String) {
      lines.append(style.bold(label.padded(to: 14)) + text.shownSafely)
    }
    say("engine", engineText)
    if let endpoint = notice?.endpoint { say("serves", endpoint) }
    if let rules = notice?.rules {
      let since = Timestamp.text(milliseconds: rules.since)
      let count = "\(rules.count.counted("rule")) of files, \(rules.live.grouped) live"
      say("rules", "\(count), hash \(rules.hash.prefix(12)), since \(since)")
    }
    if busRules > 0 { say("", "\(busRules.counted("rule")) of EventBridge's API") }
    if let refusal = notice?.refusal {
      say("refused", "the rule files as they are since \(Timestamp.text(milliseconds: refusal.at)):")
      for reason in refusal.reasons { say("", reason) }
    }
    let newest = newestEvent.map { ", the newest \(Self.span(now - $0)) ago" } ?? ""
    say("events", figures.events.grouped + newest)
    let pending = figures.backlog.reduce(0) { $0 + $1.pending }
    say(
      "deliveries",
      "\(figures.deliveries.grouped), \(figures.attempts.counted("attempt")), \(pending.grouped) pending"
    )
    for each in figures.backlog {
      let due = now >= each.dueAt ? "due for \(Self.span(now - each.dueAt))" : "next in \(Self.span(each.dueAt - now))"
      say("", "\(each.pending.grouped) to \(each.target), \(due)")
    }
    say("dead letters", letters.grouped)
    for each in troubles.letters { say("", "\(each.count.grouped) in \(each.queue)") }
    if !troubles.failures.isEmpty { say("last failures", "") }
    for failure in troubles.failures {
      say("", "\(Timestamp.text(milliseconds: failure.endedAt)) \(failure.code) \(failure.rule) → \(failure.target):")
      say("", "  \(failure.summary) (\(failure.deliveryID))")
    }
    return lines
  }

  private var engineText: String {
    guard let process else { return "none runs on \(directory)" }
    guard let notice else { return "process \(process)" }
    return "signalbox \(notice.version), process \(process), for \(Self.span(now - notice.startedAt))"
  }

  /// A span of time in the one or two units that a person reads.
  static func span(_ milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds / 1000)
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
    case ..<86_400: return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
    default: return "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
    }
  }

  // MARK: For programs

  /// The report as one object; times are in RFC 3339, spans in seconds.
  var json: JSONValue {
    func time(_ milliseconds: Int64?) -> JSONValue {
      milliseconds.map { .string(Timestamp.text(milliseconds: $0)) } ?? .null
    }
    var object = JSONObject([("running", .bool(process != nil)), ("dataDirectory", .string(directory))])
    object["processID"] = process.map { .integer($0) }
    if let notice {
      object["version"] = .string(notice.version)
      object["startedAt"] = time(notice.startedAt)
      object["endpoint"] = notice.endpoint.map(JSONValue.string)
      object["rules"] = notice.rules.map { rules in
        .members([
          "hash": .string(rules.hash), "count": .integer(rules.count), "live": .integer(rules.live),
          "since": time(rules.since),
        ])
      }
      object["refusedRules"] = notice.refusal.map { refusal in
        .members(["at": time(refusal.at), "reasons": .array(refusal.reasons.map { .string($0) })])
      }
    }
    object["rulesOfBuses"] = .integer(busRules)
    object["events"] = .integer(figures.events)
    object["newestEventAt"] = time(newestEvent)
    object["deliveries"] = .integer(figures.deliveries)
    object["attempts"] = .integer(figures.attempts)
    object["lagSeconds"] = .integer(lag / 1000)
    object["backlog"] = .array(
      figures.backlog.map { each in
        .members(["target": .string(each.target), "pending": .integer(each.pending), "dueAt": time(each.dueAt)])
      }
    )
    object["deadLetters"] = .array(
      troubles.letters.map { .members(["queue": .string($0.queue), "messages": .integer($0.count)]) }
    )
    object["lastFailures"] = .array(
      troubles.failures.map { failure in
        .members([
          "at": time(failure.endedAt), "code": .string(failure.code), "rule": .string(failure.rule),
          "target": .string(failure.target), "delivery": .string(failure.deliveryID),
          "summary": .string(failure.summary),
        ])
      }
    )
    return .object(object)
  }
}

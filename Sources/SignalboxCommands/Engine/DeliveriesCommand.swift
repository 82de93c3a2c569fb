// `signalbox deliveries`: what was done about which event, and what was not, and why.

internal import ArgumentParser
internal import EventPatterns
internal import RuleFiles
internal import Storage

struct DeliveriesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries",
    abstract: "Look at the record of deliveries and refusals.",
    discussion: """
      Examples:
        signalbox deliveries list --data data --rule trail-stopped
        signalbox deliveries list --config signalbox.yaml --state dead-lettered --format ndjson
        signalbox deliveries show --data data dlv-0123456789abcdef0123456789abcdef
      """,
    subcommands: [List.self, Show.self]
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List deliveries, newest first.",
      discussion: """
        Example:
          signalbox deliveries list --data data --state failed --since 2026-01-01
        """
    )

    @OptionGroup var location: DataLocation

    @Option(help: "Only of this rule.")
    var rule: String?

    @Option(help: "Only to this target or action.")
    var target: String?

    @Option(help: "Only about this event (eventID).")
    var event: String?

    @Option(help: "Only in this state: \(Self.states).", transform: Self.state)
    var state: DeliveryState?

    @Option(help: "Only decided at or after this time (RFC 3339, or a date).", transform: Self.time)
    var since: Instant?

    @Option(help: "At most this many; 0 means all.")
    var limit = 50

    @Option(help: "text, json or ndjson.")
    var format = ListFormat.text

    private static let states = DeliveryState.allCases.map(\.rawValue).joined(separator: ", ")

    private static func state(_ text: String) throws -> DeliveryState {
      guard let state = DeliveryState(rawValue: text) else { throw ValidationError("The states are \(states).") }
      return state
    }

    private static func time(_ text: String) throws -> Instant {
      do {
        return try Instant(parsing: text)
      } catch {
        throw ValidationError("'\(text)' is no time: \(error)")
      }
    }

    func run() async throws {
      let database = try location.open()
      let query = LedgerQuery(
        ruleID: rule,
        targetID: target,
        state: state,
        eventID: event,
        since: since.map { $0.seconds * 1000 },
        limit: limit > 0 ? limit : .max
      )
      let records = try database.ledger.list(query)
      try ListWriter(format, on: .current).write(
        titles: ["DECIDED", "STATE", "TRIES", "RULE", "STEP", "TARGET", "DELIVERY"],
        records,
        row: \.row,
        json: \.json
      )
      if records.isEmpty { try sayWhatIsUnknown(to: database.ledger) }
    }

    /// A slip in a name and a rule that did nothing look the same in an empty list; says which names the record has
    /// never seen.
    private func sayWhatIsUnknown(to ledger: Ledger) throws(StorageError) {
      let filters = [
        ("rule", rule, LedgerQuery(ruleID: rule, limit: 1)),
        ("target or action", target, LedgerQuery(targetID: target, limit: 1)),
        ("event", event, LedgerQuery(eventID: event, limit: 1)),
      ]
      for case (let kind, let name?, let query) in filters where try ledger.list(query).isEmpty {
        Console.current.say(
          "There is no delivery of any time or state for the \(kind) '\(name.shownSafely)'; is it right?"
        )
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show one delivery with its request and its attempts.",
      discussion: """
        Example:
          signalbox deliveries show --data data dlv-0123456789abcdef0123456789abcdef
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The delivery's id, as `deliveries list` prints it.")
    var id: String

    @Option(help: "text or json.")
    var format = ValueFormat.text

    func run() async throws {
      let database = try location.open()
      guard let (record, attempts) = try database.ledger.show(id) else {
        throw CommandFailure(.invalid, "there is no delivery \(id.shownSafely) in \(database.path)")
      }
      var json = record.json
      guard case .object(var object) = json else { return }
      object["request"] = JSONValue(showing: record.decision.payload)
      object["history"] = .array(attempts.map(\.json))
      json = .object(object)
      switch format {
      case .json: try Console.current.print(json, pretty: true)
      case .text: for line in Self.text(record, attempts) { try Console.current.print(line) }
      }
    }

    static func text(_ record: DeliveryRecord, _ attempts: [AttemptRecord]) -> [String] {
      let decision = record.decision
      var lines = [
        ("delivery", decision.deliveryID),
        ("state", decision.state.rawValue + (decision.reason.isEmpty ? "" : " (\(decision.reason))")),
        ("rule", decision.ruleID + (decision.ruleTitle.isEmpty ? "" : " (\(decision.ruleTitle))")),
        ("rule set", decision.ruleSetHash),
        ("step", "\(decision.stepID), \(decision.kind.rawValue) \(decision.targetID)"),
        ("event", decision.eventID),
        ("decided", Timestamp.text(milliseconds: decision.decidedAt)),
        ("settled", record.settledAt.map(Timestamp.text(milliseconds:)) ?? "-"),
      ].map { label, value in "\(label.padded(to: 10))\(value.shownSafely)" }
      for parameter in decision.parameters {
        lines.append("with".padded(to: 10) + "\(parameter.name) = \(parameter.value)".shownSafely)
      }
      lines += request(decision.payload)
      for attempt in attempts {
        let time = Timestamp.text(milliseconds: attempt.startedAt)
        let code = attempt.errorCode.map { " \($0)" } ?? ""
        lines.append("try \(attempt.attempt)".padded(to: 10) + "\(time)\(code) \(attempt.summary)".shownSafely)
        for line in attempt.output.split(separator: "\n") { lines.append("          | " + String(line).shownSafely) }
      }
      return lines
    }

    /// The request: JSON on lines of its own, so that it can be copied from the first brace to the last; what a program
    /// is started with, also on one line.
    static func request(_ payload: [UInt8]) -> [String] {
      guard let value = try? JSONValue(parsing: payload) else {
        return ["request".padded(to: 10) + String(decoding: payload, as: UTF8.self).shownSafely]
      }
      var lines: [String] = []
      if let argv = value["argv"] { lines.append("argv".padded(to: 10) + argv.text.jsonShownSafely) }
      lines.append("request")
      for line in value.prettyText.jsonShownSafely.split(separator: "\n") { lines.append("  " + line) }
      return lines
    }
  }
}

extension DeliveryRecord {
  fileprivate var row: [String] {
    [
      Timestamp.text(milliseconds: decision.decidedAt), decision.state.rawValue, String(attempts), decision.ruleID,
      decision.stepID, decision.targetID, decision.deliveryID,
    ]
  }

  fileprivate var json: JSONValue {
    var object = JSONObject([
      ("deliveryID", .string(decision.deliveryID)),
      ("eventID", .string(decision.eventID)),
      ("rule", .string(decision.ruleID)),
      ("ruleSetHash", .string(decision.ruleSetHash)),
      ("step", .string(decision.stepID)),
      ("kind", .string(decision.kind.rawValue)),
      ("target", .string(decision.targetID)),
      ("state", .string(decision.state.rawValue)),
    ])
    if !decision.reason.isEmpty { object["reason"] = .string(decision.reason) }
    object["decidedAt"] = .string(Timestamp.text(milliseconds: decision.decidedAt))
    if decision.state == .pending {
      object["nextAttemptAt"] = .string(Timestamp.text(milliseconds: nextAttemptAt))
    }
    object["settledAt"] = settledAt.map { .string(Timestamp.text(milliseconds: $0)) }
    object["attempts"] = .integer(attempts)
    if !decision.parameters.isEmpty {
      object["parameters"] = .object(JSONObject(decision.parameters.map { ($0.name, .string($0.value)) }))
    }
    return .object(object)
  }
}

extension AttemptRecord {
  fileprivate var json: JSONValue {
    var object = JSONObject([
      ("attempt", .integer(attempt)),
      ("startedAt", .string(Timestamp.text(milliseconds: startedAt))),
      ("endedAt", .string(Timestamp.text(milliseconds: endedAt))),
    ])
    object["errorCode"] = errorCode.map(JSONValue.string)
    object["summary"] = .string(summary)
    if !output.isEmpty { object["output"] = .string(output) }
    return .object(object)
  }
}

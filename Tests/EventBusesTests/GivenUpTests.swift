import Delivery
import Logging
import Messaging
import Storage
import Synchronization
import Testing
import TrailEvents

@testable import EventBuses

/// What is given up in the transaction of its event is seen wherever other failures are.
@Suite("Deliveries given up at once")
struct GivenUpTests {
  /// Keeps what is logged.
  final class Lines: Sendable {
    let all = Mutex<[Logger.Metadata]>([])

    struct Handler: LogHandler {
      let lines: Lines
      var logLevel = Logger.Level.info
      var metadata: Logger.Metadata = [:]

      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }

      func log(event: LogEvent) {
        var fields = event.metadata ?? [:]
        fields["message"] = "\(event.message)"
        lines.all.withLock { $0.append(fields) }
      }
    }
  }

  let fixture: BusFixture
  let lines = Lines()
  let engine: BusEngine

  init() throws {
    fixture = try BusFixture()
    var settings = BusSettings(http: fixture.http)
    settings.secrets = BusFixture.secrets
    settings.queues = fixture.queues
    settings.topics = fixture.topics
    engine = try BusEngine(
      database: fixture.database,
      settings: settings,
      clock: fixture.clock,
      logger: Logger(label: "test") { [lines] _ in Lines.Handler(lines: lines) }
    )
  }

  static func arn(_ service: String, _ resource: String) -> String {
    ARN(service: service, in: BusFixture.scope, resource: resource).description
  }

  static let cases: [(RuleTarget, code: String)] = [
    (RuleTarget(id: "t", arn: arn("sqs", "none")), "NO_RESOURCE"),
    (RuleTarget(id: "t", arn: arn("sqs", "closed")), "NO_PERMISSIONS"),
    (RuleTarget(id: "t", arn: arn("sns", "none")), "NO_RESOURCE"),
    (RuleTarget(id: "t", arn: arn("events", "event-bus/none")), "NO_RESOURCE"),
    (RuleTarget(id: "t", arn: arn("sqs", "open"), inputPath: "$.detail.none"), "INVALID_JSON"),
  ]

  @Test(arguments: cases, [true, false])
  func `It is in the log, counted, and among the last failures`(
    given: (target: RuleTarget, code: String),
    hasQueue: Bool
  ) async throws {
    let letters = try await fixture.queue("letters")
    _ = try await fixture.queue("closed", isOpen: false)
    _ = try await fixture.queue("open")
    var target = given.target
    if hasQueue { target.deadLetterARN = letters.arn.description }
    let wanted = target
    let bus = BusReference(scope: BusFixture.scope)
    let rule = try await engine.change { catalog throws(BusError) in
      let rule = try catalog.putRule(
        "r",
        RuleSettings(pattern: #"{"source":["app"]}"#),
        on: bus,
        by: bus.scope.account,
        now: 0
      )
      try catalog.putTargets([wanted], of: "r", on: bus)
      return rule
    }
    let entry = EventEntry(source: "app", detailType: "D", detail: "{}")
    guard case .accepted(let id) = try await engine.putEvents([entry], from: BusFixture.scope)[0] else {
      Issue.record("the event was refused")
      return
    }
    #expect(engine.counts.failures == 1)
    let line = try #require(lines.all.withLock { $0.first })
    #expect(line["event"] == "\(id)")
    #expect(line["rule"] == "\(rule)")
    #expect(line["target"] == "\(target.arn)")
    #expect(line["code"] == "\(given.code)")
    #expect("\(line["delivery"] ?? "")".hasPrefix("dlv-"))
    #expect(line["attempt"] != nil)
    #expect("\(line["message"] ?? "")".contains(hasQueue ? "in the dead-letter queue letters" : "no dead-letter queue"))
    let failures = try fixture.database.troubles().failures
    #expect(failures.map(\.code) == [given.code])
    #expect(failures.map(\.rule) == [rule])
    let letter = try await fixture.messages(letters).first?.message
    #expect((letter != nil) == hasQueue)
    #expect(letter?.attributes["RETRY_ATTEMPTS"] ?? "0" == "0")
    #expect(letter?.senderID ?? "AIDAJXNJGGKNS7OSV23OI" == "AIDAJXNJGGKNS7OSV23OI")
  }

  @Test func `A dead-letter queue that is not there makes it a failure, and says so`() async throws {
    let target = RuleTarget(
      id: "t",
      arn: Self.arn("events", "event-bus/none"),
      deadLetterARN: Self.arn("sqs", "gone")
    )
    try await fixture.rule("r", #"{"source":["app"]}"#, [target])
    _ = try await fixture.put()
    let record = try #require(try fixture.database.ledger.list(LedgerQuery()).first?.decision)
    #expect(record.state == .failed)
    #expect(record.reason.contains("there is no dead-letter queue gone"))
  }

  @Test(arguments: [
    ("letters", "letters"), ("//letters", "letters"),
    ("444455556666/eu-west-1/letters", "arn:aws:sqs:eu-west-1:444455556666:letters"),
  ])
  func `Queues are named as people know them`(reference: String, shown: String) {
    #expect(DeadLetter.readable(reference) == shown)
  }
}

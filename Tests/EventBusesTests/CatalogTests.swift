import Testing
import TrailEvents

@testable import EventBuses

@Suite("The catalog's answers")
struct CatalogTests {
  static let scope = Scope(account: "111122223333", region: "us-east-1")
  static let bus = BusReference(scope: scope)
  var catalog = Catalog()

  @discardableResult
  mutating func rule(_ name: String, on bus: BusReference = bus) throws -> String {
    try catalog.putRule(
      name,
      RuleSettings(pattern: #"{"source":["a"]}"#),
      on: bus,
      by: bus.scope.account,
      now: 1000
    )
  }

  @Test mutating func `ARNs of rules name the bus unless it is the default one`() throws {
    _ = try catalog.createBus(EventBus(name: "b"), in: Self.scope)
    #expect(try rule("r") == "arn:aws:events:us-east-1:111122223333:rule/r")
    #expect(
      try rule("r", on: BusReference(scope: Self.scope, name: "b")) == "arn:aws:events:us-east-1:111122223333:rule/b/r"
    )
  }

  @Test(arguments: [
    RuleTarget(id: "t", arn: "arn:aws:events:us-east-1:999999999999:api-destination/d/1"),
    RuleTarget(id: "t", arn: "arn:aws:events:eu-west-1:111122223333:api-destination/d/1"),
    RuleTarget(
      id: "t",
      arn: "arn:aws:lambda:us-east-1:111122223333:function:f",
      deadLetterARN: "arn:aws:sqs:us-east-1:999999999999:victim"
    ),
  ])
  mutating func `secrets and dead-letter queues of other accounts are not to be had`(_ target: RuleTarget) throws {
    try rule("r")
    #expect(throws: BusError.self) { try catalog.putTargets([target], of: "r", on: Self.bus) }
  }

  @Test(arguments: [
    ("nothing", RuleSettings(), "default", "Parameter(s) EventPattern or ScheduleExpression must be specified."),
    ("bad", RuleSettings(schedule: "rate(1 minutes)"), "default", "Parameter ScheduleExpression is not valid."),
    ("zero", RuleSettings(schedule: "rate(0 minutes)"), "default", "Parameter ScheduleExpression is not valid."),
    ("cron", RuleSettings(schedule: "cron(0 1 * * * *)"), "default", "Parameter ScheduleExpression is not valid."),
    (
      "custom", RuleSettings(schedule: "rate(1 minute)"), "b",
      "ScheduleExpression is supported only on the default event bus."
    ),
  ])
  mutating func `Rules that are none are refused`(
    name: String,
    settings: RuleSettings,
    bus: String,
    message: String
  ) throws {
    _ = try catalog.createBus(EventBus(name: "b"), in: Self.scope)
    #expect(throws: BusError.validation(message)) {
      try catalog.putRule(name, settings, on: BusReference(scope: Self.scope, name: bus), by: "1", now: 0)
    }
  }

  @Test mutating func `A bad pattern is told in EventBridge's words`() throws {
    do {
      try catalog.putRule("r", RuleSettings(pattern: #"{"source": "x"}"#), on: Self.bus, by: "1", now: 0)
      Issue.record("it was taken")
    } catch {
      #expect(error.code == "InvalidEventPatternException")
      #expect(error.message.hasPrefix("Event pattern is not valid. Reason: "))
      #expect(error.message.contains(#"at [Source: (String)"{"source": "x"}"; line: 1, column: "#))
    }
  }

  @Test mutating func `What is not there is said so`() throws {
    #expect(throws: BusError.notFound("Rule r does not exist on EventBus default.")) {
      try catalog.rule("r", on: Self.bus)
    }
    #expect(throws: BusError.notFound("Event bus b does not exist.")) {
      try catalog.rules(on: BusReference(scope: Self.scope, name: "b"))
    }
    #expect(throws: BusError.validation("Cannot delete event bus default.")) { try catalog.deleteBus(Self.bus) }
    _ = try catalog.createBus(EventBus(name: "b"), in: Self.scope)
    #expect(throws: BusError.exists("Event bus b already exists.")) {
      try catalog.createBus(EventBus(name: "b"), in: Self.scope)
    }
    #expect(throws: BusError.notFound("Archive a does not exist.")) { try catalog.archive("a", in: Self.scope) }
  }

  @Test mutating func `A rule has five targets at most, and goes only without them`() throws {
    try rule("r")
    let targets = (0..<6).map { RuleTarget(id: "t\($0)", arn: "arn:aws:sqs:us-east-1:111122223333:q") }
    try catalog.putTargets(Array(targets.prefix(5)), of: "r", on: Self.bus)
    try catalog.putTargets([targets[0]], of: "r", on: Self.bus)
    #expect(throws: BusError.limit()) { try catalog.putTargets([targets[5]], of: "r", on: Self.bus) }
    #expect(throws: BusError.validation("Rule can't be deleted since it has targets.")) {
      try catalog.deleteRule("r", on: Self.bus)
    }
    try catalog.removeTargets(targets.map(\.id), of: "r", on: Self.bus)
    try catalog.deleteRule("r", on: Self.bus)
    #expect(try catalog.rules(on: Self.bus).isEmpty)
  }

  @Test mutating func `A bus has as many rules as the limit says`() throws {
    catalog.limits.rulesPerBus = 2
    try rule("a")
    try rule("b")
    try rule("a")
    #expect(throws: BusError.limit()) { try rule("c") }
  }

  @Test mutating func `An archive shows as a managed rule that leaves replays out`() throws {
    let archive = Archive(
      name: "a",
      sourceARN: Self.bus.arn,
      pattern: #"{"source":["x"]}"#,
      retentionDays: 0,
      createdAt: 0,
      storageID: "s"
    )
    try catalog.createArchive(archive, in: Self.scope)
    let rule = try catalog.rule("Events-Archive-a", on: Self.bus)
    #expect(rule.pattern == #"{"source":["x"],"replay-name":[{"exists":false}]}"#)
    #expect(throws: BusError.self) { try catalog.deleteRule("Events-Archive-a", on: Self.bus) }
    #expect(
      throws: BusError.validation("At least one of EventPattern, RetentionDays or Description must be provided.")
    ) {
      try catalog.updateArchive("a", description: nil, pattern: nil, retentionDays: nil, in: Self.scope)
    }
    _ = try catalog.deleteArchive("a", in: Self.scope)
    #expect(try catalog.rules(on: Self.bus).isEmpty)
  }

  @Test mutating func `Replays are checked against their archive`() throws {
    _ = try catalog.createBus(EventBus(name: "b"), in: Self.scope)
    let archive = Archive(name: "a", sourceARN: Self.bus.arn, retentionDays: 0, createdAt: 0, storageID: "s")
    try catalog.createArchive(archive, in: Self.scope)
    func replay(_ archive: String, _ destination: String, _ from: Int64, _ until: Int64) -> Replay {
      Replay(
        name: "r",
        description: nil,
        archiveARN: Archive.arn(archive, in: Self.scope),
        from: from,
        until: until,
        destinationARN: destination,
        filterARNs: [],
        startedAt: 0
      )
    }
    let refusals: [(Replay, String)] = [
      (replay("x", Self.bus.arn, 0, 1), "Parameter EventSourceArn is not valid. Reason: Archive x does not exist."),
      (
        replay("a", Self.bus.arn, 1, 1),
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
      ),
      (
        replay("a", BusReference(scope: Self.scope, name: "b").arn, 0, 1),
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
      ),
    ]
    for (refused, message) in refusals {
      #expect(throws: BusError.validation(message)) { try catalog.startReplay(refused, in: Self.scope) }
    }
    try catalog.startReplay(replay("a", Self.bus.arn, 0, 1), in: Self.scope)
    #expect(throws: BusError.exists("Replay r already exists.")) {
      try catalog.startReplay(replay("a", Self.bus.arn, 0, 1), in: Self.scope)
    }
  }

  @Test mutating func `A statement of a policy comes and goes`() throws {
    let permission = PermissionSettings(statementID: "s1", action: "events:PutEvents", principal: "444455556666")
    #expect(!catalog.allows("444455556666", "events:PutEvents", on: Self.bus))
    try catalog.putPermission(permission, on: Self.bus, now: 0)
    try catalog.putPermission(permission, on: Self.bus, now: 0)
    #expect(catalog.allows("444455556666", "events:PutEvents", on: Self.bus))
    #expect(!catalog.allows("777788889999", "events:PutEvents", on: Self.bus))
    try catalog.removePermission("s1", on: Self.bus, now: 0)
    #expect(try catalog.bus(Self.bus).policy == nil)
    #expect(throws: BusError.notFound("EventBus does not have a policy.")) {
      try catalog.removePermission("s1", on: Self.bus, now: 0)
    }
  }

  @Test mutating func `Secrets of a connection are kept apart from what is shown`() throws {
    var parameters = ConnectionParameters(authorization: .basic)
    parameters.username = "u"
    parameters.password = "p4ss"
    parameters.invocation = ConnectionHTTPParameters(
      headers: [
        ConnectionParameter(key: "a", value: "open"), ConnectionParameter(key: "b", value: "closed", isSecret: true),
      ]
    )
    let connection = try catalog.createConnection(
      "c",
      description: nil,
      parameters,
      identifier: "i",
      secretIdentifier: "s",
      in: Self.scope,
      now: 0
    )
    #expect(connection.state == .authorized)
    let shown = "\(try catalog.connection("c", in: Self.scope))"
    #expect(shown.contains("open"))
    #expect(!shown.contains("p4ss") && !shown.contains("closed"))
    #expect(catalog[Self.scope].secrets["c"] == parameters)
    _ = try catalog.deauthorizeConnection("c", in: Self.scope, now: 1)
    #expect(catalog[Self.scope].secrets["c"] == nil)
  }

  @Test mutating func `A partner's source waits for its bus`() throws {
    let partner = Scope(account: "999988887777", region: "us-east-1")
    let name = "aws.partner/example.com/orders"
    _ = try catalog.createPartnerSource(name, for: Self.scope.account, by: partner, now: 0)
    #expect(try catalog.eventSource(name, in: Self.scope).state == .pending)
    _ = try catalog.createBus(EventBus(name: name, sourceName: name), in: Self.scope)
    #expect(try catalog.eventSource(name, in: Self.scope).state == .active)
    #expect(catalog.partnerSources(by: partner).map(\.account) == [Self.scope.account])
    try catalog.setActive(false, source: name, in: Self.scope)
    #expect(try catalog.eventSource(name, in: Self.scope).state == .pending)
  }

  @Test mutating func `Rows tell what has changed, and load again`() throws {
    try rule("r")
    let rows = catalog.takeChanges()
    #expect(rows.map(\.kind) == ["rule"])
    #expect(catalog.takeChanges().isEmpty)
    var loaded = Catalog()
    for row in rows { try loaded[row.scope].load(row) }
    #expect(try loaded.rule("r", on: Self.bus) == catalog.rule("r", on: Self.bus))
  }

  @Test(arguments: [
    (#"{"source":["a"]}"#, "{}", true), (#"{"detail":{"n":[{"numeric":[">",3]}]}}"#, #"{"n":2}"#, false),
  ])
  func `A pattern is tried on an event`(pattern: String, detail: String, matches: Bool) throws {
    let event = """
      {"id":"1","detail-type":"d","source":"a","account":"1","time":"t","region":"r","detail":\(detail)}
      """
    #expect(try PatternTest.matches(pattern, event: event) == matches)
  }

  @Test func `Ids of events are UUIDs in the order of their times`() {
    var generator = SystemRandomNumberGenerator()
    let ids = [1, 1_795_000_000_000, 1_795_000_000_001].map { EventID.ordered(at: $0, using: &generator) }
    #expect(ids == ids.sorted())
    for id in ids + [EventID.random(using: &generator)] {
      #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }
  }
}

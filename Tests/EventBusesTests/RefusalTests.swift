import Decisions
import Delivery
import RuleFiles
import Testing
import TrailEvents

@testable import EventBuses

/// What EventBridge refuses and what would otherwise be kept without effect.
@Suite("What the catalog refuses")
struct RefusalTests {
  static let scope = Scope(account: "111122223333", region: "us-east-1")
  static let bus = BusReference(scope: scope)
  var catalog = Catalog()

  init() throws {
    try catalog.putRule("r", RuleSettings(pattern: #"{"source":["a"]}"#), on: Self.bus, by: Self.scope.account, now: 0)
  }

  static func arn(_ resource: String) -> String { ARN(service: "events", in: scope, resource: resource).description }

  @Test(arguments: [
    (RuleTarget(id: "t", arn: arn("event-bus/other"), input: "{}"), "not supported for target: t."),
    (RuleTarget(id: "t", arn: arn("event-bus/other"), inputPath: "$.detail"), "not supported for target: t."),
    (
      RuleTarget(id: "t", arn: arn("event-bus/other"), transformer: .init(paths: [:], template: "{}")),
      "not supported for target: t."
    ),
    (RuleTarget(id: "t", arn: arn("event-bus/default")), "cannot be the target of its own rules"),
    (RuleTarget(id: "t", arn: arn("event-bus/other"), roleARN: "foo"), "Parameter RoleArn is not valid."),
    (
      RuleTarget(id: "t", arn: arn("event-bus/other"), roleARN: "arn:aws:iam::111122223333:user/u"),
      "Parameter RoleArn is not valid."
    ),
  ])
  mutating func `Targets that could not work as they are`(target: RuleTarget, message: String) {
    let error = #expect(throws: BusError.self) { try catalog.putTargets([target], of: "r", on: Self.bus) }
    #expect(error?.code == "ValidationException")
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  mutating func destination(_ endpoint: String) throws -> String {
    var parameters = ConnectionParameters(authorization: .basic)
    (parameters.username, parameters.password) = ("u", "p")
    let connection = try catalog.createConnection(
      "c",
      description: nil,
      parameters,
      identifier: "1",
      secretIdentifier: "2",
      in: Self.scope,
      now: 0
    )
    let destination = APIDestination(
      name: "d",
      identifier: "1",
      description: nil,
      connectionARN: connection.arn(in: Self.scope),
      endpoint: endpoint,
      method: "POST",
      rateLimit: 1,
      now: 0
    )
    try catalog.createDestination(destination, in: Self.scope)
    return destination.arn(in: Self.scope)
  }

  @Test(arguments: [
    ("https://example.com/", 0, true), ("https://example.com/*/x/*", 2, true), ("https://example.com/*", 0, false),
    ("https://example.com/*/*", 1, false), ("https://example.com/", 1, false),
  ])
  mutating func `Each place in the URL of a destination needs a value`(
    endpoint: String,
    values: Int,
    isTaken: Bool
  ) throws {
    let arn = try destination(endpoint)
    let http = RuleTarget.HTTPParameters(pathValues: Array(repeating: "v", count: values))
    let target = RuleTarget(id: "t", arn: arn, http: http)
    if isTaken {
      try catalog.putTargets([target], of: "r", on: Self.bus)
    } else {
      #expect(throws: BusError.self) { try catalog.putTargets([target], of: "r", on: Self.bus) }
    }
  }

  @Test(arguments: ["foo", "https://", "ftp://example.com/", "https:///x", "http://:80/", ""])
  mutating func `A destination is the URL of a web server`(endpoint: String) {
    #expect(throws: BusError.self) { try destination(endpoint) }
  }

  @Test mutating func `A pattern is as long as the quota allows`() throws {
    func pattern(_ length: Int) -> String { #"{"source":["\#(String(repeating: "a", count: length - 15))"]}"# }
    #expect(pattern(2048).count == 2048)
    try catalog.putRule("long", RuleSettings(pattern: pattern(2048)), on: Self.bus, by: Self.scope.account, now: 0)
    let error = #expect(throws: BusError.self) {
      try catalog.putRule("long", RuleSettings(pattern: pattern(2049)), on: Self.bus, by: Self.scope.account, now: 0)
    }
    #expect(error?.code == "LimitExceededException")
    catalog.limits.patternLength = 4096
    try catalog.putRule("long", RuleSettings(pattern: pattern(2049)), on: Self.bus, by: Self.scope.account, now: 0)
  }

  @Test mutating func `The role of a rule is a role`() {
    #expect(throws: BusError.self) {
      let settings = RuleSettings(pattern: #"{"source":["a"]}"#, roleARN: "foo")
      try catalog.putRule("x", settings, on: Self.bus, by: Self.scope.account, now: 0)
    }
  }

  @Test(arguments: ["events:Foo", "events:CreateEventBus", "events:putevents"])
  mutating func `A permission is one that a bus can give`(action: String) {
    let permission = PermissionSettings(statementID: "s", action: action, principal: "*")
    #expect(throws: BusError.self) { try catalog.putPermission(permission, on: Self.bus, now: 0) }
  }

  @Test mutating func `A replay asks for rules of its bus`() throws {
    let archive = Archive(
      name: "a",
      sourceARN: Self.bus.arn,
      retentionDays: 0,
      createdAt: 0,
      storageID: "s"
    )
    try catalog.createArchive(archive, in: Self.scope)
    func replay(_ name: String, _ rules: String...) -> Replay {
      Replay(
        name: name,
        description: nil,
        archiveARN: Archive.arn("a", in: Self.scope),
        from: 0,
        until: 60_000,
        destinationARN: Self.bus.arn,
        filterARNs: rules,
        startedAt: 0
      )
    }
    try catalog.startReplay(replay("good", Self.arn("rule/r")), in: Self.scope)
    #expect(throws: BusError.self) { try catalog.startReplay(replay("none", Self.arn("rule/none")), in: Self.scope) }
    #expect(throws: BusError.self) { try catalog.startReplay(replay("text", "foo"), in: Self.scope) }
    #expect(throws: BusError.self) {
      try catalog.startReplay(replay("other", Self.arn("rule/other/r")), in: Self.scope)
    }
  }

  @Test(arguments: [
    [ResourceTag(key: "a", value: "1"), ResourceTag(key: "a", value: "2")],
    (0...50).map { ResourceTag(key: "k\($0)", value: "") },
  ])
  mutating func `Tags are different, and not more than fifty`(tags: [ResourceTag]) {
    #expect(throws: BusError.self) { try catalog.tag(Self.bus.arn, tags, in: Self.scope) }
    #expect(throws: BusError.self) {
      try catalog.putRule(
        "t",
        RuleSettings(pattern: #"{"source":["a"]}"#),
        tags: tags,
        on: Self.bus,
        by: Self.scope.account,
        now: 0
      )
    }
    #expect(throws: BusError.self) { try catalog.createBus(EventBus(name: "t"), tags: tags, in: Self.scope) }
  }

  // MARK: Connections

  static func parameters(
    _ authorization: Connection.Authorization,
    of kinds: Set<Connection.Authorization>
  ) -> ConnectionParameters {
    var parameters = ConnectionParameters(authorization: authorization)
    if kinds.contains(.basic) { (parameters.username, parameters.password) = ("u", "p") }
    if kinds.contains(.apiKey) { (parameters.apiKeyName, parameters.apiKeyValue) = ("n", "v") }
    if kinds.contains(.clientCredentials) {
      parameters.oauth = .init(clientID: "i", clientSecret: "s", endpoint: "https://example.com/t", method: "PUT")
    }
    return parameters
  }

  mutating func create(_ parameters: ConnectionParameters) throws -> Connection {
    try catalog.createConnection(
      "c",
      description: nil,
      parameters,
      identifier: "1",
      secretIdentifier: "2",
      in: Self.scope,
      now: 0
    )
  }

  @Test(arguments: [
    parameters(.basic, of: []), parameters(.basic, of: [.apiKey]), parameters(.basic, of: [.basic, .apiKey]),
    parameters(.apiKey, of: [.apiKey, .clientCredentials]), parameters(.clientCredentials, of: [.basic]),
  ])
  mutating func `A connection has parameters of its kind and of no other`(parameters: ConnectionParameters) {
    let error = #expect(throws: BusError.self) { _ = try create(parameters) }
    #expect(error?.code == "ValidationException")
  }

  mutating func update(_ authorization: Connection.Authorization?, _ parameters: ConnectionParameters?) throws {
    _ = try catalog.updateConnection(
      "c",
      description: nil,
      authorization: authorization,
      parameters: parameters,
      in: Self.scope,
      now: 1
    )
  }

  @Test mutating func `A change of a connection is one of its kind, or of the kind with all that it needs`() throws {
    _ = try create(Self.parameters(.basic, of: [.basic]))
    #expect(throws: BusError.self) { try update(.apiKey, nil) }
    #expect(throws: BusError.self) { try update(nil, Self.parameters(.basic, of: [.apiKey])) }
    #expect(throws: BusError.self) { try update(.apiKey, Self.parameters(.apiKey, of: [.basic])) }
    #expect(try catalog.connection("c", in: Self.scope).parameters.authorization == .basic)
    try update(.basic, nil)
    try update(.clientCredentials, Self.parameters(.clientCredentials, of: [.clientCredentials]))

    var partial = ConnectionParameters(authorization: .clientCredentials)
    partial.oauth = .init(clientID: "", clientSecret: "new", endpoint: "", method: "")
    try update(nil, partial)
    let secrets = catalog[Self.scope].secrets["c"]?.oauth
    #expect(secrets == .init(clientID: "i", clientSecret: "new", endpoint: "https://example.com/t", method: "PUT"))
  }

  // MARK: Rules of files

  @Test mutating func `Nothing of a rule in a file is to be changed, its name and tags included`() throws {
    let yaml = "kind: Rule\nid: filed\nwhen: {source: [a]}\nthen: [{id: s, send: {type: stdout}}]\n"
    let loaded = RuleRepository.load([SourceFile(path: "rules.yaml", yaml)])
    let rules = try RuleSet(try #require(loaded.repository, "\(loaded.diagnostics)"))
    try catalog.putRule(
      "filed",
      RuleSettings(pattern: #"{"source":["a"]}"#),
      on: Self.bus,
      by: Self.scope.account,
      now: 0
    )
    try catalog.deleteRule("filed", on: Self.bus)
    catalog.fileRules = FileRules(rules: rules, routes: RouteTable()).managedRules(now: 0)
    let arn = Self.arn("rule/filed")
    let tag = [ResourceTag(key: "a", value: "b")]
    let errors = [
      #expect(throws: BusError.self) { try catalog.tag(arn, tag, in: Self.scope) },
      #expect(throws: BusError.self) { try catalog.untag(arn, ["a"], in: Self.scope) },
      #expect(throws: BusError.self) {
        try catalog.putRule(
          "filed",
          RuleSettings(pattern: #"{"source":["b"]}"#),
          on: Self.bus,
          by: Self.scope.account,
          now: 0
        )
      },
    ]
    #expect(errors.map { $0?.code } == Array(repeating: "ManagedRuleException", count: 3))
    #expect(try catalog.tags(of: arn, in: Self.scope).isEmpty)
    #expect(catalog.rulesNamedLikeThoseOfFiles.isEmpty)
  }

  @Test mutating func `A rule of the API that a file's name comes upon is told of, and can only go`() throws {
    let yaml = "kind: Rule\nid: r\nwhen: {source: [a]}\nthen: [{id: s, send: {type: stdout}}]\n"
    let loaded = RuleRepository.load([SourceFile(path: "rules.yaml", yaml)])
    let rules = try RuleSet(try #require(loaded.repository, "\(loaded.diagnostics)"))
    catalog.fileRules = FileRules(rules: rules, routes: RouteTable()).managedRules(now: 0)
    #expect(catalog.rulesNamedLikeThoseOfFiles == [Self.arn("rule/r")])
    #expect(throws: BusError.self) {
      try catalog.putRule(
        "r",
        RuleSettings(pattern: #"{"source":["b"]}"#),
        on: Self.bus,
        by: Self.scope.account,
        now: 0
      )
    }
    try catalog.deleteRule("r", on: Self.bus)
    #expect(catalog.rulesNamedLikeThoseOfFiles.isEmpty)
  }

  // MARK: TestEventPattern

  @Test(arguments: ["id", "detail-type", "source", "account", "time", "region"])
  func `An event to try a pattern on is a whole one`(missing: String) {
    let members = ["id", "detail-type", "source", "account", "time", "region"].filter { $0 != missing }
    let event = "{\(members.map { "\"\($0)\":\"x\"" }.joined(separator: ","))}"
    #expect(throws: BusError.validation("Parameter Event is not valid. Reason: it has no \(missing).")) {
      try PatternTest.matches(#"{"source":["x"]}"#, event: event)
    }
  }
}

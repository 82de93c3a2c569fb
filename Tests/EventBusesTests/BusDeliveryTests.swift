import Decisions
import Delivery
import EventPatterns
import Foundation
import HTTPTesting
import Logging
import Messaging
import Outbound
import RuleFiles
import SignalboxTesting
import Storage
import Synchronization
import Testing
import TrailEvents

@testable import EventBuses

@Suite("Deliveries of buses")
struct BusDeliveryTests {
  let fixture: BusFixture

  init() throws { fixture = try BusFixture() }

  /// Runs a dispatcher over the buses' routes until nothing waits but for a later attempt.
  func deliver(until limit: Duration = .zero) async {
    var table = RouteTable()
    table.resolvers = [fixture.engine.routes]
    let dispatcher = Dispatcher(
      database: fixture.database,
      routes: table,
      clock: fixture.clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    fixture.engine.connect(to: dispatcher)
    async let run: Void = dispatcher.run()
    _ = await dispatcher.drain(waitingUntil: fixture.clock.now + limit)
    dispatcher.stop(by: fixture.clock.now)
    await run
  }

  func destination(
    _ url: String,
    _ parameters: ConnectionParameters,
    rate: Int = 300
  ) async throws -> String {
    let now = fixture.clock.now.milliseconds
    return try await fixture.engine.change { catalog throws(BusError) in
      let connection = try catalog.createConnection(
        "c",
        description: nil,
        parameters,
        identifier: "11111111-2222",
        secretIdentifier: "s",
        in: BusFixture.scope,
        now: now
      )
      let destination = APIDestination(
        name: "d",
        identifier: "33333333-4444",
        connectionARN: connection.arn(in: BusFixture.scope),
        endpoint: url,
        method: "POST",
        rateLimit: rate,
        now: now
      )
      try catalog.createDestination(destination, in: BusFixture.scope)
      return destination.arn(in: BusFixture.scope)
    }
  }

  static func apiKey() -> ConnectionParameters {
    var parameters = ConnectionParameters(authorization: .apiKey)
    parameters.apiKeyName = "x-my-key"
    parameters.apiKeyValue = "s3cr3t"
    parameters.invocation = ConnectionHTTPParameters(
      headers: [ConnectionParameter(key: "x-extra", value: "e")],
      query: [ConnectionParameter(key: "q", value: "1")],
      body: [ConnectionParameter(key: "team", value: "sec")]
    )
    return parameters
  }

  @Test func `An API destination gets the event with the connection's and the target's parameters`() async throws {
    let server = try LocalHTTPServer { _ in .status(200) }
    defer { server.stop() }
    let arn = try await destination("\(server.origin)/hook/*", Self.apiKey())
    try await fixture.rule(
      "r",
      #"{"source":["app"]}"#,
      [
        RuleTarget(
          id: "t",
          arn: arn,
          http: RuleTarget.HTTPParameters(
            pathValues: ["$.detail.who"],
            headers: ["x-t": "$.detail.who", "x-fixed": "f", "Host": "evil"]
          )
        )
      ]
    )
    _ = try await fixture.put(#"{"who":"ann lee"}"#)
    await deliver()
    let request = try #require(server.requests.first)
    #expect(request.method == "POST")
    #expect(request.target == "/hook/ann%20lee?q=1")
    #expect(request.header("x-my-key") == "s3cr3t")
    #expect(request.header("x-extra") == "e")
    #expect(request.header("x-t") == "ann lee")
    #expect(request.header("x-fixed") == "f")
    #expect(request.header("host") != "evil")
    // What the User Guide and requests seen say of "API destinations", to the letter.
    #expect(request.header("user-agent") == "Amazon/EventBridge/ApiDestinations")
    #expect(request.header("range") == "bytes=0-1048575")
    #expect(request.header("accept-encoding") == "gzip,deflate")
    #expect(request.header("connection") == "close")
    #expect(request.header("content-type") == "application/json; charset=utf-8")
    #expect(request.header("accept") == nil)
    let body = try JSONValue(parsing: request.body)
    #expect(body["team"] == .string("sec"))
    #expect(body["source"] == .string("app"))
  }

  @Test func `A place in the URL that has no value is no text to send`() async throws {
    let server = try LocalHTTPServer { _ in .status(200) }
    defer { server.stop() }
    let letters = try await fixture.queue("letters")
    let arn = try await destination("\(server.origin)/hook", Self.apiKey())
    let target = RuleTarget(id: "t", arn: arn, deadLetterARN: letters.arn.description)
    try await fixture.rule("r", #"{"source":["app"]}"#, [target])
    let name = String(arn.split(separator: "/")[1])
    try await fixture.engine.change { catalog throws(BusError) in
      _ = try catalog.updateDestination(name, endpoint: "\(server.origin)/hook/*", in: BusFixture.scope, now: 1)
    }
    _ = try await fixture.put()
    await deliver()
    let letter = try #require(try await fixture.messages(letters).first)
    #expect(letter.message.attributes["ERROR_CODE"] == "INVALID_PARAMETER")
    #expect(server.requests.isEmpty)
  }

  @Test func `What an endpoint refuses for good is a dead letter after one attempt`() async throws {
    let server = try LocalHTTPServer { _ in .status(400) }
    defer { server.stop() }
    let letters = try await fixture.queue("letters")
    let arn = try await destination("\(server.origin)/hook", Self.apiKey())
    let rule = try await fixture.rule(
      "r",
      #"{"source":["app"]}"#,
      [RuleTarget(id: "t", arn: arn, deadLetterARN: letters.arn.description)]
    )
    _ = try await fixture.put()
    await deliver()
    let letter = try #require(try await fixture.messages(letters).first)
    #expect(letter.message.attributes["RULE_ARN"] == rule)
    #expect(letter.message.attributes["TARGET_ARN"] == arn)
    #expect(letter.message.attributes["ERROR_CODE"] == "ERROR_FROM_TARGET")
    #expect(letter.message.attributes["RETRY_ATTEMPTS"] == "0")
    #expect(server.requests.count == 1)
  }

  @Test func `What fails for a while is given up after the target's own number of retries`() async throws {
    let server = try LocalHTTPServer { _ in .status(500) }
    defer { server.stop() }
    let letters = try await fixture.queue("letters")
    let arn = try await destination("\(server.origin)/hook", Self.apiKey())
    try await fixture.rule(
      "r",
      #"{"source":["app"]}"#,
      [
        RuleTarget(
          id: "t",
          arn: arn,
          deadLetterARN: letters.arn.description,
          retry: RuleTarget.Retry(attempts: 0)
        )
      ]
    )
    _ = try await fixture.put()
    await deliver()
    let letter = try #require(try await fixture.messages(letters).first)
    #expect(letter.message.attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts")
    #expect(server.requests.count == 1)
  }

  @Test func `A token is fetched first, and fetched again when an endpoint refuses it`() async throws {
    let served = Mutex(0)
    let server = try LocalHTTPServer { request in
      guard request.target.hasPrefix("/token") else {
        return .status(request.header("authorization") == "Bearer T2" ? 200 : 401)
      }
      let number = served.withLock { count in
        count += 1
        return count
      }
      return .status(200, body: Array(#"{"access_token":"T\#(number)","expires_in":3600}"#.utf8))
    }
    defer { server.stop() }
    var parameters = ConnectionParameters(authorization: .clientCredentials)
    parameters.oauth = ConnectionParameters.OAuth(
      clientID: "id",
      clientSecret: "secret",
      endpoint: "\(server.origin)/token",
      method: "POST"
    )
    let arn = try await destination("\(server.origin)/hook", parameters)
    #expect(try fixture.engine.catalog.connection("c", in: BusFixture.scope).state == .authorizing)
    await fixture.engine.authorizeConnections()
    #expect(try fixture.engine.catalog.connection("c", in: BusFixture.scope).state == .authorized)
    try await fixture.rule("r", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: arn)])
    _ = try await fixture.put()
    await deliver()
    fixture.clock.advance(by: .seconds(2))
    await deliver()
    let hooks = server.requests.filter { $0.target == "/hook" }
    #expect(hooks.map { $0.header("authorization") } == ["Bearer T1", "Bearer T2"])
    let form = String(decoding: server.requests[0].body, as: UTF8.self)
    #expect(form == "grant_type=client_credentials&client_id=id&client_secret=secret")
  }

  @Test func `A service that nothing stands for is no silent success`() async throws {
    let letters = try await fixture.queue("letters")
    try await fixture.rule(
      "r",
      #"{"source":["app"]}"#,
      [
        RuleTarget(
          id: "t",
          arn: "arn:aws:lambda:us-east-1:111122223333:function:f",
          deadLetterARN: letters.arn.description
        )
      ]
    )
    _ = try await fixture.put()
    await deliver()
    let letter = try #require(try await fixture.messages(letters).first)
    #expect(letter.message.attributes["ERROR_CODE"] == "NO_RESOURCE")
  }

  @Test func `A schedule fires its own rule, and makes up once for what was missed`() async throws {
    let queue = try await fixture.queue("q")
    let bus = BusReference(scope: BusFixture.scope)
    let now = fixture.clock.now.milliseconds
    let arn = try await fixture.engine.change { catalog throws(BusError) in
      let arn = try catalog.putRule("tick", RuleSettings(schedule: "rate(5 minutes)"), on: bus, by: "1", now: now)
      try catalog.putTargets([RuleTarget(id: "t", arn: queue.arn.description)], of: "tick", on: bus)
      return arn
    }
    let schedules = BusSchedules(engine: fixture.engine)
    let next = try await schedules.fireDue()
    #expect(next == fixture.clock.now + .seconds(300))
    #expect(try await fixture.bodies(queue).isEmpty)
    fixture.clock.advance(by: .seconds(17 * 60))
    _ = try await schedules.fireDue()
    _ = try await schedules.fireDue()
    let bodies = try await fixture.bodies(queue)
    #expect(bodies.count == 1)
    let event = try JSONValue(parsing: try #require(bodies.first))
    #expect(event["detail-type"] == .string("Scheduled Event"))
    #expect(event["source"] == .string("aws.events"))
    #expect(event["resources"] == .array([.string(arn)]))
    #expect(event["detail"] == .object(JSONObject()))
    fixture.clock.advance(by: .seconds(300))
    _ = try await schedules.fireDue()
    #expect(try await fixture.bodies(queue).count == 1)
  }

  @Test func `Rules of files and of the API see the same events, and the API may only read those of files`()
    async throws
  {
    let yaml = """
      kind: Rule
      id: from-file
      when: {source: [app], detail: {n: [{numeric: [">", 3]}]}}
      unless:
        - {reason: known, owner: us, when: {detail: {n: [5]}}}
      then: [{id: tell, send: out}]
      ---
      kind: Target
      id: out
      type: stdout
      """
    let loaded = RuleRepository.load([SourceFile(path: "rules.yaml", yaml)])
    let rules = try RuleSet(try #require(loaded.repository, "\(loaded.diagnostics)"))
    fixture.engine.install(FileRules(rules: rules, routes: RouteTable()))
    let queue = try await fixture.queue("q")
    try await fixture.rule("own", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    for number in [1, 4, 5] { _ = try await fixture.put(#"{"n":\#(number)}"#) }
    #expect(try await fixture.bodies(queue).count == 3)
    let records = try fixture.database.ledger.list(LedgerQuery()).map(\.decision).filter { $0.ruleID == "from-file" }
    #expect(Set(records.map(\.state)) == [.pending, .suppressed])
    #expect(records.count == 2)

    let bus = BusReference(scope: BusFixture.scope)
    #expect(try fixture.engine.catalog.rules(on: bus).map(\.name) == ["from-file", "own"])
    #expect(try fixture.engine.catalog.rule("from-file", on: bus).managedBy == "signalbox")
    await #expect(throws: BusError.self) {
      try await fixture.engine.change { catalog throws(BusError) in
        try catalog.deleteRule("from-file", on: bus, force: true)
      }
    }
    await #expect(throws: BusError.self) {
      try await fixture.engine.change { catalog throws(BusError) in
        try catalog.setState(.disabled, of: "from-file", on: bus, now: 0)
      }
    }
  }

  @Test func `Read-only management events are for rules that ask for all`() async throws {
    let (some, all) = (try await fixture.queue("some"), try await fixture.queue("all"))
    let bus = BusReference(scope: BusFixture.scope)
    try await fixture.engine.change { catalog throws(BusError) in
      for (name, state, queue) in [
        ("some", BusRule.State.enabled, some), ("all", .enabledWithAllManagementEvents, all),
      ] {
        try catalog.putRule(
          name,
          RuleSettings(pattern: #"{"source":["aws.s3"]}"#, state: state),
          on: bus,
          by: "1",
          now: 0
        )
        try catalog.putTargets([RuleTarget(id: "t", arn: queue.arn.description)], of: name, on: bus)
      }
    }
    for (id, isReadOnly) in [("e1", true), ("e2", false)] {
      let event = TrailEvent(
        id: id,
        detailType: "AWS API Call via CloudTrail",
        source: "aws.s3",
        scope: BusFixture.scope,
        time: 0,
        detail: Array("{}".utf8)
      )
      try await fixture.engine.accept([(BusEvent(event, isReadOnlyManagementEvent: isReadOnly), bus)])
    }
    #expect(try await fixture.bodies(some).count == 1)
    #expect(try await fixture.bodies(all).count == 2)
  }
}

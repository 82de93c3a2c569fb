import Delivery
import EventBuses
import EventPatterns
import HTTPTesting
import Messaging
import SignalboxTesting
import Storage
import Testing
import TrailEvents

@testable import Pipes

@Suite("A batch goes through a pipe") struct PipePassTests {
  private typealias Fixture = PipeFixture
  private let fixture: PipeFixture

  init() throws { fixture = try PipeFixture() }

  private func texts(_ bodies: [String]) -> Set<String> { Set(bodies) }

  // MARK: Queues, topics, buses

  @Test func `A queue gets what the template makes, and the source has nothing left`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    try await fixture.send([#"{"k":"no","v":1}"#, #"{"k":"yes","v":2}"#, "other"], to: source)
    let pass = try await fixture.pass(
      Fixture.definition(to: target.arn.description) {
        $0.filters = [#"{"body":{"k":["yes"]}}"#]
        $0.target.template = #"{"v":<$.body.v>}"#
      }
    )
    #expect(pass.failures.isEmpty)
    #expect(try await fixture.bodies(target) == [#"{"v":2}"#])
    #expect(try await fixture.count(source) == 0)
  }

  @Test func `What the target does not take comes back and ends in the dead-letter queue of the source`() async throws {
    let letters = try await fixture.queue("letters")
    let policy = #"{"deadLetterTargetArn":"\#(letters.arn)","maxReceiveCount":2}"#
    let source = try await fixture.queue("source", ["RedrivePolicy": policy, "VisibilityTimeout": "30"])
    let target = try await fixture.queue("target", ["MaximumMessageSize": "1024"])
    try await fixture.send([String(repeating: "x", count: 2000), "small"], to: source)
    let definition = Fixture.definition(to: target.arn.description) { $0.target.template = "<$.body>" }
    for attempt in 1...3 {
      let pass = try await fixture.pass(definition)
      #expect(pass.failures.count == (attempt < 3 ? 1 : 0))
      fixture.clock.advance(by: .seconds(30))
    }
    #expect(try await fixture.bodies(target) == [#""small""#])
    #expect(try await fixture.bodies(letters).map(\.count) == [2000])
    #expect(try await fixture.count(source) == 0)
  }

  @Test func `A target that is not there fails every message and takes none`() async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["a", "b"], to: source)
    for (service, resource) in [
      ("sqs", "none"), ("sns", "none"), ("events", "event-bus/none"), ("lambda", "function:none"),
      ("kinesis", "stream/none"), ("logs", "log-group:none"), ("events", "api-destination/none/1"),
    ] {
      let arn = ARN(service: service, in: Fixture.scope, resource: resource).description
      let pass = try await fixture.pass(Fixture.definition(to: arn))
      #expect(pass.failures.count == 2, "\(arn)")
      #expect(pass.failures.allSatisfy { $0.reason.contains("NO_RESOURCE") || $0.reason.contains("NO_PERMISSIONS") })
      fixture.clock.advance(by: .seconds(30))
    }
    #expect(try await fixture.count(source) == 2)
  }

  @Test func `A message that somebody else has received since is his to hand on`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    try await fixture.send(["a"], to: source)
    let plan = try plan(Fixture.definition(to: target.arn.description))
    let runner = PipeRunner(plan, of: fixture.engine)
    let first = try await runner.receive(10, wait: 0)
    fixture.clock.advance(by: .seconds(30))
    let second = try await runner.receive(10, wait: 0)
    #expect((first.count, second.count) == (1, 1))
    _ = await runner.pass(first)
    #expect(try await fixture.count(target) == 0)
    _ = await runner.pass(second)
    #expect(try await fixture.count(target) == 1)
    #expect(try await fixture.count(source) == 0)
  }

  private func plan(_ definition: PipeDefinition) throws -> PipePlan {
    let record = PipeRecord(
      definition: definition,
      tags: [:],
      desired: .running,
      current: .running,
      createdAt: 0,
      modifiedAt: 0
    )
    return try PipePlan(record, as: PipeKey(scope: Fixture.scope, name: definition.name))
  }

  @Test func `Groups of a FIFO queue stay in order, and nothing overtakes what failed`() async throws {
    let source = try await fixture.fifo("source.fifo")
    let target = try await fixture.queue(
      "target.fifo",
      ["FifoQueue": "true", "ContentBasedDeduplication": "true", "MaximumMessageSize": "1024"]
    )
    try await fixture.send(["a1", "a2-" + String(repeating: "x", count: 1500), "a3"], to: source, group: "a")
    try await fixture.send(["b1", "b2"], to: source, group: "b")
    let definition = Fixture.definition(from: source, to: target.arn.description) {
      $0.target.template = "<$.body>"
      $0.target.queue = PipeTarget.QueueMessage(groupID: "$.attributes.MessageGroupId")
    }
    let pass = try await fixture.pass(definition)
    #expect(pass.failures.map(\.message) == [1, 2])
    let found = try await fixture.messages(target)
    #expect(
      found.map { "\($0.groupID ?? "") \(String(decoding: $0.body, as: UTF8.self))" } == [
        #"a "a1""#, #"b "b1""#, #"b "b2""#,
      ]
    )
    #expect(try await fixture.count(source) == 2)
  }

  @Test func `A topic's subscribers get the messages`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target", ["Policy": Self.open]))
    let topic = try await fixture.topics.create("t", in: Fixture.scope)
    _ = try await fixture.topics.subscribe(
      to: topic,
      protocol: "sqs",
      endpoint: target.arn.description,
      attributes: ["RawMessageDelivery": "true"],
      as: .account(Fixture.scope.account)
    )
    try await fixture.send(["a", "b"], to: source)
    try await fixture.pass(Fixture.definition(to: topic.arn.description) { $0.target.template = "say <$.body>" })
    #expect(try await texts(fixture.bodies(target)) == ["say a", "say b"])
    #expect(try await fixture.count(source) == 0)
  }

  private static let open = """
    {"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}
    """

  @Test func `A bus gets events with what the parameters say, and each message once`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target", ["Policy": Self.open]))
    let bus = BusReference(scope: Fixture.scope)
    try await fixture.buses.change { catalog throws(BusError) in
      let settings = RuleSettings(pattern: #"{"account":["111122223333"]}"#)
      _ = try catalog.putRule("r", settings, on: bus, by: "111122223333", now: 0)
      try catalog.putTargets([RuleTarget(id: "t", arn: target.arn.description)], of: "r", on: bus)
    }
    try await fixture.send([#"{"who":"me","at":"2026-01-02T03:04:05Z"}"#, "no object"], to: source)
    let definition = Fixture.definition(to: bus.arn) {
      $0.target.template = "<$.body>"
      $0.target.bus = PipeTarget.BusEvent(
        detailType: "Order",
        source: "$.body.who",
        resources: ["$.eventSourceARN"],
        time: "$.body.at"
      )
    }
    let pass = try await fixture.pass(definition)
    #expect(pass.failures.map(\.message) == [1])
    let event = try JSONValue(parsing: try #require(try await fixture.bodies(target).first))
    #expect(event["source"] == .string("me"))
    #expect(event["detail-type"] == .string("Order"))
    #expect(event["time"] == .string("2026-01-02T03:04:05Z"))
    #expect(event["resources"] == .array([.string(source.arn.description)]))
    #expect(event["detail"]?["who"] == .string("me"))
    #expect(try await fixture.count(source) == 1)
  }

  @Test func `A bus is told where an event comes from when nobody says`() async throws {
    let source = try await fixture.queue("source")
    try await fixture.send([#"{"a":1}"#], to: source)
    let pass = try await fixture.pass(Fixture.definition("name", to: BusReference(scope: Fixture.scope).arn))
    #expect(pass.failures.isEmpty)
    let entries = try fixture.database.journal.events(after: 0, limit: 10)
    let event = try JSONValue(parsing: try #require(entries.first).entry.envelope)
    #expect(event["source"] == .string("Pipe name"))
    #expect(event["detail-type"] == .string("Event from aws:sqs"))
  }

  // MARK: Functions

  @Test func `A function gets the batch as one list`() async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["a", "b"], to: source)
    let target = AnsweringTarget { _ in "" }
    fixture.map(to: target)
    try await fixture.pass(Fixture.definition(to: Fixture.function) { $0.target.template = #"{"b":<$.body>}"# })
    let lists = try target.payloads.map { try JSONValue(parsing: $0) }
    #expect(lists.count == 1)
    guard case .array(let items)? = lists.first else { throw PipeFixture.NeverTrue() }
    #expect(Set(items.map { $0["b"]?.string ?? "" }) == ["a", "b"])
    #expect(try await fixture.count(source) == 0)
  }

  @Test(arguments: ["target", "enrichment"])
  func `Messages that an answer names as failed stay`(stage: String) async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["good", "bad"], to: source)
    let target = AnsweringTarget { request throws(DeliveryFailure) in
      guard case .array(let items)? = try? JSONValue(parsing: request.payload) else { return "" }
      let bad = items.first { $0["body"]?.string == "bad" }?["messageId"]?.string ?? ""
      return #"{"batchItemFailures":[{"itemIdentifier":"\#(bad)"}]}"#
    }
    fixture.map(to: target)
    let sink = try await fixture.queue("sink")
    let definition =
      stage == "target"
      ? Fixture.definition(to: Fixture.function)
      : Fixture.definition(to: sink.arn.description) { $0.enrichment.arn = Fixture.function }
    let pass = try await fixture.pass(definition)
    #expect(pass.failures.count == 1)
    #expect(try await fixture.count(sink) == 0)
    fixture.clock.advance(by: .seconds(30))
    #expect(try await fixture.bodies(source) == ["bad"])
  }

  @Test(arguments: [
    #"{"batchItemFailures":[{"itemIdentifier":""}]}"#, #"{"batchItemFailures":[{"itemIdentifier":"other"}]}"#,
    #"{"batchItemFailures":[{}]}"#, #"{"batchItemFailures":"all"}"#,
  ])
  func `An answer that names something else fails the batch`(answer: String) async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["a", "b"], to: source)
    fixture.map(to: AnsweringTarget { _ in answer })
    #expect(try await fixture.pass(Fixture.definition(to: Fixture.function)).failures.count == 2)
    #expect(try await fixture.count(source) == 2)
  }

  @Test(arguments: ["", "done", "{}", #"{"batchItemFailures":[]}"#, #"{"batchItemFailures":null}"#])
  func `Every other answer is a success`(answer: String) async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["a", "b"], to: source)
    fixture.map(to: AnsweringTarget { _ in answer })
    #expect(try await fixture.pass(Fixture.definition(to: Fixture.function)).failures.isEmpty)
    #expect(try await fixture.count(source) == 0)
  }

  @Test func `A function that nobody waits for names no failures`() async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["a"], to: source)
    fixture.map(to: AnsweringTarget { _ in #"{"batchItemFailures":[{"itemIdentifier":""}]}"# })
    let definition = Fixture.definition(to: Fixture.function) { $0.target.function = .fireAndForget }
    #expect(try await fixture.pass(definition).failures.isEmpty)
    #expect(try await fixture.count(source) == 0)
  }

  @Test func `Other services get events one by one, and what one refuses does not hold up the next`() async throws {
    let source = try await fixture.queue("source")
    try await fixture.send(["a", "bad", "c"], to: source)
    let arn = "arn:aws:ecs:us-east-1:111122223333:cluster/c"
    let target = AnsweringTarget { request throws(DeliveryFailure) in
      if request.payload == Array(#""bad""#.utf8) { throw DeliveryFailure(.errorFromTarget, "no", retryable: true) }
      return ""
    }
    fixture.map(arn, to: target)
    let pass = try await fixture.pass(Fixture.definition(to: arn) { $0.target.template = "<$.body>" })
    #expect(pass.failures.map(\.reason) == ["ERROR_FROM_TARGET: \(arn): no"])
    #expect(texts(target.payloads) == [#""a""#, #""bad""#, #""c""#])
    #expect(try await fixture.count(source) == 1)
  }

  // MARK: Enrichments

  @Test(arguments: [
    (#"[{"x":1},{"x":2},{"x":3}]"#, ["1", "2", "3"]), (#"{"x":7}"#, ["7"]), ("", []), ("[]", []), ("{}", []),
    (#""""#, []), ("null", []), (" \n", []),
  ])
  func `What an enrichment answers takes the place of the events`(answer: String, expected: [String]) async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    try await fixture.send(["a", "b"], to: source)
    let enrichment = AnsweringTarget { _ in answer }
    fixture.map(to: enrichment)
    let definition = Fixture.definition(to: target.arn.description) {
      $0.enrichment = PipeEnrichment(arn: Fixture.function, template: "<$.body>")
      $0.target.template = "<$.x>"
    }
    #expect(try await fixture.pass(definition).failures.isEmpty)
    #expect([#"["a","b"]"#, #"["b","a"]"#].contains(enrichment.payloads[0]))
    #expect(try await fixture.bodies(target).sorted() == expected)
    #expect(try await fixture.count(source) == 0)
  }

  @Test func `An empty object in a list is an empty payload`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    try await fixture.send(["a"], to: source)
    fixture.map(to: AnsweringTarget { _ in "[{}]" })
    try await fixture.pass(
      Fixture.definition(to: target.arn.description) { $0.enrichment.arn = Fixture.function }
    )
    #expect(try await fixture.bodies(target) == ["{}"])
  }

  @Test(arguments: [
    ("not JSON", "INVALID_JSON"),
    ("[" + Array(repeating: "{}", count: 11).joined(separator: ",") + "]", "RESOURCE_LIMIT"),
    (String(repeating: " ", count: (6 << 20) + 1), "RESOURCE_LIMIT"),
  ])
  func `An answer that cannot be used fails the batch, and nothing of it gets to the target`(
    answer: String,
    reason: String
  ) async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    try await fixture.send(["a", "b"], to: source)
    fixture.map(to: AnsweringTarget { _ in answer })
    let pass = try await fixture.pass(
      Fixture.definition(to: target.arn.description) { $0.enrichment.arn = Fixture.function }
    )
    #expect(pass.failures.count == 2)
    #expect(pass.failures.allSatisfy { $0.reason.hasPrefix(reason) })
    #expect(try await fixture.count(source) == 2)
    #expect(try await fixture.count(target) == 0)
  }

  @Test func `Of an enrichment's events the target takes all or none`() async throws {
    let source = try await fixture.queue("source")
    let target = try await fixture.queue("target", ["MaximumMessageSize": "1024"])
    try await fixture.send(["a"], to: source)
    let large = String(repeating: "x", count: 1100)
    fixture.map(to: AnsweringTarget { _ in #"["small","\#(large)"]"# })
    let pass = try await fixture.pass(
      Fixture.definition(to: target.arn.description) { $0.enrichment.arn = Fixture.function }
    )
    #expect(pass.failures.count == 1)
    #expect(try await fixture.count(source) == 1)
    #expect(try await fixture.count(target) == 0)
  }

  // MARK: API destinations

  @Test func `API destinations enrich with their answers and take events one by one`() async throws {
    let server = try LocalHTTPServer { request in
      request.target.hasPrefix("/enrich")
        ? .status(200, body: Array(#"[{"name":"one"},{"name":"two"}]"#.utf8)) : .status(200)
    }
    defer { server.stop() }
    let (enrich, take) = try await (destination("enrich", server), destination("take", server))
    let source = try await fixture.queue("source")
    try await fixture.send([#"{"id":5}"#], to: source)
    let definition = Fixture.definition(to: take) {
      $0.enrichment = PipeEnrichment(arn: enrich, template: #"{"id":<$.body.id>}"#)
      $0.enrichment.http = RuleTarget.HTTPParameters(query: ["id": "$.body.id"])
      $0.target.http = RuleTarget.HTTPParameters(headers: ["X-Name": "$.name"])
    }
    #expect(try await fixture.pass(definition).failures.isEmpty)
    let requests = server.requests
    #expect(requests.map(\.target) == ["/enrich?id=5", "/take", "/take"])
    #expect(String(decoding: requests[0].body, as: UTF8.self) == #"[{"id":5}]"#)
    #expect(requests.dropFirst().map { $0.header("x-name") } == ["one", "two"])
    let bodies = requests.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(bodies.dropFirst() == [#"{"name":"one"}"#, #"{"name":"two"}"#])
    #expect(try await fixture.count(source) == 0)
  }

  private func destination(_ name: String, _ server: LocalHTTPServer) async throws -> String {
    let now = fixture.clock.now.milliseconds
    return try await fixture.buses.change { catalog throws(BusError) in
      var parameters = ConnectionParameters(authorization: .apiKey)
      parameters.apiKeyName = "x-key"
      parameters.apiKeyValue = "k"
      let connection = try catalog.createConnection(
        name,
        description: nil,
        parameters,
        identifier: "id-\(name)",
        secretIdentifier: "s",
        in: Fixture.scope,
        now: now
      )
      let destination = APIDestination(
        name: name,
        identifier: "33333333-4444",
        connectionARN: connection.arn(in: Fixture.scope),
        endpoint: "\(server.origin)/\(name)",
        method: "POST",
        now: now
      )
      try catalog.createDestination(destination, in: Fixture.scope)
      return destination.arn(in: Fixture.scope)
    }
  }
}

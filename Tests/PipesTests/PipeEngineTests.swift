import Delivery
import Messaging
import SignalboxTesting
import Storage
import Synchronization
import Testing
import TrailEvents

@testable import Pipes

@Suite("Pipes are made, kept and ended") struct PipeEngineTests {
  private typealias Fixture = PipeFixture
  private let fixture: PipeFixture

  init() throws { fixture = try PipeFixture() }

  private func create(_ definition: PipeDefinition) async throws -> PipeRecord {
    try await fixture.engine.create(definition, in: Fixture.scope)
  }

  @Test func `A pipe runs, is stopped, started and deleted, and says where it stands`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    let made = try await create(Fixture.definition(to: target.arn.description))
    #expect((made.desired, made.current) == (.running, .creating))
    try await fixture.running { [fixture] in
      try await fixture.eventually { try await fixture.state() == .running }
      try await fixture.send(["one"], to: source)
      try await fixture.eventually { try await fixture.count(target) == 1 }

      #expect(try await fixture.engine.stop("p", in: Fixture.scope).current == .stopping)
      try await fixture.eventually { try await fixture.state() == .stopped }
      try await fixture.send(["two"], to: source)
      #expect(try await fixture.engine.stop("p", in: Fixture.scope).current == .stopped)
      #expect(try await fixture.count(source) == 1)

      #expect(try await fixture.engine.start("p", in: Fixture.scope).current == .starting)
      try await fixture.eventually { try await fixture.count(target) == 2 }
      try await fixture.eventually { try await fixture.state() == .running }

      let deleted = try await fixture.engine.delete("p", in: Fixture.scope)
      #expect((deleted.desired, deleted.current) == (.deleted, .deleting))
      try await fixture.eventually { try await fixture.engine.pipes(PipeQuery(), in: Fixture.scope).isEmpty }
      try await fixture.send(["three"], to: source)
    }
    #expect(try await fixture.count(source) == 1)
    #expect(try await fixture.count(target) == 2)
  }

  @Test func `A pipe that was made stopped takes nothing until it is started`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    try await fixture.send(["one"], to: source)
    let definition = Fixture.definition(to: target.arn.description)
    _ = try await fixture.engine.create(definition, desired: .stopped, in: Fixture.scope)
    try await fixture.running { [fixture] in
      try await fixture.eventually { try await fixture.state() == .stopped }
      #expect(try await fixture.count(source) == 1)
      _ = try await fixture.engine.start("p", in: Fixture.scope)
      try await fixture.eventually { try await fixture.count(target) == 1 }
    }
  }

  @Test func `What was asked for before a restart is done after it`() async throws {
    let (source, target) = (try await fixture.queue("source"), try await fixture.queue("target"))
    for name in ["runs", "ends", "rests"] {
      _ = try await create(Fixture.definition(name, to: target.arn.description))
    }
    try await fixture.running { [fixture] in
      try await fixture.eventually {
        try await fixture.engine.pipes(PipeQuery(current: .running), in: Fixture.scope).count == 3
      }
    }
    _ = try await fixture.engine.delete("ends", in: Fixture.scope)
    _ = try await fixture.engine.stop("rests", in: Fixture.scope)
    try await fixture.send(["one"], to: source)
    try await fixture.running { [fixture] in
      try await fixture.eventually { try await fixture.count(target) == 1 }
      try await fixture.eventually {
        try await fixture.engine.pipes(PipeQuery(), in: Fixture.scope).map(\.current) == [.stopped, .running]
      }
    }
  }

  @Test func `A change takes effect, and what it leaves out stays`() async throws {
    let source = try await fixture.queue("source")
    let (first, second) = (try await fixture.queue("first"), try await fixture.queue("second"))
    _ = try await create(
      Fixture.definition(to: first.arn.description) {
        $0.filters = [#"{"body":{"k":["yes"]}}"#]
        $0.description = "d"
        $0.target.template = "<$.body>"
      }
    )
    try await fixture.running { [fixture] in
      try await fixture.eventually { try await fixture.state() == .running }
      var change = PipeChange(roleARN: Fixture.role)
      change.targetARN = second.arn.description
      #expect(try await fixture.engine.update("p", change, in: Fixture.scope).current == .updating)
      try await fixture.eventually { try await fixture.state() == .running }
      try await fixture.send([#"{"k":"yes"}"#, #"{"k":"no"}"#], to: source)
      try await fixture.eventually { try await fixture.count(second) == 1 }
      try await fixture.eventually { try await fixture.count(source) == 0 }
    }
    let definition = try await fixture.engine.pipe("p", in: Fixture.scope).definition
    #expect(definition.description == "d")
    #expect(definition.target.template == "<$.body>")
    #expect(try await fixture.count(first) == 0)
  }

  @Test func `Parameters of one kind are replaced together, and empty texts take away`() {
    var definition = Fixture.definition(to: "arn:aws:events:us-east-1:111122223333:event-bus/b") {
      $0.description = "d"
      $0.filters = ["{}"]
      $0.batchSize = 5
      $0.batchingWindow = 3
      $0.enrichment = PipeEnrichment(arn: Fixture.function, template: "t")
      $0.target.template = "t"
      $0.target.bus = PipeTarget.BusEvent(detailType: "D", source: "S")
    }
    var change = PipeChange(roleARN: Fixture.role)
    change.target = PipeTarget(arn: "", template: "")
    change.target?.bus = PipeTarget.BusEvent(detailType: "E")
    change.batching = (7, nil)
    change.filters = []
    change.description = ""
    definition = change.applied(to: definition)
    #expect(definition.target.bus == PipeTarget.BusEvent(detailType: "E"))
    #expect(definition.target.template == nil)
    #expect((definition.batchSize, definition.batchingWindow) == (7, nil))
    #expect(definition.filters.isEmpty && definition.description == nil)
    #expect(definition.enrichment.template == "t")
    change = PipeChange(roleARN: Fixture.role)
    change.enrichmentARN = ""
    change.targetARN = "arn:aws:sqs:us-east-1:111122223333:q"
    definition = change.applied(to: definition)
    #expect(definition.enrichment == PipeEnrichment())
    #expect(definition.target == PipeTarget(arn: "arn:aws:sqs:us-east-1:111122223333:q"))
  }

  @Test func `A source that is not there is why a pipe fails, and it can be started when it is`() async throws {
    let target = try await fixture.queue("target")
    _ = try await create(Fixture.definition(to: target.arn.description))
    try await fixture.running { [fixture] in
      try await fixture.eventually { try await fixture.state() == .createFailed }
      let reason = try await fixture.engine.pipe("p", in: Fixture.scope).reason
      #expect(reason?.contains("arn:aws:sqs:us-east-1:111122223333:source") == true)
      _ = try await fixture.engine.start("p", in: Fixture.scope)
      try await fixture.eventually { try await fixture.state() == .startFailed }
      let source = try await fixture.queue("source")
      _ = try await fixture.engine.start("p", in: Fixture.scope)
      try await fixture.eventually { try await fixture.state() == .running }
      #expect(try await fixture.engine.pipe("p", in: Fixture.scope).reason == nil)
      try await fixture.send(["one"], to: source)
      try await fixture.eventually { try await fixture.count(target) == 1 }
    }
  }

  @Test func `A pipe that is stopped finishes what it has taken`() async throws {
    let source = try await fixture.queue("source")
    let gate = Gate()
    fixture.map(to: gate)
    _ = try await create(Fixture.definition(to: Fixture.function))
    try await fixture.running { [fixture] in
      try await fixture.send(["one"], to: source)
      try await fixture.eventually { gate.isEntered }
      _ = try await fixture.engine.stop("p", in: Fixture.scope)
      #expect(try await fixture.state() == .stopping)
      gate.open()
      try await fixture.eventually { try await fixture.state() == .stopped }
    }
    #expect(try await fixture.count(source) == 0)
  }

  @Test func `What a server that stops cuts short is visible again at once`() async throws {
    let source = try await fixture.queue("source")
    let gate = Gate()
    fixture.map(to: gate)
    _ = try await create(Fixture.definition(to: Fixture.function))
    try await fixture.running { [fixture] in
      try await fixture.send(["one"], to: source)
      try await fixture.eventually { gate.isEntered }
    }
    #expect(try await fixture.bodies(source) == ["one"])
  }

  @Test func `What somebody else works on stays hidden, however long that takes`() async throws {
    let source = try await fixture.queue("source", ["VisibilityTimeout": "10"])
    let gate = Gate()
    fixture.map(to: gate)
    _ = try await create(Fixture.definition(to: Fixture.function))
    try await fixture.running { [fixture] in
      try await fixture.send(["one"], to: source)
      try await fixture.eventually { gate.isEntered }
      for _ in 0..<5 {
        let next = fixture.clock.now + .seconds(5)
        try await fixture.eventually { fixture.clock.nextDeadline == next }
        fixture.clock.advance(to: next)
      }
      try await fixture.eventually { fixture.clock.nextDeadline == fixture.clock.now + .seconds(5) }
      #expect(try await fixture.messages(source).isEmpty)
      gate.open()
      try await fixture.eventually { try await fixture.count(source) == 0 }
    }
  }

  @Test func `A queue that hides nothing hands nothing out twice`() async throws {
    let source = try await fixture.queue("source", ["VisibilityTimeout": "0"])
    let target = try await fixture.queue("target")
    _ = try await create(Fixture.definition(to: target.arn.description))
    try await fixture.running { [fixture] in
      try await fixture.send((0..<50).map { "\($0)" }, to: source)
      try await fixture.eventually { try await fixture.count(source) == 0 }
    }
    #expect(try await fixture.count(target) == 50)
  }

  @Test func `A batch that is not full waits no longer than its window`() async throws {
    let source = try await fixture.queue("source")
    let target = AnsweringTarget { _ in "" }
    fixture.map(to: target)
    _ = try await create(
      Fixture.definition(to: Fixture.function) {
        $0.batchSize = 20
        $0.batchingWindow = 300
      }
    )
    try await fixture.running { [fixture] in
      try await fixture.send((0..<12).map { "\($0)" }, to: source)
      // Twelve of twenty: the pipe waits, and has them all when the rest comes.
      try await fixture.eventually {
        let queues = fixture.queues
        let values = try await queues.attributes(of: source, named: ["All"], as: .account(Fixture.scope.account))
        return values["ApproximateNumberOfMessagesNotVisible"] == "12"
      }
      #expect(target.requests.isEmpty)
      try await fixture.send((12..<20).map { "\($0)" }, to: source)
      try await fixture.eventually { try await fixture.count(source) == 0 }
    }
    #expect(target.requests.count == 1)
  }

  // MARK: Refusals

  @Test func `A name is taken once, and what is on its way is left alone`() async throws {
    let definition = Fixture.definition(to: "arn:aws:sqs:us-east-1:111122223333:target")
    _ = try await create(definition)
    await refuses("ConflictException") { try await fixture.engine.create(definition, in: Fixture.scope) }
    await refuses("ConflictException") { try await fixture.engine.stop("p", in: Fixture.scope) }
    await refuses("ConflictException") { try await fixture.engine.delete("p", in: Fixture.scope) }
    await refuses("ConflictException") {
      try await fixture.engine.update("p", PipeChange(roleARN: Fixture.role), in: Fixture.scope)
    }
    await refuses("NotFoundException") { try await fixture.engine.start("other", in: Fixture.scope) }
    let elsewhere = Scope(account: Fixture.scope.account, region: "eu-west-1")
    await refuses("NotFoundException") { try await fixture.engine.pipe("p", in: elsewhere) }
    #expect(try await fixture.engine.pipes(PipeQuery(), in: elsewhere).isEmpty)
  }

  @Test func `There are no more pipes than the limit`() async throws {
    let fixture = try PipeFixture(most: 1)
    let target = "arn:aws:sqs:us-east-1:111122223333:target"
    _ = try await fixture.engine.create(Fixture.definition("a", to: target), in: Fixture.scope)
    await refuses("ServiceQuotaExceededException") {
      try await fixture.engine.create(Fixture.definition("b", to: target), in: Fixture.scope)
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout PipeDefinition) -> Void

    init(_ what: String, _ change: @escaping @Sendable (inout PipeDefinition) -> Void) {
      testDescription = what
      self.change = change
    }
  }

  @Test(arguments: [
    Refusal("another source") { $0.source = "arn:aws:kinesis:us-east-1:111122223333:stream/s" },
    Refusal("a source of another account") { $0.source = "arn:aws:sqs:us-east-1:999999999999:q" },
    Refusal("a source of another Region") { $0.source = "arn:aws:sqs:eu-west-1:111122223333:q" },
    Refusal("a pattern that is none") { $0.filters = [#"{"a":1}"#] },
    Refusal("a template with a name that means nothing") { $0.target.template = "<name>" },
    Refusal("an enrichment's template with one") {
      $0.enrichment = PipeEnrichment(arn: PipeFixture.function, template: "<aws.x>")
    },
    Refusal("a queue as enrichment") { $0.enrichment.arn = "arn:aws:sqs:us-east-1:111122223333:q" },
    Refusal("more than the target takes") { ($0.batchSize, $0.batchingWindow) = (11, 1) },
    Refusal("many without a window") {
      $0.batchSize = 11
      $0.target.arn = PipeFixture.function
    },
    Refusal("a window for a FIFO queue") {
      $0.source += ".fifo"
      $0.batchingWindow = 1
    },
    Refusal("a FIFO queue without a group") { $0.target.arn += ".fifo" },
    Refusal("parameters of another target") { $0.target.bus = PipeTarget.BusEvent() },
    Refusal("another's API destination") {
      $0.target.arn = "arn:aws:events:us-east-1:999999999999:api-destination/d/1"
    },
    Refusal("another's role") { $0.roleARN = "arn:aws:iam::999999999999:role/r" },
    Refusal("a broken path") { $0.target.queue = PipeTarget.QueueMessage(groupID: "$.a[") },
  ])
  func `What can never work is refused`(refusal: Refusal) async {
    let definition = Fixture.definition(to: "arn:aws:sqs:us-east-1:111122223333:target", refusal.change)
    let code = refusal.testDescription == "another's role" ? "AccessDeniedException" : "ValidationException"
    await refuses(code) { try await fixture.engine.create(definition, in: Fixture.scope) }
  }

  private func refuses<R>(_ code: String, _ operation: () async throws -> R) async {
    do {
      _ = try await operation()
      Issue.record("it was not refused")
    } catch {
      #expect((error as? PipeError)?.code == code, "\(error)")
    }
  }

  // MARK: Lists and tags

  @Test func `Pipes are found by what they are`() async throws {
    _ = try await fixture.queue("source")
    for (name, service) in [("a1", "sqs"), ("a2", "sns"), ("b", "sqs")] {
      _ = try await create(Fixture.definition(name, to: "arn:aws:\(service):us-east-1:111122223333:t"))
    }
    func names(_ query: PipeQuery) async throws -> [String] {
      try await fixture.engine.pipes(query, in: Fixture.scope).map(\.definition.name)
    }
    #expect(try await names(PipeQuery()) == ["a1", "a2", "b"])
    #expect(try await names(PipeQuery(namePrefix: "a")) == ["a1", "a2"])
    #expect(try await names(PipeQuery(targetPrefix: "arn:aws:sqs")) == ["a1", "b"])
    #expect(try await names(PipeQuery(sourcePrefix: "arn:aws:sns")) == [])
    #expect(try await names(PipeQuery(desired: .stopped)) == [])
    #expect(try await names(PipeQuery(current: .creating, after: "a1")) == ["a2", "b"])
  }

  @Test func `Tags come and go, and a pipe that runs goes on`() async throws {
    let made = try await fixture.engine.create(
      Fixture.definition(to: "arn:aws:sqs:us-east-1:111122223333:target"),
      tags: ["a": "1"],
      in: Fixture.scope
    )
    let arn = made.definition.arn(in: Fixture.scope).description
    try await fixture.engine.tag(arn, ["a": "2", "b": "3"], in: Fixture.scope)
    try await fixture.engine.untag(arn, ["a", "none"], in: Fixture.scope)
    #expect(try await fixture.engine.tags(of: arn, in: Fixture.scope) == ["b": "3"])
    #expect(try await fixture.engine.pipe("p", in: Fixture.scope).version == made.version)
    await refuses("NotFoundException") { try await fixture.engine.tags(of: arn + "x", in: Fixture.scope) }
    await refuses("ValidationException") { try await fixture.engine.tag(arn, ["aws:x": ""], in: Fixture.scope) }
    let many = Dictionary(uniqueKeysWithValues: (0..<50).map { ("k\($0)", "") })
    await refuses("ValidationException") { try await fixture.engine.tag(arn, many, in: Fixture.scope) }
  }
}

/// A target that answers when it is told to, or when its caller gives up.
private final class Gate: Target {
  private let entered = Mutex(false)
  private let bell = WakeUp()

  var isEntered: Bool { entered.withLock { $0 } }
  func open() { bell.ring() }

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    entered.withLock { $0 = true }
    await bell.wait()
    if Task.isCancelled { throw DeliveryFailure(.internalError, "cut short", retryable: true) }
    return DeliveryReceipt(summary: "opened")
  }
}

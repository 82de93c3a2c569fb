import Delivery
import EventBuses
import Messaging
import SignalboxTesting
import Storage
import Synchronization
import Testing
import TrailEvents

@testable import Schedules

@Suite("What schedules invoke") struct InvocationTests {
  private typealias Fixture = ScheduleFixture
  private let fixture: ScheduleFixture

  init() throws { fixture = try ScheduleFixture() }

  private func queue(_ name: String, _ attributes: [String: String] = [:]) async throws -> QueueAddress {
    try await fixture.queues.create(name, in: Fixture.scope, attributes: attributes)
  }

  private func messages(_ queue: QueueAddress) async throws -> [QueueMessage] {
    let request = ReceiveRequest(limit: 10, visibilityTimeout: 43_200)
    return try await fixture.queues.receive(request, from: queue, as: .account(Fixture.scope.account)).map(\.message)
  }

  private func text(_ message: QueueMessage?) -> String? { message.map { String(decoding: $0.body, as: UTF8.self) } }

  private func fire(_ target: ScheduleTarget) async throws {
    try await fixture.create(Fixture.definition("s", "at(2026-11-24T00:00:05)", target: target))
    fixture.clock.advance(by: .seconds(5))
    try await fixture.fire()
    try await fixture.deliver()
  }

  private func target(_ arn: String, _ input: String? = "{}") -> ScheduleTarget {
    ScheduleTarget(arn: arn, roleARN: Fixture.role, input: input)
  }

  @Test func `A queue gets the input with what is known of the invocation`() async throws {
    let queue = try await queue("q")
    let input = """
      <aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number> <aws.scheduler.other> \
      <aws.scheduler.execution-id>
      """
    try await fire(target(queue.arn.description, input))
    let id = try #require(fixture.invocations.first).decision.eventID
    #expect(
      text(try await messages(queue).first)
        == "arn:aws:scheduler:us-east-1:111122223333:schedule/default/s 2026-11-24T00:00:05Z 1 <aws.scheduler.other> \(id)"
    )
  }

  @Test func `A target that is handed nothing gets a notification`() async throws {
    let queue = try await queue("q")
    try await fire(target(queue.arn.description, nil))
    let body = try #require(text(try await messages(queue).first))
    #expect(body.contains(#""source":"aws.scheduler""#))
    #expect(
      body.contains(#""resources":["arn:aws:scheduler:us-east-1:111122223333:schedule/default/s"],"detail":"{}""#)
    )
  }

  @Test func `A FIFO queue gets the message in its group`() async throws {
    let queue = try await queue("q.fifo", ["FifoQueue": "true", "ContentBasedDeduplication": "true"])
    var target = target(queue.arn.description)
    target.messageGroupID = "g"
    try await fire(target)
    #expect(try await messages(queue).map(\.groupID) == ["g"])
  }

  @Test func `What is elsewhere gets the parameters of the target`() async throws {
    let service = RecordingTarget()
    let fixture = try ScheduleFixture(elsewhere: service)
    var queue = target("arn:aws:sqs:us-east-1:111122223333:q.fifo", "in")
    queue.messageGroupID = "g"
    var stream = target("arn:aws:kinesis:us-east-1:111122223333:stream/s")
    stream.others = ["KinesisParameters": #"{"PartitionKey":"p"}"#]
    try await fixture.create(Fixture.definition("a", "at(2026-11-24T00:00:05)", target: queue))
    try await fixture.create(Fixture.definition("b", "at(2026-11-24T00:00:06)", target: stream))
    for _ in 1...2 {
      fixture.clock.advance(by: .seconds(4))
      try await fixture.fire()
      try await fixture.deliver()
    }
    let seen = service.received.map { request in
      let parameters = request.parameters.filter { $0.name.hasSuffix("Parameters") }.map { "\($0.name) \($0.value)" }
      return "\(String(decoding: request.payload, as: UTF8.self)) \(parameters.joined(separator: ", "))"
    }
    #expect(
      Set(seen) == [#"in SqsParameters {"MessageGroupId":"g"}"#, #"{} KinesisParameters {"PartitionKey":"p"}"#]
    )
  }

  @Test func `A bus gets one event, which its rules see`() async throws {
    let queue = try await queue(
      "q",
      [
        "Policy": """
        {"Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage",\
        "Resource":"*"}]}
        """
      ]
    )
    let bus = BusReference(scope: Fixture.scope)
    try await fixture.buses.change { catalog throws(BusError) in
      _ = try catalog.putRule(
        "r",
        RuleSettings(pattern: #"{"source":["my.app"]}"#),
        on: bus,
        by: "111122223333",
        now: 0
      )
      try catalog.putTargets([RuleTarget(id: "t", arn: queue.arn.description)], of: "r", on: bus)
    }
    var target = target(bus.arn, #"{"n":1}"#)
    target.event = ScheduleTarget.BusEvent(source: "my.app", detailType: "Tick")
    try await fire(target)
    let body = try #require(text(try await messages(queue).first))
    #expect(body.contains(#""detail-type":"Tick""#) && body.contains(#""detail":{"n":1}"#))
  }

  @Test(arguments: [
    "arn:aws:sqs:us-east-1:111122223333:nowhere", "arn:aws:lambda:us-east-1:111122223333:function:f",
    "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
  ])
  func `What is not there is a dead letter with the schedule's attributes`(arn: String) async throws {
    let letters = try await queue("letters")
    var target = target(arn, #"{"k":1}"#)
    target.deadLetterARN = letters.arn.description
    try await fire(target)
    let letter = try #require(try await messages(letters).first)
    #expect(text(letter) == #"{"k":1}"#)
    let attributes = letter.attributes
    #expect(attributes["SCHEDULE_ARN"] == "arn:aws:scheduler:us-east-1:111122223333:schedule/default/s")
    #expect(attributes["TARGET_ARN"] == arn)
    #expect(attributes["ERROR_CODE"] == "NO_RESOURCE")
    #expect(attributes["SCHEDULED_TIME"] == "2026-11-24T00:00:05Z")
    #expect(attributes["EXECUTION_ID"] == (try fixture.invocations.first?.decision.eventID))
    #expect(attributes["RULE_ARN"] == nil)
    #expect(attributes["RETRY_ATTEMPTS"] == "0")
  }

  @Test func `A call that fails is tried again as often as the schedule says, and each attempt has its number`()
    async throws
  {
    let letters = try await queue("letters")
    var target = target("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", #"{"n":"<aws.scheduler.attempt-number>"}"#)
    target.deadLetterARN = letters.arn.description
    target.retryAttempts = 2
    let calls = Mutex<[UniversalCall]>([])
    fixture.engine.onCalls { call throws(DeliveryFailure) in
      calls.withLock { $0.append(call) }
      throw DeliveryFailure(.throttling, "later", retryable: true)
    }
    try await fire(target)
    let made = calls.withLock { $0 }
    #expect(made.map { String(decoding: $0.input, as: UTF8.self) } == (1...3).map { #"{"n":"\#($0)"}"# })
    #expect(made.allSatisfy { $0.service == "sqs" && $0.operation == "SendMessage" && $0.scope == Fixture.scope })
    let letter = try #require(try await messages(letters).first)
    #expect(letter.attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts")
    #expect(letter.attributes["RETRY_ATTEMPTS"] == "2")
  }

  @Test func `What was invoked is delivered though its schedule is gone`() async throws {
    let queue = try await queue("q")
    try await fixture.create(Fixture.definition("s", "at(2026-11-24T00:00:05)", target: target(queue.arn.description)))
    fixture.clock.advance(by: .seconds(5))
    try await fixture.fire()
    try await fixture.engine.delete("s", of: "default", token: nil, in: Fixture.scope)
    try await fixture.deliver()
    #expect(try await messages(queue).count == 1)
  }
}

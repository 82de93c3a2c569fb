import Delivery
import EventPatterns
import Messaging
import Testing
import TrailEvents

@testable import Pipes

@Suite("What a pipe tells services elsewhere") struct PipeParameterTests {
  private typealias Fixture = PipeFixture
  private let fixture: PipeFixture

  init() throws { fixture = try PipeFixture() }

  private func pass(
    to arn: String,
    isElsewhere: Bool = false,
    _ change: (inout PipeDefinition) -> Void = { _ in }
  ) async throws -> DeliveryRequest {
    let source = try await fixture.queue("source")
    try await fixture.send([#"{"who":"alice","n":7}"#], to: source)
    let service = AnsweringTarget { _ in "" }
    fixture.map(arn, to: service)
    let definition = Fixture.definition(to: arn, change)
    let pass = try await fixture.pass(definition, elsewhere: isElsewhere ? arn : nil)
    #expect(pass.failures.isEmpty)
    return try #require(service.requests.first)
  }

  private func texts(_ request: DeliveryRequest) -> [String] { request.parameters.map { "\($0.name) \($0.value)" } }

  @Test func `Parameters have the names that rules give them, and paths are followed`() async throws {
    let request = try await pass(to: "arn:aws:ecs:us-east-1:111122223333:cluster/c") {
      $0.target.others = [
        "EcsTaskParameters": #"{"TaskDefinitionArn":"td","TaskCount":2,"Tags":[{"Key":"who","Value":"$.body.who"}]}"#,
        "KinesisStreamParameters": #"{"PartitionKey":"$.body.n"}"#,
        "BatchJobParameters": #"{"JobName":"j"}"#,
        "CloudWatchLogsParameters": #"{"LogStreamName":"s"}"#,
      ]
    }
    #expect(
      texts(request) == [
        #"BatchParameters {"JobName":"j"}"#, #"CloudWatchLogsParameters {"LogStreamName":"s"}"#,
        #"EcsParameters {"TaskDefinitionArn":"td","TaskCount":2,"Tags":[{"Key":"who","Value":"alice"}]}"#,
        #"KinesisParameters {"PartitionKey":"7"}"#,
      ]
    )
    #expect(request.answerLimit == 0)
  }

  @Test func `A queue elsewhere gets its group`() async throws {
    let target = try await fixture.fifo("target.fifo")
    let request = try await pass(to: target.arn.description, isElsewhere: true) {
      $0.target.queue = PipeTarget.QueueMessage(groupID: "$.body.who", deduplicationID: "d")
    }
    #expect(texts(request) == [#"SqsParameters {"MessageGroupId":"alice","MessageDeduplicationId":"d"}"#])
    #expect(try await fixture.count(target) == 0)
  }

  @Test func `A bus elsewhere gets what the event says of itself`() async throws {
    let request = try await pass(to: "arn:aws:events:us-east-1:111122223333:event-bus/b", isElsewhere: true) {
      $0.target.bus = PipeTarget.BusEvent(source: "shop", resources: ["$.body.who"])
    }
    #expect(
      texts(request) == [
        #"EventBridgeParameters {"Source":"shop","DetailType":"Event from aws:sqs","Resources":["alice"]}"#
      ]
    )
  }

  @Test(arguments: [
    (PipeTarget.InvocationType?.none, true), (.requestResponse, true), (.fireAndForget, false),
  ])
  func `An answer is asked for only where it is used`(_ type: PipeTarget.InvocationType?, isAsked: Bool) async throws {
    let request = try await pass(to: Fixture.function) { $0.target.function = type }
    #expect((request.answerLimit > 0) == isAsked)
  }

  @Test func `A path that is none is refused when the pipe is made`() throws {
    let definition = Fixture.definition(to: "arn:aws:kinesis:us-east-1:111122223333:stream/s") {
      $0.target.others = ["KinesisStreamParameters": #"{"PartitionKey":"$.body["}"#]
    }
    #expect(throws: PipeError.self) { try definition.check(in: Fixture.scope) }
  }
}

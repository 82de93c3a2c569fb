import AWSProtocols
import Delivery
import EventPatterns
import HTTPTesting
import Outbound
import RuleFiles
import Synchronization
import Testing
import TrailEvents

@testable import Targets

private let present: Int64 = 1_700_000_000

/// Forwarding of everything to an endpoint of a test's own.
private func withEndpoint(
  services: [String] = AWSService.all.map(\.id),
  arns: [String] = [],
  credentials: SigningCredentials = SigningCredentials(accessKeyID: "AKIDEXAMPLE", secret: "hunter2"),
  answering answer: @escaping @Sendable (LocalHTTPServer.Request) -> LocalHTTPServer.Answer = { _ in .status(200) },
  _ body: (AWSForwarding, LocalHTTPServer) async throws -> Void
) async throws {
  let server = try LocalHTTPServer(answer)
  let client = try HTTPClient()
  let endpoint = AWSEndpoint(address: server.origin, network: .any, credentials: { credentials })
  let entry = AWSForwarding.Entry(services: services, arns: arns, accounts: ["111122223333"], endpoint: endpoint)
  let forwarding = AWSForwarding([entry], http: client, version: "1.2.3") { Delivery.Instant(seconds: present) }
  try await body(forwarding, server)
  server.stop()
  await client.shutdown()
}

private func arn(_ service: String, _ resource: String) -> ARN {
  ARN(service: service, in: Scope(account: "111122223333", region: "eu-west-1"), resource: resource)
}

/// A delivery of an account's rule.
private func delivery(
  payload: String = #"{"a":1}"#,
  event: String = "{}",
  account: String = "111122223333"
) -> DeliveryRequest {
  var delivery = request(payload: payload, event: event)
  delivery.ruleID = "arn:aws:events:eu-west-1:\(account):rule/r"
  return delivery
}

private func answer(_ status: Int, _ body: String, _ headers: [(String, String)] = []) -> LocalHTTPServer.Answer {
  .status(status, headers: headers, body: Array(body.utf8))
}

/// What a target makes of an event.
struct ForwardedCall: Sendable, CustomTestStringConvertible {
  var service: String
  var resource: String
  var parameters: [String: String] = [:]
  var payload = #"{"a":1}"#
  /// What is in `X-Amz-Target`, or the path.
  var operation: String
  /// The body; `<arn>` stands for the target's.
  var body: String

  var testDescription: String { "\(service) \(resource)" }
}

@Suite struct AWSTargetTests {
  private static let calls = [
    ForwardedCall(
      service: "states",
      resource: "stateMachine:m",
      operation: "AWSStepFunctions.StartExecution",
      body: #"{"stateMachineArn":"<arn>","name":"dlv-0123456789abcdef0123456789abcdef","input":"{\"a\":1}"}"#
    ),
    ForwardedCall(
      service: "lambda",
      resource: "function:f:live",
      operation:
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af%3Alive/invocations",
      body: #"{"a":1}"#
    ),
    ForwardedCall(
      service: "kinesis",
      resource: "stream/s",
      parameters: ["KinesisParameters": #"{"PartitionKeyPath":"$.detail.user"}"#],
      operation: "Kinesis_20131202.PutRecord",
      body: #"{"StreamName":"s","StreamARN":"<arn>","Data":"eyJhIjoxfQ==","PartitionKey":"alice"}"#
    ),
    ForwardedCall(
      service: "kinesis",
      resource: "stream/s",
      operation: "Kinesis_20131202.PutRecord",
      body: #"{"StreamName":"s","StreamARN":"<arn>","Data":"eyJhIjoxfQ==","PartitionKey":"e-1"}"#
    ),
    ForwardedCall(
      service: "firehose",
      resource: "deliverystream/d",
      operation: "Firehose_20150804.PutRecord",
      body: #"{"DeliveryStreamName":"d","Record":{"Data":"eyJhIjoxfQ=="}}"#
    ),
    ForwardedCall(
      service: "ecs",
      resource: "cluster/c",
      parameters: [
        "EcsParameters": """
        {"TaskDefinitionArn":"td:3","TaskCount":2,"LaunchType":"FARGATE","EnableECSManagedTags":true,\
        "NetworkConfiguration":{"awsvpcConfiguration":{"Subnets":["s-1"],"AssignPublicIp":"ENABLED"}},\
        "Tags":[{"Key":"k","Value":"V"}]}
        """
      ],
      payload: #"{"containerOverrides":[{"name":"x","command":["a"]}],"source":"s"}"#,
      operation: "AmazonEC2ContainerServiceV20141113.RunTask",
      body: """
        {"cluster":"<arn>","taskDefinition":"td:3","count":2,"launchType":"FARGATE","enableECSManagedTags":true,\
        "networkConfiguration":{"awsvpcConfiguration":{"subnets":["s-1"],"assignPublicIp":"ENABLED"}},\
        "tags":[{"key":"k","value":"V"}],"overrides":{"containerOverrides":[{"name":"x","command":["a"]}]},\
        "clientToken":"dlv-0123456789abcdef0123456789abcdef"}
        """
    ),
    ForwardedCall(
      service: "batch",
      resource: "job-queue/q",
      parameters: [
        "BatchParameters": """
        {"JobName":"j","JobDefinition":"d:1","ArrayProperties":{"Size":3},"RetryStrategy":{"Attempts":2}}
        """
      ],
      payload: #"{"Parameters":{"Key":"v"},"other":1}"#,
      operation: "/v1/submitjob",
      body: """
        {"jobName":"j","jobQueue":"<arn>","jobDefinition":"d:1","arrayProperties":{"size":3},\
        "retryStrategy":{"attempts":2},"parameters":{"Key":"v"}}
        """
    ),
    ForwardedCall(
      service: "codebuild",
      resource: "project/p",
      payload: #"{"environmentVariablesOverride":[{"name":"N","value":"V"}],"source":"s"}"#,
      operation: "CodeBuild_20161006.StartBuild",
      body: """
        {"environmentVariablesOverride":[{"name":"N","value":"V"}],"projectName":"p",\
        "idempotencyToken":"dlv-0123456789abcdef0123456789abcdef"}
        """
    ),
    ForwardedCall(
      service: "codepipeline",
      resource: "pipe",
      operation: "CodePipeline_20150709.StartPipelineExecution",
      body: #"{"name":"pipe","clientRequestToken":"dlv-0123456789abcdef0123456789abcdef"}"#
    ),
    ForwardedCall(
      service: "ssm",
      resource: "document/AWS-RunShellScript",
      parameters: ["RunCommandParameters": #"{"RunCommandTargets":[{"Key":"tag:a","Values":["b"]}]}"#],
      payload: #"{"commands":["ls"],"executionTimeout":"5"}"#,
      operation: "AmazonSSM.SendCommand",
      body: """
        {"DocumentName":"<arn>","Targets":[{"Key":"tag:a","Values":["b"]}],\
        "Parameters":{"commands":["ls"],"executionTimeout":["5"]}}
        """
    ),
    ForwardedCall(
      service: "ssm",
      resource: "automation-definition/Stop:2",
      operation: "AmazonSSM.StartAutomationExecution",
      body: #"{"DocumentName":"Stop","DocumentVersion":"2"}"#
    ),
    ForwardedCall(
      service: "sagemaker",
      resource: "pipeline/p",
      parameters: ["SageMakerPipelineParameters": #"{"PipelineParameterList":[{"Name":"n","Value":"v"}]}"#],
      operation: "SageMaker.StartPipelineExecution",
      body: """
        {"PipelineName":"p","PipelineParameters":[{"Name":"n","Value":"v"}],\
        "ClientRequestToken":"dlv-0123456789abcdef0123456789abcdef"}
        """
    ),
    ForwardedCall(
      service: "redshift",
      resource: "cluster:c",
      parameters: ["RedshiftDataParameters": #"{"Database":"db","DbUser":"u","Sql":"select 1","WithEvent":true}"#],
      operation: "RedshiftData.ExecuteStatement",
      body: """
        {"ClusterIdentifier":"c","Database":"db","DbUser":"u","Sql":"select 1","WithEvent":true,\
        "ClientToken":"dlv-0123456789abcdef0123456789abcdef"}
        """
    ),
    ForwardedCall(
      service: "glue",
      resource: "workflow/w",
      operation: "AWSGlue.StartWorkflowRun",
      body: #"{"Name":"w"}"#
    ),
    ForwardedCall(
      service: "inspector",
      resource: "target/0-a/template/0-b",
      operation: "InspectorService.StartAssessmentRun",
      body: #"{"assessmentTemplateArn":"<arn>"}"#
    ),
    ForwardedCall(
      service: "logs",
      resource: "log-group:/aws/events/x:*",
      operation: "Logs_20140328.PutLogEvents",
      body: """
        {"logGroupName":"/aws/events/x","logStreamName":"signalbox/2023-11-14",\
        "logEvents":[{"timestamp":1700000000000,"message":"{\\"a\\":1}"}]}
        """
    ),
    ForwardedCall(
      service: "sqs",
      resource: "q.fifo",
      parameters: ["SqsParameters": #"{"MessageGroupId":"g"}"#],
      operation: "AmazonSQS.SendMessage",
      body: #"{"QueueUrl":"<origin>/111122223333/q.fifo","MessageBody":"{\"a\":1}","MessageGroupId":"g"}"#
    ),
    ForwardedCall(
      service: "sns",
      resource: "t",
      operation: "/",
      body: """
        Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3At&\
        Message=%7B%22a%22%3A1%7D
        """
    ),
    ForwardedCall(
      service: "events",
      resource: "event-bus/b",
      payload: #"{"source":"s","detail-type":"d","detail":{"k":"v"},"time":"2023-11-14T22:13:20Z","resources":["r"]}"#,
      operation: "AWSEvents.PutEvents",
      body: """
        {"Entries":[{"Source":"s","DetailType":"d","Detail":"{\\"k\\":\\"v\\"}","Resources":["r"],\
        "Time":1700000000,"EventBusName":"<arn>"}]}
        """
    ),
  ]

  @Test(arguments: calls)
  func anEventBecomesTheCallOfItsService(_ call: ForwardedCall) async throws {
    try await withEndpoint { request in
      request.header("x-amz-target") == nil && request.target == "/" ? answer(200, "<PublishResponse/>") : .status(200)
    } _: { forwarding, server in
      let arn = arn(call.service, call.resource)
      let parameters = try call.parameters.mapValues { try JSONValue(parsing: $0) }
      let target = try #require(forwarding.target(for: arn, parameters: parameters))
      _ = try await target.deliver(delivery(payload: call.payload, event: #"{"detail":{"user":"alice"}}"#))
      let seen = try #require(server.requests.first)
      #expect((seen.header("x-amz-target") ?? seen.target) == call.operation)
      let text = call.body.replacing("<arn>", with: arn.description).replacing("<origin>", with: server.origin)
      let body = String(decoding: seen.body, as: UTF8.self)
      #expect(body == text)
      let authorization = try #require(seen.header("authorization"))
      let signer = call.service == "redshift" ? "redshift-data" : call.service
      #expect(authorization.contains("Credential=AKIDEXAMPLE/20231114/eu-west-1/\(signer)/aws4_request"))
      #expect(seen.header("x-amz-security-token") == nil)
    }
  }

  @Test func whatIsInTheTableIsWhatRuleFilesKnow() {
    #expect(AWSService.arnNames == AWSResources.services)
  }

  @Test func theTokenOfASessionIsSentAndSigned() async throws {
    let credentials = SigningCredentials(accessKeyID: "ASIA", secret: "hunter2", sessionToken: "token-1")
    try await withEndpoint(credentials: credentials) { _ in
      answer(400, #"{"__type":"x#AccessDeniedException","message":"token-1 and hunter2 may not"}"#)
    } _: { forwarding, server in
      let target = try #require(forwarding.target(for: arn("states", "stateMachine:m")))
      let failure = try #require(await failure(of: target, delivery()))
      let seen = try #require(server.requests.first)
      #expect(seen.header("x-amz-security-token") == "token-1")
      #expect(seen.header("authorization")?.contains("x-amz-security-token") == true)
      #expect(failure.code == .noPermissions && !failure.isRetryable)
      #expect(!failure.message.contains("token-1") && !failure.message.contains("hunter2"))
      #expect(!failure.output.contains("token-1") && !failure.output.contains("hunter2"))
    }
  }

  @Test(arguments: [
    (200, #"{"failures":[{"arn":"a","reason":"RESOURCE:MEMORY"}],"tasks":[]}"#, "RESOURCE_LIMIT_EXCEEDED", true),
    (200, #"{"failures":[{"arn":"a","reason":"RESOURCE:MEMORY"}],"tasks":[{}]}"#, "RESOURCE_LIMIT_EXCEEDED", false),
    (200, #"{"failures":[{"arn":"a","reason":"MISSING"}],"tasks":[]}"#, "NO_RESOURCE", false),
    (200, #"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException"}]}"#, "THROTTLING", true),
    (200, #"{"FailedRecordCount":1,"Records":[{"ErrorCode":"InternalFailure"}]}"#, "ERROR_FROM_TARGET", true),
    (200, #"{"UnprocessedItems":{"t":[{}]}}"#, "THROTTLING", true),
    (200, "<html>Welcome</html>", "ERROR_FROM_TARGET", true),
    (400, #"{"__type":"ProvisionedThroughputExceededException"}"#, "THROTTLING", true),
    (400, #"{"__type":"ClusterNotFoundException","message":"no"}"#, "NO_RESOURCE", false),
    (400, #"{"__type":"com.amazon.coral.service#UnrecognizedClientException"}"#, "NO_PERMISSIONS", false),
    (400, #"{"__type":"ExpiredTokenException"}"#, "NO_PERMISSIONS", true),
    (400, #"{"__type":"ValidationException"}"#, "INVALID_PARAMETER", false),
    (403, "", "NO_PERMISSIONS", false), (404, "", "NO_RESOURCE", false), (429, "", "THROTTLING", true),
    (503, "", "ERROR_FROM_TARGET", true), (500, "oops", "ERROR_FROM_TARGET", true),
    (301, "", "ERROR_FROM_TARGET", false),
  ])
  func anAnswerIsASuccessOnlyWhenAllOfItIs(_ status: Int, _ body: String, _ code: String, _ isRetryable: Bool)
    async throws
  {
    try await withEndpoint(answering: { _ in answer(status, body) }) { forwarding, server in
      let parameters = ["EcsParameters": try JSONValue(parsing: #"{"TaskDefinitionArn":"td"}"#)]
      let target = try #require(forwarding.target(for: arn("ecs", "cluster/c"), parameters: parameters))
      let failure = try #require(await failure(of: target, delivery()))
      #expect(failure.code.rawValue == code && failure.isRetryable == isRetryable, "\(failure)")
      #expect(server.requests.count == 1)
    }
  }

  @Test func aConnectionThatBreaksIsTriedAgain() async throws {
    try await withEndpoint(answering: { _ in .close }) { forwarding, _ in
      let target = try #require(forwarding.target(for: arn("kinesis", "stream/s")))
      let failure = try #require(await failure(of: target, delivery()))
      #expect(failure.code == .connectionFailure && failure.isRetryable)
    }
  }

  @Test func anExecutionThatIsThereAlreadyWasStartedByAnEarlierAttempt() async throws {
    try await withEndpoint(answering: { _ in answer(400, #"{"__type":"ExecutionAlreadyExists"}"#) }) { forwarding, _ in
      let target = try #require(forwarding.target(for: arn("states", "stateMachine:m")))
      let receipt = try await target.deliver(delivery())
      #expect(receipt.summary == "states StartExecution: an earlier attempt had done it")
    }
  }

  @Test func aLogStreamIsMadeWhenItIsNotThere() async throws {
    let made = Flag()
    try await withEndpoint { request in
      if request.header("x-amz-target") == "Logs_20140328.CreateLogStream" {
        made.set()
        return .status(200)
      }
      return made.isSet ? answer(200, "{}") : answer(400, #"{"__type":"ResourceNotFoundException"}"#)
    } _: { forwarding, server in
      let target = try #require(forwarding.target(for: arn("logs", "log-group:g")))
      _ = try await target.deliver(delivery())
      #expect(server.requests.count == 3)
    }
  }

  // MARK: Answers

  @Test func whoWaitsForAFunctionGetsWhatItAnswers() async throws {
    try await withEndpoint(answering: { _ in answer(200, #"[{"x":1}]"#) }) { forwarding, server in
      let target = try #require(forwarding.target(for: arn("lambda", "function:f")))
      var request = delivery()
      let unasked = try await target.deliver(request)
      request.answerLimit = 1000
      let asked = try await target.deliver(request)
      #expect(unasked.answer.isEmpty && asked.answer == Array(#"[{"x":1}]"#.utf8))
      #expect(server.requests.map { $0.header("x-amz-invocation-type") } == ["Event", "RequestResponse"])
    }
  }

  @Test func aFunctionThatFailedIsNoSuccess() async throws {
    let headers = [("X-Amz-Function-Error", "Unhandled")]
    try await withEndpoint(answering: { _ in answer(200, "{}", headers) }) { forwarding, _ in
      let target = try #require(forwarding.target(for: arn("lambda", "function:f")))
      var request = delivery()
      request.answerLimit = 1000
      #expect(await failure(of: target, request)?.code == .errorFromTarget)
    }
  }

  @Test(arguments: [
    #"{"failures":[{"reason":"MISSING"}]}"#, #"{"executionArn":"e","status":"RUNNING"}"#, #"{"FailedEntryCount":1}"#,
  ])
  func whatAFunctionAnswersIsItsOwn(_ body: String) async throws {
    try await withEndpoint(answering: { _ in answer(200, body) }) { forwarding, _ in
      let target = try #require(forwarding.target(for: arn("lambda", "function:f")))
      var request = delivery()
      request.answerLimit = 1000
      #expect(try await target.deliver(request).answer == Array(body.utf8))
    }
  }

  @Test func whoWaitsForAnExecutionGetsItsOutput() async throws {
    let results = [
      #"{"executionArn":"e","status":"SUCCEEDED","output":"{\"x\":1}"}"#,
      #"{"executionArn":"e","status":"FAILED","error":"Boom","cause":"because"}"#,
    ]
    let turn = Flag()
    try await withEndpoint { _ in
      defer { turn.set() }
      return answer(200, results[turn.isSet ? 1 : 0])
    } _: { forwarding, server in
      let target = try #require(forwarding.target(for: arn("states", "stateMachine:m")))
      var request = delivery()
      request.answerLimit = 1000
      let receipt = try await target.deliver(request)
      #expect(receipt.answer == Array(#"{"x":1}"#.utf8))
      let failure = try #require(await failure(of: target, request))
      #expect(failure.code == .errorFromTarget && failure.message.contains("FAILED: Boom: because"))
      #expect(server.requests.allSatisfy { $0.header("x-amz-target") == "AWSStepFunctions.StartSyncExecution" })
    }
  }

  // MARK: What is covered

  @Test func onlyWhatIsAskedForIsForwarded() async throws {
    try await withEndpoint(services: ["states"], arns: ["arn:aws:sqs:*:111122223333:out-*"]) { forwarding, _ in
      #expect(forwarding.covers(arn("states", "stateMachine:m")))
      #expect(forwarding.covers(arn("sqs", "out-1")))
      #expect(!forwarding.covers(arn("sqs", "in")))
      #expect(!forwarding.covers(arn("states", "activity:a")))
      #expect(!forwarding.covers(arn("kinesis", "stream/s")))
      #expect(!forwarding.covers(arn("nothing", "x")))
      #expect(forwarding.target(for: arn("kinesis", "stream/s")) == nil)
      let call = try await forwarding.call("sqs", "SendMessage", input: Array("{}".utf8), scope: arn("", "").scope)
      #expect(call == nil)
    }
  }

  @Test func theKeysAreForTheAccountsThatAreNamed() async throws {
    try await withEndpoint { forwarding, server in
      let target = try #require(forwarding.target(for: arn("states", "stateMachine:m")))
      for account in ["444455556666", ""] {
        let failure = try #require(await failure(of: target, delivery(account: account)))
        #expect(failure.code == .noPermissions && !failure.isRetryable)
      }
      let other = Scope(account: "444455556666", region: "eu-west-1")
      await #expect(throws: DeliveryFailure.self) {
        _ = try await forwarding.call("sfn", "StartExecution", input: Array("{}".utf8), scope: other)
      }
      #expect(server.requests.isEmpty)
    }
  }

  /// Without an endpoint the Region is a part of the host: a rule must not say whom a session's token is sent to.
  @Test(arguments: ["", "evil.example.com/", "evil.example.com#", "a@evil.example.com:1", "us-east-1.evil", "US"])
  func aRegionThatIsNoneIsNotCalled(_ region: String) async throws {
    let client = try HTTPClient()
    let endpoint = AWSEndpoint(credentials: { SigningCredentials(accessKeyID: "AKIDEXAMPLE", secret: "hunter2") })
    let entry = AWSForwarding.Entry(services: ["states"], accounts: ["111122223333"], endpoint: endpoint)
    let forwarding = AWSForwarding([entry], http: client, version: "1") { Delivery.Instant(seconds: present) }
    let machine = ARN(service: "states", region: region, account: "111122223333", resource: "stateMachine:m")
    let target = try #require(forwarding.target(for: machine))
    let failure = try #require(await failure(of: target, delivery()))
    #expect(failure.code == .invalidParameter && !failure.isRetryable, "\(failure)")
    await #expect(throws: DeliveryFailure.self) {
      _ = try await forwarding.call("sfn", "StartExecution", input: Array("{}".utf8), scope: machine.scope)
    }
    await client.shutdown()
  }

  @Test func aTargetWithoutWhatItNeedsIsNotCalled() async throws {
    try await withEndpoint { forwarding, server in
      let target = try #require(forwarding.target(for: arn("ecs", "cluster/c")))
      let failure = try #require(await failure(of: target, delivery()))
      #expect(failure.code == .invalidParameter && failure.message.contains("EcsParameters with TaskDefinitionArn"))
      #expect(server.requests.isEmpty)
    }
  }

  @Test(arguments: [
    (
      "sfn", "StartExecution", #"{"StateMachineArn":"m","Input":"{\"A\":1}"}"#,
      #"{"stateMachineArn":"m","input":"{\"A\":1}"}"#
    ),
    ("sqs", "SendMessage", #"{"QueueUrl":"u","MessageBody":"b"}"#, #"{"QueueUrl":"u","MessageBody":"b"}"#),
    (
      "sns", "Publish",
      #"{"TopicArn":"t","Message":"m","MessageAttributes":{"a":{"DataType":"String","StringValue":"v"}}}"#,
      "Action=Publish&Version=2010-03-31&TopicArn=t&Message=m&MessageAttributes.entry.1.Name=a&"
        + "MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=v"
    ),
    ("lambda", "Invoke", #"{"FunctionName":"f","Payload":"{}"}"#, "{}"),
    ("ecs", "StopTask", #"{"Cluster":"c","Task":"t"}"#, #"{"cluster":"c","task":"t"}"#),
    (
      "ecs", "TagResource", #"{"ResourceArn":"a","Tags":[{"Key":"K","Value":"V"}]}"#,
      #"{"resourceArn":"a","tags":[{"key":"K","value":"V"}]}"#
    ),
    (
      "cloudwatchlogs", "CreateLogGroup", #"{"LogGroupName":"g","Tags":{"Team":"T"}}"#,
      #"{"logGroupName":"g","tags":{"Team":"T"}}"#
    ),
  ])
  func universalCallsAreMadeAsTheirServicesWantThem(
    _ service: String,
    _ operation: String,
    _ input: String,
    _ body: String
  )
    async throws
  {
    try await withEndpoint { request in
      request.target == "/" && request.header("x-amz-target") == nil ? answer(200, "<PublishResponse/>") : .status(200)
    } _: { forwarding, server in
      let call = try await forwarding.call(service, operation, input: Array(input.utf8), scope: arn("", "").scope)
      #expect(call != nil)
      #expect(String(decoding: try #require(server.requests.first).body, as: UTF8.self) == body)
    }
  }

  @Test(arguments: [("sfn", "DescribeExecution", "{}"), ("sfn", "StartExecution", "[]"), ("batch", "CancelJob", "{}")])
  func universalCallsThatCannotBeMadeAreRefused(_ service: String, _ operation: String, _ input: String) async throws {
    try await withEndpoint { forwarding, server in
      await #expect(throws: DeliveryFailure.self) {
        _ = try await forwarding.call(service, operation, input: Array(input.utf8), scope: arn("", "").scope)
      }
      #expect(server.requests.isEmpty)
    }
  }
}

/// Something that has happened.
private final class Flag: Sendable {
  private let state = Mutex(false)
  var isSet: Bool { state.withLock { $0 } }
  func set() { state.withLock { $0 = true } }
}

// The table of services: what an event becomes for each of them, as EventBridge does it.

internal import AWSProtocols
internal import Delivery
internal import EventPatterns
internal import TrailEvents

extension AWSService {
  /// All services that are known, in the order of documentation.
  public static let all: [AWSService] = [
    AWSService(
      id: "lambda",
      summary: "Lambda: Invoke; only pipes wait for the result",
      sdkName: "lambda",
      wire: .rest,
      resources: [Resource(type: "function", call: AWSCalls.invocation)],
      universal: ["Invoke": AWSCalls.invoke]
    ),
    AWSService(
      id: "states",
      summary: "Step Functions: StartExecution, once for each delivery; StartSyncExecution for pipes that wait",
      sdkName: "sfn",
      wire: .json(version: "1.0", prefix: "AWSStepFunctions"),
      hasSmallNames: true,
      resources: [
        Resource(type: "stateMachine", call: AWSCalls.execution, doneBy: ["ExecutionAlreadyExists"])
      ]
    ),
    AWSService(
      id: "kinesis",
      summary: "Kinesis: PutRecord, by `KinesisParameters` or the event's id",
      sdkName: "kinesis",
      wire: .json(version: "1.1", prefix: "Kinesis_20131202"),
      resources: [Resource(type: "stream", call: AWSCalls.record)]
    ),
    AWSService(
      id: "firehose",
      summary: "Firehose: PutRecord",
      sdkName: "firehose",
      wire: .json(version: "1.1", prefix: "Firehose_20150804"),
      resources: [
        Resource(type: "deliverystream") {
          AWSCall("PutRecord", .members(["DeliveryStreamName": $0.name, "Record": .members(["Data": $0.data])]))
        }
      ]
    ),
    AWSService(
      id: "ecs",
      summary: "ECS: RunTask, with `EcsParameters`; an input of overrides is used",
      sdkName: "ecs",
      wire: .json(version: "1.1", prefix: "AmazonEC2ContainerServiceV20141113"),
      hasSmallNames: true,
      resources: [Resource(type: "cluster", call: AWSCalls.task)]
    ),
    AWSService(
      id: "sqs",
      summary: "SQS: SendMessage, with `SqsParameters` for FIFO queues",
      sdkName: "sqs",
      wire: .json(version: "1.0", prefix: "AmazonSQS"),
      resources: [Resource(call: AWSCalls.message)]
    ),
    AWSService(
      id: "sns",
      summary: "SNS: Publish",
      sdkName: "sns",
      wire: .query(version: "2010-03-31"),
      resources: [Resource(call: AWSCalls.publication)],
      universal: ["Publish": AWSCalls.publication]
    ),
    AWSService(
      id: "events",
      summary: "EventBridge: PutEvents on a bus",
      sdkName: "eventbridge",
      wire: .json(version: "1.1", prefix: "AWSEvents"),
      resources: [Resource(type: "event-bus", call: AWSCalls.event)]
    ),
    AWSService(
      id: "logs",
      summary: "CloudWatch Logs: PutLogEvents, into a stream for each day that is made when it is not there",
      sdkName: "cloudwatchlogs",
      wire: .json(version: "1.1", prefix: "Logs_20140328"),
      hasSmallNames: true,
      resources: [Resource(type: "log-group", call: AWSCalls.logEvent, preparation: AWSCalls.logStream)]
    ),
    AWSService(
      id: "batch",
      summary: "Batch: SubmitJob, with `BatchParameters`",
      sdkName: "batch",
      wire: .rest,
      hasSmallNames: true,
      resources: [Resource(type: "job-queue", call: AWSCalls.job)],
      universal: ["SubmitJob": { AWSCalls.submission($0.withSmallNames) }]
    ),
    AWSService(
      id: "codebuild",
      summary: "CodeBuild: StartBuild; an input of overrides is used",
      sdkName: "codebuild",
      wire: .json(version: "1.1", prefix: "CodeBuild_20161006"),
      hasSmallNames: true,
      resources: [Resource(type: "project", call: AWSCalls.build)]
    ),
    AWSService(
      id: "codepipeline",
      summary: "CodePipeline: StartPipelineExecution; `variables` and `sourceRevisions` of the input are used",
      sdkName: "codepipeline",
      wire: .json(version: "1.1", prefix: "CodePipeline_20150709"),
      hasSmallNames: true,
      resources: [Resource(call: AWSCalls.pipeline)]
    ),
    AWSService(
      id: "ssm",
      summary: "Systems Manager: SendCommand with `RunCommandParameters`, StartAutomationExecution",
      sdkName: "ssm",
      wire: .json(version: "1.1", prefix: "AmazonSSM"),
      resources: [
        Resource(type: "document", call: AWSCalls.command),
        Resource(type: "automation-definition", call: AWSCalls.automation),
      ]
    ),
    AWSService(
      id: "sagemaker",
      summary: "SageMaker: StartPipelineExecution, with `SageMakerPipelineParameters`",
      sdkName: "sagemaker",
      endpointPrefix: "api.sagemaker",
      wire: .json(version: "1.1", prefix: "SageMaker"),
      resources: [
        Resource(type: "pipeline") {
          let parameters = $0.parameters["SageMakerPipelineParameters"]?["PipelineParameterList"]
          return AWSCall(
            "StartPipelineExecution",
            .fields(["PipelineName": $0.name, "PipelineParameters": parameters, "ClientRequestToken": $0.token])
          )
        }
      ]
    ),
    AWSService(
      id: "redshift-data",
      summary: "Redshift: ExecuteStatement or BatchExecuteStatement, with `RedshiftDataParameters`",
      sdkName: "redshiftdata",
      arnNames: ["redshift", "redshift-serverless"],
      wire: .json(version: "1.1", prefix: "RedshiftData"),
      resources: [
        Resource(type: "cluster", call: AWSCalls.statement), Resource(type: "workgroup", call: AWSCalls.statement),
      ]
    ),
    AWSService(
      id: "glue",
      summary: "Glue: StartWorkflowRun",
      sdkName: "glue",
      wire: .json(version: "1.1", prefix: "AWSGlue"),
      resources: [Resource(type: "workflow") { AWSCall("StartWorkflowRun", .members(["Name": $0.name])) }]
    ),
    AWSService(
      id: "inspector",
      summary: "Inspector: StartAssessmentRun",
      sdkName: "inspector",
      wire: .json(version: "1.1", prefix: "InspectorService"),
      hasSmallNames: true,
      resources: [
        Resource(type: "target") { AWSCall("StartAssessmentRun", .members(["assessmentTemplateArn": $0.target])) }
      ]
    ),
    // For schedules' universal targets only.
    called("athena", .json(version: "1.1", prefix: "AmazonAthena")),
    called("dynamodb", .json(version: "1.0", prefix: "DynamoDB_20120810")),
    called("kms", .json(version: "1.1", prefix: "TrentService")),
    called("secretsmanager", .json(version: "1.1", prefix: "secretsmanager")),
  ]

  private static func called(_ id: String, _ wire: Wire) -> AWSService {
    AWSService(id: id, summary: "any operation, for schedules' universal targets", sdkName: id, wire: wire)
  }
}

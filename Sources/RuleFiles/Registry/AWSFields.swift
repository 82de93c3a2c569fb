// The settings of `type: aws`: a resource of AWS's, or of something compatible. What each service is called with is the
// table of `Targets`; the names of the services stand here, too, so that checking needs no network.

/// What can be sent to.
package enum AWSResources {
  /// The services, as ARNs name them.
  package static let services = [
    "lambda", "states", "kinesis", "firehose", "ecs", "sqs", "sns", "events", "logs", "batch", "codebuild",
    "codepipeline", "ssm", "sagemaker", "redshift", "redshift-serverless", "glue", "inspector",
  ]
}

extension MappingSpec {
  static let aws = MappingSpec(
    "aws",
    "Calls AWS, or a compatible endpoint, signed: a queue, topic, bus, function, state machine, stream, task, …",
    [
      FieldSpec(
        "arn",
        .line,
        required: true,
        "The resource: a queue, topic, bus, function, state machine, stream, cluster and others."
      ),
      FieldSpec("region", .line, "The Region that is signed for, if it is not the ARN's."),
      FieldSpec("endpoint", .line, "The endpoint, if it is not AWS's: `https://…`, or `http://…` on this machine."),
      FieldSpec("credentials", .mapping(.awsCredentials), required: true, "The keys that requests are signed with."),
      FieldSpec("parameters", .mapping(.awsParameters), "What the service needs besides, as EventBridge names it."),
    ]
  )

  /// Keys to sign with, in rule files and settings.
  package static let awsCredentials = MappingSpec(
    "credentials",
    "The keys that requests are signed with, by reference: `{env: NAME}` or `{file: path}`.",
    [
      FieldSpec("access-key-id", .secret, required: true, "Where the id of the access key is."),
      FieldSpec("secret-access-key", .secret, required: true, "Where its secret is."),
      FieldSpec("session-token", .secret, "Where the token is, if the keys are those of a session."),
    ]
  )

  private static let awsParameters = MappingSpec(
    "parameters",
    "Parameters of EventBridge's targets.",
    [
      FieldSpec(
        "SqsParameters",
        .json,
        "For FIFO queues and topics: `{MessageGroupId: …}`. The default is the rule's id."
      ),
      FieldSpec("KinesisParameters", .json, "For streams: `{PartitionKeyPath: $.detail.id}`, or `{PartitionKey: …}`."),
      FieldSpec("EcsParameters", .json, "For clusters: `{TaskDefinitionArn: …, TaskCount: 1, LaunchType: …}`."),
      FieldSpec("EventBridgeParameters", .json, "For buses: `{Source: …, DetailType: …}`; `input` is then the detail."),
      FieldSpec("BatchParameters", .json, "For job queues: `{JobName: …, JobDefinition: …}`."),
      FieldSpec("RedshiftDataParameters", .json, "For clusters and workgroups: `{Database: …, Sql: …}`."),
      FieldSpec("SageMakerPipelineParameters", .json, "For pipelines: `{PipelineParameterList: […]}`."),
      FieldSpec("RunCommandParameters", .json, "For documents: `{RunCommandTargets: [{Key: …, Values: […]}]}`."),
    ]
  )
}

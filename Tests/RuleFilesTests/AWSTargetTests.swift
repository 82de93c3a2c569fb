import EventPatterns
import RuleFiles
import Testing

@Suite struct AWSTargetTests {
  private static func target(_ settings: String) -> String {
    """
    kind: Target
    id: t
    type: aws
    credentials: {access-key-id: {env: ID}, secret-access-key: {env: KEY}}
    \(settings)
    """
  }

  @Test func allOfItIsRead() throws {
    let result = load(
      Self.target(
        """
        arn: arn:aws:ecs:us-east-1:111122223333:cluster/c
        region: eu-west-1
        endpoint: https://ecs.example.com
        parameters: {EcsParameters: {TaskDefinitionArn: td, TaskCount: 2}}
        """
      )
    )
    #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
    guard case .aws(let aws)? = result.repository?.targets.first?.settings else {
      Issue.record("no target of this type")
      return
    }
    #expect(aws.arn == "arn:aws:ecs:us-east-1:111122223333:cluster/c")
    #expect(aws.region == "eu-west-1" && aws.endpoint == "https://ecs.example.com")
    #expect(aws.parameters["EcsParameters"]?.text == #"{"TaskDefinitionArn":"td","TaskCount":2}"#)
    #expect(aws.credentials.sessionToken == nil)
  }

  @Test(arguments: [
    ("arn: queue", "5:6", "'queue' is not an ARN"),
    ("arn: 'arn:aws:sqss:us-east-1:111122223333:q'", "5:6", "did you mean 'sqs'?"),
    ("arn: 'arn:aws:s3:::bucket'", "5:6", "nothing can be sent to resources of the service 's3'"),
    ("arn: 'arn:aws:sqs::111122223333:q'", "5:6", "the ARN names no Region"),
    ("arn: 'arn:aws:sqs:us-east-1:1:q'\nendpoint: ftp://x", "6:11", ""),
    ("arn: 'arn:aws:sqs:us-east-1:1:q'\nretry: {on: [429]}", "6:13", "AWS's error codes say what is worth"),
    ("arn: 'arn:aws:sqs:us-east-1:1:q'\nparameters: {EcsParameter: {}}", "6:14", "EcsParameters"),
  ])
  func mistakesAreToldWithTheirPlace(_ settings: String, place: String, message: String) {
    let told = load(Self.target(settings)).diagnostics.map {
      "\($0.position.line):\($0.position.column) \($0.message) \($0.hint ?? "")"
    }
    #expect(told.contains { $0.hasPrefix("\(place) ") && $0.contains(message) }, "\(told)")
  }

  @Test func keysAreNoLiterals() {
    let text = """
      {kind: Target, id: t, type: aws, arn: 'arn:aws:sqs:us-east-1:1:q',
        credentials: {access-key-id: AKIA, secret-access-key: hunter2}}
      """
    let result = load(text)
    #expect(result.diagnostics.count >= 2)
    #expect(!result.diagnostics.contains { $0.description.contains("hunter2") })
  }
}

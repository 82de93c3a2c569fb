import Decisions
import EventPatterns
import RuleFiles
import TrailEvents

/// A rule set of rule-file text. Files are looked up in `files`, so that no test touches a disk.
func ruleSet(_ yaml: String, files: [String: String] = [:]) throws -> RuleSet {
  let result = RuleRepository.load([SourceFile(path: "rules.yaml", yaml)]) { path throws(FileProblem) in
    guard let text = files[path] else { throw FileProblem("there is no file '\(path)'") }
    return Array(text.utf8)
  }
  guard let repository = result.repository else {
    throw FileProblem(result.diagnostics.map(\.description).joined(separator: "\n"))
  }
  return try RuleSet(repository)
}

/// A CloudTrail record with its envelope.
func event(
  id: String = "e-1",
  name: String = "PutBucketAcl",
  bucket: String = "my-bucket",
  more: String = ""
) throws -> TrailEvent {
  let name = JSONValue.string(name).text
  let bucket = JSONValue.string(bucket).text
  return try TrailEvent(
    record: Array(
      """
      {"eventVersion":"1.08","eventID":"\(id)","eventTime":"2026-11-23T10:00:00Z","eventSource":"s3.amazonaws.com",\
      "eventName":\(name),"awsRegion":"us-east-1","eventType":"AwsApiCall","recipientAccountId":"111122223333",\
      "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"},\
      "requestParameters":{"bucketName":\(bucket),"x-amz-acl":"public-read"}\(more)}
      """.utf8
    )
  )
}

let tenOClock = Instant(seconds: 1_795_428_000)

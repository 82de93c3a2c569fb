// JSON that lies among logs because AWS writes it there too, known by members that only it has, so that the message
// says what it is.

internal import EventPatterns

/// Recognises JSON documents that are no records.
enum ForeignDocument {
  /// Documents that are larger are not looked into: notifications are small, and this is only for a message.
  private static let maximumSize = 256 * 1024

  /// What a document is, as `an S3 event notification`; nothing if it is none that is known.
  static func name(of document: UnsafeRawBufferPointer) -> String? {
    guard document.count <= maximumSize, let value = try? JSONValue(parsing: Array(document)) else { return nil }
    switch (value["eventSource"] ?? value["EventSource"])?.string {
    case "aws:s3": return "an S3 event notification"
    case "aws:sns": return "an SNS notification (as Lambda gets it)"
    case "aws:sqs": return "an SQS message (as Lambda gets it)"
    case let source? where source.hasPrefix("aws:"): return "an event of \(source.dropFirst(4))"
    default: break
    }
    if value["Service"]?.string == "Amazon S3", value["Event"]?.string == "s3:TestEvent" {
      return "an S3 test notification"
    }
    if value["TopicArn"] != nil, let type = value["Type"]?.string {
      return type == "Notification" ? "an SNS notification" : "an SNS message (\(type))"
    }
    if value["s3Bucket"] != nil, value["s3ObjectKey"] != nil { return "CloudTrail's notification of a new log file" }
    if value["ReceiptHandle"] != nil, value["Body"] != nil { return "an SQS message" }
    if value["configurationItems"] != nil || value["configSnapshotId"] != nil { return "an AWS Config snapshot" }
    return nil
  }
}

// Amazon SQS: queues for clients. What queues do is module Messaging's; here it has names, shapes and error codes.

public import AWSProtocols
public import Messaging
internal import TrailEvents

/// Amazon Simple Queue Service.
public enum SQS {
  /// The service.
  public static let service = Service<QueueService>(
    id: "sqs",
    title: "Amazon Simple Queue Service",
    protocols: [
      .json(version: "1.0", targetPrefix: "AmazonSQS"),
      .query(namespace: "http://queue.amazonaws.com/doc/2012-11-05/"),
    ],
    version: "2012-11-05",
    validation: validation,
    // A mebibyte of text, escaped.
    largestBody: 4 << 20,
    pathMember: "QueueUrl",
    operations: queueOperations + attributeOperations + sendOperations + receiveOperations + receiptOperations
      + moveOperations
  )

  private static let validation = ValidationStyle { violations in
    let missing = violations.first { $0.isMissing }
    guard let missing else { return error(.invalidParameterValue, Violation.message(violations)) }
    let name = missing.path.split(separator: ".").last.map { $0.prefix(1).uppercased() + $0.dropFirst() } ?? ""
    return error(.missingParameter, "The request must contain the parameter \(name).")
  }

  // MARK: Errors

  private static let classicCodes: Set<String> = [
    "QueueDeletedRecently", "PurgeQueueInProgress", "EmptyBatchRequest", "TooManyEntriesInBatchRequest",
    "BatchEntryIdsNotDistinct", "InvalidBatchEntryId", "BatchRequestTooLong", "MessageNotInflight",
    "UnsupportedOperation",
  ]

  /// The error shape of a code, with its name from the times of the query protocol, which SDKs still show.
  static func shape(_ code: MessagingError.Code) -> ErrorShape {
    let name = code.rawValue
    switch name {
    case "QueueDoesNotExist": return ErrorShape(name, queryCode: "AWS.SimpleQueueService.NonExistentQueue")
    case "QueueNameExists": return ErrorShape(name, queryCode: "QueueAlreadyExists")
    case "ResourceNotFoundException": return ErrorShape(name, status: 404, queryCode: name)
    case "AccessDenied": return ErrorShape("AccessDeniedException", status: 403, queryCode: name)
    case "ServiceUnavailable": return ErrorShape(name, status: 503, queryCode: name)
    case "InternalFailure": return ErrorShape(name, status: 500, queryCode: name)
    default:
      return ErrorShape(name, queryCode: classicCodes.contains(name) ? "AWS.SimpleQueueService.\(name)" : name)
    }
  }

  static func shape(_ name: String) -> ErrorShape { shape(MessagingError.Code(rawValue: name)) }

  static func error(_ code: MessagingError.Code, _ message: String) -> AWSError { AWSError(shape(code), message) }

  /// Says what the engine refused in SQS's words.
  static func translating<R>(_ body: () async throws -> R) async throws -> R {
    do {
      return try await body()
    } catch let error as MessagingError {
      throw SQS.error(error.code, error.message)
    }
  }

  static let queueErrors = ["QueueDoesNotExist", "InvalidAddress", "AccessDenied", "UnsupportedOperation"].map {
    shape($0)
  }
  static let batchErrors =
    queueErrors
    + ["EmptyBatchRequest", "TooManyEntriesInBatchRequest", "BatchEntryIdsNotDistinct", "InvalidBatchEntryId"].map {
      shape($0)
    }

  // MARK: Queues

  static let queueURL = Member.required("QueueUrl", .string)

  /// The queue that a call is about: account and name are in the URL, the Region is the call's.
  static func queue(_ call: Call) throws -> QueueAddress {
    let url = call.input.string("QueueUrl")
    let withoutScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let path = withoutScheme.split(separator: "?", maxSplits: 1).first ?? ""
    let parts = path.split(separator: "/")
    guard let name = parts.last, parts.count > 1 || !url.contains("/") else {
      throw error(MessagingError.Code(rawValue: "InvalidAddress"), "The address \(url) is not valid for this endpoint.")
    }
    var account = call.scope.account
    if parts.count > 1, parts[parts.count - 2].utf8.count == 12, Int(parts[parts.count - 2]) != nil {
      account = String(parts[parts.count - 2])
    }
    return QueueAddress(String(name), in: Scope(account: account, region: call.scope.region))
  }

  static func url(of address: QueueAddress, _ call: Call) -> Value { .string(call.endpoint + address.path) }

  /// The queue of an ARN in the input.
  static func queue(arn: String, _ name: String) throws -> QueueAddress {
    guard let address = QueueAddress(arn: arn) else {
      throw error(
        .invalidParameterValue,
        "Value \(arn) for parameter \(name) is invalid. Reason: It is no queue's ARN."
      )
    }
    return address
  }

  static let stringMap = Shape.map(.string, .string)
}

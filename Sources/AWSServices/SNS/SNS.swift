// Amazon SNS: topics for clients. What topics do is module Messaging's; here it has names, shapes and error codes.

public import AWSProtocols
public import Messaging

/// Amazon Simple Notification Service.
public enum SNS {
  /// The service.
  public static let service = Service<TopicService>(
    id: "sns",
    title: "Amazon Simple Notification Service",
    protocols: [.query(namespace: "http://sns.amazonaws.com/doc/2010-03-31/")],
    version: "2010-03-31",
    validation: ValidationStyle { AWSError(shape("InvalidParameter"), "Invalid parameter: " + Violation.message($0)) },
    operations: topicOperations + topicAttributeOperations + subscriptionOperations + publishOperations
      + tagOperations,
    missing: missing
  )

  private static let noPush = "there is no mobile push service to reach"
  private static let noTexts = "there is no telephone network to reach"
  private static let noProtection = "messages are not searched for personal data"

  private static let missing: [String: String] = [
    "CreatePlatformApplication": noPush, "CreatePlatformEndpoint": noPush, "DeleteEndpoint": noPush,
    "DeletePlatformApplication": noPush, "GetEndpointAttributes": noPush, "GetPlatformApplicationAttributes": noPush,
    "ListEndpointsByPlatformApplication": noPush, "ListPlatformApplications": noPush, "SetEndpointAttributes": noPush,
    "SetPlatformApplicationAttributes": noPush,
    "CheckIfPhoneNumberIsOptedOut": noTexts, "CreateSMSSandboxPhoneNumber": noTexts,
    "DeleteSMSSandboxPhoneNumber": noTexts, "GetSMSAttributes": noTexts, "GetSMSSandboxAccountStatus": noTexts,
    "ListOriginationNumbers": noTexts, "ListPhoneNumbersOptedOut": noTexts, "ListSMSSandboxPhoneNumbers": noTexts,
    "OptInPhoneNumber": noTexts, "SetSMSAttributes": noTexts, "VerifySMSSandboxPhoneNumber": noTexts,
    "GetDataProtectionPolicy": noProtection, "PutDataProtectionPolicy": noProtection,
  ]

  // MARK: Errors

  /// The error of a code, with SNS's status for it.
  static func shape(_ name: String) -> ErrorShape {
    switch name {
    case "AccessDenied": ErrorShape("AuthorizationError", status: 403)
    case "NotFound", "ResourceNotFound": ErrorShape(name, status: 404)
    case "FilterPolicyLimitExceeded", "SubscriptionLimitExceeded": ErrorShape(name, status: 403)
    case "InvalidParameterValue": ErrorShape("ParameterValueInvalid")
    case "ServiceUnavailable": ErrorShape(name, status: 503)
    case "InternalFailure": ErrorShape("InternalError", status: 500)
    default: ErrorShape(name)
    }
  }

  /// Says what the engine refused in SNS's words.
  ///
  /// - Parameter valuesAs: the code for a value that is not right: not all operations have one of their own for that.
  static func translating<R>(
    valuesAs valueCode: String = "InvalidParameterValue",
    _ body: () async throws -> R
  ) async throws -> R {
    do {
      return try await body()
    } catch let error as MessagingError {
      let code = error.code.rawValue
      throw AWSError(shape(code == "InvalidParameterValue" ? valueCode : code), error.message)
    }
  }

  static let topicErrors = ["InvalidParameter", "NotFound", "AccessDenied"].map(shape)

  // MARK: Parts of inputs

  static let topicARN = Member.required("TopicArn", .string)
  static let stringMap = Shape.map(.string, .string)
  static let nextToken = Member.optional("NextToken", .string)

  /// The topic that a call is about.
  static func topic(_ arn: String, _ name: String = "TopicArn") throws -> TopicAddress {
    guard let address = TopicAddress(arn: arn) else {
      throw AWSError(
        shape("InvalidParameter"),
        "Invalid parameter: \(name) Reason: An ARN must have at least 6 elements, not \(arn.split(separator: ":").count)"
      )
    }
    return address
  }

  /// The subscription that a call is about.
  static func subscription(_ call: Call) throws -> SubscriptionAddress {
    let arn = call.input.string("SubscriptionArn")
    guard let address = SubscriptionAddress(arn: arn) else {
      throw AWSError(
        shape("InvalidParameter"),
        "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not \(arn.split(separator: ":").count)"
      )
    }
    return address
  }
}

// What a client of queues and topics is told. Codes are the names of AWS's error shapes; how they are written on the
// wire is for the services.

internal import Storage

/// Why an operation on a queue or topic was refused.
public struct MessagingError: Error, Sendable, Equatable {
  /// The error shape of SQS or SNS.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// The shape's name.
    public var rawValue: String
    /// Wraps a name.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Wraps a name.
    init(_ rawValue: String) { self.rawValue = rawValue }

    // Both services.
    /// A value cannot be used: `InvalidParameterValue`.
    public static let invalidParameterValue = Code("InvalidParameterValue")
    /// A value cannot be used, SNS's name for it.
    public static let invalidParameter = Code("InvalidParameter")
    /// Something that is needed is not there.
    public static let missingParameter = Code("MissingParameter")
    /// The caller may not do that.
    public static let accessDenied = Code("AccessDenied")
    /// The service cannot do it now; the disk is full, say.
    public static let serviceUnavailable = Code("ServiceUnavailable")
    /// A fault of our own.
    public static let internalFailure = Code("InternalFailure")

    // SQS.
    /// There is no such queue.
    public static let queueDoesNotExist = Code("QueueDoesNotExist")
    static let queueNameExists = Code("QueueNameExists")
    static let queueDeletedRecently = Code("QueueDeletedRecently")
    static let invalidAttributeName = Code("InvalidAttributeName")
    static let invalidAttributeValue = Code("InvalidAttributeValue")
    static let invalidMessageContents = Code("InvalidMessageContents")
    static let receiptHandleIsInvalid = Code("ReceiptHandleIsInvalid")
    static let messageNotInflight = Code("MessageNotInflight")
    static let purgeQueueInProgress = Code("PurgeQueueInProgress")
    static let emptyBatchRequest = Code("EmptyBatchRequest")
    static let tooManyEntries = Code("TooManyEntriesInBatchRequest")
    static let idsNotDistinct = Code("BatchEntryIdsNotDistinct")
    static let invalidBatchEntryID = Code("InvalidBatchEntryId")
    static let batchRequestTooLong = Code("BatchRequestTooLong")
    static let resourceNotFound = Code("ResourceNotFoundException")
    static let unsupportedOperation = Code("UnsupportedOperation")
    static let overLimit = Code("OverLimit")

    // SNS.
    /// SNS: there is no such topic or subscription.
    public static let notFound = Code("NotFound")
    static let tagLimitExceeded = Code("TagLimitExceeded")
    static let subscriptionLimitExceeded = Code("SubscriptionLimitExceeded")
    static let filterPolicyLimitExceeded = Code("FilterPolicyLimitExceeded")
    static let resourceNotFoundSNS = Code("ResourceNotFound")
  }

  /// What happened.
  public var code: Code
  /// What happened, in the service's words, for a person.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Whether the caller is to blame, and not the service.
  public var isSenderFault: Bool { code != .internalFailure && code != .serviceUnavailable }

  /// Translates what a transaction threw.
  init(_ error: any Error) {
    switch error {
    case let error as MessagingError: self = error
    case let error as StorageError: self.init(error)
    default: self.init(.internalFailure, "An unexpected error: \(error)")
    }
  }

  /// Translates what the database says.
  init(_ error: StorageError) {
    switch error {
    case .diskFull, .busy: self.init(.serviceUnavailable, error.description)
    case .notFound: self.init(.notFound, error.description)
    case .invalid(let text): self.init(.invalidParameterValue, text)
    default: self.init(.internalFailure, error.description)
    }
  }
}

extension MessagingError {
  static func value(_ value: some Any, of parameter: String, _ reason: String) -> MessagingError {
    MessagingError(.invalidParameterValue, "Value \(value) for parameter \(parameter) is invalid. Reason: \(reason)")
  }

  static func missing(_ parameter: String) -> MessagingError {
    MessagingError(.missingParameter, "The request must contain the parameter \(parameter).")
  }
}

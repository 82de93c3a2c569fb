// Errors as AWS's clients know them: a code to switch on, a text for the person, an HTTP status.

/// An error that an operation declares.
public struct ErrorShape: Sendable, Hashable {
  /// The code that clients see, such as `ResourceNotFoundException`.
  public let code: String
  /// The HTTP status.
  public let status: Int
  /// The code in the query protocol, where it is another: SQS's `AWS.SimpleQueueService.NonExistentQueue`.
  public let queryCode: String?

  /// Declares an error.
  public init(_ code: String, status: Int = 400, queryCode: String? = nil) {
    self.code = code
    self.status = status
    self.queryCode = queryCode
  }

  /// An error of this shape: `throw Events.resourceNotFound("Rule R does not exist on EventBus B.")`
  public func callAsFunction(_ message: String, _ members: Fields = [:]) -> AWSError {
    AWSError(self, message, members)
  }
}

/// An answer that says what went wrong.
public struct AWSError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Code and status.
  public var shape: ErrorShape
  /// What was wrong, in AWS's words where they are known.
  public var message: String
  /// Further members of the error's structure.
  public var members: Fields

  /// Makes an error.
  public init(_ shape: ErrorShape, _ message: String, _ members: Fields = [:]) {
    self.shape = shape
    self.message = message
    self.members = members
  }

  /// Makes an error that has no declaration.
  public init(_ code: String, _ message: String, status: Int = 400, queryCode: String? = nil) {
    self.init(ErrorShape(code, status: status, queryCode: queryCode), message)
  }

  /// Whether the caller is at fault.
  public var isSender: Bool { shape.status < 500 }

  /// The code and the text.
  public var description: String { "\(shape.code): \(message)" }

  /// Something of ours went wrong; the log has the cause, the caller has the request id.
  public static var internalFailure: AWSError {
    AWSError("InternalFailure", "The request processing has failed because of an unknown error.", status: 500)
  }
}

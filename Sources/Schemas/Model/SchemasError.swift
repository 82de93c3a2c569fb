// Why an operation is refused: the error codes of EventBridge Schemas.

/// A refused operation.
public struct SchemasError: Error, Sendable, Equatable {
  /// The name of the exception, such as `NotFoundException`.
  public var code: String
  /// What was wrong, for the person.
  public var message: String

  /// Makes an error.
  public init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  static func badRequest(_ message: String) -> SchemasError { SchemasError("BadRequestException", message) }
  static func notFound(_ message: String) -> SchemasError { SchemasError("NotFoundException", message) }
  static func conflict(_ message: String) -> SchemasError { SchemasError("ConflictException", message) }
  static func forbidden(_ message: String) -> SchemasError { SchemasError("ForbiddenException", message) }
  static func gone(_ message: String) -> SchemasError { SchemasError("GoneException", message) }
  static func preconditionFailed(_ message: String) -> SchemasError {
    SchemasError("PreconditionFailedException", message)
  }
}

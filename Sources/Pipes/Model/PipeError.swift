// Why the engine refuses an operation: EventBridge Pipes' error codes and texts.

/// A refused operation.
public struct PipeError: Error, Sendable, Equatable {
  /// The name of the exception, such as `NotFoundException`.
  public var code: String
  /// The text, in AWS's words where they are known.
  public var message: String
  /// The pipe that it is about, where AWS's error says so.
  public var resource: String

  /// Makes an error.
  public init(_ code: String, _ message: String, resource: String = "") {
    self.code = code
    self.message = message
    self.resource = resource
  }

  static func validation(_ message: String) -> PipeError { PipeError("ValidationException", message) }
  static func notFound(_ name: String) -> PipeError {
    PipeError("NotFoundException", "Pipe \(name) does not exist.", resource: name)
  }
  static func conflict(_ message: String, _ name: String) -> PipeError {
    PipeError("ConflictException", message, resource: name)
  }
  static func quota(_ limit: Int, _ name: String) -> PipeError {
    PipeError(
      "ServiceQuotaExceededException",
      "The maximum number of pipes, \(limit), has been reached.",
      resource: name
    )
  }
}

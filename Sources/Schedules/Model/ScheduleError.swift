// Why the engine refuses an operation: EventBridge Scheduler's error codes and texts.

/// A refused operation.
public struct ScheduleError: Error, Sendable, Equatable {
  /// The name of the exception, such as `ResourceNotFoundException`.
  public var code: String
  /// The text, in AWS's words where they are known.
  public var message: String

  /// Makes an error.
  public init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  static func validation(_ message: String) -> ScheduleError { ScheduleError("ValidationException", message) }
  static func conflict(_ message: String) -> ScheduleError { ScheduleError("ConflictException", message) }
  static func quota(_ message: String) -> ScheduleError { ScheduleError("ServiceQuotaExceededException", message) }
  static func notFound(schedule name: String) -> ScheduleError {
    ScheduleError("ResourceNotFoundException", "Schedule \(name) does not exist.")
  }
  static func notFound(group name: String) -> ScheduleError {
    ScheduleError("ResourceNotFoundException", "Schedule group \(name) does not exist.")
  }
}

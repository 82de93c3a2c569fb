// Why the engine refuses an operation: EventBridge's error codes and texts.

/// A refused operation.
public struct BusError: Error, Sendable, Equatable {
  /// The name of EventBridge's exception, such as `ResourceNotFoundException`.
  public var code: String
  /// The text, in EventBridge's words where they are known.
  public var message: String

  /// Makes an error.
  public init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  static func validation(_ message: String) -> BusError { BusError("ValidationException", message) }
  static func notFound(_ message: String) -> BusError { BusError("ResourceNotFoundException", message) }
  static func exists(_ message: String) -> BusError { BusError("ResourceAlreadyExistsException", message) }
  static func limit(_ message: String = "The requested resource exceeds the maximum number allowed.") -> BusError {
    BusError("LimitExceededException", message)
  }
  static func managed(_ message: String) -> BusError { BusError("ManagedRuleException", message) }
  static func denied(_ message: String) -> BusError { BusError("AccessDeniedException", message) }
  static func invalidState(_ message: String) -> BusError { BusError("InvalidStateException", message) }
  static func `internal`(_ message: String) -> BusError { BusError("InternalException", message) }
  static func invalidPattern(_ message: String) -> BusError { BusError("InvalidEventPatternException", message) }
}

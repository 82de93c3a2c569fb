// What a queue or a topic of this installation says to a rule, in EventBridge's words.

internal import Messaging
internal import TrailEvents

/// Why a queue or a topic does not take what a rule sends.
struct RefusedDelivery: Error, Sendable {
  /// EventBridge's error code.
  var code: String
  /// What happened, for a person.
  var message: String
}

extension RefusedDelivery {
  init(_ error: MessagingError, by resource: ARN) {
    let code =
      switch error.code {
      case .queueDoesNotExist, .notFound: "NO_RESOURCE"
      case .accessDenied: "NO_PERMISSIONS"
      default: "INVALID_PARAMETER"
      }
    self.init(code: code, message: "\(resource): \(error.message)")
  }
}

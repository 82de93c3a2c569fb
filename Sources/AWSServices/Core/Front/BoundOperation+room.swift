// What is still done when the database has reached its limit: reading, and all that makes room again.

internal import AWSProtocols

extension BoundOperation {
  private static let roomMakers = [
    "Cancel", "ChangeMessageVisibility", "Deactivate", "Deauthorize", "Delete", "Detach", "Disable", "Purge", "Receive",
    "Remove", "Stop", "Unsubscribe", "Untag",
  ]

  /// Whether the operation brings nothing that has to be stored.
  var makesRoom: Bool { isReadOnly || Self.roomMakers.contains { name.hasPrefix($0) } }
}

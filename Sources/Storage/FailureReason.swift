// The reason of a delivery that failed begins with EventBridge's error code: `NO_RESOURCE: there is no queue …`.

/// The parts of a reason.
package struct FailureReason: Sendable, Equatable {
  /// EventBridge's error code, if there is one.
  package var code: String?
  /// What happened, for a person.
  package var message: String

  /// Takes a reason apart.
  package init(_ reason: String) {
    let parts = reason.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let isCode =
      parts.count == 2 && !parts[0].isEmpty && parts[0].utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x5F }
    code = isCode ? String(parts[0]) : nil
    message = isCode ? String(parts[1].drop { $0 == " " }) : reason
  }
}

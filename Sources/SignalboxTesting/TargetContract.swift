// What every target promises, whatever it reaches. The tests of each target call `check` and so run the same suite.

public import Delivery

/// The promises of `Target`, as a suite of checks.
public struct TargetContract: Sendable {
  /// A promise that was not kept.
  public struct Violation: Error, CustomStringConvertible {
    /// What was promised and what happened.
    public var description: String
  }

  /// Makes the target under test, in working order.
  public var working: @Sendable () async throws -> any Target
  /// Makes a target of the same kind whose other side is not there; nil when that cannot be.
  public var unreachable: (@Sendable () async throws -> any Target)?
  /// Makes a request the target should take.
  public var request: @Sendable (_ deliveryID: String) -> DeliveryRequest
  /// Secrets the target was given; no receipt or failure may hold them.
  public var secrets: [String]

  /// Makes the suite.
  public init(
    working: @escaping @Sendable () async throws -> any Target,
    unreachable: (@Sendable () async throws -> any Target)? = nil,
    request: @escaping @Sendable (_ deliveryID: String) -> DeliveryRequest = TargetContract.plainRequest,
    secrets: [String] = []
  ) {
    self.working = working
    self.unreachable = unreachable
    self.request = request
    self.secrets = secrets
  }

  /// A request with a small JSON payload.
  public static func plainRequest(deliveryID: String) -> DeliveryRequest {
    DeliveryRequest(
      deliveryID: deliveryID,
      ruleID: "trail-stopped",
      stepID: "tell",
      eventID: "11111111-2222-4333-8444-555555555555",
      decidedAt: 1_700_000_000,
      attempt: 1,
      payload: Array(#"{"text":"the trail was stopped"}"#.utf8),
      event: Array(#"{"id":"11111111-2222-4333-8444-555555555555","detail":{"eventName":"StopLogging"}}"#.utf8)
    )
  }

  /// Runs every check.
  public func check() async throws {
    try await takesADelivery()
    try await takesTheSameDeliveryAgain()
    try await takesOverlappingDeliveries()
    try await endsSoonWhenCancelled()
    try await saysThatTheOtherSideIsNotThere()
  }

  private func takesADelivery() async throws {
    let receipt = try await working().deliver(request("dlv-contract-1"))
    guard !receipt.summary.isEmpty else { throw Violation(description: "a receipt says what happened; it was empty") }
    try checkSecrets(receipt.summary + receipt.output)
  }

  private func takesTheSameDeliveryAgain() async throws {
    let target = try await working()
    _ = try await target.deliver(request("dlv-contract-2"))
    var again = request("dlv-contract-2")
    again.attempt = 2
    do {
      _ = try await target.deliver(again)
    } catch {
      throw Violation(description: "a second attempt of the same delivery must be taken, not refused: \(error.message)")
    }
  }

  private func takesOverlappingDeliveries() async throws {
    let target = try await working()
    let request = request
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask { _ = try await target.deliver(request("dlv-contract-3-\(number)")) }
      }
      try await group.waitForAll()
    }
  }

  private func endsSoonWhenCancelled() async throws {
    let target = try await working()
    let request = request("dlv-contract-4")
    let clock = ContinuousClock()
    let start = clock.now
    await withTaskGroup(of: Void.self) { group in
      group.addTask { _ = try? await target.deliver(request) }
      group.cancelAll()
    }
    guard clock.now - start < .seconds(5) else {
      throw Violation(description: "a cancelled attempt must end within seconds")
    }
  }

  private func saysThatTheOtherSideIsNotThere() async throws {
    guard let unreachable else { return }
    let target = try await unreachable()
    do {
      let receipt = try await target.deliver(request("dlv-contract-5"))
      throw Violation(description: "nobody was there, and yet: \(receipt.summary)")
    } catch let failure as DeliveryFailure {
      guard !failure.message.isEmpty else { throw Violation(description: "a failure says what happened; it was empty") }
      try checkSecrets(failure.message + failure.output)
    }
  }

  private func checkSecrets(_ text: String) throws {
    for secret in secrets where text.contains(secret) {
      throw Violation(description: "a secret stands in a receipt or failure")
    }
  }
}

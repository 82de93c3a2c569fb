import Delivery
import SignalboxTesting
import Testing

/// The contract suite itself: it must pass for a good target and find each kind of bad one.
struct TargetContractTests {
  @Test func aGoodTargetPasses() async throws {
    try await TargetContract(working: { RecordingTarget() }, unreachable: { FailingTarget() }).check()
  }

  @Test func aTargetThatRefusesARepetitionIsFound() async throws {
    let contract = TargetContract(
      working: {
        RecordingTarget { (request) throws(DeliveryFailure) in
          if request.attempt > 1 { throw DeliveryFailure(.invalidParameter, "again?", retryable: false) }
          return DeliveryReceipt(summary: "ok")
        }
      }
    )
    await #expect(throws: TargetContract.Violation.self) { try await contract.check() }
  }

  @Test func aReceiptWithASecretIsFound() async throws {
    let contract = TargetContract(
      working: {
        RecordingTarget { (_) throws(DeliveryFailure) in DeliveryReceipt(summary: "sent with token-123456") }
      },
      secrets: ["token-123456"]
    )
    await #expect(throws: TargetContract.Violation.self) { try await contract.check() }
  }

  @Test func aTargetThatSaysNothingIsFound() async throws {
    let contract = TargetContract(
      working: { RecordingTarget { (_) throws(DeliveryFailure) in DeliveryReceipt(summary: "") } }
    )
    await #expect(throws: TargetContract.Violation.self) { try await contract.check() }
  }

  @Test func anUnreachableTargetThatSucceedsIsFound() async throws {
    let contract = TargetContract(working: { RecordingTarget() }, unreachable: { RecordingTarget() })
    await #expect(throws: TargetContract.Violation.self) { try await contract.check() }
  }
}

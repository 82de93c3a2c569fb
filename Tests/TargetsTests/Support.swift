import Delivery
import Foundation

@testable import Targets

/// A delivery with what a test cares about.
func request(
  id: String = "dlv-0123456789abcdef0123456789abcdef",
  payload: String = #"{"text":"hello"}"#,
  event: String = #"{"id":"e-1","account":"111122223333"}"#,
  parameters: [(name: String, value: String)] = [],
  attempt: Int = 1
) -> DeliveryRequest {
  DeliveryRequest(
    deliveryID: id,
    ruleID: "rule-1",
    stepID: "step-1",
    eventID: "e-1",
    decidedAt: 1_700_000_000,
    attempt: attempt,
    payload: Array(payload.utf8),
    event: Array(event.utf8),
    parameters: parameters
  )
}

/// What came of an attempt.
func outcome(of target: some Target, _ request: DeliveryRequest) async -> Result<DeliveryReceipt, DeliveryFailure> {
  do throws(DeliveryFailure) {
    return .success(try await target.deliver(request))
  } catch {
    return .failure(error)
  }
}

/// The failure of an attempt; nothing for a success.
func failure(of target: some Target, _ request: DeliveryRequest) async -> DeliveryFailure? {
  if case .failure(let failure) = await outcome(of: target, request) { failure } else { nil }
}

/// A folder of a test's own, removed afterwards.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/signalbox-targets-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + name)
  }
}

import Foundation
import Storage

/// A data directory of a test's own, removed with it.
final class TestDirectory {
  let path = FileManager.default.temporaryDirectory.appending(path: "signalbox-\(UUID().uuidString)").path

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// What a crash at this moment would leave: the files as they are, without a checkpoint or a close.
  func crashed() throws -> TestDirectory {
    let copy = TestDirectory()
    try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: path) where !name.hasSuffix("-shm") {
      try FileManager.default.copyItem(atPath: path + "/" + name, toPath: copy.path + "/" + name)
    }
    return copy
  }
}

/// An event with an id and a body that can be recognised.
func entry(_ id: String, bytes: Int = 0) -> JournalEntry {
  JournalEntry(
    eventID: id,
    account: "111122223333",
    region: "us-east-1",
    envelope: Array(#"{"id":"\#(id)"}"#.utf8) + [UInt8](repeating: 0x20, count: bytes)
  )
}

/// A decision to send the event of an id to a target.
func decision(
  _ id: String,
  event: String = "e1",
  rule: String = "trail-stopped",
  target: String = "pager",
  state: DeliveryState = .pending,
  at time: Int64 = 1000,
  first: Int64? = nil
) -> DecidedDelivery {
  DecidedDelivery(
    deliveryID: id,
    eventID: event,
    ruleID: rule,
    ruleTitle: "CloudTrail was stopped or deleted",
    ruleSetHash: "hash",
    stepID: "tell",
    targetID: target,
    kind: .send,
    state: state,
    reason: state == .suppressed ? "static web sites" : "",
    decidedAt: time,
    firstAttemptAt: first,
    parameters: [DeliveryParameter(name: "z", value: "1"), DeliveryParameter(name: "a", value: "\"2\"")],
    payload: Array(#"{"text":"\#(id)"}"#.utf8)
  )
}

/// An attempt that took a second.
func attempt(_ number: Int, at time: Int64, error: String? = nil) -> AttemptRecord {
  AttemptRecord(
    attempt: number,
    startedAt: time,
    endedAt: time + 1000,
    errorCode: error,
    summary: error == nil ? "HTTP 200" : "HTTP 500",
    output: "out"
  )
}

// The records of calls and a disk that refuses.

import AWSProtocols
import EventBuses
import Logging
import Synchronization
import Testing
import TrailEvents

@testable import AWSServices
@testable import Server

@Suite struct CallCaptureTests {
  struct Full: Error {}

  /// Stores what it is told to, and remembers it.
  final class Disk: Sendable {
    private let state = Mutex((stored: [String](), refuses: { @Sendable (_: [String]) in false }))
    private let taken = Mutex<[BusEvent]>([])

    /// What was stored, as it was handed over.
    var events: [BusEvent] { taken.withLock { $0 } }

    var stored: [String] { state.withLock { $0.stored } }

    func refuse(_ condition: @escaping @Sendable ([String]) -> Bool) { state.withLock { $0.refuses = condition } }

    func store(_ events: [(event: BusEvent, bus: BusReference)]) throws {
      let names = events.map { Self.name($0.event) }
      try state.withLock { state in
        guard !state.refuses(names) else { throw Full() }
        state.stored += names
      }
      taken.withLock { $0 += events.map(\.event) }
    }

    private static func name(_ event: BusEvent) -> String {
      let text = String(decoding: event.event.envelope, as: UTF8.self)
      return String(text.split(separator: "\"eventName\":\"").last?.prefix { $0 != "\"" } ?? "")
    }
  }

  static func outcome(_ name: String, isReadOnly: Bool = false, category: EventCategory = .management) -> CallOutcome {
    CallOutcome(
      requestID: "r",
      caller: .root(of: "111111111111", accessKeyID: "AKIAROOT"),
      account: "111111111111",
      region: "eu-west-1",
      time: Timestamp(milliseconds: 1_767_225_600_000),
      eventSource: "iam.amazonaws.com",
      apiVersion: "2010-05-08",
      eventName: name,
      isReadOnly: isReadOnly,
      category: category,
      sourceAddress: "192.0.2.7",
      userAgent: "tests",
      host: "localhost",
      tlsVersion: nil,
      input: nil,
      output: nil,
      error: nil
    )
  }

  /// Runs a body beside the capture, and ends the capture after it.
  static func with(
    _ disk: Disk,
    logsData: Bool = false,
    _ body: (CallCapture) async throws -> Void
  ) async throws {
    let capture = CallCapture(
      logsData: logsData,
      pause: { await Task.yield() },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) {
      try disk.store($0)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await capture.run() }
      try await body(capture)
      group.cancelAll()
    }
    // Nothing is taken after the end.
    await #expect(throws: CallCapture.Failure.self) { try await capture.record(Self.outcome("Late")) }
  }

  @Test func aChangeIsAnsweredWhenItsRecordIsStored() async throws {
    let disk = Disk()
    try await Self.with(disk) { capture in
      try await capture.record(Self.outcome("CreateUser"))
      #expect(disk.stored == ["CreateUser"])
      try await capture.record(Self.outcome("ListUsers", isReadOnly: true))
    }
    #expect(disk.stored == ["CreateUser", "ListUsers"])
  }

  @Test(arguments: [false, true])
  func callsThatMoveDataAreOnABusIfTheSettingsSaySo(_ logsData: Bool) async throws {
    let disk = Disk()
    try await Self.with(disk, logsData: logsData) { capture in
      try await capture.record(Self.outcome("SendMessage", category: .data))
      try await capture.record(Self.outcome("CreateUser"))
    }
    #expect(disk.events.map(\.isUnloggedDataEvent) == [!logsData, false])
  }

  @Test func readOnlyIsWhatEventBridgeGoesBy() async throws {
    let disk = Disk()
    try await Self.with(disk) { capture in
      for name in ["AssumeRole", "GetUser"] { try await capture.record(Self.outcome(name, isReadOnly: true)) }
      try await capture.record(Self.outcome("GetUser"))
    }
    #expect(disk.events.map(\.isReadOnlyManagementEvent) == [false, true, false])
  }

  @Test func aChangeWhoseRecordTheDiskRefusesFails() async throws {
    let disk = Disk()
    disk.refuse { _ in true }
    try await Self.with(disk) { capture in
      await #expect(throws: CallCapture.Failure.self) { try await capture.record(Self.outcome("CreateUser")) }
      // Nor are calls that need not wait answered as if all were well.
      await #expect(throws: CallCapture.Failure.self) {
        try await capture.record(Self.outcome("SendMessage", category: .data))
      }
      disk.refuse { _ in false }
      try await capture.record(Self.outcome("DeleteUser"))
    }
    #expect(disk.stored == ["DeleteUser"])
  }

  @Test func aBadRecordTakesNoNeighbours() async throws {
    let disk = Disk()
    disk.refuse { $0.contains("Bad") }
    try await Self.with(disk) { capture in
      try await withThrowingTaskGroup(of: (String, Bool).self) { group in
        for name in ["One", "Bad", "Two", "Three"] {
          group.addTask { (name, (try? await capture.record(Self.outcome(name))) != nil) }
        }
        for try await (name, isStored) in group where name != "Bad" { #expect(isStored, "\(name)") }
      }
    }
    #expect(Set(disk.stored) == ["One", "Two", "Three"])
  }
}

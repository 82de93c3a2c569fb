import Foundation
import Messaging
import Storage
import Synchronization
import TrailEvents

/// A clock that tests move, in milliseconds since 1970.
final class TestClock: Sendable {
  private let time = Mutex<Int64>(1_000_000)

  var now: Int64 { time.withLock { $0 } }

  func advance(seconds: Int64) { time.withLock { $0 += seconds * 1000 } }
}

/// A queue service on a database of its own.
final class QueueServiceFixture {
  static let home = Scope(account: "111122223333", region: "us-east-1")
  static let me = MessagingCaller.account("111122223333")

  let test: TestDatabase
  let clock = TestClock()
  let service: QueueService

  init() throws {
    test = try TestDatabase()
    service = QueueService(database: test.database, home: Self.home) { [clock] in clock.now }
  }

  /// Makes a queue.
  func queue(_ name: String = "q", _ attributes: [String: String] = [:]) async throws -> QueueAddress {
    try await service.create(name, in: Self.home, attributes: attributes)
  }

  @discardableResult
  func send(
    _ text: String,
    to queue: QueueAddress,
    group: String? = nil,
    id: String? = nil
  ) async throws -> SentMessage {
    var message = OutgoingMessage(body: Array(text.utf8), deduplicationID: id)
    message.groupID = group
    return try await service.send(message, to: queue, as: Self.me)
  }

  func receive(
    _ limit: Int = 10,
    from queue: QueueAddress,
    timeout: Int? = nil,
    wait: Int = 0,
    attempt: String? = nil
  ) async throws -> [ReceivedMessage] {
    let request = ReceiveRequest(limit: limit, visibilityTimeout: timeout, wait: wait, attemptID: attempt)
    return try await service.receive(request, from: queue, as: Self.me)
  }

  func texts(_ limit: Int = 10, from queue: QueueAddress, timeout: Int? = nil) async throws -> [String] {
    try await receive(limit, from: queue, timeout: timeout).map(\.message.text)
  }

  func attribute(_ name: String, of queue: QueueAddress) async throws -> String? {
    try await service.attributes(of: queue, named: ["All"], as: Self.me)[name]
  }
}

extension Result {
  /// Why it failed.
  var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

// A front over identities that are kept nowhere, with a clock and ids of the test's choice.

import AWSProtocols
import AWSServices
import EventPatterns
import Logging
import Synchronization

final class Fixture: Sendable {
  static let now = Timestamp(milliseconds: 1_767_225_600_000)
  static let account = "111111111111"
  static let root = RootKey(accessKeyID: "AKIAROOT", secret: "root-secret")
  static let other = RootKey(accessKeyID: "AKIAOTHER", secret: "other-secret")
  static let alice = RootKey(accessKeyID: "AKIAALICE", secret: "alice-secret")

  private let state = Mutex((now: Fixture.now, id: 0, outcomes: [CallOutcome]()))
  let identities: Identities
  /// What else becomes of records.
  private let capture: @Sendable (CallOutcome) async throws -> Void

  init(capture: @escaping @Sendable (CallOutcome) async throws -> Void = { _ in }) throws {
    self.capture = capture
    identities = try Identities(
      database: nil,
      keyRing: KeyRing(master: [UInt8](repeating: 7, count: 32)),
      defaultAccount: Self.account,
      accounts: [
        ConfiguredAccount(
          id: Self.account,
          rootKeys: [Self.root],
          users: [.init(name: "alice", keys: [Self.alice])],
          roles: [.init(name: "worker")]
        ),
        ConfiguredAccount(id: "222222222222", rootKeys: [Self.other]),
      ]
    )
  }

  var outcomes: [CallOutcome] { state.withLock { $0.outcomes } }

  func advance(seconds: Int64) {
    state.withLock { $0.now = Timestamp(milliseconds: $0.now.milliseconds + seconds * 1000) }
  }

  func front(checksSignatures: Bool = true) -> APIFront {
    APIFront(
      services: [IAM.service.serving(identities), STS.service.serving(identities)],
      identities: identities,
      region: "us-east-1",
      checksSignatures: checksSignatures,
      surroundings: APIFront.Surroundings(
        now: { self.state.withLock { $0.now } },
        newID: {
          self.state.withLock { state in
            state.id += 1
            return "id-\(state.id)"
          }
        },
        capture: { outcome in
          self.state.withLock { $0.outcomes.append(outcome) }
          try await self.capture(outcome)
        }
      ),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }

  /// A signed query call.
  func call(
    _ service: String,
    _ form: String,
    key: RootKey? = Fixture.root,
    token: String? = nil,
    region: String = "eu-west-1",
    signedFor: String? = nil
  ) async -> WireResponse {
    var request = WireRequest(
      "POST",
      "/",
      headers: ["Host": "localhost:4010", "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "tests"],
      body: Array(form.utf8)
    )
    if let key {
      request = request.signed(
        with: SigningCredentials(accessKeyID: key.accessKeyID, secret: key.secret, sessionToken: token),
        region: region,
        service: signedFor ?? service,
        at: state.withLock { $0.now }
      )
    }
    return await front().answer(request, from: RequestOrigin(address: "192.0.2.7"))
  }
}

extension WireResponse {
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The text of an element.
  subscript(element: String) -> String? {
    guard let start = text.firstRange(of: "<\(element)>"), let end = text.firstRange(of: "</\(element)>") else {
      return nil
    }
    return String(text[start.upperBound..<end.lowerBound])
  }
}

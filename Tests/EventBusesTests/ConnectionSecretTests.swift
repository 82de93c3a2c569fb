import Foundation
import GRDB
import Storage
import Testing

@testable import EventBuses

@Suite("Secrets of connections")
struct ConnectionSecretTests {
  let fixture: BusFixture

  init() throws { fixture = try BusFixture() }

  static let kinds: [String: ConnectionParameters] = {
    var basic = ConnectionParameters(authorization: .basic)
    basic.username = "u"
    basic.password = "s3cr3t-basic"
    var key = ConnectionParameters(authorization: .apiKey)
    key.apiKeyName = "x-key"
    key.apiKeyValue = "s3cr3t-key"
    key.invocation = ConnectionHTTPParameters(
      headers: [ConnectionParameter(key: "h", value: "s3cr3t-header", isSecret: true)]
    )
    var oauth = ConnectionParameters(authorization: .clientCredentials)
    oauth.oauth = ConnectionParameters.OAuth(
      clientID: "me",
      clientSecret: "s3cr3t-client",
      endpoint: "http://127.0.0.1:1/token",
      method: "POST",
      http: ConnectionHTTPParameters(body: [ConnectionParameter(key: "b", value: "s3cr3t-body", isSecret: true)])
    )
    return ["basic": basic, "key": key, "oauth": oauth]
  }()

  func create(_ name: String, _ parameters: ConnectionParameters) async throws {
    try await fixture.engine.change { catalog throws(BusError) in
      _ = try catalog.createConnection(
        name,
        description: nil,
        parameters,
        identifier: "i",
        secretIdentifier: "s",
        in: BusFixture.scope,
        now: 0
      )
    }
  }

  @Test(arguments: kinds.keys.sorted())
  func `They are not in the files, and are there after a restart`(kind: String) async throws {
    let parameters = try #require(Self.kinds[kind])
    try await create("c", parameters)
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/" + name))
      #expect(bytes.range(of: Data("s3cr3t".utf8)) == nil, "\(name)")
    }
    let again = try BusFixture.open(fixture.database, fixture.queues, fixture.http, fixture.clock)
    #expect(again.catalog[BusFixture.scope].secrets["c"] == parameters)
  }

  @Test func `With another key, or in another row, they cannot be opened, and the error says so`() async throws {
    try await create("c", try #require(Self.kinds["basic"]))
    var settings = BusSettings(http: fixture.http)
    settings.secrets = SecretBox()
    let error = #expect(throws: StorageError.self) {
      try BusEngine(database: fixture.database, settings: settings, clock: fixture.clock, logger: fixture.engine.logger)
    }
    #expect(error?.description.contains("the secret of connection c cannot be opened") == true)
    try fixture.database.write { try $0.execute(sql: "UPDATE bus_resources SET key = 'd' WHERE kind LIKE '%secret'") }
    #expect(throws: StorageError.self) {
      try BusFixture.open(fixture.database, fixture.queues, fixture.http, fixture.clock)
    }
  }
}

import AWSServices
import Outbound
import RuleFiles
import Server
import Testing

@Suite struct ServeSettingsTests {
  private func read(_ text: String, _ environment: [String: String] = [:]) -> SignalboxConfiguration.LoadResult {
    SignalboxConfiguration.read(Array(text.utf8), path: "/srv/signalbox.yaml", environment: environment)
  }

  @Test func everyKeyHasItsEffect() throws {
    let result = read(
      """
      serve:
        host: 0.0.0.0
        port: 0
        tls: {certificate: c.pem, key: /k.pem}
        allow-plain-http: true
        largest-body: 2MB
        body-memory: 20MB
        largest-database: 3GB
        network: any
        connections: 7
        idle-timeout: 5s
        request-timeout: 6s
      accounts:
        - id: "222222222222"
          access-keys: [{id: AKIA1, secret: {env: S}}]
          users: [{name: alice, access-keys: [{id: AKIA2, secret: {env: S}}]}]
          roles: [{name: worker, trust-policy: '{"Statement": []}'}]
      """,
      ["S": "secret"]
    )
    #expect(result.diagnostics.isEmpty)
    let serve = try #require(result.configuration).serve
    #expect(serve.network == .any)
    #expect(serve.largestDatabase == 3 << 30)
    #expect(
      serve.http
        == HTTPSettings(
          host: "0.0.0.0",
          port: 0,
          tls: .init(certificate: "/srv/c.pem", key: "/k.pem"),
          allowsPlainRemote: true,
          largestBody: 2 << 20,
          bodyMemory: 20 << 20,
          mostConnections: 7,
          idleTimeout: .seconds(5),
          requestTimeout: .seconds(6)
        )
    )
    #expect(
      serve.accounts == [
        ConfiguredAccount(
          id: "222222222222",
          rootKeys: [RootKey(accessKeyID: "AKIA1", secret: "secret")],
          users: [.init(name: "alice", keys: [RootKey(accessKeyID: "AKIA2", secret: "secret")])],
          roles: [.init(name: "worker", trustPolicy: #"{"Statement": []}"#)]
        )
      ]
    )
  }

  @Test(arguments: [
    ("accounts: [{id: '1'}]", "'1' is not an account id"),
    ("accounts: [{id: '111111111111'}, {id: '111111111111'}]", "there is an account 111111111111 already"),
    (
      "accounts: [{id: '111111111111', access-keys: [{id: A, secret: {env: NOWHERE}}]}]",
      "the environment variable NOWHERE is not set"
    ),
    (
      "accounts: [{id: '111111111111', access-keys: [{id: A, secret: {file: nowhere}}]}]",
      "there is no secret in /srv/nowhere"
    ),
    (
      "accounts: [{id: '111111111111', access-keys: [{id: A, secret: {env: S}}, {id: A, secret: {env: S}}]}]",
      "there is an access key A already"
    ),
    (
      "accounts: [{id: '111111111111', roles: [{name: r, trust-policy: 'no'}]}]", "the trust policy cannot be read"
    ),
  ])
  func mistakesAreTold(_ text: String, message: String) {
    let result = read(text, ["S": "s"])
    #expect(result.configuration == nil)
    #expect(result.diagnostics.contains { $0.message.contains(message) }, "\(result.diagnostics)")
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("::1", true), ("0.0.0.0", false), ("::", false),
    ("127.0.0.1.example.com", false), ("10.0.0.1", false), ("", false),
  ])
  func whatIsLoopbackIsKnown(_ host: String, isLoopback: Bool) {
    #expect(HTTPSettings(host: host).isLoopback == isLoopback)
    #expect((HTTPSettings(host: host).refusal == nil) == isLoopback)
    let open = HTTPSettings(host: host, checksSignatures: false, allowsPlainRemote: true)
    #expect((open.refusal == nil) == isLoopback)
  }

  /// Who can call from another machine must not reach through this one what he cannot reach himself.
  @Test(arguments: [
    ("127.0.0.1", "any"), ("localhost", "any"), ("::1", "any"), ("0.0.0.0", "public"), ("192.0.2.1", "public"),
    ("example.com", "public"),
  ])
  func whereRequestsMayLeadFollowsFromWhereWeListen(_ host: String, network: String) throws {
    let result = read("serve: {host: '\(host)', allow-plain-http: true}")
    #expect(try #require(result.configuration).serve.network.rawValue == network)
    let other = network == "any" ? "public" : "any"
    let given = read("serve: {host: '\(host)', allow-plain-http: true, network: \(other)}")
    #expect(try #require(given.configuration).serve.network.rawValue == other)
  }
}

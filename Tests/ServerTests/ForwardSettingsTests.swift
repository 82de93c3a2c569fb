import AWSProtocols
import RuleFiles
import Server
import Targets
import Testing

@Suite struct ForwardSettingsTests {
  private func read(_ text: String, _ environment: [String: String] = ["ID": "AKIA1", "KEY": "hunter2"])
    -> SignalboxConfiguration.LoadResult
  {
    SignalboxConfiguration.read(Array(text.utf8), path: "/srv/signalbox.yaml", environment: environment)
  }

  private static let keys = "credentials: {access-key-id: {env: ID}, secret-access-key: {env: KEY}}"

  @Test func everyKeyHasItsEffect() throws {
    let result = read(
      """
      account: "111111111111"
      forward:
        - services: [states, kinesis]
          accounts: ["222222222222", "333333333333"]
          credentials: {access-key-id: {env: ID}, secret-access-key: {env: KEY}, session-token: {env: TOKEN}}
        - arns: ['arn:aws:sqs:*:*:out-*']
          endpoint: https://sqs.example.com/base
          region: eu-west-1
          \(Self.keys)
      """,
      ["ID": "AKIA1", "KEY": "hunter2", "TOKEN": "t"]
    )
    #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
    let entries = try #require(result.configuration).forward
    #expect(entries.map(\.services) == [["states", "kinesis"], []])
    #expect(entries.map(\.arns) == [[], ["arn:aws:sqs:*:*:out-*"]])
    #expect(entries.map(\.accounts) == [["222222222222", "333333333333"], ["111111111111"]])
    #expect(entries.map(\.endpoint.address) == [nil, "https://sqs.example.com/base"])
    #expect(entries.map(\.endpoint.region) == [nil, "eu-west-1"])
    let credentials = entries.map { $0.endpoint.credentials() }
    #expect(credentials.map(\.accessKeyID) == ["AKIA1", "AKIA1"])
    #expect(credentials.map(\.secret) == ["hunter2", "hunter2"])
    #expect(credentials.map(\.sessionToken) == ["t", nil])
  }

  @Test(arguments: [
    ("forward: [{services: [stats], \(keys)}]", "1:23", "states"),
    (
      "forward: [{arns: ['arn:aws:sqss:*:*:*'], \(keys)}]", "1:19",
      "nothing can be forwarded to resources of the service 'sqss'"
    ),
    ("forward: [{arns: [queue], \(keys)}]", "1:19", "'queue' is not an ARN"),
    ("forward: [{\(keys)}]", "1:11", "covers nothing"),
    ("forward: [{services: [sqs]}]", "1:11", "credentials"),
    ("forward: [{services: [sqs], endpoint: 'ftp://x', \(keys)}]", "1:39", ""),
    ("forward: [{services: [sqs], endpoint: 'https://user@x', \(keys)}]", "1:39", "no user"),
    ("forward: [{services: [sqs], endpoint: 'http://sqs.example.com', \(keys)}]", "1:39", "without TLS"),
    ("forward: [{services: [sqs], endpoint: 'https://x?a', \(keys)}]", "1:39", "ends before"),
    ("forward: [{services: [sqs], accounts: [1], \(keys)}]", "1:40", "'1' is not an account id"),
    ("forward: [{services: [sqs], region: 'a b', \(keys)}]", "1:37", "'a b' is not a Region"),
    (
      "forward: [{services: [sqs], credentials: {access-key-id: {env: ID}, secret-access-key: {env: NO}}}]", "1:88",
      "the environment variable NO is not set"
    ),
    (
      "forward: [{services: [sqs], credentials: {access-key-id: {env: ID}, secret-access-key: {file: no}}}]", "1:88",
      "there is no secret in /srv/no"
    ),
    (
      "forward: [{services: [sqs], credentials: {access-key-id: {env: ID}, secret-access-key: plain}}]", "1:88", ""
    ),
    ("forward: [{service: [sqs], \(keys)}]", "1:12", "service"),
  ])
  func mistakesAreToldWithTheirPlace(_ text: String, place: String, message: String) {
    let result = read(text)
    #expect(result.configuration == nil)
    let told = result.diagnostics.map { "\($0.position.line):\($0.position.column) \($0.message) \($0.hint ?? "")" }
    #expect(told.contains { $0.hasPrefix(place + " ") && $0.contains(message) }, "\(told)")
    #expect(!told.contains { $0.contains("hunter2") || $0.contains("plain") })
  }
}

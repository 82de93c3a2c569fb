// What the settings say about `signalbox serve`: the socket, and who may call. Secrets stand elsewhere and are read when
// the settings are.

internal import AWSServices
internal import EventBuses
internal import Foundation
internal import Outbound
internal import RuleFiles
internal import TrailEvents

extension ConfigurationReader {
  mutating func serve(_ node: YAMLNode?, accounts: YAMLNode?) -> ServeSettings {
    var http = HTTPSettings()
    if let host = node?["host"]?.text { http.host = host }
    if let port = integer(node?["port"]) { http.port = port }
    if let tls = node?["tls"], let certificate = tls["certificate"].flatMap({ resolvedPath($0) }),
      let key = tls["key"].flatMap({ resolvedPath($0) })
    {
      http.tls = HTTPSettings.TLS(certificate: certificate, key: key)
    }
    if let allows = boolean(node?["allow-plain-http"]) { http.allowsPlainRemote = allows }
    if let size = node?["largest-body"]?.text.flatMap(ByteSize.bytes) { http.largestBody = max(1024, Int(size)) }
    if let size = node?["body-memory"]?.text.flatMap(ByteSize.bytes) { http.bodyMemory = max(1024, Int(size)) }
    if let count = integer(node?["connections"]) { http.mostConnections = count }
    if let span = span(node?["idle-timeout"]) { http.idleTimeout = span.duration }
    if let span = span(node?["request-timeout"]) { http.requestTimeout = span.duration }
    var read: [ConfiguredAccount] = []
    var keys: Set<String> = []
    for item in accounts.map(list) ?? [] {
      guard let account = account(item, &keys) else { continue }
      if read.contains(where: { $0.id == account.id }) {
        log.report(
          .duplicateID,
          at: item.position,
          "there is an account \(account.id) already",
          hint: "make one of both"
        )
      }
      read.append(account)
    }
    var settings = ServeSettings(http: http, accounts: read)
    settings.largestDatabase = node?["largest-database"]?.text.flatMap(ByteSize.bytes).map { Int64($0) }
    if let logs = boolean(node?["data-events"]) { settings.logsData = logs }
    if let quotas = node?["quotas"] {
      if let count = integer(quotas["rules-per-bus"]) { settings.quotas.rulesPerBus = count }
      if let count = integer(quotas["targets-per-rule"]) { settings.quotas.targetsPerRule = count }
      if let size = integer(quotas["event-pattern-size"]) { settings.quotas.patternLength = size }
    }
    settings.givenNetwork = (node?["network"]?.text).flatMap(AddressPolicy.init)
    return settings
  }

  private mutating func account(_ node: YAMLNode, _ known: inout Set<String>) -> ConfiguredAccount? {
    guard let id = node["id"]?.text else { return nil }
    if id.utf8.count != 12 || !id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      log.report(.invalidValue, at: node.position, "'\(id)' is not an account id", hint: "write its twelve digits")
    }
    var account = ConfiguredAccount(id: id, rootKeys: keys(node["access-keys"], &known))
    for user in node["users"].map(list) ?? [] {
      guard let name = user["name"]?.text else { continue }
      account.users.append(.init(name: name, keys: keys(user["access-keys"], &known)))
    }
    for role in node["roles"].map(list) ?? [] {
      guard let name = role["name"]?.text else { continue }
      let policy = role["trust-policy"]
      if let policy, let text = policy.text {
        do {
          _ = try ResourcePolicy(parsing: text)
        } catch {
          log.report(.invalidValue, at: policy.position, "the trust policy cannot be read: \(error.message)")
        }
      }
      account.roles.append(.init(name: name, trustPolicy: policy?.text))
    }
    return account
  }

  private mutating func keys(_ node: YAMLNode?, _ known: inout Set<String>) -> [RootKey] {
    var keys: [RootKey] = []
    for item in node.map(list) ?? [] {
      guard let id = item["id"]?.text, let secret = item["secret"].flatMap({ secret($0) }) else { continue }
      if !known.insert(id).inserted {
        log.report(.duplicateID, at: item.position, "there is an access key \(id) already", hint: "give it another id")
      }
      keys.append(RootKey(accessKeyID: id, secret: secret))
    }
    return keys
  }

  mutating func secret(_ node: YAMLNode) -> String? {
    if let name = node["env"]?.text {
      if let value = environment[name], !value.isEmpty { return value }
      let hint = "set it before the start"
      log.report(.invalidValue, at: node.position, "the environment variable \(name) is not set", hint: hint)
    } else if let file = node["file"]?.text {
      let path = located(file)
      if let value = Self.secret(in: path) { return value }
      log.report(
        .invalidValue,
        at: node.position,
        "there is no secret in \(path)",
        hint: "put it there, and nothing else"
      )
    }
    return nil
  }

  /// The secret in a file; nothing if there is none.
  static func secret(in path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 4096 else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    let value = text.hasSuffix("\n") ? String(text.dropLast()) : text
    return value.isEmpty ? nil : value
  }
}

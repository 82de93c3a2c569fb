// The keys of `forward` in `signalbox.yaml`, and how they are read.

internal import AWSProtocols
internal import Foundation
internal import RuleFiles
internal import Targets
internal import TrailEvents

extension MappingSpec {
  static let forward = MappingSpec(
    "forwarding",
    "Resources that are reached at an endpoint, by signed requests: those of `services`, and those of `arns`.",
    [
      FieldSpec(
        "services",
        .list(.choice(AWSService.all.map { .init($0.id, $0.summary) }), atLeast: 1),
        "Services: all of their resources, and their operations for universal targets of schedules."
      ),
      FieldSpec("arns", .list(.line, atLeast: 1), "ARNs; `*` stands for any text."),
      FieldSpec(
        "endpoint",
        .line,
        "The endpoint: `https://…`, or `http://…` on this machine. The default is AWS's for the service and Region."
      ),
      FieldSpec("region", .line, "The Region that is signed for. The default is the resource's."),
      FieldSpec(
        "accounts",
        .list(.line, atLeast: 1),
        "The accounts whose rules, schedules and pipes may reach them. The default is the settings' own `account`."
      ),
      FieldSpec("credentials", .mapping(.awsCredentials), required: true, "The keys that requests are signed with."),
    ]
  )
}

extension ConfigurationReader {
  mutating func forward(_ node: YAMLNode?, home: String) -> [AWSForwarding.Entry] {
    var entries: [AWSForwarding.Entry] = []
    for item in node.map(list) ?? [] {
      let accounts = (item["accounts"].map(list) ?? []).map { account($0) }
      let (services, arns) = (item["services"].map(list) ?? [], item["arns"].map(list) ?? [])
      if services.isEmpty, arns.isEmpty {
        log.report(
          .missingKey,
          at: item.position,
          "the forwarding says neither 'services' nor 'arns', and so covers nothing",
          hint: "write `services: [states]`, or `arns: ['arn:aws:sqs:us-east-1:111122223333:*']`"
        )
      }
      for arn in arns { checkARN(arn) }
      if let endpoint = item["endpoint"], let text = endpoint.text,
        let complaint = AWSEndpoint.complaint(aboutAddress: text)
      {
        log.report(
          .invalidValue,
          at: endpoint.position,
          complaint,
          hint: "write https://host, or http://127.0.0.1:4010"
        )
      }
      if let region = item["region"], let text = region.text, !AWSEndpoint.isRegion(text) {
        log.report(.invalidValue, at: region.position, "'\(text)' is not a Region", hint: "write us-east-1, say")
      }
      guard let keys = item["credentials"], let credentials = credentials(keys) else { continue }
      entries.append(
        AWSForwarding.Entry(
          services: services.compactMap(\.text),
          arns: arns.compactMap(\.text),
          accounts: accounts.isEmpty ? [home] : accounts,
          endpoint: AWSEndpoint(
            address: item["endpoint"]?.text,
            region: item["region"]?.text,
            credentials: credentials
          )
        )
      )
    }
    return entries
  }

  private mutating func checkARN(_ node: YAMLNode) {
    guard let text = node.text else { return }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0] == "arn" else {
      let hint = "write `arn:aws:sqs:us-east-1:111122223333:name`, with `*` for any text"
      return log.report(.invalidValue, at: node.position, "'\(text)' is not an ARN", hint: hint)
    }
    let (service, known) = (String(parts[2]), AWSService.arnNames)
    guard !service.contains("*"), !known.contains(service) else { return }
    let near = Suggestion.nearest(to: service, among: known).map { "did you mean '\($0)'? " } ?? ""
    log.report(
      .invalidValue,
      at: node.position,
      "nothing can be forwarded to resources of the service '\(service)'",
      hint: "\(near)the services are \(known.joined(separator: ", "))"
    )
  }

  /// The keys, which have to be there now. Files are read again for each request: what renews a session's keys need not
  /// start the server again.
  private mutating func credentials(_ node: YAMLNode) -> (@Sendable () -> SigningCredentials)? {
    let token = node["session-token"]
    guard let id = node["access-key-id"].flatMap({ secret($0) }),
      let key = node["secret-access-key"].flatMap({ secret($0) })
    else { return nil }
    var known = SigningCredentials(accessKeyID: id, secret: key)
    if let token {
      guard let value = secret(token) else { return nil }
      known.sessionToken = value
    }
    let places = [node["access-key-id"], node["secret-access-key"], token].map { $0?["file"]?.text.map(located) }
    guard places.contains(where: { $0 != nil }) else { return { [known] in known } }
    return { [known] in
      let values = places.map { $0.flatMap(Self.secret(in:)) }
      return SigningCredentials(
        accessKeyID: values[0] ?? known.accessKeyID,
        secret: values[1] ?? known.secret,
        sessionToken: values[2] ?? known.sessionToken
      )
    }
  }
}

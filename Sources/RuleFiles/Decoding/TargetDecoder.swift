// `kind: Target` documents and inline targets, out of YAML whose shape has been checked.

internal import TrailEvents

extension TargetDefinition {
  /// Decodes a target; nothing if its type is unknown or a setting it cannot do without is missing.
  init?(_ node: YAMLNode, id: String, _ context: inout DecodingContext) {
    guard let type = node["type"]?.text, let settings = Settings(node, type: type, id: id, &context) else { return nil }
    self.init(
      id: id,
      description: node["description"]?.text,
      settings: settings,
      policy: DeliveryPolicy(node, &context),
      network: node["network"]?.word() ?? .public,
      secrets: ([node["url"], node["proxy"], node["sign"]?["hmac"]] + (node["headers"]?.members ?? []).map(\.value)
        + (node["credentials"]?.members ?? []).map(\.value))
        .compactMap { $0?.locatedSecret },
      position: node.position
    )
  }
}

extension TargetDefinition.Settings {
  fileprivate init?(_ node: YAMLNode, type: String, id: String, _ context: inout DecodingContext) {
    switch type {
    case "webhook":
      guard let url = node["url"]?.setting else { return nil }
      context.checkAddress(node["url"], schemes: ["https", "http"])
      context.checkAddress(node["proxy"], schemes: ["http", "https", "socks5", "socks5h"])
      context.checkHeaders(node["headers"])
      self = .webhook(
        TargetDefinition.Webhook(
          url: url,
          method: node["method"]?.text ?? "POST",
          headers: (node["headers"]?.members ?? []).compactMap { member in
            member.value.setting.map { (member.key, $0) }
          },
          signingSecret: node["sign"]?["hmac"]?.secret,
          proxy: node["proxy"]?.setting
        )
      )
    case "queue":
      context.checkReceiveCount(node)
      self = .queue(
        TargetDefinition.Queue(
          name: node["name"]?.text ?? context.queueName(of: id, node),
          visibilityTimeout: node["visibility-timeout"]?.timeSpan,
          maxReceiveCount: node["max-receive-count"]?.integer,
          redriveTo: context.queue(node["redrive-to"]),
          retention: node["retention"]?.timeSpan
        )
      )
    case "topic":
      _ = context.queueName(of: id, node)
      let subscriptions = node["subscriptions"]?.itemsOrSelf ?? []
      self = .topic(subscriptions: subscriptions.compactMap { context.reference($0, to: .target) })
    case "bus":
      guard let name = node["name"]?.text else { return nil }
      self = .bus(name: name)
    case "file":
      guard let path = node["path"]?.text else { return nil }
      context.checkFilePath(node["path"])
      let maxSize = node["max-size"]?.text.flatMap(ByteSize.bytes)
      self = .file(TargetDefinition.File(path: path, maxSize: maxSize, keep: node["keep"]?.integer))
    case "stdout": self = .stdout
    case "log-group":
      guard let name = node["name"]?.text else { return nil }
      self = .logGroup(name: name)
    case "lake":
      guard let store = node["store"]?.text else { return nil }
      self = .lake(store: store)
    case "aws":
      guard let arn = node["arn"]?.text, let accessKeyID = node["credentials"]?["access-key-id"]?.secret,
        let secretAccessKey = node["credentials"]?["secret-access-key"]?.secret
      else { return nil }
      context.checkResource(node)
      context.checkAddress(node["endpoint"], schemes: ["https", "http"])
      self = .aws(
        TargetDefinition.AWS(
          arn: arn,
          endpoint: node["endpoint"]?.text,
          region: node["region"]?.text,
          credentials: TargetDefinition.AWS.Credentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: node["credentials"]?["session-token"]?.secret
          ),
          parameters: Dictionary((node["parameters"]?.members ?? []).map { ($0.key, $0.value.json) }) { $1 }
        )
      )
    default: return nil
    }
  }

  /// Whether deliveries can be made to targets of this type today.
  var isAvailable: Bool {
    switch self {
    case .webhook, .queue, .topic, .bus, .file, .stdout, .aws: true
    case .logGroup, .lake: false
    }
  }
}

extension DeliveryPolicy {
  /// Decodes `limits`, `retry`, `timeout` and `dead-letter`.
  init(_ node: YAMLNode, _ context: inout DecodingContext) {
    self.init()
    rate = node["limits"]?["rate"]?.rate
    burst = node["limits"]?["burst"]?.integer
    concurrency = node["limits"]?["concurrency"]?.integer
    timeout = node["timeout"]?.timeSpan ?? node["limits"]?["timeout"]?.timeSpan
    retryFor = node["retry"]?["for"]?.timeSpan
    attempts = node["retry"]?["attempts"]?.integer
    backoff = node["retry"]?["backoff"]?.text.flatMap { try? Backoff(parsing: $0) }
    retryOn = node["retry"]?["on"].map { on in
      on.itemsOrSelf.compactMap { item in
        let condition = item.text.flatMap(RetryCondition.init(text:))
        if condition == nil {
          context.log.report(
            .invalidValue,
            at: item.position,
            "'\(item.text ?? "")' is not a failure that retries can name",
            hint: "write a status such as 429, 5xx, or network"
          )
        }
        return condition
      }
    }
    deadLetter = context.queue(node["dead-letter"])
  }
}

extension DeliveryPolicy.RetryCondition {
  /// Reads `429`, `5xx` or `network`.
  init?(text: String) {
    if text == "network" {
      self = .network
    } else if text.utf8.count == 3, text.hasSuffix("xx"), let hundred = text.prefix(1).plainNumber, 1...5 ~= hundred {
      self = .statusClass(Int(hundred))
    } else if let status = text.plainNumber, 100...599 ~= status {
      self = .status(Int(status))
    } else {
      return nil
    }
  }
}

extension DecodingContext {
  /// A reference to a target that has to be a queue; that it is one is checked when all targets are known.
  mutating func queue(_ node: YAMLNode?) -> String? {
    let id = reference(node, to: .target)
    if let id, let node { queueReferences.append((id, node.position)) }
    return id
  }

  /// Reports a count of receives that nothing follows from.
  fileprivate mutating func checkReceiveCount(_ node: YAMLNode) {
    guard let count = node["max-receive-count"], node["redrive-to"] == nil,
      count.integer.map(QueueLimits.maxReceiveCount.contains) == true
    else { return }
    log.report(
      .missingKey,
      at: count.position,
      "`max-receive-count` says when a message is moved, and `redrive-to`, which says where to, is missing",
      hint: "add `redrive-to: <id of a queue>`, or remove `max-receive-count`"
    )
  }

  /// The name of the queue or topic of a target that names none: its id, for one inside of a rule `RULE.STEP`.
  fileprivate mutating func queueName(of id: String, _ node: YAMLNode) -> String {
    let name = TargetDefinition.queueName(of: id)
    if let complaint = QueueLimits.complaint(aboutName: name) {
      let hint = "make it a document of its own with a shorter id"
      log.report(.invalidValue, at: node.position, "\(complaint); it comes from the ids of rule and step", hint: hint)
    }
    return name
  }

  /// Reports the path of a `file` target that lines cannot be appended to.
  fileprivate mutating func checkFilePath(_ node: YAMLNode?) {
    guard let node, let path = node.text else { return }
    let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    if ["", ".", ".."].contains(last) || path.hasPrefix("/") && files.isFolder(path) {
      log.report(.invalidValue, at: node.position, "'\(path)' is a folder", hint: "name a file in it")
    } else if PathText.leadsOut(path) {
      let message = "'\(path)' leads out of the data directory, which relative paths count from"
      log.report(.invalidValue, at: node.position, message, hint: "write the whole path, beginning with /")
    } else if !path.hasPrefix("/"), PathText.normalized(path).hasPrefix(EngineFiles.prefix) {
      let message = "'\(path)' is kept for the engine: names that begin with '\(EngineFiles.prefix)' are its own"
      log.report(.invalidValue, at: node.position, message, hint: "choose another name")
    }
  }

  /// Reports an address that is none.
  fileprivate mutating func checkAddress(_ node: YAMLNode?, schemes: [String]) {
    // The address may hold a password, so no message quotes it.
    guard let node, let text = node.text else { return }
    let scheme = schemes.first { text.lowercased().hasPrefix("\($0)://") }
    let host = text.dropFirst((scheme?.utf8.count ?? 0) + 3)
    if scheme == nil || host.isEmpty || "/?#:".contains(host.first ?? "/") {
      let hint = "write \(schemes[0])://host/path" + (schemes.count > 1 ? " (or \(schemes[1])://…)" : "")
      log.report(.invalidValue, at: node.position, "this is not an address", hint: hint)
    } else if let bad = text.unicodeScalars.first(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
      let what = bad == " " ? "a blank" : "a control character"
      log.report(.invalidValue, at: node.position, "the address holds \(what)", hint: "percent-encode it")
    } else if text.contains("<") {
      let hint = "put what differs from event to event into `input`"
      log.report(.invalidValue, at: node.position, "an address has no placeholders", hint: hint)
    }
  }

  /// Reports an ARN that nothing can be sent to, and what an `aws` target has no use for.
  fileprivate mutating func checkResource(_ node: YAMLNode) {
    guard let place = node["arn"], let text = place.text else { return }
    let form = "write `arn: arn:aws:sqs:us-east-1:111122223333:name`"
    guard let arn = ARN(text) else {
      return log.report(.invalidValue, at: place.position, "'\(text)' is not an ARN", hint: form)
    }
    if !AWSResources.services.contains(arn.service) {
      let known = AWSResources.services.joined(separator: ", ")
      let near =
        Suggestion.nearest(to: arn.service, among: AWSResources.services)
        .map { "did you mean '\($0)'? " } ?? ""
      let message = "nothing can be sent to resources of the service '\(arn.service)'"
      log.report(.invalidValue, at: place.position, message, hint: "\(near)the services are \(known)")
    }
    if arn.region.isEmpty, node["region"] == nil {
      log.report(.missingKey, at: place.position, "the ARN names no Region", hint: "add `region: us-east-1`")
    }
    if let on = node["retry"]?["on"] {
      let message = "AWS's error codes say what is worth another attempt, so `on` has no effect here"
      log.report(.conflictingKeys, at: on.position, message, hint: "remove it")
    }
  }

  /// Reports header fields that would break the request.
  fileprivate mutating func checkHeaders(_ node: YAMLNode?) {
    for member in node?.members ?? [] {
      let isToken = member.key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
      if member.key.isEmpty || !isToken {
        let hint = "use letters, digits and '-'"
        log.report(.invalidValue, at: member.keyPosition, "'\(member.key)' is not a header field's name", hint: hint)
      }
      if let text = member.value.text, text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
        log.report(.invalidValue, at: member.value.position, "the header field '\(member.key)' has a line break in it")
      }
    }
  }
}

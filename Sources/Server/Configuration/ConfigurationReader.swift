// `signalbox.yaml` → settings. The shape is checked against the table of keys first, so that what is decoded here is
// known to be well formed; what is left to check are references and things that exclude each other.

internal import Foundation
internal import RuleFiles
internal import Storage

extension SignalboxConfiguration {
  /// Reads a settings file.
  ///
  /// - Parameter environment: what `{env: NAME}` refers to; the process's own if nil.
  public static func load(
    path: String,
    environment: [String: String]? = nil
  ) -> LoadResult {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      let place = SourcePosition(file: path, line: 1, column: 1)
      let message =
        FileManager.default.fileExists(atPath: path) ? "the file cannot be read" : "there is no such file"
      let hint = "name the settings file with --config, or make one with `signalbox init`"
      return LoadResult(configuration: nil, diagnostics: [Diagnostic(.unreadableFile, at: place, message, hint: hint)])
    }
    return read([UInt8](bytes), path: path, environment: environment ?? ProcessInfo.processInfo.environment)
  }

  /// Reads the text of a settings file; relative paths count from the folder of `path`.
  public static func read(_ bytes: [UInt8], path: String, environment: [String: String]) -> LoadResult {
    var reader = ConfigurationReader(path: path, environment: environment)
    let configuration = reader.read(bytes)
    let diagnostics = reader.log.diagnostics.inReadingOrder()
    return LoadResult(
      configuration: diagnostics.containsError ? nil : configuration,
      diagnostics: diagnostics
    )
  }
}

struct ConfigurationReader {
  let path: String
  let environment: [String: String]
  var log = DiagnosticLog()

  init(path: String, environment: [String: String]) {
    self.path = path
    self.environment = environment
  }

  mutating func read(_ bytes: [UInt8]) -> SignalboxConfiguration? {
    let file = YAMLFile(reading: bytes, name: path)
    log.append(file.diagnostics)
    guard let node = file.documents.first else {
      if file.diagnostics.isEmpty {
        let place = SourcePosition(file: path, line: 1, column: 1)
        log.report(.missingKey, at: place, "the file is empty", hint: "say at least where events come from: `sources`")
      }
      return nil
    }
    if file.documents.count > 1 {
      log.report(
        .invalidYAML,
        at: file.documents[1].position,
        "a settings file has one document, and this has more",
        hint: "remove the line of --- before it, or move rules to a rule file"
      )
    }
    var checker = ShapeChecker()
    checker.check(node, against: .configuration)
    log.append(checker.log.diagnostics)
    guard !log.diagnostics.containsError else { return nil }

    var retention = RetentionPolicy()
    if let age = span(node["retention"]?["journal"]) { retention.journalAge = age.seconds * 1000 }
    if let age = span(node["retention"]?["ledger"]) { retention.ledgerAge = age.seconds * 1000 }
    if let size = node["retention"]?["size"]?.text.flatMap(ByteSize.bytes) { retention.databaseBytes = Int64(size) }
    var configuration = SignalboxConfiguration(
      file: path,
      dataDirectory: node["data-directory"].flatMap { resolvedPath($0) } ?? located("data"),
      rules: node["rules"].map { list($0).compactMap { resolvedPath($0) } } ?? [located("rules")],
      sources: sources(node["sources"]),
      defaults: policy(node["defaults"]),
      deadLetterQueue: node["defaults"]?["dead-letter"]?.text ?? "dead-letters",
      log: SignalboxConfiguration.LogSettings(
        format: node["log"]?["format"]?.text.flatMap { .init(rawValue: $0) } ?? .text,
        level: node["log"]?["level"]?.text.flatMap { .init(rawValue: $0) } ?? .info
      ),
      retention: retention,
      outboxLimit: integer(node["outbox"]?["limit"]) ?? 1_000_000,
      shutdownGrace: span(node["shutdown"]?["grace"])?.duration ?? .seconds(10),
      account: account(node["account"]),
      region: node["region"]?.text ?? "us-east-1"
    )
    configuration.functions = functions(node["functions"])
    configuration.forward = forward(node["forward"], home: configuration.account)
    configuration.serve = serve(node["serve"], accounts: node["accounts"])
    return configuration
  }

  // MARK: Parts

  private mutating func sources(_ node: YAMLNode?) -> [SignalboxConfiguration.Source] {
    var sources: [SignalboxConfiguration.Source] = []
    var names: Set<String> = []
    var hasStandardInput = false
    for item in node.map(list) ?? [] {
      let logFiles = item["log-files"]
      let standardInput = item["stdin"]
      let written: [String]
      let kind: SignalboxConfiguration.Source.Kind
      switch (logFiles, standardInput) {
      case (let node?, nil):
        written = list(node).map { $0.text ?? $0["env"]?.text.map { "$\($0)" } ?? "" }
        kind = .logFiles(list(node).compactMap { resolvedPath($0) }, watch: boolean(item["watch"]) ?? true)
      case (nil, let node?):
        if hasStandardInput {
          log.report(.conflictingKeys, at: item.position, "standard input is a source already", hint: "remove one")
        }
        hasStandardInput = true
        written = [node.text ?? "stdin"]
        kind = .standardInput
      case (nil, nil):
        log.report(
          .missingKey,
          at: item.position,
          "the source says neither 'log-files' nor 'stdin'",
          hint: "write `log-files: path`, or `stdin: records`"
        )
        continue
      case (_?, let second?):
        log.report(
          .conflictingKeys,
          at: second.position,
          "a source is either 'log-files' or 'stdin'",
          hint: "make two sources of it"
        )
        continue
      }
      let name = item["name"]?.text ?? written.joined(separator: ",")
      if !names.insert(name).inserted {
        log.report(
          .duplicateID,
          at: item.position,
          "there is a source '\(name)' already",
          hint: "give one of them another 'name'"
        )
      }
      sources.append(SignalboxConfiguration.Source(name: name, kind: kind, bus: item["bus"]?.text ?? "default"))
    }
    return sources
  }

  private mutating func functions(_ node: YAMLNode?) -> [FunctionMapping] {
    var functions: [FunctionMapping] = []
    for item in node.map(list) ?? [] {
      guard let arn = item["arn"]?.text, arn.hasPrefix("arn:") || arn.hasPrefix("*") else {
        log.report(
          .invalidValue,
          at: item["arn"]?.position ?? item.position,
          "a function has an 'arn'",
          hint: "write `arn: arn:aws:lambda:us-east-1:111122223333:function:name`"
        )
        continue
      }
      switch (item["run"]?.text, item["send"]?.text) {
      case (let action?, nil): functions.append(FunctionMapping(arn: arn, isAction: true, id: action))
      case (nil, let target?): functions.append(FunctionMapping(arn: arn, isAction: false, id: target))
      default:
        log.report(
          .conflictingKeys,
          at: item.position,
          "a function stands for one thing: an action (`run`) or a target (`send`)",
          hint: "write one of them"
        )
      }
    }
    return functions
  }

  private func policy(_ node: YAMLNode?) -> DeliveryPolicy {
    var policy = DeliveryPolicy()
    policy.rate = node?["limits"]?["rate"]?.text.flatMap { try? Rate(parsing: $0) }
    policy.burst = integer(node?["limits"]?["burst"])
    policy.concurrency = integer(node?["limits"]?["concurrency"])
    policy.retryFor = span(node?["retry"]?["for"])
    policy.attempts = integer(node?["retry"]?["attempts"])
    policy.backoff = node?["retry"]?["backoff"]?.text.flatMap { try? Backoff(parsing: $0) }
    return policy
  }

  mutating func account(_ node: YAMLNode?) -> String {
    guard let node, let text = node.text else { return "000000000000" }
    if text.utf8.count != 12 || !text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      log.report(.invalidValue, at: node.position, "'\(text)' is not an account id", hint: "write its twelve digits")
    }
    return text
  }

  // MARK: Values

  /// The path that a node names, itself or by reference.
  mutating func resolvedPath(_ node: YAMLNode) -> String? {
    if let text = node.text { return located(text) }
    if let name = node["env"]?.text {
      if let value = environment[name], !value.isEmpty { return located(value) }
      log.report(
        .invalidValue,
        at: node.position,
        "the environment variable \(name) is not set",
        hint: "set it before the start, or write the path itself"
      )
      return nil
    }
    log.report(.invalidValue, at: node.position, "a path is text or {env: NAME}")
    return nil
  }

  func located(_ text: String) -> String {
    guard !text.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return text }
    return String(path[...slash]) + text
  }

  func list(_ node: YAMLNode) -> [YAMLNode] { node.items ?? [node] }

  func span(_ node: YAMLNode?) -> TimeSpan? { node?.text.flatMap { try? TimeSpan(parsing: $0) } }

  func integer(_ node: YAMLNode?) -> Int? {
    if case .integer(let digits)? = node?.scalar?.resolved { Int(digits) } else { nil }
  }

  func boolean(_ node: YAMLNode?) -> Bool? {
    if case .bool(let value)? = node?.scalar?.resolved { value } else { nil }
  }
}

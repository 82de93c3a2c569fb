// What a careful colleague would say about rules that are valid. Each check is one function below; its code, meaning and
// severity stand in `DiagnosticCode`.

import EventPatterns

extension RuleRepository.LoadResult {
  /// What there is to say beyond `diagnostics`, in reading order; `now` decides which exceptions have ended.
  public func lint(now: Instant) -> [Diagnostic] {
    var lint = RuleLint(now: now)
    for document in documents {
      lint.checkScalars(document.node)
      switch document.kind {
      case .target: lint.checkTarget(document.node)
      case .action: lint.checkEnvironment(document.node)
      case .rule: lint.checkDocument(document.node)
      case .list, .correlation: break
      }
      lint.checkUse(of: document, used)
    }
    for position in scalarsForLists { lint.scalarForList(position) }
    let nodes = Dictionary(documents.filter { $0.kind == .rule }.map { ($0.node.position, $0.node) }) { first, _ in
      first
    }
    for rule in rules {
      if let node = nodes[rule.position] { lint.check(rule, node) }
    }
    lint.checkDuplicates(rules)
    return lint.log.diagnostics.inReadingOrder()
  }
}

/// The checks.
struct RuleLint {
  let now: Instant
  private(set) var log = DiagnosticLog()

  init(now: Instant) {
    self.now = now
  }

  // MARK: Scalars

  /// Scalars that want quotes.
  mutating func checkScalars(_ node: YAMLNode) {
    switch node.content {
    case .sequence(let items): for item in items { checkScalars(item) }
    case .mapping(let members):
      // Twelve digits inside of `numeric` are a number.
      for member in members where member.key != "numeric" { checkScalars(member.value) }
    case .scalar(let scalar):
      if scalar.isUnquotedAccount {
        let message = "\(scalar.text) is taken for an account id, which is text"
        log.report(.unquotedAccount, at: node.position, message, hint: "write \"\(scalar.text)\"")
      } else if scalar.isAmbiguous {
        let message = "'\(scalar.text)' is text here; readers of YAML 1.1 take it for something else"
        log.report(.ambiguousScalar, at: node.position, message, hint: "write \"\(scalar.text)\"")
      }
    }
  }

  mutating func scalarForList(_ position: SourcePosition) {
    let message = "a single value stands for a list of one"
    log.report(.scalarForList, at: position, message, hint: "put it into brackets, as EventBridge wants it")
  }

  // MARK: Secrets

  /// Secrets in targets.
  mutating func checkTarget(_ node: YAMLNode) {
    for key in ["url", "proxy"] {
      guard let value = node[key], let text = value.text else { continue }
      let authority = text.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
      let isSecretPath = Self.secretAddresses.contains { text.lowercased().contains($0) }
      if authority.contains("@") || isSecretPath {
        log.report(
          .literalSecret,
          at: value.position,
          isSecretPath ? "whoever knows this address can post to it" : "the address has a user and password in it",
          hint: "write \(key): {env: NAME}, and keep the address in the environment"
        )
      }
    }
    for member in node["headers"]?.members ?? [] where Self.namesSecret(member.key) && member.value.text != nil {
      let message = "the header field '\(member.key)' is a secret and stands in the file"
      log.report(.literalSecret, at: member.value.position, message, hint: "write {env: NAME} or {file: path}")
    }
  }

  /// Secrets in the environment of actions.
  mutating func checkEnvironment(_ node: YAMLNode) {
    for member in node["env"]?.members ?? [] {
      guard Self.namesSecret(member.key), let text = member.value.text, !text.contains("<") else { continue }
      let message = "the variable '\(member.key)' looks like a secret and stands in the file"
      log.report(.literalSecret, at: member.value.position, message, hint: "write {env: NAME} or {file: path}")
    }
  }

  private static let secretAddresses = [
    "hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/",
    "webhook.office.com/webhookb2/", "chat.googleapis.com/v1/spaces/",
  ]

  private static func namesSecret(_ name: String) -> Bool {
    let folded = name.lowercased().filter { $0 != "-" && $0 != "_" }
    return ["authorization", "cookie", "password", "passwd", "secret", "token", "apikey", "accesskey", "privatekey"]
      .contains { folded.contains($0) }
  }

  /// What stands in a rule's own steps.
  mutating func checkDocument(_ node: YAMLNode) {
    for step in node["then"]?.itemsOrSelf ?? [] {
      if let target = step["send"], target.members != nil { checkTarget(target) }
      if let action = step["run"], action.members != nil { checkEnvironment(action) }
    }
  }

  // MARK: Rules

  /// What a rule lacks.
  mutating func check(_ rule: Rule, _ node: YAMLNode) {
    let place = node["id"]?.position ?? node.position
    if rule.title.isEmpty {
      log.report(.missingTitle, at: place, "the rule '\(rule.id)' has no title", hint: "add `title:` in a few words")
    }
    if rule.owner == nil {
      let hint = "add `owner:` here or in the folder's _defaults.yaml"
      log.report(.missingOwner, at: place, "the rule '\(rule.id)' has no owner", hint: hint)
    }
    if rule.tests.isEmpty, node["every"] == nil {
      let hint = "add `tests:` with an event that matches and one that nearly does"
      log.report(.missingTests, at: place, "the rule '\(rule.id)' has no tests", hint: hint)
    }
    if rule.steps.isEmpty, node["then"]?.itemsOrSelf.isEmpty != false {
      log.report(.noSteps, at: place, "the rule '\(rule.id)' does nothing on a match", hint: "add `then:` with a step")
    }
    if let wanted: Stage = node["stage"]?.word(), wanted > rule.stage, let stage = node["stage"] {
      let message = "the folder's max-stage cuts '\(wanted.rawValue)' to '\(rule.stage.rawValue)'"
      log.report(.stageCapped, at: stage.position, message)
    }
    for exception in rule.exceptions where !exception.holds(at: now) {
      let ended = exception.expires.map(\.description) ?? ""
      let message = "the exception '\(exception.reason)' ended at \(ended) and no longer holds"
      log.report(.expiredException, at: exception.position, message, hint: "remove it, or give it a new date")
    }
    if rule.stage == .enforce {
      for step in rule.steps where step.guardrail == nil {
        guard case .run(let action) = step.operation else { continue }
        let message = "the rule runs '\(action)' on every match, without a guard"
        log.report(
          .unguardedAction,
          at: step.position,
          message,
          hint: "watch it at `stage: notify` first; `guard` is not available yet"
        )
      }
    }
    checkComplexity(rule)
    if let when = node["when"], let members = when.members, !members.isEmpty, !Self.isNarrow(when, path: "") {
      let message = "the pattern asks for neither a source nor a value in detail, so events of all kinds pass"
      log.report(.broadPattern, at: when.position, message, hint: "add `source: [aws.…]` or `detail: {eventName: […]}`")
    }
  }

  /// Patterns that work here, and that EventBridge would not take.
  private mutating func checkComplexity(_ rule: Rule) {
    guard let pattern = rule.pattern else { return }
    do {
      _ = try EventPattern(parsing: pattern.json, language: .eventBridge)
    } catch {
      // Anything else it refuses is an extension, and those are used on purpose.
      guard error.message.hasPrefix("Rule is too complex") else { return }
      let place = pattern.sourceMap.position(ofByte: error.offset) ?? pattern.position
      let message = "EventBridge would refuse the pattern as too complex; here it works"
      log.report(.complexPattern, at: place, message, hint: "use fewer wildcards, or several rules")
    }
  }

  /// Whether a pattern asks for the source, the kind or some value inside of the event; that a field is there at all is
  /// not enough.
  private static func isNarrow(_ node: YAMLNode, path: String) -> Bool {
    (node.members ?? []).contains { member in
      if member.key.hasPrefix("$") { return member.value.itemsOrSelf.contains { isNarrow($0, path: path) } }
      let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
      if member.value.members != nil { return isNarrow(member.value, path: inner) }
      let isOnlyPresence = member.value.itemsOrSelf.allSatisfy { $0["exists"] != nil }
      return inner == "source" || inner == "detail-type" || inner.hasPrefix("detail.") && !isOnlyPresence
    }
  }

  /// Rules that look for the same.
  mutating func checkDuplicates(_ rules: [Rule]) {
    var first: [[UInt8]: Rule] = [:]
    for rule in rules {
      guard let pattern = rule.pattern, let value = try? JSONValue(parsing: pattern.json) else { continue }
      let key = Array(rule.bus.utf8) + value.withSortedNames.bytes
      if let other = first[key] {
        let message = "the rule '\(rule.id)' has the same pattern as '\(other.id)' (\(other.position))"
        log.report(.duplicatePattern, at: pattern.position, message, hint: "make them one rule with more steps")
      } else {
        first[key] = rule
      }
    }
  }

  /// Definitions that nothing uses.
  mutating func checkUse(of document: RuleDocument, _ used: [DocumentKind: Set<String>]) {
    guard [.target, .action, .list].contains(document.kind), let id = document.id,
      used[document.kind]?.contains(id) != true
    else { return }
    let message = "nothing uses the \(document.kind.rawValue) '\(id)'"
    log.report(.unusedDefinition, at: document.idPosition, message)
  }
}

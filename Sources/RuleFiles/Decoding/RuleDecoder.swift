// `kind: Rule` documents, out of YAML whose shape has been checked. Decoding goes on past mistakes, so that one run
// reports all of them; a rule with mistakes never gets into a repository.

import EventPatterns

/// What the folder of a rule file adds to its rules (`_defaults.yaml` there and in the folders above).
struct FolderDefaults: Sendable {
  var owner: String?
  var tags: [String] = []
  var maxStage: Stage?
}

/// A decoded rule with the definitions that stood inside it.
struct DecodedRule {
  var rule: Rule
  var targets: [TargetDefinition] = []
  var actions: [ActionDefinition] = []
}

extension DecodedRule {
  /// Decodes a rule.
  init(_ node: YAMLNode, id: String, defaults: FolderDefaults, _ context: inout DecodingContext) {
    let wanted: Stage = node["stage"]?.word() ?? .notify
    let outcome = node["outcome"].flatMap { node in node.word().map { Located<Outcome>($0, at: node.position) } }
    rule = Rule(
      id: id,
      title: node["title"]?.text ?? "",
      description: node["description"]?.text,
      severity: node["severity"]?.word() ?? .medium,
      stage: defaults.maxStage.map { min($0, wanted) } ?? wanted,
      owner: node["owner"]?.text ?? defaults.owner,
      runbook: node["runbook"]?.text,
      tags: defaults.tags + (node["tags"]?.texts ?? []).filter { !defaults.tags.contains($0) },
      maps: (node["maps"]?.members ?? []).map { ($0.key, $0.value.texts) },
      bus: node["bus"]?.text ?? "default",
      outcome: outcome?.value ?? .any,
      pattern: context.pattern(node["when"], outcome: outcome),
      schedule: node["every"]?.text.flatMap { try? Schedule(parsing: $0) },
      exceptions: [],
      key: (node["key"]?.itemsOrSelf ?? []).compactMap { context.fieldPath($0) },
      once: node["once"].flatMap(Rule.Throttle.init),
      settle: node["settle"]?.timeSpan,
      lets: [],
      steps: [],
      tests: [],
      position: node.position
    )
    checkTrigger(node, &context)
    rule.exceptions = (node["unless"]?.itemsOrSelf ?? []).compactMap { RuleException($0, &context) }
    for member in node["let"]?.members ?? [] { decodeLet(member, &context) }
    for (index, step) in (node["then"]?.itemsOrSelf ?? []).enumerated() {
      decodeStep(step, number: index + 1, &context)
    }
    refuseWhatIsNotAvailable(node, &context)
    let steps = rule.steps
    rule.tests = (node["tests"]?.itemsOrSelf ?? []).compactMap { RuleTest($0, steps: steps, &context) }
    checkReasons((node["tests"]?.itemsOrSelf ?? []).compactMap { $0["expect"]?["because"] }, &context)
  }

  private func checkTrigger(_ node: YAMLNode, _ context: inout DecodingContext) {
    switch (node.member("when"), node.member("every")) {
    case (nil, nil):
      let hint = "add `when:` with an event pattern, or `every: rate(5 minutes)`"
      context.log.report(.missingKey, at: node.position, "the rule has neither 'when' nor 'every'", hint: hint)
    case (.some, let every?):
      let hint = "keep one of them, or make two rules"
      context.log.report(.conflictingKeys, at: every.keyPosition, "a rule has 'when' or 'every', not both", hint: hint)
    case (nil, .some):
      for key in ["outcome", "unless", "key", "once", "settle"] {
        guard let member = node.member(key) else { continue }
        let message = "'\(key)' is about events, and a rule with 'every' fires without one"
        context.log.report(.conflictingKeys, at: member.keyPosition, message, hint: "remove it")
      }
    case (.some, nil): break
    }
  }

  /// A test that fails for a field the pattern does not name is a slip of the keyboard, said where it stands.
  private func checkReasons(_ reasons: [YAMLNode], _ context: inout DecodingContext) {
    let fields = reasons.filter { $0.text != "unless" }
    guard !fields.isEmpty, let pattern = rule.pattern else { return }
    let names = pattern.conditionNames
    for node in fields {
      guard let text = node.text, !names.contains((try? FieldPath(parsing: text))?.dotted ?? text) else { continue }
      let known = names.map(pattern.spelling).sorted()
      let message = "the rule's pattern does not name '\(text)', so no event fails because of it"
      context.log.report(.unknownField, at: node.position, message, hint: Suggestion.hint(for: text, among: known))
    }
  }

  private mutating func decodeLet(_ member: YAMLMember, _ context: inout DecodingContext) {
    let reserved = Placeholder.Variable.allCases.map(\.rawValue) + Placeholder.envelopeFields
    if reserved.contains(member.key) || member.key == "rule" || member.key == "delivery" {
      let message = "<\(member.key)> is already a field of the event or a variable"
      context.log.report(.invalidValue, at: member.keyPosition, message, hint: "choose another name")
    } else if member.key.isEmpty || !member.key.utf8.allSatisfy(FieldPathReader.isPlain) {
      let hint = "use letters, digits, '-' and '_'"
      context.log.report(.invalidValue, at: member.keyPosition, "'\(member.key)' is not a name for a value", hint: hint)
    }
    guard let path = context.fieldPath(member.value) else { return }
    if let first = path.value.firstName, !Placeholder.envelopeFields.contains(first) {
      let near = Suggestion.nearest(to: first, among: Placeholder.envelopeFields).map { "did you mean '\($0)'? " } ?? ""
      context.log.report(
        .unknownPlaceholder,
        at: path.position,
        "an event has no field '\(first)'",
        hint: near + "fields begin with \(Placeholder.envelopeFields.dropLast().joined(separator: ", "))"
      )
    }
    rule.lets.append(Rule.Let(name: member.key, path: path))
  }

  /// The parts of the language that come later are checked today, and refused where a live rule would need them.
  private func refuseWhatIsNotAvailable(_ node: YAMLNode, _ context: inout DecodingContext) {
    guard rule.stage.isLive else { return }
    var members = ["key", "once", "settle"].compactMap { node.member($0) }
    for step in node["then"]?.itemsOrSelf ?? [] {
      members += ["guard", "verify"].compactMap { step.member($0) }
    }
    for member in members {
      context.log.report(
        .notAvailableYet,
        at: member.keyPosition,
        "'\(member.key)' is not available yet, and the rule is live (stage \(rule.stage.rawValue))",
        hint: "remove '\(member.key)', or set `stage: shadow` or `draft`"
      )
    }
  }
}

extension Rule.Throttle {
  fileprivate init?(_ node: YAMLNode) {
    guard let within = node["within"]?.timeSpan else { return nil }
    self.init(within: within, then: node["then"]?.word() ?? .digest)
  }
}

extension RuleException {
  fileprivate init?(_ node: YAMLNode, _ context: inout DecodingContext) {
    let read = context.pattern(node["when"])
    guard let pattern = read else { return nil }
    self.init(
      reason: node["reason"]?.text ?? "",
      owner: node["owner"]?.text,
      expires: node["expires"]?.text.flatMap { try? Instant(parsing: $0) },
      pattern: pattern,
      position: node.position
    )
  }
}

// The steps of `then`, their guards and verifications.

import EventPatterns

extension DecodedRule {
  /// Decodes a step, whose number counts from 1.
  mutating func decodeStep(_ node: YAMLNode, number: Int, _ context: inout DecodingContext) {
    guard let members = node.members else { return }
    let names = rule.lets.map(\.name)
    let verb: String
    switch (node.member("send"), node.member("run")) {
    case (.some, nil): verb = "send"
    case (nil, .some): verb = "run"
    case (nil, nil):
      let hint = "write `- send: TARGET` or `- run: ACTION`"
      return context.log.report(.missingKey, at: node.position, "the step neither sends nor runs", hint: hint)
    case (.some, let run?):
      let hint = "make two steps"
      return context.log.report(
        .conflictingKeys,
        at: run.keyPosition,
        "a step has 'send' or 'run', not both",
        hint: hint
      )
    }
    let misplaced = verb == "send" ? ["with", "guard", "verify"] : ["input"]
    for member in members where misplaced.contains(member.key) {
      let hint = verb == "send" ? "it belongs to `run` steps" : "a run gets the event and the values of `with`"
      context.log.report(
        .conflictingKeys,
        at: member.keyPosition,
        "a '\(verb)' step has no '\(member.key)'",
        hint: hint
      )
    }
    let id = node["id"]?.text ?? "\(verb)-\(number)"
    if rule.steps.contains(where: { $0.id == id }) {
      let place = node["id"]?.position ?? node.position
      context.log.report(.duplicateID, at: place, "the rule has two steps with the id '\(id)'", hint: "rename one")
    }
    guard let operation = verb == "send" ? send(node, step: id, &context) : run(node, step: id, names: names, &context)
    else { return }
    var step = Step(
      id: id,
      operation: operation,
      input: context.template(node["input"], names: names),
      parameters: [],
      guardrail: node["guard"].flatMap { Guard($0, hasKey: !rule.key.isEmpty, &context) },
      verification: node["verify"].flatMap { Verification($0, names: names, &context) },
      position: node.position
    )
    for member in node["with"]?.members ?? [] {
      guard let template = context.template(member.value, names: names) else { continue }
      step.parameters.append(Step.Parameter(name: member.key, value: template))
    }
    rule.steps.append(step)
  }

  private mutating func send(
    _ node: YAMLNode,
    step: String,
    _ context: inout DecodingContext
  ) -> Step.Operation? {
    guard let target = node["send"] else { return nil }
    if target.members == nil { return context.reference(target, to: .target).map { .send(target: $0) } }
    let id = "\(rule.id)/\(step)"
    guard let definition = TargetDefinition(target, id: id, &context) else { return nil }
    targets.append(definition)
    return .send(target: id)
  }

  private mutating func run(
    _ node: YAMLNode,
    step: String,
    names: [String],
    _ context: inout DecodingContext
  ) -> Step.Operation? {
    guard let action = node["run"] else { return nil }
    if action.members == nil { return context.reference(action, to: .action).map { .run(action: $0) } }
    let id = "\(rule.id)/\(step)"
    guard let definition = ActionDefinition(action, id: id, names: names, &context) else { return nil }
    actions.append(definition)
    return .run(action: id)
  }
}

extension Guard {
  fileprivate init(_ node: YAMLNode, hasKey: Bool, _ context: inout DecodingContext) {
    position = node.position
    budget = node["budget"].map { node in
      Budget(perHour: node["per-hour"]?.integer, perKey: node["per-key"]?.rate, over: node["over"]?.word() ?? .hold)
    }
    if let perKey = node["budget"]?.member("per-key"), !hasKey {
      let message = "'per-key' counts by the rule's 'key', and the rule has none"
      context.log.report(.missingKey, at: perKey.keyPosition, message, hint: "add `key: [account]`, or use `per-hour`")
    }
    guard let approve = node["approve"] else { return }
    approval = Approval(
      by: approve["by"]?.texts ?? [],
      pattern: context.pattern(approve["when"]),
      timeout: approve["timeout"]?.timeSpan,
      onTimeout: approve["on-timeout"]?.word() ?? .deny
    )
  }
}

extension Verification {
  fileprivate init?(_ node: YAMLNode, names: [String], _ context: inout DecodingContext) {
    let otherwise = context.reference(node["else"]?["send"], to: .target)
    // Placeholders are text, so the pattern can be judged with them in place.
    let pattern = context.pattern(node["expect"])
    guard let within = node["within"]?.timeSpan, pattern != nil,
      let expect = context.template(node["expect"], names: names)
    else { return nil }
    self.init(expect: expect, within: within, otherwise: otherwise, position: node.position)
  }
}

// PutTargets and RemoveTargets.

internal import TrailEvents

extension Catalog {
  /// The targets of a rule, in the order in which they came.
  public func targets(of name: String, on bus: BusReference) throws(BusError) -> [RuleTarget] {
    try rule(name, on: bus).targets
  }

  /// Adds targets to a rule, or replaces those with the same ids.
  public mutating func putTargets(
    _ targets: [RuleTarget],
    of name: String,
    on bus: BusReference
  ) throws(BusError) {
    var rule = try rule(name, on: bus)
    try checkIsNoFileRule(name, on: bus)
    try checkIsNotManaged(rule, force: false)
    for target in targets {
      try check(target, of: bus, in: Scope(account: rule.createdBy, region: bus.scope.region))
      if let index = rule.targets.firstIndex(where: { $0.id == target.id }) {
        rule.targets[index] = target
      } else {
        rule.targets.append(target)
      }
    }
    guard rule.targets.count <= limits.targetsPerRule else { throw .limit() }
    self[bus.scope].rules[rule.key] = rule
  }

  /// Removes targets of a rule; ids that are not there are no error.
  public mutating func removeTargets(
    _ ids: [String],
    of name: String,
    on bus: BusReference,
    force: Bool = false
  ) throws(BusError) {
    var rule = try rule(name, on: bus)
    try checkIsNoFileRule(name, on: bus)
    try checkIsNotManaged(rule, force: force)
    rule.targets.removeAll { ids.contains($0.id) }
    self[bus.scope].rules[rule.key] = rule
  }

  private func check(_ target: RuleTarget, of bus: BusReference, in scope: Scope) throws(BusError) {
    guard let arn = ARN(target.arn) else {
      throw .validation("Parameter \(target.arn) is not valid. Reason: Provided Arn is not in correct format.")
    }
    // Its connection's secret is its account's.
    if arn.service == "events", arn.type == "api-destination", arn.scope != scope {
      throw .validation(
        "Parameter \(target.arn) is not valid. Reason: API destinations have to be of the rule's account and Region."
      )
    }
    try Self.checkRole(target.roleARN)
    if arn.service == "events", arn.type == "api-destination" { try checkPath(of: target, to: arn) }
    if arn.service == "events", arn.type == "event-bus" { try Self.checkForwarding(target, to: arn, from: bus) }
    if arn.service == "sqs" {
      let isFIFO = arn.resource.hasSuffix(".fifo")
      if isFIFO, target.messageGroupID == nil {
        throw .validation("Parameter(s) SqsParameters must be specified for target: \(target.id).")
      }
      if !isFIFO, target.messageGroupID != nil {
        throw .validation("Parameter(s) SqsParameters not supported for target: \(target.id).")
      }
    }
    if let deadLetters = target.deadLetterARN {
      guard let queue = ARN(deadLetters), queue.service == "sqs", !queue.resource.hasSuffix(".fifo"),
        queue.scope == scope
      else {
        throw .validation(
          "Parameter DeadLetterConfig.Arn of target \(target.id) is not valid. Reason: it must be the ARN of a standard "
            + "SQS queue of the rule's account and Region."
        )
      }
    }
    if let attempts = target.retry?.attempts, !(0...185).contains(attempts) {
      throw .validation("MaximumRetryAttempts of target \(target.id) must be between 0 and 185.")
    }
    if let age = target.retry?.age, !(60...86_400).contains(age) {
      throw .validation("MaximumEventAgeInSeconds of target \(target.id) must be between 60 and 86400.")
    }
    _ = try TargetInput(target)
  }

  /// Another bus gets the event as it is: there is nothing that could be shaped (API Reference, PutTargets).
  private static func checkForwarding(_ target: RuleTarget, to arn: ARN, from bus: BusReference) throws(BusError) {
    guard target.input == nil, target.inputPath == nil, target.transformer == nil else {
      throw .validation("Parameter(s) Input, InputPath, InputTransformer not supported for target: \(target.id).")
    }
    guard BusReference(scope: arn.scope, name: arn.name) != bus else {
      throw .validation(
        "Parameter \(target.arn) is not valid. Reason: an event bus cannot be the target of its own rules."
      )
    }
  }

  /// Every `*` in the URL of a destination needs a value.
  private func checkPath(of target: RuleTarget, to arn: ARN) throws(BusError) {
    let name = String(arn.name.prefix { $0 != "/" })
    guard let destination = self[arn.scope].destinations[name] else { return }
    let (places, values) = (destination.places, target.http?.pathValues.count ?? 0)
    guard places == values else {
      throw .validation(
        "Parameter(s) HttpParameters.PathParameterValues of target \(target.id) must have a value for each * in the "
          + "InvocationEndpoint: \(places), and there are \(values)."
      )
    }
  }
}

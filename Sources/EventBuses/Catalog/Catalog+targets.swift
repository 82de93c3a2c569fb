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
      try Self.check(target, in: Scope(account: rule.createdBy, region: bus.scope.region))
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

  private static func check(_ target: RuleTarget, in scope: Scope) throws(BusError) {
    guard let arn = ARN(target.arn) else {
      throw .validation("Parameter \(target.arn) is not valid. Reason: Provided Arn is not in correct format.")
    }
    // Its connection's secret is its account's.
    if arn.service == "events", arn.type == "api-destination", arn.scope != scope {
      throw .validation(
        "Parameter \(target.arn) is not valid. Reason: API destinations have to be of the rule's account and Region."
      )
    }
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
}

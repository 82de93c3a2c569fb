// The decision itself: pure, the same answer for the same rule set, event and instant.

internal import EventPatterns
public import RuleFiles
public import TrailEvents

extension RuleSet {
  /// Decides what the matched rules do about an event.
  ///
  /// Each step of each rule gets its own decision, in the order of the matches and steps; a step that cannot be rendered
  /// becomes a failed decision and touches no other. Rules at stage `draft` decide nothing.
  ///
  /// - Parameter stage: takes the place of every rule's own stage (rule tests look at everything).
  public func decide(
    _ event: TrailEvent,
    matches: [RuleMatch],
    at now: Instant,
    stage: Stage? = nil
  ) -> [Decision] {
    let active = matches.filter { (stage ?? repository.rules[$0.rule].stage) > .draft }
    guard !active.isEmpty else { return [] }
    // Most alerts send the event as it is; then it need not be read again.
    let isRead = active.contains { repository.rules[$0.rule].readsEvent }
    let value = isRead ? try? JSONValue(parsing: event.envelope) : nil
    return active.flatMap { decide(event, value, $0, at: now, stage: stage ?? repository.rules[$0.rule].stage) }
  }

  /// Decides about one step of one rule once more, whether or not the rule still matches the event: for a step that could
  /// not be rendered when the event came.
  ///
  /// - Returns: nothing if there is no such rule, it is a draft, or it has no such step.
  public func decide(_ event: TrailEvent, rule id: String, step: String, at now: Instant) -> Decision? {
    guard let rule = repository.rules.firstIndex(where: { $0.id == id }) else { return nil }
    return decide(event, matches: [RuleMatch(rule: rule)], at: now).first { $0.stepID == step }
  }

  private func decide(
    _ event: TrailEvent,
    _ value: JSONValue?,
    _ match: RuleMatch,
    at now: Instant,
    stage: Stage
  ) -> [Decision] {
    let rule = repository.rules[match.rule]
    let scope = rule.scope(for: value ?? .null, at: now)
    return rule.steps.map { step in
      var decision = Decision(step, of: rule, event, ruleSetHash: repository.hash, stage: stage, at: now)
      if let exception = match.exception {
        decision.disposition = .suppressed
        decision.reason = rule.exceptions[exception].reason
        return decision
      }
      do throws(RenderFailure) {
        try render(step, of: rule, event, isReadable: value != nil, scope, into: &decision)
      } catch {
        // Nothing leaves at stage shadow, not even a dead letter.
        if stage > .shadow {
          decision.disposition = .failed
          decision.errorCode = value == nil ? "INVALID_JSON" : "INVALID_PARAMETER"
        }
        decision.reason = error.message
      }
      return decision
    }
  }

  private func render(
    _ step: Step,
    of rule: Rule,
    _ event: TrailEvent,
    isReadable: Bool,
    _ scope: TemplateScope,
    into decision: inout Decision
  ) throws(RenderFailure) {
    if case .send = step.operation, step.input == nil {
      decision.payload = event.envelope
      return
    }
    guard isReadable else {
      throw RenderFailure(
        reference: "event",
        message: "the event is not readable JSON, so nothing can be taken from it"
      )
    }
    var scope = scope
    scope.deliveryID = decision.deliveryID
    switch step.operation {
    case .send:
      if let input = step.input { decision.payload = try input.value.payload(in: scope) }
    case .run(let reference):
      guard let action = actions[reference] else {
        throw RenderFailure(reference: reference, message: "there is no Action '\(reference)'")
      }
      let plan = try action.plan(step, in: scope, isInline: reference == "\(rule.id)/\(step.id)")
      decision.parameters = plan.parameters
      decision.arguments = plan.arguments
      decision.payload = plan.payload
    }
  }
}

extension Rule {
  /// Whether a step takes anything out of the event.
  fileprivate var readsEvent: Bool {
    steps.contains { step in
      if case .send = step.operation { step.input != nil } else { true }
    }
  }

  /// What the rule's templates see for an event. A `let` whose field is missing is null, so that its name never means
  /// another field.
  fileprivate func scope(for event: JSONValue, at now: Instant) -> TemplateScope {
    TemplateScope(
      event: event,
      names: Dictionary(lets.map { ($0.name, event[$0.path.value] ?? .null) }) { _, last in last },
      ruleID: id,
      ruleTitle: title,
      ruleSeverity: severity.rawValue,
      now: now
    )
  }
}

extension Decision {
  /// The decision about a step before anything is rendered.
  fileprivate init(
    _ step: Step,
    of rule: Rule,
    _ event: TrailEvent,
    ruleSetHash: String,
    stage: Stage,
    at now: Instant
  ) {
    let kind: Kind =
      switch step.operation {
      case .send: .send
      case .run: .run
      }
    self.init(
      deliveryID: StableID.delivery(event: event.eventID, rule: rule.id, step: step.id),
      eventID: event.eventID,
      ruleID: rule.id,
      ruleTitle: rule.title,
      ruleSetHash: ruleSetHash,
      stepID: step.id,
      kind: kind,
      targetID: step.reference,
      stage: stage,
      disposition: Self.disposition(of: kind, at: stage),
      reason: "",
      payload: [],
      parameters: [],
      arguments: [],
      decidedAt: now
    )
  }
}

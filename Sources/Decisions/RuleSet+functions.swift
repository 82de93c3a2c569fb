// Actions on their own: what a function's ARN stands for in this installation. There is no step, so parameters have their
// defaults, and what a command's placeholders name is in the input that the function gets.

public import EventPatterns
public import RuleFiles

/// How an action is to be run.
public struct ActionExecution: Sendable {
  /// The rendered execution as JSON, as a `run` delivery carries it.
  public var payload: [UInt8]
  /// All of the action's parameters, in its order.
  public var parameters: [ParameterValue]
}

extension RuleSet {
  /// Renders an action for an input, without a rule's step; nothing if there is no such action.
  public func execution(
    ofAction id: String,
    input: JSONValue,
    rule: String,
    at now: Instant
  ) throws(RenderFailure) -> ActionExecution? {
    guard let action = actions[id] else { return nil }
    let scope = TemplateScope(event: input, ruleID: rule, now: now)
    let plan = try action.plan([], in: scope, isInline: false)
    return ActionExecution(payload: plan.payload, parameters: plan.parameters)
  }
}

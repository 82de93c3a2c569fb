// An action's parameters, arguments and variables. Values come from events, and events come from whoever calls the API,
// so each value is checked against what the action declared before it becomes an argument or a variable.

internal import EventPatterns
internal import RuleFiles

/// An action with its parameter checks compiled.
struct CompiledAction: Sendable {
  /// The rendered execution of an action.
  struct Plan: Sendable {
    /// All of the action's parameters, in its order.
    var parameters: [ParameterValue]
    /// The argument list: a command's, or a script's interpreter and file.
    var arguments: [String]
    /// The execution as JSON.
    var payload: [UInt8]
  }

  let definition: ActionDefinition
  private var checks: [String: ValueExpression] = [:]

  init(_ definition: ActionDefinition) throws(Diagnostic) {
    self.definition = definition
    for parameter in definition.parameters {
      guard let match = parameter.match else { continue }
      do {
        checks[parameter.name] = try ValueExpression(match.value)
      } catch {
        throw Diagnostic(.invalidPattern, at: match.position, error.message, hint: "write RE2 syntax")
      }
    }
  }

  /// Renders the values that a step gives, checks them, and renders arguments and variables with them.
  ///
  /// - Parameter isInline: whether the action is written in the rule, whose `let`s it knows then.
  func plan(_ step: Step, in scope: TemplateScope, isInline: Bool) throws(RenderFailure) -> Plan {
    try plan(step.parameters, in: scope, isInline: isInline)
  }

  /// Renders given values, checks them, and renders arguments and variables with them.
  func plan(_ given: [Step.Parameter], in scope: TemplateScope, isInline: Bool) throws(RenderFailure) -> Plan {
    var values: [ParameterValue] = []
    for parameter in definition.parameters {
      let value: String
      if let given = given.last(where: { $0.name == parameter.name }) {
        value = try given.value.value.text(in: scope, for: .environment)
      } else if let standard = parameter.defaultValue {
        value = standard
      } else {
        throw RenderFailure(reference: parameter.name, message: "the parameter '\(parameter.name)' is not given")
      }
      try check(value, of: parameter)
      values.append(ParameterValue(name: parameter.name, value: value))
    }
    var inner = scope
    if !isInline { inner.names = [:] }
    for value in values { inner.names[value.name] = .string(value.value) }
    return try execution(values, in: inner)
  }

  private func check(_ value: String, of parameter: ActionDefinition.Parameter) throws(RenderFailure) {
    let reason: String
    if !parameter.type.accepts(value) {
      reason = "which is no \(parameter.type.rawValue)"
    } else if let match = checks[parameter.name], !match.accepts(value) {
      reason = "which does not match \(match.text)"
    } else {
      return
    }
    throw RenderFailure(
      reference: parameter.name,
      message: "the parameter '\(parameter.name)' is '\(Self.shown(value))', \(reason)"
    )
  }

  private func execution(_ values: [ParameterValue], in scope: TemplateScope) throws(RenderFailure) -> Plan {
    var arguments: [String] = []
    var object = JSONObject()
    switch definition.executable {
    case .command(let argv):
      for argument in argv { arguments.append(try self.argument(argument.value, in: scope)) }
      object["argv"] = .array(arguments.map { .string($0) })
    case .script(let file, let interpreter):
      arguments = interpreter + [file]
      object["script"] = .string(file)
      object["parameters"] = .object(JSONObject(values.map { ($0.name, .string($0.value)) }))
    }
    var variables = JSONObject()
    for case (let name, .template(let template)) in definition.environment {
      variables[name] = .string(try template.value.text(in: scope, for: .environment))
    }
    if !variables.members.isEmpty { object["env"] = .object(variables) }
    return Plan(parameters: values, arguments: arguments, payload: JSONValue.object(object).bytes)
  }

  /// Renders one argument.
  ///
  /// An argument that begins with a placeholder must not begin with `-`, or the program would read a value out of an
  /// event as an option, whatever a parameter's `match` admits. Numbers may be negative.
  private func argument(_ template: Template, in scope: TemplateScope) throws(RenderFailure) -> String {
    let text = try template.text(in: scope, for: .argument)
    guard text.hasPrefix("-"), let placeholder = template.placeholders.first, placeholder.offset == 0 else {
      return text
    }
    let name = placeholder.reference.description
    if definition.parameters.contains(where: { $0.name == name && $0.type != .string }) { return text }
    throw RenderFailure(
      reference: name,
      message:
        "the value of <\(name)> begins with '-' and would be read as an option; write --option=<\(name)> to pass it"
    )
  }

  /// A value as a message may quote it: short, and without control characters.
  private static func shown(_ value: String) -> String {
    let scalars = value.unicodeScalars.prefix(80).map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : String($0) }
    return scalars.joined() + (value.unicodeScalars.count > 80 ? "…" : "")
  }
}

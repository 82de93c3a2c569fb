// `type: command`: a program with its arguments. What runs is the plan that was made when the rule matched and that the
// records show: the delivery's payload holds the rendered argument list, so that "planned" and "executed" cannot differ.
// Each argument was a template of its own: no value can become two arguments, and there is no shell to read one as a
// command.

import Delivery
import EventPatterns
import RuleFiles

/// The planned execution of an action, as `Decisions` writes it into the payload.
struct ActionPlan: Sendable {
  /// The argument list; nothing for scripts.
  var arguments: [String]?
  /// The rendered environment variables, in file order.
  var environment: [(name: String, value: String)] = []

  init(payload: [UInt8]) throws(DeliveryFailure) {
    guard case .object(let plan)? = try? JSONValue(parsing: payload) else {
      throw DeliveryFailure(.invalidJSON, "the planned execution is not a JSON object", retryable: false)
    }
    if let argv = plan["argv"] {
      guard case .array(let items) = argv, !items.isEmpty, !items.contains(where: { $0.string == nil }) else {
        throw DeliveryFailure(.invalidParameter, "the planned `argv` is not a list of texts", retryable: false)
      }
      arguments = items.compactMap(\.string)
    }
    if case .object(let variables)? = plan["env"] {
      environment = variables.members.map { ($0.name, $0.value.string ?? "") }
    }
    guard !(arguments ?? []).contains(where: { $0.utf8.contains(0) }),
      !environment.contains(where: { $0.value.utf8.contains(0) })
    else { throw DeliveryFailure(.invalidParameter, "a planned value holds a NUL byte", retryable: false) }
  }
}

/// Refuses values that a program would take for options: `--bucket <name>` with a name of `--delete`.
///
/// A whole number may be negative. Where a value may begin with a dash, `--option=<value>` says so unmistakably.
struct OptionCheck: Sendable {
  /// The arguments that begin with a placeholder for free text, by place, with what it names.
  private let openArguments: [Int: String]
  private let count: Int

  init(_ argv: [Template], parameters: [ParameterRule]) {
    count = argv.count
    var open: [Int: String] = [:]
    for (index, template) in argv.enumerated() {
      guard let first = template.placeholders.first, first.offset == 0 else { continue }
      let name = first.reference.description
      if parameters.contains(where: { $0.name == name && $0.type == .integer }) { continue }
      open[index] = name
    }
    openArguments = open
  }

  func check(_ arguments: [String]) throws(DeliveryFailure) {
    // A plan of another length was made from an earlier version of the definition.
    guard arguments.count == count else { return }
    for (index, argument) in arguments.enumerated() {
      guard let name = openArguments[index], argument.hasPrefix("-") else { continue }
      throw DeliveryFailure(
        .invalidParameter,
        "<\(name)> is \(argument.quoted), which the program would take for an option; "
          + "write the argument as --name=<\(name)> if such values are meant",
        retryable: false
      )
    }
  }
}

extension ProcessAction.Settings {
  /// The settings of a command.
  init(
    command argv: [Template],
    id: String,
    parameters: [ParameterRule],
    directory: String
  ) throws(TargetSetupError) {
    guard let program = argv.first else {
      throw TargetSetupError("`argv` is empty; its first item is the program to run")
    }
    guard program.placeholders.isEmpty else {
      throw TargetSetupError("the first item of `argv` is the program to run and may hold no placeholder")
    }
    let options = OptionCheck(argv, parameters: parameters)
    self.init(
      id: id,
      arguments: { plan throws(DeliveryFailure) in
        guard let arguments = plan.arguments else {
          throw DeliveryFailure(.invalidParameter, "the planned execution has no `argv`", retryable: false)
        }
        try options.check(arguments)
        return arguments
      },
      parameters: parameters,
      directory: directory
    )
  }
}

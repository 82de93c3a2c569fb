// What commands and scripts have in common: values are checked, a program is run, its ending is judged.

import CSignalbox
import Delivery
import Glibc

/// Runs a program for each delivery.
struct ProcessAction: Target {
  /// An action with every reference resolved.
  struct Settings: Sendable {
    /// The action's id, for messages.
    var id: String
    /// The argument list for a planned execution.
    var arguments: @Sendable (ActionPlan) throws(DeliveryFailure) -> [String]
    var parameters: [ParameterRule] = []
    /// Inherited and declared variables.
    var environment: [(name: String, value: String)] = []
    var directory: String
    var timeout: Duration = .seconds(60)
    var grace: Duration = .seconds(5)
    var outputCap = 64 * 1024
    /// Whether a run that failed may be repeated.
    var isIdempotent = false
    /// What must not show up in records.
    var secrets: [String] = []
  }

  /// The exit status that asks for another attempt, `EX_TEMPFAIL` of sysexits.h.
  static let temporaryFailure: Int32 = 75

  let settings: Settings
  let processes: ProcessSupervisor

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let values = try ParameterRule.values(of: request.parameters, under: settings.parameters)
    let plan = try ActionPlan(payload: request.payload)
    let arguments = try settings.arguments(plan)
    let environment = self.environment(for: request, plan, values)
    let path = try ExecutableSearch(environment: environment, directory: settings.directory).path(of: arguments)
    let run = ProcessRequest(
      path: path,
      arguments: arguments,
      environment: environment,
      directory: settings.directory,
      input: request.event,
      timeout: settings.timeout,
      grace: settings.grace,
      outputCap: max(settings.outputCap, request.answerLimit)
    )
    let result: ProcessResult
    do throws(ProcessError) {
      result = try await processes.run(run)
    } catch {
      throw failure(for: error, path: path)
    }
    var receipt = try judge(result)
    if request.answerLimit > 0 { receipt.answer = result.output.bytes }
    return receipt
  }

  private func environment(
    for request: DeliveryRequest,
    _ plan: ActionPlan,
    _ values: [String]
  ) -> [(name: String, value: String)] {
    let planned = Set(plan.environment.map(\.name))
    var environment = settings.environment.filter { !planned.contains($0.name) } + plan.environment
    environment += [
      ("SIGNALBOX_EVENT_ID", request.eventID),
      ("SIGNALBOX_RULE_ID", request.ruleID),
      ("SIGNALBOX_STEP_ID", request.stepID),
      ("SIGNALBOX_DELIVERY_ID", request.deliveryID),
      ("SIGNALBOX_ATTEMPT", String(request.attempt)),
    ]
    for (rule, value) in zip(settings.parameters, values) { environment.append((rule.variable, value)) }
    return environment
  }

  /// What the ending of a run means for the delivery.
  private func judge(_ result: ProcessResult) throws(DeliveryFailure) -> DeliveryReceipt {
    let output = text(of: result)
    func failure(_ code: DeliveryFailure.Code, _ message: String, retryable: Bool) -> DeliveryFailure {
      DeliveryFailure(code, "\(settings.id): \(message)", retryable: retryable, output: output)
    }
    switch result.ending {
    case .exited(0):
      return DeliveryReceipt(summary: "exit 0", output: output)
    case .exited(Self.temporaryFailure):
      throw failure(.errorFromTarget, "exit 75, the program asks for another attempt", retryable: true)
    case .exited(let status):
      throw failure(.errorFromTarget, "exit \(status)", retryable: settings.isIdempotent)
    case .signaled(let number):
      let name = String(cString: strsignal(number))
      throw failure(.errorFromTarget, "ended by signal \(number) (\(name))", retryable: settings.isIdempotent)
    case .timedOut:
      throw failure(
        .timeout,
        "did not end within \(settings.timeout) and was killed",
        retryable: settings.isIdempotent
      )
    case .cancelled:
      throw failure(.internalError, "was stopped because the engine stops", retryable: true)
    }
  }

  private func text(of result: ProcessResult) -> String {
    let redactor = Redactor(settings.secrets)
    var isCut = true
    if case .exited = result.ending { isCut = false }
    var parts: [String] = []
    for (mark, bytes) in [("", result.output), ("[stderr]\n", result.errorOutput)] where !bytes.isEmpty {
      parts.append(mark + bytes.cut(to: settings.outputCap).text(redactor, isCut: isCut))
    }
    return parts.joined(separator: "\n")
  }

  private func failure(for error: ProcessError, path: String) -> DeliveryFailure {
    let message = "\(settings.id): \(path) cannot be started: \(error.message)"
    switch error.number {
    case 0: return DeliveryFailure(.internalError, message, retryable: true)
    case EAGAIN, EMFILE, ENFILE, ENOMEM, ETXTBSY, EINTR:
      return DeliveryFailure(.resourceLimitExceeded, message, retryable: true)
    case E2BIG: return DeliveryFailure(.invalidParameter, message, retryable: false)
    case EACCES, EPERM: return DeliveryFailure(.noPermissions, message, retryable: false)
    case ENOENT:
      let hint = "; if it is a script, the interpreter its first line names is missing"
      return DeliveryFailure(.noResource, message + hint, retryable: false)
    case ENOEXEC:
      let hint = "; a script needs a first line such as #!/bin/sh, or an `interpreter`"
      return DeliveryFailure(.noResource, message + hint, retryable: false)
    default: return DeliveryFailure(.internalError, message, retryable: false)
    }
  }
}

/// Finds the file behind a program's name, in the PATH that the program itself will have.
struct ExecutableSearch {
  let environment: [(name: String, value: String)]
  let directory: String

  func path(of arguments: [String]) throws(DeliveryFailure) -> String {
    guard let program = arguments.first, !program.isEmpty else {
      throw DeliveryFailure(.invalidParameter, "the action's argv is empty", retryable: false)
    }
    guard isDirectory(directory) else {
      throw DeliveryFailure(.noResource, "the working directory \(directory) does not exist", retryable: false)
    }
    if program.contains("/") {
      let path = program.hasPrefix("/") ? program : "\(directory)/\(program)"
      return try checked(path, named: program)
    }
    let search = environment.last { $0.name == "PATH" }?.value ?? ""
    for folder in search.split(separator: ":") {
      let path = "\(folder)/\(program)"
      if isFile(path), access(path, X_OK) == 0 { return path }
    }
    throw DeliveryFailure(
      .noResource,
      "\(program) was not found in \(search); install it, or set PATH in the action's env",
      retryable: false
    )
  }

  private func checked(_ path: String, named program: String) throws(DeliveryFailure) -> String {
    guard isFile(path) else {
      let place = path == program ? "" : " (\(path))"
      throw DeliveryFailure(.noResource, "\(program)\(place) does not exist or is not a file", retryable: false)
    }
    guard access(path, X_OK) == 0 else {
      throw DeliveryFailure(
        .noPermissions,
        "\(program) may not be executed; chmod +x it, or name an interpreter",
        retryable: false
      )
    }
    return path
  }

  private func isDirectory(_ path: String) -> Bool { mode(path) == S_IFDIR }
  private func isFile(_ path: String) -> Bool { mode(path) == S_IFREG }

  private func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}

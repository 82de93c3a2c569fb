// The root of the command line, and the one place where a thrown error becomes a message and an exit code.

internal import ArgumentParser
internal import Glibc
internal import RuleFiles
internal import Storage

/// `signalbox` itself; all it does is done by its verbs.
struct SignalboxCommand: AsyncParsableCommand {
  static let versionNumber = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "signalbox",
    abstract: "Route CloudTrail events by rules: match logs, send alerts, run remediations.",
    discussion: """
      Results go to standard output, messages to standard error; `-` is standard input.
      Exit codes: 0 clean, 1 findings, 2 invalid rules or input, 3 usage, configuration or I/O, 4 finished in part.
      """,
    version: "signalbox \(versionNumber)",
    groupedSubcommands: [
      CommandGroup(
        name: "Rule",
        subcommands: [
          InitCommand.self, ValidateCommand.self, LintCommand.self, FormatCommand.self, TestCommand.self,
          ExplainCommand.self, CompileCommand.self, ExportCommand.self, SchemaCommand.self,
        ]
      ),
      CommandGroup(name: "Log", subcommands: [MatchCommand.self]),
      CommandGroup(
        name: "Engine",
        subcommands: [
          RunCommand.self, ServeCommand.self, StatusCommand.self, DeliveriesCommand.self, DeadLetterCommand.self,
          QueueCommand.self,
          DoctorCommand.self,
        ]
      ),
      CommandGroup(name: "Proving", subcommands: [BenchCommand.self, ConformanceCommand.self]),
    ]
  )

  /// The names of all verbs, as typed.
  static var verbNames: [String] {
    configuration.subcommands.map { $0.configuration.commandName ?? $0._commandName }
  }
}

/// Runs one command line (without the program's name) and returns the exit code.
public func runSignalbox(_ arguments: [String], console: Console = .standard()) async -> Int32 {
  await Console.$current.withValue(console) {
    var status: ExitStatus
    do {
      var command = try SignalboxCommand.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      status = .clean
    } catch {
      status = report(error, console)
    }
    do {
      try console.output.flush()
    } catch  where status == .clean {
      status = report(error, console)
    } catch {
      // The failure that ended the verb has been reported; this one is its echo.
    }
    return status.rawValue
  }
}

private func report(_ error: any Error, _ console: Console) -> ExitStatus {
  switch error {
  case let status as ExitStatus:
    return status
  case let failure as CommandFailure:
    console.sayError(failure.message)
    return failure.status
  case let diagnostic as Diagnostic:
    console.say(diagnostic.description)
    return .invalid
  case let error as StorageError:
    console.sayError(error.description)
    return error.exitStatus
  case OutputFailure.closed:
    return .clean
  case OutputFailure.refused(let code):
    console.sayError("standard output cannot be written: \(String(cString: strerror(code)))")
    return .usage
  default:
    return reportParserError(error, console)
  }
}

/// Help and version are results; every other complaint of the parser is a usage error.
private func reportParserError(_ error: any Error, _ console: Console) -> ExitStatus {
  let message = SignalboxCommand.fullMessage(for: error)
  guard SignalboxCommand.exitCode(for: error) == .success else {
    if !message.isEmpty { console.say(message.hasPrefix("Error: ") ? "error: " + message.dropFirst(7) : message) }
    return .usage
  }
  do {
    if !message.isEmpty { try console.print(message) }
    return .clean
  } catch {
    return report(error, console)
  }
}

/// Keeps a reader that went away from killing the process: writing then fails and the verb ends quietly.
public func ignoreBrokenPipes() {
  signal(SIGPIPE, SIG_IGN)
}

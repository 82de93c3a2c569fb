// `signalbox run`: the durable engine in the foreground. Service managers start it, stop it with SIGTERM, and have it
// read its rules again with SIGHUP.

internal import ArgumentParser
internal import RuleFiles
internal import Server

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the engine: read events, match them, deliver what the rules say.",
    discussion: """
      Events are journalled before they are acknowledged; deliveries survive a crash. SIGHUP, or a changed rule file, \
      reloads the rules, all or nothing. SIGTERM ends attempts under way and stops. With --once, exit code 4 if \
      deliveries wait for another attempt (the next run goes on with them) or some input could not be read.

      Examples:
        signalbox run --config signalbox.yaml
        signalbox run --config signalbox.yaml --once
      """
  )

  @Option(help: ArgumentHelp("The settings file.", valueName: "file"))
  var config = SettingsFile.usualName

  @Option(help: ArgumentHelp("The data directory, instead of the one in the settings file.", valueName: "folder"))
  var data: String?

  @Flag(help: "Read what is there, deliver it, and end.")
  var once = false

  @Option(help: "With --once: how long to wait for deliveries that have to be tried again, such as 30s.")
  var retryWait = "30s"

  func run() async throws {
    let console = Console.current
    var configuration = try SettingsFile.load(config)
    guard !configuration.sources.isEmpty else {
      let message = "\(config): it does not say where events come from; add `sources` (`signalbox serve` needs none)"
      throw CommandFailure(.usage, message)
    }
    if let data { configuration.dataDirectory = data }
    let wait: TimeSpan
    do {
      wait = try TimeSpan(parsing: retryWait)
    } catch {
      throw CommandFailure(.usage, "--retry-wait '\(retryWait.shownSafely)': \(error)")
    }
    let options = EngineOptions(
      once: once,
      retryWait: .seconds(wait.seconds),
      version: SignalboxCommand.versionNumber
    )
    let report: EngineReport
    do {
      report = try await Engine.run(configuration: configuration, options: options)
    } catch let refusal as RuleRefusal {
      console.say(refusal.description)
      throw refusal.isAboutRules ? ExitStatus.invalid : .usage
    }
    // Who does not read the log does not read this either, and must not keep the process from ending.
    if !EngineLog.isStalled { console.say(Self.summary(report)) }
    if !report.isComplete { throw ExitStatus.partial }
  }

  static func summary(_ report: EngineReport) -> String {
    var parts = [report.events.counted("event")]
    if report.duplicates > 0 { parts.append("\(report.duplicates.counted("duplicate")) dropped") }
    parts.append("\(report.deliveries.counted("delivery", "deliveries")) decided")
    if report.recorded > 0 { parts.append("\(report.recorded.grouped) recorded only") }
    if report.deadLetters > 0 {
      parts.append("\(report.deadLetters.grouped) not to be rendered, see `signalbox dlq list`")
    }
    if report.pending > 0 {
      parts.append("\(report.pending.grouped) waiting for \(report.wasStopped ? "the next start" : "another attempt")")
    }
    if let skipped = report.skipped.phrase { parts.append(skipped) }
    if report.unreadable > 0 { parts.append("\(report.unreadable.counted("input")) unreadable") }
    if report.rejected > 0 {
      let rejected = report.rejected.counted("value or rest of a file", "values or rests of files")
      parts.append("\(rejected) rejected, see the log")
    }
    return parts.joined(separator: ", ")
  }
}

/// The settings file on the command line.
enum SettingsFile {
  /// The name that is tried if none is given.
  static let usualName = "signalbox.yaml"

  /// Reads a settings file; what is wrong with it goes to standard error.
  static func load(_ path: String) throws -> SignalboxConfiguration {
    let result = SignalboxConfiguration.load(path: path)
    for diagnostic in result.diagnostics where diagnostic.severity != .note {
      Console.current.say(diagnostic.description)
    }
    guard let configuration = result.configuration else { throw ExitStatus.usage }
    return configuration
  }
}

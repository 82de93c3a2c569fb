// `signalbox status`: how an engine does, at a glance. It reads the data directory, beside a running engine or without
// one, so it needs neither a key nor a port.

internal import ArgumentParser
internal import Server
internal import Storage

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say how an engine does: rules in force, what waits, what failed.",
    discussion: """
      Reads the data directory of `run` or `serve`, also while it runs. Exit code 1 if no engine runs there, or if changed \
      rule files were refused.

      Examples:
        signalbox status --data data
        signalbox status --config signalbox.yaml --format json
      """
  )

  @OptionGroup var location: DataLocation

  @Option(help: "text or json.")
  var format = ValueFormat.text

  func run() async throws {
    let console = Console.current
    let directory = try location.directory()
    let database = try location.open()
    let report = try StatusReport(reading: database, directory: directory, now: WallClock.milliseconds)
    try database.close()
    switch format {
    case .json: try console.print(report.json, pretty: true)
    case .text: for line in report.lines(console.style) { try console.print(line) }
    }
    if !report.isWell { throw ExitStatus.findings }
  }
}

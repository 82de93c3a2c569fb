// `signalbox doctor`: would the engine work here, and is there something it waits for?

internal import ArgumentParser
internal import EventPatterns
internal import Server

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look over settings, rules, secrets, programs, sources and data.",
    discussion: """
      Only looks: nothing is made, sent or run. Exit code 1 if there is a problem.

      Examples:
        signalbox doctor --config signalbox.yaml
        signalbox doctor --data data
      """
  )

  @OptionGroup var location: DataLocation

  @Option(help: "text, json or ndjson.")
  var format = ListFormat.text

  func run() async throws {
    let console = Console.current
    let configuration = try configuration()
    let found = Examiner(configuration: configuration, now: WallClock.milliseconds).examine()
    switch format {
    case .json, .ndjson:
      try ListWriter(format, on: console).write(titles: [], found, row: { _ in [] }, json: \.json)
    case .text:
      let width = found.reduce(0) { max($0, $1.subject.count) }
      for item in found {
        try console.print("\(item.mark(console.style)) \(item.subject.padded(to: width))  \(item.detail.shownSafely)")
      }
    }
    if found.contains(where: { $0.verdict == .problem }) { throw ExitStatus.findings }
  }
}

extension DoctorCommand {
  /// The settings, or what holds without any for a data directory, as `serve --data` has it.
  private func configuration() throws -> SignalboxConfiguration {
    guard let data = location.data else { return try SettingsFile.load(location.config ?? SettingsFile.usualName) }
    var configuration = try location.settings() ?? .standard
    configuration.dataDirectory = data
    return configuration
  }
}

extension Examination {
  fileprivate func mark(_ style: TextStyle) -> String {
    switch verdict {
    case .fine: style.paint("✓", .green)
    case .note: style.paint("·", .grey)
    case .warning: style.paint("!", .yellow)
    case .problem: style.paint("✗", .red)
    }
  }
}

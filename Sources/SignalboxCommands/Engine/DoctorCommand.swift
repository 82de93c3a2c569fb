// `signalbox doctor`: would the engine work here, and is there something it waits for?

internal import ArgumentParser
internal import EventPatterns

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look over settings, rules, secrets, programs, sources and data.",
    discussion: """
      Only looks: nothing is made, sent or run. Exit code 1 if there is a problem.

      Example:
        signalbox doctor --config signalbox.yaml
      """
  )

  @Option(help: ArgumentHelp("The settings file.", valueName: "file"))
  var config = SettingsFile.usualName

  @Option(help: "text, json or ndjson.")
  var format = ListFormat.text

  func run() async throws {
    let console = Console.current
    let configuration = try SettingsFile.load(config)
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

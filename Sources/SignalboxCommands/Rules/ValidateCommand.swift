// `signalbox validate`: can these rules be used?

internal import ArgumentParser
internal import RuleFiles

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check rule files: syntax, references, patterns.",
    discussion: """
      All errors are reported, each with file, line and column. Exit code 2 if the rules cannot be used.

      Examples:
        signalbox validate Rules/
        signalbox validate Rules/ --format sarif > findings.sarif
      """
  )

  @Argument(help: "Rule folders and files; Rules or rules unless given.")
  var paths: [String] = []

  @Option(help: "How to print what was found.")
  var format = ReportFormatOption(.text)

  func run() async throws {
    let result = try RuleSource.read(paths)
    let report = Report(title: "validate", diagnostics: result.diagnostics, files: result.files)
    try Console.current.print(report, as: format)
    if result.repository == nil { throw RuleSource.failure(of: result) }
  }
}

// `signalbox lint`: are these rules as good as they could be?

internal import ArgumentParser
internal import RuleFiles

struct LintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Look for rules that work but are not as meant.",
    discussion: """
      Exit code 1 if there are lint errors (with --strict also for warnings), 2 if the rules cannot be used.

      Examples:
        signalbox lint Rules/
        signalbox lint Rules/ --strict --format github
      """
  )

  @Argument(help: "Rule folders and files; Rules or rules unless given.")
  var paths: [String] = []

  @Flag(help: "Let warnings fail, too.")
  var strict = false

  @Option(help: "How to print what was found.")
  var format = ReportFormatOption(.text)

  func run() async throws {
    let result = try RuleSource.read(paths)
    let findings = result.lint(now: WallClock.now)
    let all = (result.diagnostics + findings).inReadingOrder()
    try Console.current.print(Report(title: "lint", diagnostics: all, files: result.files), as: format)
    if result.repository == nil { throw RuleSource.failure(of: result) }
    let counted = all.contains { $0.severity == .error || strict && $0.severity == .warning }
    if counted { throw ExitStatus.findings }
  }
}

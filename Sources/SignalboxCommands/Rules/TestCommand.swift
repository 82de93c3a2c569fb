// `signalbox test`: do the rules do what their own tests say?

internal import ArgumentParser
internal import Decisions
internal import RuleFiles

struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the tests that rules bring along, offline and in virtual time.",
    discussion: """
      Nothing is sent and nothing is run. Exit code 1 if a test fails, 2 if the rules cannot be used.

      Examples:
        signalbox test Rules/
        signalbox test Rules/ --rule trail-stopped
        signalbox test Rules/ --format junit > report.xml
      """
  )

  @Argument(help: "Rule folders and files; Rules or rules unless given.")
  var paths: [String] = []

  @Option(name: .customLong("rule"), help: "Only the tests of this rule; may be given several times.")
  var rules: [String] = []

  @Option(help: "How to print the results.")
  var format = ReportFormatOption(.text)

  func run() async throws {
    let set = try RuleSource.compile(paths)
    for id in rules where set.repository.rule(id) == nil {
      throw RuleSource.noSuchRule(id, in: set.repository)
    }
    let results = RuleTestRun.run(set, only: rules.isEmpty ? nil : Set(rules))
    try Console.current.print(Report(title: "test", results: results), as: format)
    if results.isEmpty { Console.current.sayWarning("there are no tests") }
    if results.contains(where: { !$0.hasPassed }) { throw ExitStatus.findings }
  }
}

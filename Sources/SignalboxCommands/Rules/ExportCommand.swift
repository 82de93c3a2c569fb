// `signalbox export`: rules as the requests that EventBridge's PutRule takes.

internal import ArgumentParser
internal import EventPatterns
internal import Foundation
internal import RuleFiles

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write rules as EventBridge rules (PutRule).",
    discussion: """
      Rules that use extensions of the pattern language are refused with the line. With --rule the request is printed as \
      `aws events put-rule --cli-input-json` takes it, else one request a line. Exit code 4 if only some could be exported.

      Examples:
        signalbox export Rules/ --rule trail-stopped > rule.json && aws events put-rule --cli-input-json file://rule.json
        signalbox export Rules/ > rules.ndjson
      """
  )

  @Argument(help: "Rule folders and files; Rules or rules unless given.")
  var paths: [String] = []

  @Option(help: "Only this rule, as one indented object.")
  var rule: String?

  func run() async throws {
    let console = Console.current
    let repository = try RuleSource.load(paths)
    var chosen = repository.rules
    if let rule {
      chosen.removeAll { $0.id != rule }
      guard !chosen.isEmpty else {
        throw RuleSource.noSuchRule(rule, in: repository)
      }
    }
    var refused = 0
    for entry in chosen {
      let export = RuleExport(entry)
      for diagnostic in export.diagnostics { console.say(diagnostic.description) }
      guard let request = export.request else {
        refused += 1
        continue
      }
      try console.print(request, pretty: rule != nil)
    }
    if refused > 0 { throw refused == chosen.count ? ExitStatus.invalid : .partial }
  }
}

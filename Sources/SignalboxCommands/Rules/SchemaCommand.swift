// `signalbox schema`: the rule-file language for editors.

internal import AWSServices
internal import ArgumentParser
internal import EventPatterns
internal import RuleFiles

struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of rule files, for editors.",
    discussion: """
      Example:
        signalbox schema > signalbox.schema.json
        # then, on top of a rule file:  # yaml-language-server: $schema=signalbox.schema.json
      """
  )

  @Flag(help: "Print the reference of all keys as Markdown instead.")
  var markdown = false

  @Flag(help: "Print what is declared of the AWS APIs that `serve` answers, instead of the rule language.")
  var awsApi = false

  func run() async throws {
    if awsApi {
      if markdown {
        try Console.current.output.write(ServiceCatalog.markdown().utf8)
      } else {
        try Console.current.print(ServiceCatalog.json(), pretty: true)
      }
    } else if markdown {
      try Console.current.output.write(RuleLanguage.markdown.utf8)
    } else {
      try Console.current.print(RuleLanguage.jsonSchema, pretty: true)
    }
  }
}

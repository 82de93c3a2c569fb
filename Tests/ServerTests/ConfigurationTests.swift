import RuleFiles
import Server
import Storage
import Testing

struct ConfigurationTests {
  func read(_ text: String, environment: [String: String] = [:]) -> SignalboxConfiguration.LoadResult {
    SignalboxConfiguration.read(Array(text.utf8), path: "conf/signalbox.yaml", environment: environment)
  }

  @Test func theShortestFileIsEnough() throws {
    let settings = try #require(read("sources: [{log-files: logs}]").configuration)
    #expect(settings.dataDirectory == "conf/data")
    #expect(settings.rules == ["conf/rules"])
    #expect(
      settings.sources == [
        SignalboxConfiguration.Source(name: "logs", kind: .logFiles(["conf/logs"], watch: true), bus: "default")
      ]
    )
    #expect(settings.deadLetterQueue == "dead-letters")
    #expect(settings.log == SignalboxConfiguration.LogSettings(format: .text, level: .info))
    #expect(settings.shutdownGrace == .seconds(10))
  }

  @Test func everythingCanBeSaid() throws {
    let text = """
      data-directory: /var/lib/signalbox
      rules: [rules, /etc/more]
      sources:
        - {log-files: [a, {env: LOGS}], name: trail, watch: false, bus: audit}
        - stdin: records
      defaults:
        limits: {rate: 10/1m, burst: 3, concurrency: 7}
        retry: {for: 2h, attempts: 9, backoff: 2s..1m}
        dead-letter: given-up
      log: {format: json, level: warning}
      retention: {journal: 1d, ledger: 2d, size: 1GB}
      outbox: {limit: 5000}
      shutdown: {grace: 3s}
      functions:
        - {arn: "arn:aws:lambda:*:*:function:f", run: resize}
        - {arn: "arn:aws:states:*", send: hook}
      account: 012345670123
      region: eu-central-1
      """
    let result = read(text, environment: ["LOGS": "/logs"])
    #expect(result.diagnostics.isEmpty)
    let settings = try #require(result.configuration)
    #expect(settings.rules == ["conf/rules", "/etc/more"])
    #expect(settings.sources[0].kind == .logFiles(["conf/a", "/logs"], watch: false))
    #expect(settings.sources[0].bus == "audit")
    #expect(settings.sources[1].kind == .standardInput)
    #expect(settings.sources[1].name == "records")
    #expect(settings.defaults.attempts == 9)
    #expect(settings.defaults.concurrency == 7)
    #expect(settings.deadLetterQueue == "given-up")
    #expect(settings.log.format == .json)
    #expect(settings.retention.journalAge == 86_400_000)
    #expect(settings.retention.databaseBytes == 1 << 30)
    #expect(settings.outboxLimit == 5000)
    #expect(settings.shutdownGrace == .seconds(3))
    #expect(
      settings.functions == [
        FunctionMapping(arn: "arn:aws:lambda:*:*:function:f", isAction: true, id: "resize"),
        FunctionMapping(arn: "arn:aws:states:*", isAction: false, id: "hook"),
      ]
    )
    // An account id is text, whatever it looks like.
    #expect(settings.account == "012345670123")
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var text: String
    var code: DiagnosticCode
    var line: Int
    var says: String
    var testDescription: String { says }
  }

  @Test(arguments: [
    Mistake(text: "", code: .missingKey, line: 1, says: "empty"),
    Mistake(text: "source: []\nsources: [{log-files: a}]", code: .unknownKey, line: 1, says: "did you mean 'sources'"),
    Mistake(text: "sources:\n  - {log-fles: a}", code: .unknownKey, line: 2, says: "did you mean 'log-files'"),
    Mistake(text: "sources:\n  - {name: a}", code: .missingKey, line: 2, says: "neither 'log-files' nor 'stdin'"),
    Mistake(text: "sources: [{log-files: a, stdin: b}]", code: .conflictingKeys, line: 1, says: "either"),
    Mistake(text: "sources: [{stdin: a}, {stdin: b}]", code: .conflictingKeys, line: 1, says: "already"),
    Mistake(text: "sources: [{log-files: a}, {log-files: a}]", code: .duplicateID, line: 1, says: "another 'name'"),
    Mistake(text: "sources: [{log-files: {env: NOT_SET}}]", code: .invalidValue, line: 1, says: "NOT_SET is not set"),
    Mistake(text: "sources: [{log-files: a}]\nlog: {format: xml}", code: .invalidValue, line: 2, says: "text, json"),
    Mistake(text: "sources: [{log-files: a}]\nshutdown: {grace: 10}", code: .invalidValue, line: 2, says: "no unit"),
    Mistake(
      text: "sources: [{log-files: a}]\ndefaults: {retry: {for: 0s}}",
      code: .invalidValue,
      line: 2,
      says: "at least 1s"
    ),
    Mistake(
      text: "sources: [{log-files: a}]\ndefaults: {dead-letter: a b}",
      code: .invalidValue,
      line: 2,
      says: "not the name of a queue"
    ),
    Mistake(text: "functions:\n  - {arn: f, run: a}", code: .invalidValue, line: 2, says: "has an 'arn'"),
    Mistake(
      text: "functions:\n  - {arn: 'arn:aws:lambda:*', run: a, send: b}",
      code: .conflictingKeys,
      line: 2,
      says: "one thing"
    ),
    Mistake(text: "sources: [{log-files: a}]\naccount: 12", code: .invalidValue, line: 2, says: "twelve digits"),
    Mistake(text: "sources: [{log-files: a}\n", code: .invalidYAML, line: 2, says: ""),
  ])
  func mistakesAreExplained(mistake: Mistake) throws {
    let result = read(mistake.text)
    #expect(result.configuration == nil)
    let diagnostic = try #require(result.diagnostics.first { $0.severity == .error })
    #expect(diagnostic.code == mistake.code)
    #expect(diagnostic.position.file == "conf/signalbox.yaml")
    #expect(diagnostic.position.line == mistake.line)
    #expect(diagnostic.description.contains(mistake.says), "\(diagnostic)")
  }

  @Test func aFileThatIsNotThereIsExplained() {
    let result = SignalboxConfiguration.load(path: "/nonexistent/signalbox.yaml", environment: [:])
    #expect(result.configuration == nil)
    #expect(result.diagnostics.first?.code == .unreadableFile)
  }
}

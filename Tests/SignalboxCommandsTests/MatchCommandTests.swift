import EventPatterns
import Testing

@testable import SignalboxCommands

@Suite struct MatchCommandTests {
  static let rule = """
    kind: Rule
    id: deleted
    title: Trail deleted
    when: {detail: {eventName: [DeleteTrail]}}
    unless:
      - reason: known
        when: {detail: {userIdentity: {userName: [terraform]}}}
    then: [{send: {type: stdout}}]
    ---
    kind: Rule
    id: quiet
    when: {detail: {eventName: [NeverHappens]}}
    then: [{send: {type: stdout}}]

    """
  static let records = [
    #"{"eventID":"1","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1"}"#,
    #"{"eventID":"2","eventName":"ListTrails","eventSource":"cloudtrail.amazonaws.com"}"#,
    #"{"eventID":"1","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1"}"#,
    #"{"eventID":"3","eventName":"DeleteTrail","userIdentity":{"userName":"terraform"}}"#,
  ]

  private func withLogs<Result>(_ body: (TestFolder, _ rules: String) async throws -> Result) async throws -> Result {
    try await withFolder { folder in
      try folder.write("logs/a.json", #"{"Records":[\#(Self.records[0]),\#(Self.records[1])]}"#)
      try folder.write("logs/b.jsonl", Self.records[2...].joined(separator: "\n"))
      return try await body(folder, try folder.write("Rules/r.yaml", Self.rule))
    }
  }

  /// The last line of standard output.
  private func summary(_ result: CommandResult) -> JSONValue? {
    result.lines.last.flatMap { try? JSONValue(parsing: $0) }
  }

  @Test func everyRecordCountsAndExceptionsHold() async throws {
    try await withLogs { folder, rules in
      let result = await signalbox("match", "--rules", rules, "--format", "json", folder.path + "/logs")
      #expect(result.status == 0)
      #expect(summary(result)?.text == #"{"events":4,"matches":2,"rules":{"deleted":2,"quiet":0}}"#)
      #expect(result.lines.count == 3)
      #expect(result.diagnostics.contains("4 events, 2 matches of 1 rule"))
    }
  }

  @Test func duplicatesGoOnlyOnRequest() async throws {
    try await withLogs { folder, rules in
      let logs = folder.path + "/logs"
      let result = await signalbox("match", "--rules", rules, "--format", "json", "--dedupe", logs)
      #expect(summary(result)?.text == #"{"events":3,"matches":1,"rules":{"deleted":1,"quiet":0}}"#)
      #expect(result.diagnostics.contains("1 duplicate dropped"))
    }
  }

  @Test func onePatternWithoutAnyRuleFile() async throws {
    try await withLogs { folder, _ in
      let pattern = #"{"detail":{"eventName":["ListTrails"]}}"#
      let logs = folder.path + "/logs"
      let result = await signalbox("match", "--pattern", pattern, "--format", "ndjson", logs)
      #expect(result.lines.count == 1)
      #expect(await signalbox("match", "--pattern", pattern, "--format", "table", logs).lines.count == 2)
      #expect(summary(result)?["eventID"]?.string == "2")
      let file = try folder.write("pattern.json", pattern)
      #expect(await signalbox("match", "--pattern-file", file, "--format", "ndjson", logs).output == result.output)
      let broken = await signalbox("match", "--pattern", #"{"a":"b"}"#, logs)
      #expect(broken.status == 2)
      #expect(broken.diagnostics.contains("--pattern:1:"))
    }
  }

  @Test func bareNamedPatternsTakeTheRulesPlace() async throws {
    try await withLogs { folder, _ in
      let rules = try folder.write("rules.jsonl", #"{"name": "n", "pattern": {"detail": {"eventID": ["2", "3"]}}}"#)
      let result = await signalbox("match", "--rules", rules, "--format", "json", folder.path + "/logs")
      #expect(summary(result)?.text == #"{"events":4,"matches":2,"rules":{"n":2}}"#)
      #expect(await signalbox("match", "--rules", rules, "--bus", "x", folder.path + "/logs").status == 3)
    }
  }

  @Test func filesThatAreNotReadAreCounted() async throws {
    try await withLogs { folder, rules in
      try folder.write("logs/digest.json", #"{"digestEndTime":"2024-05-06T07:08:09Z","digestS3Object":"x"}"#)
      try folder.write("logs/empty.json", "")
      try folder.write("logs/c.json.gz.tmp", "x")
      try folder.write("logs/README.md", "x")
      try folder.write("logs/.hidden.json", "x")
      try folder.write("logs/.git/config", "x")
      let logs = folder.path + "/logs"
      let result = await signalbox("match", "--rules", rules, "--quiet", logs)
      #expect(result.status == 0)
      let words = "6 files skipped (1 digest, 1 without records, 1 unfinished, 3 hidden or of other names)"
      #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
      let none = await signalbox("match", "--rules", rules, logs + "/.git")
      #expect(none.status == 3)
      #expect(none.diagnostics.contains("1 file skipped (1 hidden or of other names)"), "\(none.diagnostics)")
    }
  }

  @Test func everyRuleWithAPatternIsTriedUnlessABusIsNamed() async throws {
    try await withLogs { folder, rules in
      let more = try folder.write(
        "Rules/more.yaml",
        """
        kind: Rule
        id: elsewhere
        bus: forensics
        stage: draft
        when: {detail: {eventName: [ListTrails]}}
        then: [{send: {type: stdout}}]
        ---
        kind: Rule
        id: hourly
        every: rate(1 hour)
        then: [{send: {type: stdout}}]

        """
      )
      let logs = folder.path + "/logs"
      let base = ["match", "--rules", rules, "--rules", more, "--format", "json"]
      let all = await signalbox(base + [logs])
      #expect(summary(all)?["rules"]?["elsewhere"] == .number("1"), "\(all.diagnostics)")
      #expect(summary(all)?["rules"]?["deleted"] == .number("2"))
      #expect(all.diagnostics.contains("the rule hourly has a schedule and no pattern: not tried"))
      let one = await signalbox(base + ["--bus", "forensics", logs])
      #expect(summary(one)?["matches"] == .number("1"))
      let slip = await signalbox(base + ["--bus", "forensic", logs])
      #expect(slip.status == 3)
      #expect(slip.diagnostics.contains("default, forensics"))
      #expect(await signalbox("match", "--pattern", "{}", "--bus", "x", logs).status == 3)
    }
  }

  @Test func theLimitEndsTheRun() async throws {
    try await withLogs { folder, rules in
      let result = await signalbox(
        "match",
        "--rules",
        rules,
        "--limit",
        "1",
        "--format",
        "ndjson",
        folder.path + "/logs"
      )
      #expect(result.lines.count == 1)
      #expect(result.status == 0)
    }
  }

  @Test func whatCannotBeReadIsSaidAndTheRestGoesOn() async throws {
    try await withLogs { folder, rules in
      try folder.write("logs/c.json", #"{"Records":[\#(Self.records[0]),{"eventID":"#)
      let logs = folder.path + "/logs"
      let damaged = await signalbox("match", "--rules", rules, "--format", "json", logs)
      #expect(damaged.status == 4)
      #expect(damaged.diagnostics.contains("c.json"))
      #expect(summary(damaged)?["events"] == .number("5"))

      let missing = await signalbox("match", "--rules", rules, "--quiet", folder.path + "/none", logs + "/a.json")
      #expect(missing.status == 4)
      #expect(missing.diagnostics.contains("none"))
      #expect(await signalbox("match", "--rules", rules, folder.path + "/none").status == 3)
      let noLog = try folder.write("readme.txt", "hello")
      #expect(await signalbox("match", "--rules", rules, noLog).status == 2)
    }
  }

  @Test func mistakesInTheCommandLine() async {
    #expect(await signalbox("match", "--rules", "x", "--pattern", "{}", "y").status == 3)
    #expect(await signalbox("match", "--pattern", "{}").status == 3)
    #expect(await signalbox("match", "--pattern", "{}", "--limit", "0", "y").status == 3)
    #expect(await signalbox("match", "--pattern", "{}", "--format", "xml", "y").status == 3)
  }
}

import EventPatterns
import Foundation
import Testing

@testable import SignalboxCommands

@Suite struct RuleCommandTests {
  /// A project as `init` writes it.
  private func withProject<Result>(_ body: (TestFolder, _ rules: String) async throws -> Result) async throws -> Result
  {
    try await withFolder { folder in
      let made = await signalbox("init", folder.path)
      #expect(made.status == 0, "\(made.diagnostics)")
      return try await body(folder, folder.path + "/Rules")
    }
  }

  @Test func aNewProjectIsCleanAtOnce() async throws {
    try await withProject { folder, rules in
      for verb in [["validate"], ["lint", "--strict"], ["test"], ["fmt", "--check"]] {
        let result = await signalbox(verb + [rules])
        #expect(result.status == 0, "\(verb): \(result.output) \(result.diagnostics)")
      }
      let match = await signalbox("match", "--rules", rules, "--format", "json", folder.path + "/logs")
      #expect(match.lines.last == #"{"events":1,"matches":1,"rules":{"trail-stopped":1}}"#)
      let again = await signalbox("init", folder.path)
      #expect(again.status == 3)
      #expect(again.diagnostics.contains("signalbox.yaml"))
    }
  }

  @Test func invalidRulesNameTheirPlace() async throws {
    try await withFolder { folder in
      let rules = try folder.write("Rules/r.yaml", "kind: Rule\nid: r\nwhen: {source: [aws.s3]}\nthn: []\n")
      for verb in [["validate"], ["lint"], ["test"], ["export"], ["match", "--rules"], ["compile"]] {
        let arguments = verb[0] == "match" ? verb + [rules, rules] : verb + [rules]
        let result = await signalbox(arguments)
        #expect(result.status == 2, "\(verb)")
        #expect((result.output + result.diagnostics).contains("r.yaml:4:1"), "\(verb)")
      }
      let sarif = await signalbox("validate", rules, "--format", "sarif")
      #expect(try JSONValue(parsing: sarif.output)["runs"]?[0]?["results"]?[0] != nil)
    }
  }

  @Test(arguments: ["validate", "lint", "test", "compile", "export", "fmt"])
  func rulesThatAreNotThere(verb: String) async {
    let result = await signalbox(verb, "/no/such/rules")
    #expect(result.status == 3)
    #expect((result.output + result.diagnostics).contains("/no/such/rules"))
  }

  @Test(arguments: ["validate", "lint", "test", "compile", "export", "fmt"])
  func foldersWithoutRules(verb: String) async throws {
    try await withFolder { folder in
      try folder.write("README.md", "no rules here")
      let result = await signalbox(verb, folder.path)
      #expect(result.status == 3)
      #expect(result.diagnostics.contains("there are no rule files"), "\(result.diagnostics)")
    }
  }

  @Test func aFailingTestIsAFinding() async throws {
    try await withProject { folder, rules in
      let text = try folder.read("Rules/trail-stopped.yaml")
      try folder.write(
        "Rules/trail-stopped.yaml",
        text.replacing("[StopLogging, DeleteTrail]", with: "[DeleteTrail]")
      )
      let result = await signalbox("test", rules)
      #expect(result.status == 1)
      #expect(result.output.contains("a trail is stopped"))
      let junit = await signalbox("test", rules, "--format", "junit")
      #expect(junit.status == 1)
      #expect(junit.output.contains("<failure"))
      let slip = await signalbox("test", rules, "--rule", "trail-stoped")
      #expect(slip.diagnostics.contains("did you mean"))
    }
  }

  @Test func formattingChangesOnlyWhatItIsAskedTo() async throws {
    try await withFolder { folder in
      let untidy = "kind: Target\nid: t   \ntype: stdout\n\n\n\n"
      let file = try folder.write("Rules/t.yaml", untidy)
      let check = await signalbox("fmt", "--check", file)
      #expect(check.status == 1)
      #expect(check.lines == [file])
      #expect(try folder.read("Rules/t.yaml") == untidy)

      let printed = await signalbox("fmt", file)
      #expect(printed.output == "kind: Target\nid: t\ntype: stdout\n")
      #expect(await signalbox("fmt", "--write", file).status == 0)
      #expect(try folder.read("Rules/t.yaml") == printed.output)
      #expect(await signalbox("fmt", "--check", file).status == 0)

      let latin = folder.url.appending(path: "latin.yaml")
      try Data([0x6B, 0xE9, 0x0A]).write(to: latin)
      #expect(await signalbox("fmt", "--write", latin.path).status == 2)
      #expect(try Data(contentsOf: latin) == Data([0x6B, 0xE9, 0x0A]))

      try folder.write("Rules/broken.yaml", "kind: [\n")
      let broken = await signalbox("fmt", "--check", folder.path + "/Rules")
      #expect(broken.status == 2)
      #expect(broken.diagnostics.contains("broken.yaml:"))
    }
  }

  @Test func explanationsNameConditionPlaceAndChange() async throws {
    try await withProject { folder, rules in
      let fixture = folder.path + "/Rules/fixtures/stop-logging.json"
      let hit = await signalbox("explain", fixture, "--rule", "trail-stopped", "--rules", rules)
      #expect(hit.status == 0)
      #expect(hit.output.contains("✓ detail.eventName"))
      #expect(hit.lines.last?.hasPrefix("match") == true)

      let event = #"{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "errorCode": "Denied"}"#
      let miss = await signalbox("explain", event, "--rule", "trail-stopped", "--rules", rules, "--format", "json")
      let json = try JSONValue(parsing: miss.output)
      #expect(json["match"] == .bool(false))
      #expect(json["nearestChange"]?.string?.contains("detail.errorCode") == true)
      guard case .array(let conditions)? = json["conditions"] else {
        Issue.record("there are no conditions in \(miss.output)")
        return
      }
      let failing = conditions.filter { $0["holds"] == .bool(false) }
      #expect(failing.map { $0["path"]?.string } == ["detail.errorCode"])
      #expect(failing.first?["position"]?.string?.contains("trail-stopped.yaml:9:") == true)
    }
  }

  @Test func explanationsOfExceptionsNameTheirConditions() async throws {
    try await withFolder { folder in
      let exception = "  - reason: REASON\n    when:\n      detail:\n        userName: [deployer]\n"
      let head = "kind: Rule\nid: r\nwhen: {source: [aws.s3]}\nthen: [{send: {type: stdout}}]\nunless:\n"
      let one = try folder.write("one.yaml", head + exception)
      let event = #"{"eventSource": "s3.amazonaws.com", "eventName": "X", "userName": "deployer"}"#
      let change = #"detail.userName is "deployer"; any value"#

      let text = await signalbox("explain", event, "--rule", "r", "--rules", one)
      #expect(text.status == 0, "\(text.diagnostics)")
      let lines = try #require(text.lines.firstIndex { $0.hasPrefix("unless: REASON  ") }.map { text.lines[$0...] })
      #expect(lines.contains { $0.contains("✓ detail.userName") && $0.hasSuffix("one.yaml:9:19") }, "\(text.output)")
      #expect(lines.contains(#"      wanted  ["deployer"]"#) && lines.contains(#"      found   "deployer""#))
      let verdict = try #require(text.lines.last)
      #expect(verdict.hasPrefix("excepted: REASON (") && verdict.contains("exception did not match: " + change))

      let printed = await signalbox("explain", event, "--rule", "r", "--rules", one, "--format", "json")
      let json = try JSONValue(parsing: printed.output)
      #expect(json["match"] == .bool(true) && json["triggers"] == .bool(false))
      #expect(json["nearestChange"]?.string?.contains(change) == true)
      #expect(json["exception"]?["reason"]?.string == "REASON")
      #expect(json["exceptions"]?[0]?["nearestChange"]?.string?.hasPrefix(change) == true)
      let condition = json["exceptions"]?[0]?["conditions"]?[0]
      #expect(condition?["path"]?.string == "detail.userName")
      #expect(condition?["position"]?.string?.hasSuffix("one.yaml:9:19") == true)

      // To end one of two exceptions does not make the rule fire.
      let two = try folder.write(
        "two.yaml",
        head + exception + "  - {reason: SECOND, when: {detail: {eventName: [X]}}}\n"
      )
      let both = await signalbox("explain", event, "--rule", "r", "--rules", two)
      #expect(both.lines.contains { $0.hasPrefix("unless: SECOND") })
      #expect(both.lines.last?.contains("none of its exceptions matched: " + change) == true, "\(both.output)")
      #expect(both.lines.last?.contains(#"; and detail.eventName is "X""#) == true, "\(both.output)")
    }
  }

  @Test func oneEventOfAFileIsChosenByItsID() async throws {
    try await withProject { folder, rules in
      let log = try folder.write(
        "log.json",
        #"{"Records":[{"eventID":"a","eventName":"X","eventSource":"s3.amazonaws.com"},"#
          + #"{"eventID":"b","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com"}]}"#
      )
      let rule = ["--rule", "trail-stopped", "--rules", rules]
      let unclear = await signalbox(["explain", log] + rule)
      #expect(unclear.status == 3)
      #expect(unclear.diagnostics.contains("  1  a  1970-01-01T00:00:00Z  aws.s3\n  2  b  "), "\(unclear.diagnostics)")
      let second = await signalbox(["explain", log, "--event", "2"] + rule)
      #expect(second.lines.last?.hasPrefix("match") == true, "\(second.diagnostics)")
      #expect(await signalbox(["explain", log, "--event-id", "b"] + rule).lines.last?.hasPrefix("match") == true)
      let missing = await signalbox(["explain", log, "--event-id", "c"] + rule)
      #expect(missing.status == 2)
      #expect(missing.diagnostics.contains("  1  a  "))
      #expect(await signalbox(["explain", "{\"a\":"] + rule).status == 2)
    }
  }

  @Test func exportRefusesExtensionsWithTheLine() async throws {
    try await withFolder { folder in
      try folder.write(
        "Rules/plain.yaml",
        "kind: Rule\nid: plain\ntitle: Plain\nwhen: {source: [aws.s3]}\nthen: [{send: {type: stdout}}]\n"
      )
      let rules = folder.path + "/Rules"
      let plain = await signalbox("export", rules)
      #expect(plain.status == 0)
      #expect(try JSONValue(parsing: plain.output)["EventPattern"]?.string == #"{"source":["aws.s3"]}"#)
      try folder.write(
        "Rules/extended.yaml",
        "kind: Rule\nid: extended\nwhen:\n  source: [{contains: s3}]\nthen: [{send: {type: stdout}}]\n"
      )
      let mixed = await signalbox("export", rules)
      #expect(mixed.status == 4)
      #expect(mixed.diagnostics.contains("extended.yaml:4:"))
      #expect(await signalbox("export", rules, "--rule", "extended").status == 2)
    }
  }

  @Test func theTreeIsPrintedAsTextAndAsGraph() async throws {
    try await withProject { _, rules in
      #expect(await signalbox("compile", rules).output.contains("trail-stopped"))
      #expect(await signalbox("compile", rules, "--format", "dot").output.hasPrefix("digraph"))
      let json = await signalbox("compile", rules, "--format", "json")
      let figures = try JSONValue(parsing: json.output)
      #expect(figures["patterns"] == .number("1"))
    }
  }

  @Test func theSchemaIsJSON() async throws {
    let printed = await signalbox("schema")
    let schema = try JSONValue(parsing: printed.output)
    #expect(schema["$schema"]?.string != nil)
  }

  @Test("fmt shows what would change")
  func formatDifference() async throws {
    try await withFolder { folder in
      let file = try folder.write(
        "r.yaml",
        "kind:  Rule\nid: r\nwhen:\n    source: a  # why\n    account: ['1']\nthen: []"
      )
      let diff = await signalbox("fmt", "--diff", file)
      #expect(diff.status == 1)
      #expect(
        diff.output == """
          --- \(file)
          +++ \(file)
          @@ -1,6 +1,6 @@
          -kind:  Rule
          +kind: Rule
           id: r
           when:
          -    source: a  # why
          -    account: ['1']
          -then: []
          \\ No newline at end of file
          +  source: [a]  # why
          +  account: ['1']
          +then: []

          """
      )
      let both = await signalbox("fmt", "--check", "--diff", file)
      #expect(both.status == 1 && both.output == "\(file)\n" + diff.output)
      #expect(await signalbox("fmt", "--write", "--diff", file).status == 3)
      #expect(try folder.read("r.yaml").hasPrefix("kind:  Rule"))
      #expect(await signalbox("fmt", "-w", file).status == 0)
      let clean = await signalbox("fmt", "--diff", file)
      #expect(clean.status == 0 && clean.output.isEmpty)
    }
  }

  @Test("explain says that an object is no value")
  func containers() async throws {
    try await withFolder { folder in
      let rules = try folder.write(
        "r.yaml",
        "kind: Rule\nid: r\nwhen: {detail: {userIdentity: [{exists: true}]}}\n"
      )
      let event = #"{"eventName": "X", "userIdentity": {"type": "Root"}}"#
      let text = await signalbox("explain", event, "--rule", "r", "--rules", rules)
      #expect(
        text.output.contains("found   an object with type (conditions look at leaf values only)"),
        "\(text.output)"
      )
      #expect(text.lines.last?.hasSuffix("ask for a field in it, such as detail.userIdentity.type") == true)
      let json = await signalbox("explain", event, "--rule", "r", "--rules", rules, "--format", "json")
      #expect(try JSONValue(parsing: json.output)["conditions"]?[0]?["container"]?.string == "an object with type")
    }
  }
}

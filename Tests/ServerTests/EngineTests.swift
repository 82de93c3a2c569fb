import Foundation
import Messaging
import Server
import Storage
import Testing

struct EngineTests {
  @Test func readsDeliversAndEnds() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try fixture.log("a.json", [("e1", "StopLogging"), ("e2", "DescribeTrails"), ("e3", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.events == 3)
    #expect(report.deliveries == 2)
    #expect(report.isComplete)
    #expect(try fixture.states() == ["delivered": 2])
    #expect(Set(fixture.lines(of: "out.jsonl")) == [#"{"event":"e1"}"#, #"{"event":"e3"}"#])
  }

  @Test func aSecondRunFindsNothingNew() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try fixture.log("a.json", [("e1", "StopLogging")])
    _ = try await fixture.runOnce()
    let second = try await fixture.runOnce()
    #expect(second.events == 0)
    #expect(fixture.lines(of: "out.jsonl").count == 1)
    // A file that repeats an event and brings a new one.
    try fixture.log("b.json", [("e1", "StopLogging"), ("e2", "StopLogging")])
    let third = try await fixture.runOnce()
    #expect(third.events == 1)
    #expect(third.duplicates == 1)
    #expect(fixture.lines(of: "out.jsonl").count == 2)
  }

  @Test func ofSeveralEventsWithOneIDOnlyTheFirstActs() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    // The one that matches comes second, so it is dropped with what would have been decided about it.
    try fixture.log("a.json", [("e1", "DescribeTrails"), ("e1", "StopLogging")])
    try fixture.log("b.json", [("e2", "StopLogging"), ("e2", "DescribeTrails"), ("e1", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.events == 2)
    #expect(report.duplicates == 3)
    let lines = fixture.lines(of: "out.jsonl")
    #expect(lines.count == 1)
    #expect(lines.first?.contains("e2") == true)
  }

  @Test func newFilesAreDeliveredAsTheyCome() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try fixture.log("a.json", [("e1", "StopLogging")])
    try await fixture.running {
      #expect(await fixture.eventually { fixture.lines(of: "out.jsonl").count == 1 })
      try fixture.log("b.json", [("e2", "StopLogging")])
      #expect(await fixture.eventually { fixture.lines(of: "out.jsonl").count == 2 })
    }
  }

  @Test func changedRulesComeIntoForceAndWrongOnesDoNot() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try await fixture.running {
      #expect(await fixture.eventually { fixture.logged.contains("rules in force") })
      try fixture.write(
        "rules/rules.yaml",
        SampleRules.toFile.replacing("[StopLogging]", with: "[StopLogging, DeleteTrail]")
      )
      #expect(await fixture.eventually { fixture.logged.contains("rules reloaded") })
      try fixture.log("a.json", [("e1", "DeleteTrail")])
      #expect(await fixture.eventually { fixture.lines(of: "out.jsonl").count == 1 })

      try fixture.write("rules/rules.yaml", SampleRules.toFile.replacing("send: out", with: "send: nowhere"))
      #expect(await fixture.eventually { fixture.logged.contains("the old ones stay in force") })
      #expect(fixture.logged.contains("rules.yaml:"))
      try fixture.log("b.json", [("e2", "DeleteTrail")])
      #expect(await fixture.eventually { fixture.lines(of: "out.jsonl").count == 2 })
    }
  }

  @Test func wrongRulesAreRefusedAtTheStart() async throws {
    let fixture = try EngineFixture(rules: "kind: Rule\nid: x\nwhen: {source: [1]}\nthen: [{send: nowhere}]\n")
    let error = await #expect(throws: RuleRefusal.self) { _ = try await fixture.runOnce() }
    #expect(error?.description.contains("nowhere") == true)
  }

  @Test func aMissingSecretIsToldWhereItIsAskedFor() async throws {
    let fixture = try EngineFixture(
      rules: """
        kind: Rule
        id: r
        when: {source: [a]}
        then: [{send: hook}]
        ---
        kind: Target
        id: hook
        type: webhook
        url: https://example.com/
        headers:
          X-Token: {env: SIGNALBOX_TEST_NEVER_SET}
        """
    )
    let error = await #expect(throws: RuleRefusal.self) { _ = try await fixture.runOnce() }
    let words = error?.description ?? ""
    #expect(
      words.contains("rules.yaml:11:12: error SB216: target 'hook', header X-Token needs the environment"),
      "\(words)"
    )
    #expect(error?.isAboutRules == false)
  }

  @Test func theQueueOfTheSettingsIsNoOtherTarget() async throws {
    let fixture = try EngineFixture(
      rules: "{kind: Target, id: lost, type: stdout}",
      settings: "defaults: {dead-letter: lost}"
    )
    let error = await #expect(throws: RuleRefusal.self) { _ = try await fixture.runOnce() }
    #expect(error?.description.contains("rules.yaml:1:1: error SB209") == true)
  }

  @Test func aSecondEngineOnTheSameDataIsRefused() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try await fixture.running {
      #expect(await fixture.eventually { fixture.logged.contains("rules in force") })
      await #expect(throws: StorageError.self) { _ = try await fixture.runOnce() }
    }
  }

  @Test func whatCannotBeDeliveredIsReportedAsPending() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toNobody)
    try fixture.log("a.json", [("e1", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.pending == 1)
    #expect(!report.isComplete)
  }

  @Test func theRulesOfAnotherBusSeeTheEventOnce() async throws {
    // The two buses send to each other: the circle must come to rest.
    let rules = """
      kind: Rule
      id: first
      when: {detail: {eventName: [StopLogging]}}
      then: [{send: to-audit}]
      ---
      kind: Rule
      id: second
      bus: audit
      when: {detail: {eventName: [StopLogging]}}
      then: [{send: to-default}, {id: keep, send: out, input: {event: "<detail.eventID>"}}]
      ---
      {kind: Target, id: to-audit, type: bus, name: audit}
      ---
      {kind: Target, id: to-default, type: bus, name: default}
      ---
      {kind: Target, id: out, type: file, path: out.jsonl}
      """
    let fixture = try EngineFixture(rules: rules)
    try fixture.log("a.json", [("e1", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.isComplete)
    #expect(try fixture.states() == ["delivered": 3])
    #expect(report.deliveries == 3)
    #expect(fixture.lines(of: "out.jsonl") == [#"{"event":"e1"}"#])
  }

  @Test func topicsAndQueuesShareTheDatabase() async throws {
    let rules = """
      kind: Rule
      id: stopped
      when: {detail: {eventName: [StopLogging]}}
      then: [{send: all}]
      ---
      {kind: Target, id: all, type: topic, subscriptions: [inbox, out]}
      ---
      {kind: Target, id: inbox, type: queue}
      ---
      {kind: Target, id: out, type: file, path: out.jsonl}
      """
    let fixture = try EngineFixture(rules: rules)
    try fixture.log("a.json", [("e1", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.isComplete)
    #expect(fixture.lines(of: "out.jsonl").count == 1)
    let database = try fixture.database()
    let now = Int64(Date().timeIntervalSince1970 * 1000) + 1000
    #expect(try database.queues.peek("inbox", now: now).count == 1)
    try database.close()
  }

  @Test func stagesDecideWhatLeaves() async throws {
    let rules = ["shadow", "notify", "enforce"].map { stage in
      """
      kind: Rule
      id: at-\(stage)
      stage: \(stage)
      when: {detail: {eventName: [StopLogging]}}
      then: [{send: out}, {run: touch}]
      """
    }
    let common = """
      {kind: Target, id: out, type: file, path: out.jsonl}
      ---
      {kind: Action, id: touch, type: command, argv: ["true"]}
      """
    let fixture = try EngineFixture(rules: (rules + [common]).joined(separator: "\n---\n"))
    try fixture.log("a.json", [("e1", "StopLogging")])
    _ = try await fixture.runOnce()
    #expect(try fixture.states() == ["shadowed": 2, "delivered": 3, "planned": 1])
  }

  @Test func badInputIsCountedAndTheRestGoesOn() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile, sources: "[{log-files: [logs, nowhere]}]")
    try fixture.log("a.json", [("e1", "StopLogging")])
    try fixture.write("logs/b.json", "this is no log")
    try fixture.write("logs/c.json", #"{"Records":[{"eventID":"e2","eventName":"StopLo"#)
    let report = try await fixture.runOnce()
    #expect(report.events == 1)
    #expect(report.deliveries == 1)
    #expect(report.rejected == 2)
    #expect(report.unreadable == 1)
    #expect(!report.isComplete)
    #expect(fixture.logged.contains("b.json"))
    #expect(fixture.logged.contains("c.json"))
    #expect(fixture.logged.contains("nowhere"))
  }

  /// Rules of which one cannot be rendered for most events.
  private func rulesThatWantDigits(_ match: String, stage: String, send: String = "<detail.eventID>") -> String {
    """
    kind: Rule
    id: acts
    stage: \(stage)
    when: {source: [aws.cloudtrail]}
    then:
      - {id: run, run: act, with: {name: "<detail.eventName>"}}
      - {id: tell, send: out, input: {event: "\(send)"}}
    ---
    {kind: Target, id: out, type: file, path: out.jsonl, dead-letter: lost}
    ---
    {kind: Target, id: lost, type: queue, name: lost-and-found}
    ---
    kind: Action
    id: act
    type: command
    argv: [echo, <name>]
    params: {name: {type: string, match: "\(match)"}}
    """
  }

  @Test(arguments: [("shadow", 0), ("notify", 1), ("enforce", 2)])
  func aStepThatCannotBeRenderedIsADeadLetterAtOnce(stage: String, letters: Int) async throws {
    let rules = rulesThatWantDigits("[0-9]+", stage: stage, send: "<detail.nothing!>")
    let fixture = try EngineFixture(rules: rules, settings: "defaults: {dead-letter: actions}")
    try fixture.log("a.json", [("e1", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.deadLetters == letters)
    #expect(report.recorded == 2 - letters)
    #expect(try fixture.states() == (stage == "shadow" ? ["shadowed": 2] : ["render-failed": 2]))
    #expect(report.isComplete)
    if letters > 0 { #expect(fixture.logged.contains("in the dead-letter queue lost-and-found")) }
    let database = try fixture.database()
    var found: [QueueMessage] = []
    for queue in try database.deadLetterQueues.list(now: .max) {
      found += try database.queues.peek(queue.name, now: Int64(Date().timeIntervalSince1970 * 1000))
    }
    try database.close()
    #expect(found.count == letters)
    for letter in found {
      #expect(letter.attributes["ERROR_CODE"] == "INVALID_PARAMETER")
      #expect(letter.attributes["ERROR_MESSAGE"]?.isEmpty == false)
      #expect(letter.attributes["RETRY_ATTEMPTS"] == "0")
      #expect(letter.attributes["EXHAUSTED_RETRY_CONDITION"] == nil)
      #expect(String(decoding: letter.body, as: UTF8.self).contains(#""eventID":"e1""#))
    }
  }

  @Test func aStepThatCouldNotBeRenderedIsRedrivenWithTheRulesAsTheyAreNow() async throws {
    let fixture = try EngineFixture(rules: rulesThatWantDigits("[A-Z].*", stage: "notify", send: "<detail.nothing!>"))
    try fixture.log("a.json", [("e1", "StopLogging")])
    #expect(try await fixture.runOnce().deadLetters == 1)
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    func redrive() throws -> RedriveResult {
      let renderer = try StepRenderer(try fixture.configuration())
      let database = try fixture.database()
      defer { try? database.close() }
      return try database.deadLetterQueues.redrive("lost-and-found", now: now) {
        renderer.render($0, event: $1, now: now)
      }
    }
    #expect(try redrive().stayed.values.first?.contains("still cannot be rendered") == true)
    try fixture.write("rules/rules.yaml", rulesThatWantDigits("[A-Z].*", stage: "shadow"))
    #expect(try redrive().stayed.values.first?.contains("at stage 'shadow' now") == true)
    try fixture.write("rules/rules.yaml", SampleRules.toFile)
    #expect(try redrive().stayed.values.first?.contains("no rule 'acts' with a step 'tell'") == true)
    try fixture.write("rules/rules.yaml", rulesThatWantDigits("[A-Z].*", stage: "notify"))
    #expect(try redrive().deliveries == 1)
    _ = try await fixture.runOnce()
    #expect(try fixture.states() == ["planned": 1, "delivered": 1])
    #expect(fixture.lines(of: "out.jsonl") == [#"{"event":"e1"}"#])
  }

  @Test func sourcesPauseWhenTooMuchWaits() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toNobody)
    var configuration = try fixture.configuration()
    configuration.outboxLimit = 5
    for file in 0..<3 { try fixture.log("\(file).json", (0..<1000).map { ("e\(file)-\($0)", "StopLogging") }) }
    var options = fixture.options
    options.once = false
    let (settings, frozen) = (configuration, options)
    try await withThrowingTaskGroup(of: EngineReport.self) { group in
      group.addTask { try await Engine.run(configuration: settings, options: frozen) }
      #expect(await fixture.eventually { fixture.logged.contains("sources are paused") })
      group.cancelAll()
      // One batch was accepted, and nothing of the others.
      for try await report in group { #expect(report.events == 1000) }
    }
  }

  @Test(arguments: [("shadow", true), ("notify", false)])
  func aMissingSecretIsRefusedWhereItIsNeeded(stage: String, starts: Bool) async throws {
    let rules = """
      kind: Rule
      id: stopped
      stage: \(stage)
      when: {source: [aws.cloudtrail]}
      then: [{send: chat}]
      ---
      {kind: Target, id: chat, type: webhook, url: {env: NOT_SET_ANYWHERE}}
      """
    let fixture = try EngineFixture(rules: rules)
    if starts {
      _ = try await fixture.runOnce()
    } else {
      let error = await #expect(throws: RuleRefusal.self) { _ = try await fixture.runOnce() }
      #expect(error?.description.contains("NOT_SET_ANYWHERE") == true)
    }
  }

  @Test func foldersThatAreSwappedAndLinksThatAreBentAreNoticed() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile, settings: "rules: current")
    let wider = SampleRules.toFile.replacing("[StopLogging]", with: "[StopLogging, DeleteTrail]")
    let files = FileManager.default
    for (folder, text) in [("v1", SampleRules.toFile), ("v2", wider)] {
      try files.createDirectory(atPath: "\(fixture.folder)/\(folder)", withIntermediateDirectories: true)
      try fixture.write("\(folder)/rules.yaml", text)
    }
    try files.createSymbolicLink(atPath: "\(fixture.folder)/current", withDestinationPath: "v1")
    try await fixture.running {
      #expect(await fixture.eventually { fixture.logged.contains("rules in force") })
      // The usual atomic deployment: a new link is moved over the old one.
      try files.createSymbolicLink(atPath: "\(fixture.folder)/next", withDestinationPath: "v2")
      #expect(rename("\(fixture.folder)/next", "\(fixture.folder)/current") == 0)
      #expect(await fixture.eventually { fixture.logged.contains("rules reloaded") })
      try fixture.log("a.json", [("e1", "DeleteTrail")])
      #expect(await fixture.eventually { fixture.lines(of: "out.jsonl").count == 1 })
    }
  }

  @Test func aCeilingAboveTheRuleFolderIsNoticed() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try await fixture.running {
      #expect(await fixture.eventually { fixture.logged.contains("rules in force") })
      try fixture.write("_defaults.yaml", "max-stage: shadow\n")
      #expect(await fixture.eventually { fixture.logged.contains("rules reloaded") })
      try fixture.log("a.json", [("e1", "StopLogging")])
      #expect(
        try await fixture.eventually {
          try fixture.states() == ["shadowed": 1]
        }
      )
    }
  }

  @Test func filesThatAreInOrderAgainAreSaidToBe() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try await fixture.running {
      #expect(await fixture.eventually { fixture.logged.contains("rules in force") })
      try fixture.write("rules/rules.yaml", "kind: Rul\n")
      #expect(await fixture.eventually { fixture.logged.contains("the old ones stay in force") })
      try fixture.write("rules/rules.yaml", SampleRules.toFile)
      #expect(await fixture.eventually { fixture.logged.contains("in order again") })
    }
  }

  @Test func decisionsAboutDuplicatesAreNotCounted() async throws {
    let fixture = try EngineFixture(rules: SampleRules.toFile)
    try fixture.log("a.json", [("e1", "StopLogging"), ("e2", "StopLogging"), ("e1", "StopLogging")])
    try fixture.log("b.json", [("e2", "StopLogging"), ("e3", "StopLogging")])
    let report = try await fixture.runOnce()
    #expect(report.events == 3)
    #expect(report.duplicates == 2)
    #expect(report.deliveries == 3)
  }
}

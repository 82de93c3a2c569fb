import EventPatterns
import Foundation
import Testing

@testable import SignalboxCommands

@Suite struct RunCommandTests {
  /// A project that delivers into a file, with one log file.
  private func withProject<Result>(_ body: (TestFolder, _ config: String) async throws -> Result) async throws -> Result
  {
    try await withFolder { folder in
      try folder.write(
        "rules/r.yaml",
        """
        kind: Rule
        id: deleted
        title: Trail deleted
        when: {detail: {eventName: [DeleteTrail]}}
        then:
          - {id: note, send: found, input: {text: "<detail.eventName>"}}
          - {id: keep, send: work}
        ---
        {kind: Target, id: found, type: file, path: found.jsonl}
        ---
        {kind: Target, id: work, type: queue}

        """
      )
      try folder.write(
        "logs/a.json",
        #"{"Records":[{"eventID":"e-1","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com"}]}"#
      )
      let settings = "data-directory: data\nrules: rules\nsources:\n  - log-files: logs\nlog: {level: error}\n"
      return try await body(folder, try folder.write("signalbox.yaml", settings))
    }
  }

  @Test func aRunDeliversOnceAndASecondFindsNothingNew() async throws {
    try await withProject { folder, config in
      let first = await signalbox("run", "--config", config, "--once")
      #expect(first.status == 0, "\(first.diagnostics)")
      #expect(first.output.isEmpty)
      #expect(first.diagnostics.contains("1 event, 2 deliveries decided"))
      let delivered = try folder.read("data/found.jsonl")
      #expect(delivered.contains("DeleteTrail"))

      let second = await signalbox("run", "--config", config, "--once")
      #expect(second.status == 0)
      #expect(second.diagnostics.contains("0 events, 0 deliveries decided"))

      let records = await signalbox("deliveries", "list", "--config", config, "--format", "ndjson")
      #expect(records.lines.count == 2)
      #expect(records.lines.allSatisfy { $0.contains(#""state":"delivered""#) })
      let queue = await signalbox("queue", "receive", "--config", config, "work")
      #expect(queue.output.contains("e-1"))
    }
  }

  @Test func filesThatAreNotReadAreCounted() async throws {
    try await withProject { folder, config in
      try folder.write("logs/digest.json", #"{"digestEndTime":"2024-05-06T07:08:09Z","digestS3Object":"x"}"#)
      try folder.write("logs/notes.txt", "x")
      try folder.write("logs/b.json.part", "x")
      let result = await signalbox("run", "--config", config, "--once")
      #expect(result.status == 0)
      let words = "3 files skipped (1 digest, 1 unfinished, 1 hidden or of other names)"
      #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
    }
  }

  @Test func inputThatIsNotUnderstoodEndsInPart() async throws {
    try await withProject { folder, config in
      try folder.write("logs/b.json", #"{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}"#)
      let result = await signalbox("run", "--config", config, "--once")
      #expect(result.status == 4)
      #expect(result.diagnostics.contains("1 value or rest of a file rejected, see the log"), "\(result.diagnostics)")
    }
  }

  @Test func aMissingRuleFolderIsNoInvalidRule() async throws {
    try await withProject { folder, _ in
      let config = try folder.write(
        "none.yaml",
        "data-directory: data\nrules: none\nsources: []\nlog: {level: error}\n"
      )
      #expect(await signalbox("run", "--config", config, "--once").status == 3)
    }
  }

  @Test func theDoctorNamesWhatIsMissing() async throws {
    try await withProject { folder, config in
      let healthy = await signalbox("doctor", "--config", config)
      #expect(healthy.status == 0, "\(healthy.output)")
      try folder.write(
        "rules/hook.yaml",
        """
        {kind: Target, id: hook, type: webhook, url: {env: SIGNALBOX_TEST_NO_SUCH_VARIABLE}}
        ---
        {kind: Action, id: act, type: command, argv: [no-such-program-anywhere]}

        """
      )
      let idle = await signalbox("doctor", "--config", config, "--format", "ndjson")
      #expect(idle.status == 0)
      #expect(idle.lines.filter { $0.contains(#""verdict":"note""#) }.count == 2, "\(idle.output)")
      try folder.write(
        "rules/live.yaml",
        """
        kind: Rule
        id: live
        stage: enforce
        when: {source: [aws.s3]}
        then: [{send: hook}, {run: act}]

        """
      )
      let sick = await signalbox("doctor", "--config", config, "--format", "ndjson")
      #expect(sick.status == 1)
      let problems = sick.lines.filter { $0.contains(#""verdict":"problem""#) }
      #expect(problems.count == 2)
      #expect(problems.contains { $0.contains("SIGNALBOX_TEST_NO_SUCH_VARIABLE") })
      #expect(problems.contains { $0.contains("no-such-program-anywhere") })
    }
  }

  @Test func theDoctorWarnsOfADataDirectoryThatOthersMayOpen() async throws {
    try await withProject { folder, config in
      #expect(await signalbox("run", "--config", config, "--once").status == 0)
      let closed = await signalbox("doctor", "--config", config)
      #expect(!closed.output.contains("others may look into it"), "\(closed.output)")
      try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: folder.path + "/data")
      let open = await signalbox("doctor", "--config", config)
      #expect(open.output.contains("others may look into it"), "\(open.output)")
      #expect(open.status == 0)
    }
  }

  @Test func aStepThatCannotBeRenderedWaitsForMendedRules() async throws {
    try await withProject { folder, config in
      let rules = try folder.read("rules/r.yaml")
      try folder.write("rules/r.yaml", rules.replacing("<detail.eventName>", with: "<detail.nothing!>"))
      let first = await signalbox("run", "--config", config, "--once")
      #expect(first.diagnostics.contains("1 not to be rendered"), "\(first.diagnostics)")
      let blind = await signalbox("dlq", "redrive", "--data", folder.path + "/data", "dead-letters")
      #expect(blind.status == 4)
      #expect(blind.diagnostics.contains("name the settings file"), "\(blind.diagnostics)")
      let early = await signalbox("dlq", "redrive", "--config", config, "dead-letters")
      #expect(early.status == 4)
      #expect(early.diagnostics.contains("still cannot be rendered"), "\(early.diagnostics)")
      try folder.write("rules/r.yaml", "kind: Rul")
      let broken = await signalbox("dlq", "redrive", "--config", config, "dead-letters")
      #expect(broken.diagnostics.contains("signalbox validate"), "\(broken.diagnostics)")
      try folder.write("rules/r.yaml", rules)
      #expect(await signalbox("dlq", "redrive", "--config", config, "dead-letters").status == 0)
      #expect(await signalbox("run", "--config", config, "--once").status == 0)
      #expect(try folder.read("data/found.jsonl").contains("DeleteTrail"))
    }
  }

  @Test func whatIsWrongDecidesTheExitCode() async throws {
    try await withProject { folder, config in
      #expect(await signalbox("run", "--config", folder.path + "/none.yaml", "--once").status == 3)
      #expect(await signalbox("run", "--config", config, "--once", "--retry-wait", "soon").status == 3)
      let odd = try folder.write("odd.yaml", "data-directory: data\nruels: rules\n")
      let result = await signalbox("run", "--config", odd, "--once")
      #expect(result.status == 3)
      #expect(result.diagnostics.contains("odd.yaml:2:1"))
      try folder.write("rules/broken.yaml", "kind: Rule\nid: broken\nwhen: {source: [{prefx: a}]}\n")
      let broken = await signalbox("run", "--config", config, "--once")
      #expect(broken.status == 2)
      #expect(broken.diagnostics.contains("broken.yaml:3:"))
    }
  }
}

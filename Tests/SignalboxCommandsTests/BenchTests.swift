import EventPatterns
import Foundation
import Testing

@testable import SignalboxCommands

@Suite struct BenchTests {
  static let patterns = """
    {"name": "one", "pattern": {"source": ["aws.s3"]}}
    {"name": "two", "pattern": {"detail": {"n": [{"numeric": [">", 5]}]}}}
    """
  static let events = """
    {"source":"aws.s3","detail":{"n":9}}
    {"source":"aws.s3","detail":{"n":1}}
    {"source":"aws.ec2","detail":{"n":1}}
    """

  @Test func figuresHaveTheirNames() async throws {
    try await withFolder { folder in
      let rules = try folder.write("rules.jsonl", Self.patterns)
      let events = try folder.write("events.jsonl", Self.events)
      let result = await signalbox(
        "bench",
        "--rules",
        rules,
        "--events",
        events,
        "--seconds",
        "0.01",
        "--format",
        "json"
      )
      #expect(result.status == 0, "\(result.diagnostics)")
      guard case .object(let figures) = try JSONValue(parsing: result.output) else {
        Issue.record("no object: \(result.output)")
        return
      }
      #expect(
        figures.members.map(\.name) == [
          "rules", "compile_seconds", "events_per_second", "megabytes_per_second", "matches_per_pass", "peak_rss_bytes",
        ]
      )
      #expect(figures["rules"] == .number("2"))
      #expect(figures["matches_per_pass"] == .number("3"))
      #expect(figures.members.allSatisfy { $0.name == "compile_seconds" || $0.value != .number("0") })
    }
  }

  @Test("bare records are put into envelopes")
  func records() async throws {
    try await withFolder { folder in
      let rules = try folder.write(
        "rules.jsonl",
        #"{"name":"one","pattern":{"source":["aws.iam"],"detail":{"eventName":["CreateUser"]}}}"#
      )
      let record =
        #"{"eventVersion":"1.11","eventTime":"2026-03-04T13:10:31Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser"}"#
      let events = try folder.write(
        "events.jsonl",
        record + "\n" + #"{"source":"aws.iam","detail":{"eventName":"CreateUser"}}"#
      )
      let result = await signalbox(
        "bench",
        "--rules",
        rules,
        "--events",
        events,
        "--seconds",
        "0.01",
        "--format",
        "json"
      )
      #expect(try JSONValue(parsing: result.output)["matches_per_pass"] == .number("2"))
    }
  }

  @Test func brokenInputNamesItsPlace() async throws {
    try await withFolder { folder in
      let events = try folder.write("events.jsonl", Self.events)
      let noPattern = try folder.write("a.jsonl", "{\"name\": \"x\"}\n")
      let badPattern = try folder.write("b.jsonl", #"{"name": "x", "pattern": {"a": 1}}"#)
      let empty = try folder.write("empty.jsonl", "\n")
      for (rules, words) in [(noPattern, "a.jsonl:1"), (badPattern, "b.jsonl:1:32: pattern of x")] {
        let result = await signalbox("bench", "--rules", rules, "--events", events, "--seconds", "0.01")
        #expect(result.status == 2)
        #expect(result.diagnostics.contains(words))
      }
      let rules = try folder.write("rules.jsonl", Self.patterns)
      #expect(await signalbox("bench", "--rules", rules, "--events", empty).status == 2)
      #expect(await signalbox("bench", "--rules", rules, "--events", folder.path + "/none").status == 3)
      #expect(await signalbox("bench", "--rules", rules, "--events", events, "--seconds", "0").status == 3)
    }
  }

  @Test("events come in every form that match reads")
  func formsOfEvents() async throws {
    try await withFolder { folder in
      let rules = try folder.write("rules.jsonl", #"{"name":"one","pattern":{"source":["aws.iam"]}}"#)
      let record = #"{"eventSource":"iam.amazonaws.com","eventName":"CreateUser"}"#
      try folder.write("logs/a.json", "{\"Records\": [\(record), \(record)]}")
      try folder.write("b.jsonl", record + "\n{\"source\": \"aws.iam\"}\nno JSON\n")
      let packer = Process()
      packer.executableURL = URL(filePath: "/bin/gzip")
      packer.arguments = ["-k", folder.path + "/b.jsonl"]
      try packer.run()
      packer.waitUntilExit()
      for (events, count) in [("logs/a.json", "2"), ("logs", "2"), ("b.jsonl", "2"), ("b.jsonl.gz", "2")] {
        let result = await signalbox(
          ["bench", "--rules", rules, "--events", folder.path + "/" + events, "--seconds", "0.01", "--format", "json"]
        )
        #expect(result.status == 0, "\(result.diagnostics)")
        #expect(try JSONValue(parsing: result.output)["matches_per_pass"] == .number(count), "\(events)")
        #expect(result.diagnostics.contains("b.jsonl") == events.hasPrefix("b"))
      }
    }
  }

  @Test("bad patterns in JSON lines are all told, with their places")
  func badPatterns() async throws {
    try await withFolder { folder in
      let rules = try folder.write(
        "p.jsonl",
        """
        {"name": "fine", "pattern": {"a": ["x"]}}

        {"name": "é", "pattern": {"source": "x"}}
        {"pattern": {"a": [{"prefx": "x"}]}}
        """
      )
      let events = try folder.write("e.jsonl", Self.events)
      for verb in [
        ["bench", "--rules", rules, "--events", events], ["match", "--rules", rules, events], ["compile", rules],
      ] {
        let result = await signalbox(verb)
        #expect(result.status == 2)
        #expect(result.diagnostics.contains("p.jsonl:3:37: pattern of é: "), "\(result.diagnostics)")
        #expect(result.diagnostics.contains("p.jsonl:4:21: pattern of line 4: "), "\(result.diagnostics)")
      }
      try folder.write("broken.jsonl", "{\"name\": }\n")
      let broken = await signalbox("compile", folder.path + "/broken.jsonl")
      #expect(broken.diagnostics.contains("broken.jsonl:1:10: "), "\(broken.diagnostics)")
    }
  }
}

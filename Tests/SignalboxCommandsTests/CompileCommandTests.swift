import EventPatterns
import Foundation
import Testing

@testable import SignalboxCommands

/// `compile`: the tree of few rules and of many, its figures, and what is said about rules that are tried often.
@Suite struct CompileCommandTests {
  private static let rules = """
    kind: Rule
    id: any-error
    when: {detail: {errorCode: [{anything-but: Throttling}]}}
    unless:
      - {reason: known, when: {detail: {errorCode: [AccessDenied]}}}
    ---
    kind: Rule
    id: s3-but-reads
    when: {source: [aws.s3], detail: {eventName: [{anything-but: {prefix: Get}}]}}
    ---
    kind: Rule
    id: s3-errors
    when: {source: [aws.s3], detail: {errorCode: [{exists: false}]}}
    ---
    kind: Rule
    id: trail-stopped
    when: {source: [aws.cloudtrail], detail: {eventName: [StopLogging, DeleteTrail]}}
    ---
    kind: Rule
    id: user-made
    when: {source: [aws.iam], detail: {eventName: [CreateUser]}}
    ---
    kind: Rule
    id: nightly
    every: rate(1 day)

    """

  private static func record(_ service: String, _ name: String, error: String? = nil) -> String {
    let error = error.map { #","errorCode":"\#($0)""# } ?? ""
    return #"{"eventVersion":"1.11","eventTime":"2026-03-04T13:10:31Z","eventID":"\#(UUID().uuidString)","#
      + #""eventSource":"\#(service).amazonaws.com","eventName":"\#(name)"\#(error)}"#
  }

  /// Ten records: five of S3, of which one is a read and one an error; three of IAM, two of CloudTrail.
  private static let records = [
    record("s3", "PutObject"), record("s3", "PutObject", error: "NoSuchKey"), record("s3", "GetObject"),
    record("s3", "DeleteObject"), record("s3", "DeleteObject"), record("iam", "CreateUser"), record("iam", "ListUsers"),
    record("iam", "ListUsers"), record("cloudtrail", "StopLogging"), record("cloudtrail", "LookupEvents"),
  ].joined(separator: "\n")

  private func withRules<Result>(
    _ body: (_ folder: TestFolder, _ rules: String, _ logs: String) async throws -> Result
  ) async throws -> Result {
    try await withFolder { folder in
      let rules = try folder.write("Rules/r.yaml", Self.rules)
      let logs = try folder.write("logs/a.json", Self.records)
      return try await body(folder, rules, logs)
    }
  }

  @Test("rules without a key come first, with their place and what to do")
  func statistics() async throws {
    try await withRules { _, rules, _ in
      let result = await signalbox("compile", rules, "--stats")
      #expect(result.status == 0, "\(result.diagnostics)")
      let lines = result.lines
      #expect(lines.first?.hasSuffix("5, and 1 exception") == true, "\(result.output)")
      #expect(lines.contains { $0.hasPrefix("memory") } && lines.contains { $0.hasPrefix("  anything-but") })
      let list = lines.drop { !$0.hasPrefix("Tried most") }.dropFirst()
      #expect(
        Array(list.prefix(3)) == [
          "   100%  any-error  \(rules):1", "         no key",
          "         it has no key, so it is tried on every event; add an eventName",
        ]
      )
      #expect(list.contains { $0.contains("s3-but-reads  \(rules):7") })
      #expect(result.output.contains("its detail.eventName (anything-but prefix \"Get\") is no key"))
      #expect(list.contains { $0.contains("any-error unless 1  \(rules):5") })
    }
  }

  @Test("with events, tries and matches are counted")
  func events() async throws {
    try await withRules { _, rules, logs in
      let text = await signalbox("compile", rules, "--stats", "--events", logs, "--limit", "3")
      #expect(text.status == 0, "\(text.diagnostics)")
      #expect(
        text.lines.contains { $0.hasPrefix("tried ") && $0.hasSuffix("counted over 10 events") },
        "\(text.output)"
      )
      #expect(text.output.contains("tried on 50% of events; it matches most of those"))
      #expect(text.lines.last == "… 3 more rules")

      let json = try JSONValue(
        parsing: await signalbox("compile", rules, "--stats", "--events", logs, "--format", "json").output
      )
      #expect(json["events"] == .number("10"))
      guard case .array(let list)? = json["rules"] else {
        Issue.record("no rules in \(json)")
        return
      }
      func counts(_ rule: String) -> [JSONValue?] {
        let entry = list.first { $0["rule"] == .string(rule) }
        return [entry?["tried"], entry?["tried_share"], entry?["matched"]]
      }
      #expect(list.count == 6 && list[0]["rule"] == .string("any-error"))
      #expect(counts("any-error") == [.number("10"), .number("1.000000"), .number("1")])
      #expect(counts("s3-but-reads") == [.number("5"), .number("0.500000"), .number("4")])
      #expect(counts("s3-errors") == [.number("5"), .number("0.500000"), .number("4")])
      #expect(counts("any-error unless 1")[2] == .number("0"))
      #expect(list[0]["place"] == .string("\(rules):1") && list[0]["key"] == .array([]))
      #expect(list[0]["advice"]?.string?.contains("add an eventName") == true)
    }
  }

  @Test("figures have their names")
  func figures() async throws {
    try await withRules { _, rules, _ in
      let names = [
        "patterns", "branches", "fields", "conditions", "predicates", "nodes", "candidates", "table_bytes",
      ]
      func members(_ arguments: [String]) async throws -> [String] {
        guard case .object(let object) = try JSONValue(parsing: await signalbox(arguments).output) else { return [] }
        return object.members.map(\.name)
      }
      let plain = try await members(["compile", rules, "--format", "json"])
      #expect(plain == names)
      let full = try await members(["compile", rules, "--format", "json", "--stats"])
      let more = [
        "clauses", "names", "keys", "depth", "predicate_kinds", "memory", "events", "tries_per_event", "rules",
      ]
      #expect(full == names + more)
    }
  }

  @Test("one rule is looked at alone")
  func oneRule() async throws {
    try await withRules { _, rules, _ in
      let tree = await signalbox("compile", rules, "--rule", "user-made")
      #expect(tree.status == 0)
      #expect(tree.output.contains("→ user-made") && !tree.output.contains("trail-stopped"))
      #expect(tree.output.contains("more value"))
      let graph = await signalbox("compile", rules, "--rule", "user-made", "--format", "dot")
      #expect(graph.output.hasPrefix("digraph") && !graph.output.contains("trail-stopped"))
      // With its exception.
      let stats = await signalbox("compile", rules, "--stats", "--rule", "any-error", "--format", "json")
      guard case .array(let list)? = try JSONValue(parsing: stats.output)["rules"] else {
        Issue.record("no rules in \(stats.output)")
        return
      }
      #expect(list.map { $0["rule"]?.string } == ["any-error", "any-error unless 1"])

      let slip = await signalbox("compile", rules, "--rule", "user-mad")
      #expect(slip.status == 3 && slip.diagnostics.contains("did you mean 'user-made'?"))
      let scheduled = await signalbox("compile", rules, "--rule", "nightly")
      #expect(scheduled.status == 3 && scheduled.diagnostics.contains("has a schedule and no pattern"))
    }
  }

  @Test("the tree of many rules is shown from the top")
  func manyRules() async throws {
    try await withFolder { folder in
      let lines = (0..<2000).map { index in
        #"{"name": "rule-\#(index)", "pattern": {"source": ["s\#(index % 50)"], "detail": {"eventName": ["n\#(index)"], "#
          + #""user": [{"anything-but": "\#(index)"}]}}}"#
      }
      let rules = try folder.write("rules.jsonl", lines.joined(separator: "\n"))
      let graph = await signalbox("compile", rules, "--format", "dot")
      #expect(graph.status == 0)
      #expect(graph.lines.count < 800 && graph.output.contains(" more values, "), "\(graph.lines.count)")
      #expect(graph.diagnostics.contains("--depth N"))
      let slice = await signalbox("compile", rules, "--format", "dot", "--rule", "rule-77")
      #expect(slice.lines.count < 60 && slice.output.contains("rule-77"))
      #expect(!slice.diagnostics.contains("--depth N"))
      let small = await signalbox("compile", rules, "--depth", "1", "--limit", "5")
      #expect(small.lines.count < 12)
      let stats = await signalbox("compile", rules, "--stats", "--limit", "1", "--rule", "rule-1999")
      #expect(stats.output.contains("rule-1999  \(rules):2000"))
    }
  }

  @Test("logs that cannot be read are told", arguments: [false, true])
  func brokenLogs(hasOthers: Bool) async throws {
    try await withRules { folder, rules, logs in
      let broken = try folder.write("broken.json", #"{"Records": [{"eventVersion": "1.11", "eventTi"#)
      let logs = hasOthers ? ["--events", logs, "--events", broken] : ["--events", broken]
      let result = await signalbox(["compile", rules, "--stats"] + logs)
      #expect(result.status == (hasOthers ? 4 : 2), "\(result.diagnostics)")
      #expect(result.output.contains("counted over 10 events") == hasOthers)
      #expect(result.diagnostics.contains("broken.json"))
    }
  }

  @Test(
    "what makes no sense together is refused",
    arguments: [
      ["--stats", "--format", "dot"], ["--events", "logs"], ["--stats", "--depth", "2"], ["--depth", "0"],
      ["--limit", "0"], ["--format", "json", "--rule", "user-made"],
    ]
  )
  func usage(arguments: [String]) async throws {
    try await withRules { _, rules, _ in
      let result = await signalbox(["compile", rules] + arguments)
      #expect(result.status == 3, "\(result.diagnostics)")
      #expect(result.output.isEmpty)
    }
  }

  @Test("names cannot reach the terminal")
  func hostileNames() async throws {
    try await withFolder { folder in
      let rules = try folder.write(
        "rules.jsonl",
        #"{"name": "a\u001b[2J", "pattern": {"b\u001b[2J\u202e": [{"anything-but": "\u001b[2J"}]}}"#
      )
      for arguments in [[], ["--format", "dot"], ["--stats"]] {
        let result = await signalbox(["compile", rules] + arguments)
        #expect(result.status == 0)
        #expect(!result.output.utf8.contains(0x1B) && !result.output.unicodeScalars.contains("\u{202E}"))
      }
    }
  }
}

/// What to do about rules, from what is known of them.
@Suite struct AccessAdviceTests {
  private func test(_ path: String, _ wanted: String = #""x""#, canBeKey: Bool = true) -> PatternSet.FieldTest {
    PatternSet.FieldTest(path: path, wanted: wanted, canBeKey: canBeKey)
  }

  @Test func advice() {
    let name = test("detail.eventName")
    let noName = test("detail.eventName", #"anything-but "Get""#, canBeKey: false)
    let source = test("source")
    let rest = test("detail.errorCode", canBeKey: false)
    func advice(
      _ share: Double,
      matched: Double? = nil,
      key: [PatternSet.FieldTest] = [],
      rest: [PatternSet.FieldTest],
      company: Int = 9,
      isException: Bool = false
    ) -> String? {
      AccessFacts(
        share: share,
        matchedShare: matched,
        key: key,
        rest: rest,
        company: company,
        isException: isException
      ).advice
    }
    #expect(advice(0.009, key: [source], rest: [rest]) == nil)
    #expect(advice(1, rest: [rest]) == "it has no key, so it is tried on every event; add an eventName")
    #expect(advice(0.38, matched: 0.01, key: [source], rest: [rest]) == "tried on 38% of events; add an eventName")
    #expect(advice(0.38, key: [source], rest: [rest]) == "tried on about 38% of events; add an eventName")
    #expect(
      advice(0.38, key: [source], rest: [noName])?.hasSuffix(
        #"(anything-but "Get") is no key: list the names that are meant"#
      ) == true
    )
    #expect(
      advice(0.38, key: [source], rest: [rest], isException: true)?.hasSuffix(
        "add the rule's eventName to the exception"
      ) == true
    )
    #expect(advice(0.38, key: [name], rest: [rest])?.hasSuffix("add an exact value that fewer events have") == true)
    #expect(advice(0.38, matched: 0.2, key: [name], rest: [rest])?.hasSuffix("so there is nothing to gain") == true)
    #expect(
      advice(1, rest: [name, rest], company: 2)?.contains("so few rules wait there that looking at detail.eventName")
        == true
    )
    #expect(advice(0.2, key: [source], rest: [name], company: 9)?.contains("write shorter lists") == true)
    let last = "what it wants of detail.errorCode is no key: add an exact value that fewer events have"
    #expect(advice(0.38, matched: 0.1, key: [name], rest: [rest, rest]) == "tried on 38% of events; \(last)")
    let two = advice(0.38, key: [name], rest: [test("region", canBeKey: false), rest])
    #expect(two?.contains("what it wants of detail.errorCode and region is no key: ") == true)
    let other = test("detail-type", #""GuardDuty Finding""#)
    #expect(advice(0.38, key: [other], rest: [rest])?.hasSuffix("add an exact value that fewer events have") == true)
  }
}

import EventPatterns
import RuleFiles
import Testing

/// What lint says about valid rules, and what it leaves alone.
struct LintTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var findings: [String]
    var testDescription: String { name }

    init(_ name: String, _ findings: [String], _ text: String) {
      self.name = name
      self.text = text
      self.findings = findings
    }
  }

  static let test =
    "tests: [{name: n, given: {event: {source: a, detail-type: t, detail: {}}}, expect: {match: true}}]\n"

  /// A rule lint has nothing to say about, with its first lines changed.
  static func rule(_ head: String, when: String = "{source: [a]}", tests: String = test) -> String {
    "kind: Rule\nid: r\n\(head)\nwhen: \(when)\nthen: [{send: out}]\n\(tests)---\n{kind: Target, id: out, type: stdout}\n"
  }

  /// More than EventBridge would take.
  static let wildcards = String(repeating: "*a", count: 40) + "*"

  @Test(arguments: [
    Example("clean", [], rule("title: t\nowner: o")),
    Example("account", ["5:18 SB401"], rule("title: t\nowner: o", when: "{account: [111122223333], source: [a]}")),
    Example("scalar", ["5:16 SB402"], rule("title: t\nowner: o", when: "{source: a}")),
    Example("ambiguous", ["3:8 SB414"], rule("title: yes\nowner: o")),
    Example("tests", ["2:5 SB404"], rule("title: t\nowner: o", tests: "")),
    Example("title", ["2:5 SB405"], rule("owner: o")),
    Example("owner", ["2:5 SB406"], rule("title: t")),
    Example(
      "expired",
      ["5:10 SB407"],
      rule("title: t\nowner: o\nunless: [{reason: x, expires: 2020-01-01, when: {source: [b]}}]")
    ),
    Example(
      "not expired",
      [],
      rule("title: t\nowner: o\nunless: [{reason: x, expires: 2030-01-01, when: {source: [b]}}]")
    ),
    Example(
      "broad",
      ["5:7 SB409"],
      rule("title: t\nowner: o", when: "{account: [\"111122223333\"], detail: {e: [{exists: true}]}}")
    ),
    Example("narrow", [], rule("title: t\nowner: o", when: "{$or: [{detail: {e: [x]}}, {detail: {f: [y]}}]}")),
    Example(
      "complex",
      ["5:33 SB416"],
      rule("title: t\nowner: o", when: "{source: [a], detail: {x: [{wildcard: \"\(wildcards)\"}]}}")
    ),
    Example(
      "an extension",
      [],
      rule("title: t\nowner: o", when: "{source: [a], detail: {x: [{regex: a+}]}}")
    ),
    Example("capped", [], rule("title: t\nowner: o\nstage: notify")),
  ])
  func finds(_ example: Example) {
    let result = load(example.text)
    #expect(result.diagnostics == [])
    let found = result.lint(now: Instant(seconds: 1_790_000_000))
    #expect(
      found.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" } == example.findings,
      "\(found)"
    )
  }

  @Test func enforcedActionsWantAGuard() {
    let result = load(
      """
      kind: Rule
      id: r
      title: t
      owner: o
      stage: enforce
      when: {source: [a]}
      then: [{run: {type: command, argv: [ls], env: {API_TOKEN: abc, OTHER: x}}}]
      tests: [{name: n, given: {event: {source: a, detail-type: t, detail: {}}}, expect: {match: true}}]
      """
    )
    #expect(result.diagnostics == [])
    let found = result.lint(now: Instant(seconds: 0))
    #expect(
      found.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" } == ["7:8 SB408", "7:59 SB403"]
    )
  }

  @Test func secretsInTheOpenAreErrors() {
    let result = load(
      """
      {kind: Target, id: a, type: webhook, url: "https://user:pw@example.com/"}
      ---
      {kind: Target, id: b, type: webhook, url: "https://hooks.slack.com/services/T/B/x"}
      ---
      {kind: Target, id: c, type: webhook, url: {env: URL}, headers: {Authorization: Bearer x, X-Api-Key: {env: K}, X-A: b}}
      """
    )
    let found = result.lint(now: Instant(seconds: 0)).filter { $0.code == .literalSecret }
    #expect(found.map(\.position.line) == [1, 3, 5])
    #expect(found.containsError)
    #expect(
      !found.contains { $0.message.contains("Bearer") || $0.message.contains("pw") || $0.message.contains("T/B/x") }
    )
  }

  @Test func duplicatesUnusedAndCapped() {
    let result = load([
      "_defaults.yaml": "owner: o\nmax-stage: notify\n",
      "a.yaml": """
      {kind: Rule, id: a, title: t, when: {source: [x], account: ["1"]}}
      ---
      {kind: Rule, id: b, title: t, stage: enforce, when: {account: ["1"], source: [x]}, then: []}
      ---
      {kind: List, id: l, items: [x]}
      """,
    ])
    #expect(result.diagnostics == [])
    let codes = result.lint(now: Instant(seconds: 0)).map { "\($0.position.line) \($0.code.rawValue)" }
    #expect(codes.sorted() == ["1 SB404", "1 SB413", "3 SB404", "3 SB410", "3 SB413", "3 SB415", "5 SB412"])
  }
}

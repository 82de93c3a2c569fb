import Foundation
import RuleFiles
import Testing

/// Every code, produced by a snippet, at its exact place.
struct DiagnosticCodeTests {
  struct Snippet: Sendable, CustomTestStringConvertible {
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

  /// A rule that is clean except for what is put in.
  static func rule(_ body: String, then: String = "then: [{send: out}]") -> String {
    """
    kind: Rule
    id: r
    \(body)
    \(then)
    ---
    {kind: Target, id: out, type: stdout}
    ---
    {kind: Target, id: q, type: queue}
    ---
    {kind: Action, id: act, type: command, argv: [echo, <a>], params: {a: {}, b: {default: x}}}
    """
  }

  static let when = "when: {source: [aws.s3]}"

  @Test(arguments: [
    Snippet("not YAML", ["1:8 SB101"], "kind: a:\n"),
    Snippet("duplicate key", ["1:1 SB104", "2:1 SB102"], "kind: List\nkind: List\nitems: [a]\n"),
    Snippet("unknown key", ["3:1 SB103"], rule("wen: 1\n" + when)),
    Snippet(
      "unknown key inside",
      ["3:10 SB104", "3:32 SB103"],
      rule("unless: [{when: {source: [a]}, reson: x}]\n" + when)
    ),
    Snippet("missing key", ["1:1 SB104"], "kind: List\nid: a\n"),
    Snippet(
      "missing key: redrive-to",
      ["4:20 SB104"],
      "kind: Target\nid: a\ntype: queue\nmax-receive-count: 5\n"
    ),
    Snippet("wrong type: list", ["3:8 SB105"], rule("title: [a]\n" + when)),
    Snippet("wrong type: null", ["3:7 SB105"], rule("title:\n" + when)),
    Snippet("wrong type: boolean", ["5:13 SB105"], "kind: Action\nid: a\ntype: command\nargv: [ls]\nidempotent: yes\n"),
    Snippet("wrong type: document", ["1:1 SB105"], "- a\n- b\n"),
    Snippet("wrong type: pattern", ["3:7 SB105"], rule("when: [a]")),
    Snippet("wrong type: step", ["4:8 SB105"], rule(when, then: "then: [send]")),
    Snippet("invalid value: word", ["3:11 SB106"], rule("severity: hihg\n" + when)),
    Snippet("invalid value: span", ["4:10 SB106"], rule("stage: draft\nsettle: 5x\n" + when)),
    Snippet("invalid value: integer", ["4:20 SB105"], "kind: Target\nid: a\ntype: queue\nmax-receive-count: {}\n"),
    Snippet("invalid value: range", ["4:20 SB106"], "kind: Target\nid: a\ntype: queue\nmax-receive-count: 0\n"),
    Snippet("invalid value: retention", ["4:12 SB106"], "kind: Target\nid: a\ntype: queue\nretention: 15d\n"),
    Snippet("invalid value: short retention", ["4:12 SB106"], "kind: Target\nid: a\ntype: queue\nretention: 59s\n"),
    Snippet("invalid value: visibility", ["4:21 SB106"], "kind: Target\nid: a\ntype: queue\nvisibility-timeout: 13h\n"),
    Snippet("invalid value: receives", ["4:20 SB106"], "kind: Target\nid: a\ntype: queue\nmax-receive-count: 1001\n"),
    Snippet("invalid value: queue name", ["4:7 SB106"], "kind: Target\nid: a\ntype: queue\nname: a b/c\n"),
    Snippet(
      "invalid value: long queue name",
      ["4:7 SB106"],
      "kind: Target\nid: a\ntype: queue\nname: \(String(repeating: "q", count: 81))\n"
    ),
    Snippet(
      "invalid value: name of an inline queue",
      ["4:15 SB106"],
      rule(when, then: "then: [{send: {type: queue}, id: \(String(repeating: "s", count: 64))}]")
        .replacing("id: r\n", with: "id: \(String(repeating: "r", count: 20))\n")
    ),
    Snippet(
      "invalid value: no time",
      ["4:19 SB106", "5:14 SB106"],
      "kind: Target\nid: a\ntype: stdout\nlimits: {timeout: 0s}\nretry: {for: 0m}\n"
    ),
    Snippet(
      "invalid value: no time to run",
      ["5:10 SB106"],
      "kind: Action\nid: a\ntype: command\nargv: [ls]\ntimeout: 0s\n"
    ),
    Snippet("invalid value: no time to settle", ["4:9 SB106"], rule("stage: draft\nsettle: 0s\n" + when)),
    Snippet(
      "invalid value: negative span",
      ["4:19 SB106"],
      "kind: Target\nid: a\ntype: stdout\nlimits: {timeout: -5s}\n"
    ),
    Snippet("invalid value: folder", ["4:7 SB106"], "kind: Target\nid: a\ntype: file\npath: logs/\n"),
    Snippet("invalid value: folder above", ["4:7 SB106"], "kind: Target\nid: a\ntype: file\npath: a/..\n"),
    Snippet("invalid value: leads out", ["4:7 SB106"], "kind: Target\nid: a\ntype: file\npath: a/../../x\n"),
    Snippet(
      "invalid value: database",
      ["4:7 SB106"],
      "kind: Target\nid: a\ntype: file\npath: ./x/../signalbox.db-wal\n"
    ),
    Snippet("invalid value: rate", ["4:18 SB106"], "kind: Target\nid: a\ntype: queue\nlimits: {rate: 1/x}\n"),
    Snippet("invalid value: address", ["4:6 SB106"], "kind: Target\nid: a\ntype: webhook\nurl: example.com\n"),
    Snippet("invalid value: retry", ["4:14 SB106"], "kind: Target\nid: a\ntype: queue\nretry: {on: [6xx]}\n"),
    Snippet("invalid value: size", ["5:11 SB106"], "kind: Target\nid: a\ntype: file\npath: x\nmax-size: 10 MB\n"),
    Snippet("invalid value: program", ["4:8 SB106"], "kind: Action\nid: a\ntype: command\nargv: [<rule.id>]\n"),
    Snippet("invalid value: nested list", ["3:9 SB106"], "kind: List\nid: a\nitems: [$list.b]\n"),
    Snippet("invalid value: let", ["3:7 SB106"], rule("let: {source: detail.a}\n" + when)),
    Snippet(
      "invalid value: default",
      ["5:23 SB106"],
      "kind: Action\nid: a\ntype: command\nargv: [ls]\nparams: {n: {default: ab, match: \"[a-z]\"}}\n"
    ),
    Snippet(
      "invalid value: with",
      ["4:29 SB106", "4:35 SB106"],
      rule(when, then: "then: [{run: two, with: {n: a, s: b-}}]")
        + "\n---\nkind: Action\nid: two\ntype: command\nargv: [ls]\nparams: {n: {type: integer}, s: {match: \"[a-z]+\"}}"
    ),
    Snippet(
      "invalid match",
      ["5:21 SB301"],
      "kind: Action\nid: a\ntype: command\nargv: [ls]\nparams: {n: {match: \"a)|(b\"}}\n"
    ),
    Snippet("invalid id", ["2:5 SB107"], "kind: List\nid: A b\nitems: [x]\n"),
    Snippet("unknown kind", ["1:7 SB108"], "kind: Rul\nid: a\n"),
    Snippet("no kind", ["1:1 SB108"], "id: a\n"),
    Snippet("tag", ["3:8 SB109"], rule("title: !!str a\n" + when)),
    Snippet("when and every", ["4:1 SB112"], rule(when + "\nevery: rate(5 minutes)")),
    Snippet("every with outcome", ["4:1 SB112"], rule("every: rate(5 minutes)\noutcome: success")),
    Snippet("outcome and errorCode", ["3:10 SB112"], rule("outcome: failure\nwhen: {detail: {errorCode: [A]}}")),
    Snippet(
      "outcome and errorCode in $or",
      ["3:10 SB112"],
      rule("outcome: failure\nwhen: {$or: [{detail: {errorCode: [A]}}, {source: [b]}]}")
    ),
    Snippet("send and run", ["4:20 SB112"], rule(when, then: "then: [{send: out, run: act}]")),
    Snippet("send with", ["4:20 SB112"], rule(when, then: "then: [{send: out, with: {a: b}}]")),
    Snippet("template", ["4:30 SB113"], rule(when, then: "then: [{send: out, input: \"a <b\"}]")),

    Snippet("duplicate id", ["5:18 SB201"], "kind: List\nid: a\nitems: [x]\n---\n{kind: List, id: a, items: [x]}\n"),
    Snippet("duplicate step", ["4:33 SB201"], rule(when, then: "then: [{send: out, id: x}, {id: x, send: out}]")),
    Snippet("unknown target", ["4:15 SB202"], rule(when, then: "then: [{send: oot}]")),
    Snippet("unknown dead letter", ["4:14 SB202"], "kind: Target\nid: a\ntype: stdout\ndead-letter: dlq\n"),
    Snippet("unknown action", ["4:14 SB203"], rule(when, then: "then: [{run: atc, with: {a: x}}]")),
    Snippet("unknown list", ["3:18 SB204"], rule("when: {account: [$list.prod]}")),
    Snippet("unknown placeholder", ["4:30 SB205"], rule(when, then: "then: [{send: out, input: \"a <bucket>\"}]")),
    Snippet("unknown let field", ["3:10 SB205"], rule("let: {b: detial.x}\n" + when)),
    Snippet("unknown parameter", ["4:35 SB206"], rule(when, then: "then: [{run: act, with: {a: x, c: y}}]")),
    Snippet("missing parameter", ["4:8 SB207"], rule(when, then: "then: [{run: act}]")),
    Snippet(
      "missing fixture",
      ["4:33 SB208"],
      rule(when + "\ntests: [{name: n, given: {like: f.json}, expect: {match: true}}]")
    ),
    Snippet("missing script", ["4:7 SB208"], "kind: Action\nid: a\ntype: script\nfile: x.sh\n"),
    Snippet("script of the system", ["4:7 SB208"], "kind: Action\nid: a\ntype: script\nfile: /bin/true\n"),
    Snippet("script outside", ["4:7 SB208"], "kind: Action\nid: a\ntype: script\nfile: b/../../x.sh\n"),
    Snippet(
      "one queue, two minds",
      ["3:1 SB214"],
      "{kind: Target, id: a, type: queue, name: q}\n---\n{kind: Target, id: b, type: queue, name: q, retention: 1d}\n"
    ),
    Snippet(
      "a queue that moves messages to itself under another id",
      ["1:1 SB211", "3:1 SB214"],
      "{kind: Target, id: a, type: queue, name: q, redrive-to: b}\n---\n{kind: Target, id: b, type: queue, name: q, redrive-to: c}"
        + "\n---\n{kind: Target, id: c, type: queue}\n"
    ),
    Snippet(
      "not a queue",
      ["5:14 SB209"],
      "kind: Target\nid: a\ntype: stdout\n\ndead-letter: b\n---\n{kind: Target, id: b, type: stdout}\n"
    ),
    Snippet("dead letters that are no queue", ["1:1 SB209"], "kind: Target\nid: dead-letters\ntype: stdout\n"),
    Snippet(
      "unknown step",
      ["4:93 SB210"],
      rule(
        when + "\ntests: [{name: n, given: {event: {source: a, detail-type: t, detail: {}}}, expect: {sends: [tell]}}]"
      )
    ),
    Snippet("cycle", ["1:1 SB211"], "kind: Target\nid: a\ntype: topic\nsubscriptions: [a]\n"),
    Snippet("own bus", ["4:8 SB211"], rule(when, then: "then: [{send: {type: bus, name: default}}]")),
    Snippet("later: key", ["3:1 SB212"], rule("key: [account]\n" + when)),
    Snippet(
      "later: correlation",
      ["1:7 SB212"],
      "kind: Correlation\nid: c\nwithin: 5m\nrules: [r]\n---\n" + rule(when)
    ),
    Snippet("later: target type", ["4:8 SB212"], rule(when, then: "then: [{send: {type: lake, store: s}}]")),
    Snippet("unknown rule", ["5:9 SB213"], "kind: Correlation\nid: c\nwithin: 5m\nstage: draft\nrules: [x]\n"),

    Snippet("pattern: operator", ["3:30 SB301"], rule("when: {detail: {eventName: [{prefx: a}]}}")),
    Snippet("pattern: empty list", ["3:16 SB301"], rule("when: {source: []}")),
    Snippet("pattern: numeric", ["3:37 SB301"], rule("when: {detail: {n: [{numeric: [\">\", x]}]}}")),
    Snippet(
      "pattern: all that is wrong",
      ["5:9 SB304", "6:13 SB301", "7:25 SB301"],
      rule("when:\n  detail:\n    a: {prefix: x}\n    b: [y, {prefx: z}]\n    c: [{numeric: [\">\", z]}]\n    d: []")
    ),
    Snippet(
      "pattern: all that is wrong beside lists that are missing",
      ["5:9 SB204", "6:9 SB204", "6:19 SB301", "7:25 SB204", "8:13 SB301", "9:25 SB301", "10:18 SB301"],
      rule(
        "when:\n  detail:\n    a: [$list.x]\n    b: [$list.y, {prefx: z}]\n    c: [{anything-but: [$list.z, 1]}]\n"
          + "    d: [y, {prefx: z}]\n    e: [{numeric: [\">\", z]}]\n    f: [{exists: 1}]"
      )
    ),
    Snippet(
      "missing lists alone",
      ["3:20 SB204", "4:14 SB204", "5:23 SB204", "6:34 SB204"],
      rule(
        "when: {source: [b, $list.x],\n    account: $list.x,\n    region: [{prefix: $list.x}],\n"
          + "    detail: {n: [{numeric: [\">\", $list.x]}]}}"
      )
    ),
    Snippet("ambiguous operator", ["3:29 SB304"], rule("when: {detail: {eventName: {prefix: a}}}")),
    Snippet(
      "literal secret",
      ["5:14 SB403"],
      "kind: Target\nid: a\ntype: webhook\nurl: https://a\nsign: {hmac: abc}\n"
    ),
    Snippet(
      "empty expectation",
      ["4:84 SB411"],
      rule(when + "\ntests: [{name: n, given: {event: {source: a, detail-type: t, detail: {}}}, expect: {}}]")
    ),
  ])
  func snippet(_ snippet: Snippet) {
    let result = load(snippet.text)
    #expect(result.places == snippet.findings, "\(result.diagnostics)")
    #expect(result.repository == nil)
  }

  @Test func boundsAreSaidInTheUnitsThatPeopleWrite() {
    let message = load("{kind: Target, id: a, type: queue, retention: 30d}").diagnostics.first?.message
    #expect(message == "'retention': 30d is out of bounds: it has to be from 1m to 14d")
    let hint = load("kind: List\nid: Bad_ID!\nitems: [x]\n").diagnostics.first?.hint
    #expect(hint == "write 'bad_id'")
  }

  @Test(
    arguments: [
      ("detail.eventName", nil), ("source", nil), ("unless", nil), ("detail[\"odd key.x\"]", nil),
      ("detail.eventname", "did you mean 'detail.eventName'?"), ("$not", ""),
    ] as [(String, String?)]
  )
  func becauseNamesAFieldOfThePattern(because: String, hint: String?) {
    let result = load(
      Self.rule(
        "when: {source: [a], detail: {eventName: [b], \"odd key.x\": [c]}}\n"
          + "tests: [{name: n, given: {event: {source: a, detail-type: t, detail: {}}}, expect: {match: false, because: '\(because)'}}]"
      )
    )
    #expect(result.repository != nil)
    #expect(result.places == (hint == nil ? [] : ["4:108 SB215"]))
    if let hint, !hint.isEmpty { #expect(result.diagnostics.first?.hint == hint) }
  }

  @Test func anUnreadableFileIsSaid() {
    let result = RuleRepository.load(["/nonexistent/rules"])
    #expect(
      result.diagnostics.map(\.description) == [
        "/nonexistent/rules:1:1: error SB100: there is no such file or folder (check the path)"
      ]
    )
  }

  @Test(
    arguments: [
      ("", "define one with `kind: List` and `id: prod`"),
      ("\n---\n{kind: List, id: prods, items: [a]}", "did you mean 'prods'?"),
      ("\n---\n{kind: List, id: sandbox, items: [a]}", "known here: sandbox"),
    ]
  )
  func aMissingListComesWithWhatToDo(others: String, hint: String) {
    let result = load(Self.rule("when: {account: [$list.prod]}") + others)
    #expect(result.diagnostics.first?.hint == hint)
  }

  @Test func aFileThatIsTooLargeComesWithWhatToDo() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "large-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: (16 << 20) + 1)
    try handle.close()
    let found = RuleRepository.load([file.path]).diagnostics.first
    #expect(found?.code == .unreadableFile)
    #expect(found?.message == "it is larger than the 16 MiB that are read")
    #expect(found?.hint == "split it into several files")
  }

  @Test func codesAreUniqueAndExplained() {
    let codes = DiagnosticCode.allCases
    #expect(Set(codes.map(\.rawValue)).count == codes.count)
    #expect(codes.allSatisfy { $0.rawValue.hasPrefix("SB") && $0.rawValue.utf8.count == 5 && !$0.summary.isEmpty })
  }

  @Test func allMistakesOfARunAreReported() {
    let result = load(
      [
        "a.yaml": "kind: Rule\nid: a\nsevertiy: high\nwhen: {source: [x, $list.l]}\nthen: [{send: t}]\n",
        "b.yaml": "kind: Target\nid: b\ntype: webhok\n---\nkind: [\n---\nkind: List\nid: l2\n",
      ])
    #expect(
      result.diagnostics.map { "\($0.position) \($0.code.rawValue)" } == [
        "a.yaml:3:1 SB103", "a.yaml:4:20 SB204", "a.yaml:5:15 SB202", "b.yaml:3:7 SB106", "b.yaml:6:1 SB101",
        "b.yaml:7:1 SB104",
      ]
    )
    #expect(result.diagnostics.first?.hint == "did you mean 'severity'?")
  }

  @Test(
    arguments: [
      ("deadLetter", "dead-letter"), ("eventname", nil), ("severtiy", "severity"), ("Title", "title"),
      ("stag", "stage"),
      ("x", nil),
    ] as [(String, String?)]
  )
  func suggestions(word: String, nearest: String?) {
    #expect(Suggestion.nearest(to: word, among: ["dead-letter", "severity", "title", "stage", "tags"]) == nearest)
  }
}

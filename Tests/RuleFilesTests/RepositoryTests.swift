import EventPatterns
import FoundationEssentials
import RuleFiles
import Testing

/// Folders, defaults, hashes: what makes documents a repository.
struct RepositoryTests {
  static let rule = "kind: Rule\nid: r\nstage: enforce\nwhen: {source: [a]}\nthen: [{send: out}]\n"
  static let target = "kind: Target\nid: out\ntype: stdout\n"

  /// Runs with a folder that is gone afterwards.
  func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (name, text) in files {
      let path = "\(root)/\(name)"
      let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path))
    }
    try body(root)
  }

  @Test func aFolderIsReadWithWhatIsBelow() throws {
    let files = [
      "b.yaml": Self.rule, "sub/deep/t.yml": Self.target, "_draft.yaml": "nonsense", ".hidden.yaml": "nonsense",
      "signalbox.yaml": "data: x", "sub/fixtures/x.yaml": "nonsense", "README.md": "nonsense",
      "_old/x.yaml": "nonsense",
    ]
    try withFolder(files) { root in
      let result = RuleRepository.load([root, root + "/sub/"])
      #expect(result.diagnostics == [])
      #expect(result.files == ["\(root)/b.yaml", "\(root)/sub/deep/t.yml"])
      #expect(result.repository?.rule("r")?.steps.first?.reference == "out")
      #expect(result.repository?.target("out") != nil)
      #expect(result.repository?.action("out") == nil)
    }
  }

  @Test func linksInCirclesEnd() throws {
    try withFolder(["a.yaml": Self.rule + "---\n" + Self.target]) { root in
      try FileManager.default.createSymbolicLink(atPath: "\(root)/loop", withDestinationPath: root)
      try FileManager.default.createSymbolicLink(atPath: "\(root)/twice.yaml", withDestinationPath: "a.yaml")
      try FileManager.default.createSymbolicLink(atPath: "\(root)/gone.yaml", withDestinationPath: "missing")
      let result = RuleRepository.load([root])
      #expect(result.diagnostics == [])
      #expect(result.files.count == 1)
    }
  }

  @Test func fixturesAndScriptsStandBesideTheirFile() throws {
    let rule = """
      kind: Rule
      id: r
      when: {source: [aws.s3]}
      then: [{run: fix}]
      tests:
        - name: record
          given:
            like: fixtures/e.json
            set: {detail.requestParameters.x-amz-acl: public-read, 'detail["a.b"]': {n: [1]}, account: 012345670123}
            unset: [detail.errorCode, detail.nothing.there]
          expect: {match: true, runs: {run-1: {argv: [a, 1], with: {b: 2}}}}
      ---
      kind: Action
      id: fix
      type: script
      file: scripts/fix.py
      interpreter: [python3, -u]
      """
    let record = #"{"eventSource":"s3.amazonaws.com","eventName":"X","errorCode":"Denied","eventID":"e1"}"#
    try withFolder(["p/r.yaml": rule, "p/fixtures/e.json": record, "p/scripts/fix.py": "pass"]) { root in
      let result = RuleRepository.load([root])
      #expect(result.diagnostics == [])
      let test = try #require(result.repository?.rules.first?.tests.first)
      let event = test.given[0].event
      #expect(test.given[0].like == "\(root)/p/fixtures/e.json")
      #expect(event["source"] == .string("aws.s3"))
      #expect(event["account"] == .string("012345670123"))
      #expect(event["detail"]?["errorCode"] == nil)
      #expect(event["detail"]?["a.b"]?.text == #"{"n":[1]}"#)
      #expect(test.expect.runs?.first?.argv == ["a", "1"])
      #expect(test.expect.runs?.first?.with?.first?.value == "2")
      guard case .script(let file, let interpreter)? = result.repository?.action("fix")?.executable else {
        Issue.record("no script")
        return
      }
      #expect(file == "\(root)/p/scripts/fix.py")
      #expect(interpreter == ["python3", "-u"])
      try Data("other".utf8).write(to: URL(filePath: file))
      #expect(RuleRepository.load([root]).repository?.hash != result.repository?.hash)
    }
  }

  @Test func defaultsComeFromAllFoldersAbove() throws {
    let result = load([
      "p/_defaults.yaml": "owner: top\ntags: [a]\nmax-stage: notify\n",
      "p/q/_defaults.yaml": "owner: near\ntags: [b, a]\nmax-stage: enforce\n",
      "p/q/r.yaml": Self.rule.replacing("then:", with: "tags: [c, a]\nthen:"),
      "p/s.yaml": Self.rule.replacing("id: r", with: "id: s\nowner: own"),
      "t.yaml": Self.rule.replacing("id: r", with: "id: t") + "---\n" + Self.target,
    ])
    #expect(result.diagnostics == [])
    let repository = try #require(result.repository)
    #expect(repository.rule("r")?.owner == "near")
    #expect(repository.rule("r")?.tags == ["a", "b", "c"])
    #expect(repository.rule("r")?.stage == .notify)
    #expect(repository.rule("s")?.owner == "own")
    #expect(repository.rule("s")?.stage == .notify)
    #expect(repository.rule("t")?.stage == .enforce)
    #expect(repository.rule("t")?.owner == nil)
  }

  @Test func defaultsAreChecked() {
    let result = load(["_defaults.yaml": "onwer: a\nmax-stage: live\n", "t.yaml": Self.target])
    #expect(result.places == ["1:1 SB103", "2:12 SB106"])
  }

  @Test func theHashFollowsMeaningOnly() throws {
    func hash(_ rule: String, file: String = "a.yaml") throws -> String {
      try #require(load([file: rule + "---\n" + Self.target]).repository?.hash)
    }
    let original = try hash(Self.rule)
    #expect(original.utf8.count == 64)
    #expect(try hash("# comment\n" + Self.rule + "description: x\nowner: y\ntags: [z]\n") == original)
    #expect(
      try hash(
        "id: r\nkind: Rule\nstage: enforce\nthen:\n- {send: out}\nwhen:\n  source:\n    - \"a\"\n",
        file: "b.yaml"
      ) == original
    )
    #expect(try hash(Self.rule.replacing("enforce", with: "notify")) != original)
    #expect(try hash(Self.rule.replacing("[a]", with: "[b]")) != original)
    #expect(try hash(Self.rule + "title: t\n") != original)
  }

  @Test func definitionsMayStandInline() throws {
    let result = load(
      """
      kind: Rule
      id: r
      when: {source: [a]}
      let: {who: detail.userIdentity.arn, other: detail.x}
      then:
        - send: {type: webhook, url: "http://localhost:1/x", network: any}
        - id: tell
          run: {type: command, argv: [notify, --who, "<who>", "<who>", "<p>"], params: {p: {}}}
          with: {p: "<detail.eventName>"}
      """
    )
    #expect(result.diagnostics == [])
    let repository = try #require(result.repository)
    #expect(repository.target("r/send-1")?.network == .any)
    let action = try #require(repository.action("r/tell"))
    #expect(action.parameters.map(\.name) == ["p"])
    #expect(repository.rules[0].steps[1].parameters.map(\.name) == ["p"])
    #expect(repository.rules[0].steps[1].operation == .run(action: "r/tell"))
  }

  @Test func settingsAreReadWhole() throws {
    let result = load(
      """
      kind: Target
      id: w
      type: webhook
      url: https://example.com/hook
      method: PUT
      headers: {X-A: b, Authorization: {file: /run/token}}
      sign: {hmac: {env: KEY}}
      proxy: http://proxy:3128
      limits: {rate: 10/1m, burst: 3, concurrency: 2, timeout: 5s}
      retry: {for: 1h, attempts: 3, backoff: 2s..1m, on: [404, 5xx, network]}
      dead-letter: q
      ---
      {kind: Target, id: q, type: queue, name: Q.fifo, visibility-timeout: 1m, max-receive-count: 3, redrive-to: z, retention: 4d}
      ---
      {kind: Target, id: z, type: queue}
      ---
      {kind: Target, id: f, type: file, path: out.jsonl, max-size: 10MB, keep: 3}
      ---
      {kind: Target, id: t, type: topic, subscriptions: [w, q, f]}
      """
    )
    #expect(result.diagnostics == [])
    let repository = try #require(result.repository)
    guard case .webhook(let webhook)? = repository.target("w")?.settings,
      case .queue(let queue)? = repository.target("q")?.settings,
      case .file(let file)? = repository.target("f")?.settings,
      case .topic(let subscriptions)? = repository.target("t")?.settings
    else {
      Issue.record("a target has the wrong type")
      return
    }
    #expect(webhook.method == "PUT")
    #expect(webhook.headers.map(\.value) == [.text("b"), .secret(.file("/run/token"))])
    #expect(webhook.signingSecret == .environment("KEY"))
    #expect(repository.target("w")?.policy.retryFor == TimeSpan(seconds: 3600))
    #expect(repository.target("w")?.policy.rate == Rate(10, per: TimeSpan(seconds: 60)))
    #expect(queue.name == "Q.fifo")
    #expect(queue.redriveTo == "z")
    #expect(file.maxSize == 10 << 20)
    #expect(subscriptions == ["w", "q", "f"])
  }

  @Test func aFolderWithoutRuleFilesIsSaid() throws {
    try withFolder(["empty/README.md": "x", "full/t.yaml": Self.target]) { root in
      let result = RuleRepository.load([root + "/empty", root + "/full", root + "/full"])
      #expect(result.diagnostics.map { "\($0.position.file) \($0.code.rawValue)" } == ["\(root)/empty SB114"])
      #expect(result.repository != nil)
    }
  }

  @Test func ceilingsOfTheRepositoryHoldForPartsOfIt() throws {
    let files = [
      "_defaults.yaml": "max-stage: draft\n", "repo/signalbox.yaml": "data: x", "repo/_defaults.yaml": "owner: top\n",
      "repo/rules/vendor/_defaults.yaml": "max-stage: notify\n", "repo/rules/vendor/pack/.git": "",
      "repo/rules/vendor/pack/r.yaml": Self.rule + "---\n" + Self.target,
    ]
    try withFolder(files) { root in
      let vendor = "\(root)/repo/rules/vendor"
      for path in ["\(root)/repo", vendor, "\(vendor)/pack", "\(vendor)/pack/r.yaml", "\(vendor)/pack/../pack/"] {
        let result = RuleRepository.load([path])
        #expect(result.diagnostics == [])
        #expect(result.repository?.rules.first?.stage == .notify, "\(path)")
        #expect(result.repository?.rules.first?.owner == "top", "\(path)")
        #expect(!result.files.contains("\(vendor)/_defaults.yaml") || !path.contains("pack"))
      }
    }
  }

  @Test func withoutARepositoryOnlyTheFolderCounts() throws {
    try withFolder(["_defaults.yaml": "max-stage: draft\n", "p/r.yaml": Self.rule + "---\n" + Self.target]) { root in
      #expect(RuleRepository.load([root + "/p"]).repository?.rules.first?.stage == .enforce)
    }
  }

  @Test func scriptsStayInTheRepository() throws {
    let action = "kind: Action\nid: a\ntype: script\nfile: "
    let files = [
      "out.sh": "x", "repo/signalbox.yaml": "data: x", "repo/tools/in.sh": "x",
      "repo/rules/in.yaml": action + "../tools/in.sh\n",
      "repo/rules/out.yaml": action + "../../out.sh\n",
      "repo/rules/link.yaml": action + "link.sh\n",
    ]
    try withFolder(files) { root in
      try FileManager.default.createSymbolicLink(
        atPath: "\(root)/repo/rules/link.sh",
        withDestinationPath: "../../out.sh"
      )
      #expect(RuleRepository.load(["\(root)/repo/rules/in.yaml"]).diagnostics == [])
      for name in ["out", "link"] {
        #expect(RuleRepository.load(["\(root)/repo/rules/\(name).yaml"]).places == ["4:7 SB208"], "\(name)")
      }
    }
  }

  @Test func aFolderIsNoFileToAppendTo() throws {
    try withFolder([:]) { root in
      let file = SourceFile(path: "r.yaml", "kind: Target\nid: a\ntype: file\npath: /\(root)\n")
      #expect(RuleRepository.load([file]).diagnostics == [])
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      #expect(RuleRepository.load([file]).places == ["4:7 SB106"])
    }
  }
}

import Delivery
import EventPatterns
import Foundation
import HTTPTesting
import Messaging
import Outbound
import RuleFiles
import SignalboxTesting
import Storage
import Testing

@testable import Targets

/// Everything that targets of a rule file need, for one test.
private struct House {
  let folder: TemporaryFolder
  let context: TargetContext
  let database: EmbeddedDatabase
  let repository: RuleRepository

  init(_ yaml: String, environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    let file = SourceFile(path: folder.path + "/rules.yaml", bytes: Array(yaml.utf8))
    let result = RuleRepository.load([file])
    let problems = result.diagnostics.filter { $0.severity == .error }.map(\.description)
    #expect(problems == [])
    repository = try #require(result.repository)
    database = try EmbeddedDatabase(directory: folder.path)
    context = TargetContext(
      http: try HTTPClient(),
      processes: try ProcessSupervisor(),
      database: database,
      dataDirectory: folder.path,
      version: "1.2.3",
      environment: environment.merging(["PATH": "/usr/local/bin:/usr/bin:/bin"]) { own, _ in own },
      publish: { bus, request in DeliveryReceipt(summary: "\(bus) has \(request.eventID)") }
    )
    try MessagingSetup.prepare(repository.targets, in: database, now: context.now().milliseconds)
  }

  func target(_ id: String) throws -> any Target {
    try TargetRegistry.target(for: try #require(repository.target(id)), in: context)
  }

  func action(_ id: String) throws -> any Target {
    try TargetRegistry.target(for: try #require(repository.action(id)), in: context)
  }

  func end() async {
    await context.http.shutdown()
    await context.processes.shutdown()
    try? database.close()
  }
}

@Suite struct TargetRegistryTests {
  @Test func everyTypeOfTheLanguageHasAnEntry() {
    #expect(
      TargetRegistry.targetTypes.map(\.name) == [
        "webhook", "queue", "topic", "bus", "file", "stdout", "log-group", "lake", "aws",
      ]
    )
    #expect(TargetRegistry.actionTypes.map(\.name) == ["command", "script"])
    #expect(TargetRegistry.targetTypes.filter { !$0.isAvailable }.map(\.name) == ["log-group", "lake"])
  }

  @Test(arguments: [
    "{kind: Target, id: t, type: log-group, name: x}", "{kind: Target, id: t, type: lake, store: x}",
  ])
  func typesThatAreNotThereYetSaySo(_ yaml: String) async throws {
    let house = try House(yaml)
    let error = #expect(throws: TargetSetupError.self) { try house.target("t") }
    #expect(error?.message.contains("rules.yaml:1:1: target 't'") == true)
    #expect(error?.message.contains("not available yet; there are webhook, queue") == true)
    await house.end()
  }

  @Test func aWebhookIsMadeAsWritten() async throws {
    let keys = try TemporaryFolder()
    defer { withExtendedLifetime(keys) {} }
    let server = try LocalHTTPServer { _ in .status(404) }
    let house = try House(
      """
      kind: Target
      id: hook
      type: webhook
      url: {env: HOOK_URL}
      method: PUT
      headers: {X-Key: {file: KEYFILE}, X-Open: yes-please}
      sign: {hmac: {env: HOOK_SECRET}}
      network: any
      limits: {timeout: 5s}
      retry: {on: [404]}
      """.replacing("KEYFILE", with: try keys.write("key", "from a file\n")),
      environment: ["HOOK_URL": server.origin + "/x", "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    let failure = await failure(of: try house.target("hook"), request())
    #expect(failure?.isRetryable == true)
    let seen = try #require(server.requests.first)
    #expect(seen.method == "PUT")
    #expect(seen.header("x-key") == "from a file")
    #expect(seen.header("x-open") == "yes-please")
    #expect(seen.header("webhook-signature")?.hasPrefix("v1,") == true)
    server.stop()
    await house.end()
  }

  @Test func aCallOfAWSIsMadeAsWritten() async throws {
    let server = try LocalHTTPServer { _ in .status(200) }
    let house = try House(
      """
      kind: Target
      id: stream
      type: aws
      arn: arn:aws:kinesis:us-east-1:111122223333:stream/s
      region: eu-west-1
      endpoint: ORIGIN/base/
      credentials: {access-key-id: {env: ID}, secret-access-key: {env: KEY}, session-token: {env: TOKEN}}
      parameters: {KinesisParameters: {PartitionKey: p}}
      network: any
      """.replacing("ORIGIN", with: server.origin),
      environment: ["ID": "AKIA1", "KEY": "hunter2", "TOKEN": "t"]
    )
    _ = try await house.target("stream").deliver(request())
    let seen = try #require(server.requests.first)
    #expect(seen.target == "/base/")
    #expect(seen.header("authorization")?.contains("Credential=AKIA1/") == true)
    #expect(seen.header("authorization")?.contains("/eu-west-1/kinesis/aws4_request") == true)
    #expect(seen.header("x-amz-security-token") == "t")
    #expect(String(decoding: seen.body, as: UTF8.self).contains(#""PartitionKey":"p""#))
    server.stop()
    await house.end()
  }

  @Test(arguments: [
    """
    {kind: Target, id: t, type: aws, arn: 'arn:aws:sqs:us-east-1:111122223333:q',
      credentials: {access-key-id: {env: NOT_SET}, secret-access-key: {env: NOT_SET}}}
    """,
    "{kind: Target, id: t, type: webhook, url: {env: NOT_SET}}",
    "{kind: Target, id: t, type: webhook, url: {file: /no/such/file}}",
    "{kind: Target, id: t, type: webhook, url: 'https://x.example', sign: {hmac: {env: EMPTY}}}",
    "{kind: Target, id: t, type: webhook, url: 'https://x.example', headers: {a: {file: /dev/null}}}",
  ])
  func missingSecretsAreNamedByReference(_ yaml: String) async throws {
    let house = try House(yaml, environment: ["EMPTY": ""])
    let error = #expect(throws: TargetSetupError.self) { try house.target("t") }
    #expect(error?.message.hasPrefix(house.folder.path + "/rules.yaml:1:1: target 't'") == true)
    await house.end()
  }

  @Test func queuesTopicsFilesAndBusesKeepTheContract() async throws {
    let house = try House(
      """
      {kind: Target, id: findings, type: queue, name: all-findings, redrive-to: lost, max-receive-count: 2}
      ---
      {kind: Target, id: lost, type: queue}
      ---
      {kind: Target, id: fan, type: topic, subscriptions: [findings, audit]}
      ---
      {kind: Target, id: audit, type: file, path: logs/audit.jsonl}
      ---
      {kind: Target, id: other, type: bus, name: second}
      """
    )
    for id in ["findings", "fan", "audit", "other"] {
      let target = try house.target(id)
      try await TargetContract(working: { target }).check()
    }
    let attributes = try house.database.queues.attributes(of: "all-findings")
    #expect(attributes.redrive == QueueAttributes.RedrivePolicy(deadLetterQueue: "lost", maxReceiveCount: 2))
    #expect(try house.folder.read("logs/audit.jsonl").hasPrefix(#"{"text":"the trail was stopped"}"# + "\n"))
    let bus = try await house.target("other").deliver(request())
    #expect(bus.summary == "second has e-1")
    await house.end()
  }

  @Test func aQueueTakesADeliveryOnce() async throws {
    let house = try House("{kind: Target, id: q, type: queue}")
    let target = try house.target("q")
    for attempt in 1...3 { _ = try await target.deliver(request(attempt: attempt)) }
    let now = house.context.now().milliseconds
    let messages = try house.database.queues.receive(from: "q", limit: 10, now: now)
    #expect(messages.map(\.message.body) == [Array(#"{"text":"hello"}"#.utf8)])
    #expect(messages.first?.message.attributes["signalbox.rule"] == "rule-1")
    try house.database.queues.remove("q")
    #expect(await failure(of: target, request(id: "dlv-2"))?.code == .noResource)
    await house.end()
  }

  @Test func aTopicHandsOnToQueuesAndTargets() async throws {
    let house = try House(
      """
      {kind: Target, id: q, type: queue}
      ---
      {kind: Target, id: hook, type: webhook, url: 'https://hooks.example.com/'}
      ---
      {kind: Target, id: fan, type: topic, subscriptions: [q, hook]}
      """
    )
    let receipt = try await house.target("fan").deliver(request())
    #expect(receipt.summary == "published to 2 subscribers")
    #expect(try house.database.queues.counts(of: "q", now: house.context.now().milliseconds).visible == 1)
    #expect(try house.database.outbox.targetsWithWork().map(\.target) == ["hook"])
    await house.end()
  }

  @Test func commandsAndScriptsRunAsWritten() async throws {
    let house = try House(
      """
      kind: Action
      id: show
      type: command
      argv: [env]
      env: {TOKEN: {env: SECRET_TOKEN}}
      idempotent: true
      timeout: 30s
      """,
      environment: ["SECRET_TOKEN": "hunter2hunter2", "AWS_REGION": "eu-central-1", "OTHER_SECRET": "x"]
    )
    let target = try house.action("show")
    let plan = #"{"argv":["env"],"env":{"PLANNED":"1","AWS_REGION":"us-east-1"}}"#
    let receipt = try await target.deliver(request(payload: plan))
    let lines = Set(receipt.output.split(separator: "\n").map(String.init))
    #expect(
      lines.isSuperset(of: ["TOKEN=[secret]", "AWS_REGION=us-east-1", "PLANNED=1", "HOME=/", "SIGNALBOX_EVENT_ID=e-1"])
    )
    #expect(!lines.contains { $0.hasPrefix("OTHER_SECRET") || $0.hasPrefix("SECRET_TOKEN") })
    #expect(lines.filter { $0.hasPrefix("AWS_REGION") }.count == 1)
    try await TargetContract(
      working: { target },
      request: { id in request(id: id, payload: plan) },
      secrets: ["hunter2hunter2"]
    ).check()
    await house.end()
  }

  @Test func webhooksKeepTheContract() async throws {
    let server = try LocalHTTPServer { .status(200, body: Array(($0.header("x-key") ?? "").utf8)) }
    let house = try House(
      """
      {kind: Target, id: up, type: webhook, url: {env: URL}, network: any, headers: {X-Key: {env: KEY}}}
      ---
      {kind: Target, id: down, type: webhook, url: 'http://127.0.0.1:1/', network: any, headers: {X-Key: {env: KEY}}}
      """,
      environment: ["URL": server.origin + "/PATHSECRET", "KEY": "a-secret-key"]
    )
    let (up, down) = (try house.target("up"), try house.target("down"))
    try await TargetContract(working: { up }, unreachable: { down }, secrets: ["a-secret-key", "PATHSECRET"]).check()
    server.stop()
    await house.end()
  }

  @Test func everyActionThatShipsCanBeMade() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let repository = try #require(RuleRepository.load([root + "/Rules/remediation"]).repository)
    #expect(!repository.actions.isEmpty)
    let house = try House("{kind: List, id: nothing, items: [x]}")
    for action in repository.actions {
      #expect(throws: Never.self) { try TargetRegistry.target(for: action, in: house.context) }
      guard case .script(let file, let interpreter) = action.executable else { continue }
      #expect(FileManager.default.fileExists(atPath: file))
      #expect(!interpreter.isEmpty || FileManager.default.isExecutableFile(atPath: file), "\(file)")
    }
    await house.end()
  }

  /// What rule files may ask of queues is exactly what queues can be.
  @Test(arguments: [
    "retention: 59s", "retention: 1m", "retention: 14d", "retention: 1209601s", "visibility-timeout: 0s",
    "visibility-timeout: 12h", "visibility-timeout: 43201s", "redrive-to: z, max-receive-count: 0",
    "redrive-to: z, max-receive-count: 1", "redrive-to: z, max-receive-count: 1000",
    "redrive-to: z, max-receive-count: 1001", "name: A-z_0.9", "name: a b", "name: a/b", "name: ä", "name: ''",
    "name: \(String(repeating: "n", count: 80))", "name: \(String(repeating: "n", count: 81))",
  ])
  func theLimitsOfQueuesAreTheSameWhereverTheyStand(_ setting: String) throws {
    let yaml = "{kind: Target, id: q, type: queue, \(setting)}\n---\n{kind: Target, id: z, type: queue}"
    let result = RuleRepository.load([SourceFile(path: "r.yaml", yaml)])
    let folder = try TemporaryFolder()
    let database = try EmbeddedDatabase(directory: folder.path)
    defer { try? database.close() }
    func text(_ key: String) -> String? {
      setting.split(separator: ", ").first { $0.hasPrefix("\(key): ") }.map { String($0.dropFirst(key.utf8.count + 2)) }
    }
    func milliseconds(_ key: String, _ standard: Int64) throws -> Int64 {
      try text(key).map { try TimeSpan(parsing: $0).seconds * 1000 } ?? standard
    }
    var attributes = QueueAttributes()
    attributes.retention = try milliseconds("retention", attributes.retention)
    attributes.visibilityTimeout = try milliseconds("visibility-timeout", attributes.visibilityTimeout)
    if let count = text("max-receive-count").flatMap({ Int($0) }) {
      attributes.redrive = QueueAttributes.RedrivePolicy(deadLetterQueue: "z", maxReceiveCount: count)
    }
    let name = text("name").map { $0 == "''" ? "" : $0 } ?? "q"
    let isPossible = (try? database.queues.create(name, attributes: attributes, now: 0)) != nil
    #expect((result.repository != nil) == isPossible, "\(result.diagnostics)")
  }

  @Test func queuesAndTopicsInsideOfRulesCanBeMade() async throws {
    let house = try House(
      """
      kind: Rule
      id: r
      when: {source: [a]}
      then: [{send: {type: queue}}, {send: {type: topic, subscriptions: [out]}}]
      ---
      {kind: Target, id: out, type: stdout}
      """
    )
    #expect(try house.database.queues.list(now: 0).map(\.name) == ["r.send-1"])
    await house.end()
  }

  @Test func noTargetWritesIntoTheEnginesFiles() async throws {
    let house = try House("{kind: List, id: nothing, items: [x]}")
    let data = house.folder.path
    let manager = FileManager.default
    try manager.createDirectory(atPath: data + "/logs", withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: data + "/link", withDestinationPath: "signalbox.db")
    try manager.createSymbolicLink(atPath: data + "/dangling", withDestinationPath: "logs/../signalbox.later")
    try manager.createSymbolicLink(atPath: data + "/home", withDestinationPath: data)
    try manager.createSymbolicLink(atPath: data + "/circle", withDestinationPath: "circle")
    try manager.linkItem(atPath: data + "/signalbox.db", toPath: data + "/hard")
    func error(_ path: String) -> String? {
      let file = SourceFile(path: "r.yaml", "{kind: Target, id: t, type: file, path: '\(path)'}")
      guard let target = RuleRepository.load([file]).repository?.target("t") else { return "refused by validate" }
      do throws(TargetSetupError) {
        _ = try TargetRegistry.target(for: target, in: house.context)
        return nil
      } catch {
        return error.message
      }
    }
    for path in [
      "link", "dangling", "hard", "home/signalbox.db-wal", "\(data)/signalbox.db", "\(data)/signalbox.lock",
      "\(data)/logs/../signalbox.db-shm", "\(data)/./signalbox.new/file",
    ] {
      #expect(error(path)?.hasPrefix("r.yaml:1:1: target 't': ") == true, "\(path)")
      #expect(error(path)?.contains("a file of the engine's own") == true, "\(path)")
    }
    #expect(!house.folder.exists("signalbox.new"))
    #expect(error("signalbox.db") == "refused by validate")
    #expect(error("logs")?.hasSuffix("is a folder; name a file in it") == true)
    for path in ["circle", "logs/signalbox.db", "signalbox", "\(data)/other"] { #expect(error(path) == nil, "\(path)") }
    await house.end()
  }
}

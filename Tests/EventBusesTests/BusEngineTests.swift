import Delivery
import EventPatterns
import Foundation
import GRDB
import Messaging
import SignalboxTesting
import Storage
import Testing
import TrailEvents

@testable import EventBuses

@Suite("The engine of buses")
struct BusEngineTests {
  let fixture: BusFixture

  init() throws { fixture = try BusFixture() }

  @Test func `An event that a rule matches is in the rule's queue when PutEvents returns`() async throws {
    let queue = try await fixture.queue("q")
    try await fixture.rule(
      "r",
      #"{"source":["app"],"detail":{"k":["yes"]}}"#,
      [RuleTarget(id: "t", arn: queue.arn.description)]
    )
    _ = try await fixture.put(#"{"k":"no"}"#)
    let result = try await fixture.put(#"{"k": "yes"}"#)
    let bodies = try await fixture.bodies(queue)
    #expect(bodies.count == 1)
    let event = try JSONValue(parsing: try #require(bodies.first))
    #expect(result == .accepted(id: event["id"]?.string ?? ""))
    #expect(event["version"] == .string("0"))
    #expect(event["detail-type"] == .string("D"))
    #expect(event["source"] == .string("app"))
    #expect(event["account"] == .string("111122223333"))
    #expect(event["region"] == .string("us-east-1"))
    #expect(event["resources"] == .array([]))
    #expect(event["detail"] == .members(["k": .string("yes")]))
    #expect(fixture.engine.counts.events == 2)
  }

  @Test func `A rule that is switched off gets nothing`() async throws {
    let queue = try await fixture.queue("q")
    try await fixture.rule("r", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    let bus = BusReference(scope: BusFixture.scope)
    try await fixture.engine.change { catalog throws(BusError) in
      try catalog.setState(.disabled, of: "r", on: bus, now: 0)
    }
    _ = try await fixture.put()
    #expect(try await fixture.bodies(queue).isEmpty)
    try await fixture.engine.change { catalog throws(BusError) in
      try catalog.setState(.enabled, of: "r", on: bus, now: 0)
    }
    _ = try await fixture.put()
    #expect(try await fixture.bodies(queue).count == 1)
  }

  @Test(arguments: [
    (
      EventEntry(source: nil, detailType: "D", detail: "{}"), "InvalidArgument",
      "Parameter Source is not valid. Reason: Source is a required argument."
    ),
    (
      EventEntry(source: "a", detailType: "", detail: "{}"), "InvalidArgument",
      "Parameter DetailType is not valid. Reason: DetailType is a required argument."
    ),
    (
      EventEntry(source: "a", detailType: "D", detail: nil), "InvalidArgument",
      "Parameter Detail is not valid. Reason: Detail is a required argument."
    ),
    (EventEntry(source: "a", detailType: "D", detail: "[1]"), "MalformedDetail", "Detail is malformed."),
    (EventEntry(source: "a", detailType: "D", detail: "{} {"), "MalformedDetail", "Detail is malformed."),
    (
      EventEntry(source: "aws.s3", detailType: "D", detail: "{}"), "NotAuthorizedForSourceException",
      "Not authorized for the source."
    ),
  ])
  func `Entries are refused one by one`(entry: EventEntry, code: String, message: String) async throws {
    let good = EventEntry(source: "a", detailType: "D", detail: #"{"a": [1, {"b": null}]}"#)
    let results = try await fixture.engine.putEvents([good, entry, good], from: BusFixture.scope)
    #expect(results[1] == .refused(BusError(code, message)))
    for result in [results[0], results[2]] {
      guard case .accepted = result else {
        Issue.record("a good entry was refused")
        return
      }
    }
    #expect(fixture.engine.counts.events == 2)
  }

  @Test func `A request over the limit is refused as a whole, and an unknown bus loses the event`() async throws {
    let big = EventEntry(source: "a", detailType: "D", detail: "{\"x\":\"\(String(repeating: "y", count: 1 << 20))\"}")
    await #expect(throws: BusError.validation("Total size of the entries in the request is over the limit.")) {
      try await fixture.engine.putEvents([big], from: BusFixture.scope)
    }
    guard case .accepted = try await fixture.put(bus: "nowhere") else {
      Issue.record("it has an id all the same")
      return
    }
    #expect(fixture.engine.counts.events == 0)
  }

  @Test func `What a queue does not take is a dead letter with EventBridge's attributes`() async throws {
    let closed = try await fixture.queue("closed", isOpen: false)
    let letters = try await fixture.queue("letters")
    let missing = "arn:aws:sqs:us-east-1:111122223333:missing"
    let rule = try await fixture.rule(
      "r",
      #"{"source":["app"]}"#,
      [
        RuleTarget(id: "a", arn: missing, deadLetterARN: letters.arn.description),
        RuleTarget(id: "b", arn: closed.arn.description, deadLetterARN: letters.arn.description),
        RuleTarget(id: "c", arn: missing),
      ]
    )
    _ = try await fixture.put(#"{"z":1}"#)
    let found = try await fixture.messages(letters)
    #expect(Set(found.compactMap { $0.message.attributes["ERROR_CODE"] }) == ["NO_RESOURCE", "NO_PERMISSIONS"])
    #expect(Set(found.compactMap { $0.message.attributes["RULE_ARN"] }) == [rule])
    #expect(Set(found.compactMap { $0.message.attributes["TARGET_ARN"] }) == [missing, closed.arn.description])
    for letter in found {
      let event = try JSONValue(parsing: letter.message.body)
      #expect(event["detail"] == .members(["z": .number("1")]))
    }
    let lost = try fixture.database.ledger.list(LedgerQuery()).filter { $0.decision.stepID == "c" }
    #expect(lost.map(\.decision.state) == [.failed])
    #expect(lost.first?.decision.reason.hasPrefix("NO_RESOURCE") == true)
  }

  @Test func `A topic's subscribers have the event when PutEvents returns, and what no topic takes is a dead letter`()
    async throws
  {
    let anyone = #"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#
    let owner = MessagingCaller.account(BusFixture.scope.account)
    let queue = try await fixture.queues.create("subscribed", in: BusFixture.scope, attributes: ["Policy": anyone])
    let letters = try await fixture.queue("letters")
    let open = #"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"*"}]}"#
    let topic = try await fixture.topics.create("news", in: BusFixture.scope, attributes: ["Policy": open])
    _ = try await fixture.topics.subscribe(
      to: topic,
      protocol: "sqs",
      endpoint: queue.arn.description,
      attributes: ["RawMessageDelivery": "true"],
      as: owner
    )
    let missing = TopicAddress("gone", in: BusFixture.scope).arn.description
    let news = RuleTarget(id: "news", arn: topic.arn.description, inputPath: "$.detail")
    try await fixture.rule(
      "r",
      #"{"source":["app"]}"#,
      [news, RuleTarget(id: "gone", arn: missing, deadLetterARN: letters.arn.description)]
    )
    _ = try await fixture.put(#"{"n":1}"#)
    #expect(try await fixture.bodies(queue) == [#"{"n":1}"#])
    let letter = try #require(try await fixture.messages(letters).first?.message)
    #expect(letter.attributes["ERROR_CODE"] == "NO_RESOURCE")
    #expect(letter.attributes["TARGET_ARN"] == missing)
    let states = try fixture.database.ledger.list(LedgerQuery()).map(\.decision.state)
    #expect(Set(states) == [.delivered, .deadLettered])
  }

  @Test func `Buses hand events on, as far as the policy of the other account says`() async throws {
    let queue = try await fixture.queue("q")
    let bus = BusReference(scope: BusFixture.other, name: "theirs")
    try await fixture.engine.change { catalog throws(BusError) in
      _ = try catalog.createBus(EventBus(name: "theirs"), in: BusFixture.other)
    }
    try await fixture.rule("on", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: bus.arn)])
    try await fixture.rule("in", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)], on: bus)
    _ = try await fixture.put()
    #expect(try await fixture.bodies(queue).isEmpty)
    try await fixture.engine.change { catalog throws(BusError) in
      try catalog.putPermission(
        PermissionSettings(statementID: "s", action: "events:PutEvents", principal: "111122223333"),
        on: bus,
        now: 0
      )
    }
    let sent = try await fixture.put(#"{"h":1}"#)
    let event = try JSONValue(parsing: try #require(try await fixture.bodies(queue).first))
    #expect(sent == .accepted(id: event["id"]?.string ?? ""))
    #expect(event["account"] == .string("111122223333"))
  }

  @Test func `Two buses that send to each other come to rest`() async throws {
    let queue = try await fixture.queue("q")
    let (first, second) = (
      BusReference(scope: BusFixture.scope), BusReference(scope: BusFixture.scope, name: "second")
    )
    try await fixture.engine.change { catalog throws(BusError) in
      _ = try catalog.createBus(EventBus(name: "second"), in: BusFixture.scope)
    }
    try await fixture.rule("there", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: second.arn)], on: first)
    try await fixture.rule(
      "back",
      #"{"source":["app"]}"#,
      [RuleTarget(id: "t", arn: first.arn), RuleTarget(id: "q", arn: queue.arn.description)],
      on: second
    )
    _ = try await fixture.put()
    #expect(try await fixture.bodies(queue).count == 1)
  }

  @Test func `Everything is there after a restart`() async throws {
    let queue = try await fixture.queue("q")
    try await fixture.rule("r", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    let again = try BusFixture.open(fixture.database, fixture.queues, fixture.http, fixture.clock)
    let rule = try again.catalog.rule("r", on: BusReference(scope: BusFixture.scope))
    #expect(rule.targets.map(\.id) == ["t"])
    _ = try await again.putEvents(
      [EventEntry(source: "app", detailType: "D", detail: "{}")],
      from: BusFixture.scope
    )
    #expect(try await fixture.bodies(queue).count == 1)
  }

  @Test func `An archive keeps what matches, and a replay sends it again, once`() async throws {
    let queue = try await fixture.queue("q")
    let bus = BusReference(scope: BusFixture.scope)
    let now = fixture.clock.now.milliseconds
    let archive = fixture.engine.newArchive(
      "a",
      of: bus.arn,
      description: nil,
      pattern: #"{"detail":{"keep":[true]}}"#,
      retentionDays: 0,
      kmsKey: nil,
      now: now
    )
    try await fixture.engine.change { catalog throws(BusError) in
      try catalog.createArchive(archive, in: BusFixture.scope)
    }
    try await fixture.rule("r", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    try await fixture.rule("s", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    _ = try await fixture.put(#"{"keep":true}"#)
    _ = try await fixture.put(#"{"keep":false}"#)
    #expect(try await fixture.bodies(queue).count == 4)
    #expect(try await fixture.engine.size(of: archive).events == 1)

    let replay = Replay(
      name: "again",
      description: nil,
      archiveARN: Archive.arn("a", in: BusFixture.scope),
      from: now - 60_000,
      until: now + 60_000,
      destinationARN: bus.arn,
      filterARNs: [BusRule.arn("s", on: bus)],
      startedAt: now
    )
    try await fixture.engine.change { catalog throws(BusError) in
      try catalog.startReplay(replay, in: BusFixture.scope)
    }
    await fixture.engine.runReplays()
    let bodies = try await fixture.bodies(queue)
    #expect(bodies.count == 1)
    let event = try JSONValue(parsing: try #require(bodies.first))
    #expect(event["replay-name"] == .string("again"))
    guard case .object(let object) = event else { return }
    #expect(object.members.map(\.name).suffix(3) == ["replay-name", "resources", "detail"])
    #expect(try fixture.engine.catalog.replay("again", in: BusFixture.scope).state == .completed)
    #expect(try await fixture.engine.size(of: archive).events == 1)
  }

  @Test func `Events of an archive that is gone go, those of others stay`() async throws {
    let now = fixture.clock.now.milliseconds
    let bus = BusReference(scope: BusFixture.scope).arn
    for name in ["kept", "gone"] {
      let archive = fixture.engine.newArchive(
        name,
        of: bus,
        description: nil,
        pattern: nil,
        retentionDays: 0,
        kmsKey: nil,
        now: now
      )
      try await fixture.engine.change { catalog throws(BusError) in
        try catalog.createArchive(archive, in: BusFixture.scope)
      }
    }
    _ = try await fixture.put()
    // A crash comes between the end of the archive and that of its events.
    try await fixture.engine.change { catalog throws(BusError) in
      _ = try catalog.deleteArchive("gone", in: BusFixture.scope)
    }
    let catalog = fixture.engine.catalog
    try await ArchivedEvents.removeOrphans(in: fixture.database) { id in
      catalog[BusFixture.scope].archives.values.contains { $0.storageID == id }
    }
    let left = try await fixture.database.fetch { db in
      try String.fetchAll(db, sql: "SELECT archive FROM archived_events")
    }
    #expect(left == catalog[BusFixture.scope].archives.values.map(\.storageID))
    #expect(left.count == 1)
  }

  @Test func `An event that comes again decides nothing new, whatever the rules say by then`() async throws {
    let queue = try await fixture.queue("q")
    let bus = BusReference(scope: BusFixture.scope)
    let event = TrailEvent(
      id: "e1",
      detailType: "D",
      source: "app",
      scope: BusFixture.scope,
      time: 0,
      detail: Array("{}".utf8)
    )
    let first = try await fixture.engine.accept([(BusEvent(event), bus)])
    try await fixture.rule("late", #"{"source":["app"]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    let second = try await fixture.engine.accept([(BusEvent(event), bus)])
    #expect(first.events == 1)
    #expect(second.events == 0)
    #expect(try await fixture.bodies(queue).isEmpty)
    // Handed on from another bus, it is the rules of this one that count.
    #expect(try await fixture.engine.publish(BusEvent(event), on: bus) == 1)
    #expect(try await fixture.engine.publish(BusEvent(event), on: bus) == 0)
    #expect(try await fixture.bodies(queue).count == 1)
  }
}

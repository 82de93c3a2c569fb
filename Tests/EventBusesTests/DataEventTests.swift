import Decisions
import Delivery
import Messaging
import RuleFiles
import Storage
import Testing
import TrailEvents

@testable import EventBuses

@Suite("Records of calls on buses")
struct DataEventTests {
  let fixture: BusFixture
  let bus = BusReference(scope: BusFixture.scope)

  init() throws { fixture = try BusFixture() }

  static func call(_ name: String, id: String = "e1") -> TrailEvent {
    TrailEvent(
      id: id,
      detailType: "AWS API Call via CloudTrail",
      source: "aws.sqs",
      scope: BusFixture.scope,
      time: 0,
      detail: Array(#"{"eventName":"\#(name)"}"#.utf8)
    )
  }

  @Test func `A call that moves data is in the journal and on no bus, unless a trail logs it`() async throws {
    let queue = try await fixture.queue("all")
    try await fixture.rule("all", #"{"source":[{"prefix":""}]}"#, [RuleTarget(id: "t", arn: queue.arn.description)])
    try await fixture.engine.accept([(BusEvent(Self.call("ReceiveMessage"), isUnloggedDataEvent: true), bus)])
    #expect(try await fixture.bodies(queue).isEmpty)
    #expect(fixture.engine.counts.events == 1)
    try await fixture.engine.accept([(BusEvent(Self.call("ReceiveMessage", id: "e2")), bus)])
    #expect(try await fixture.bodies(queue).count == 1)
  }

  @Test func `Rules of files see it, but for steps that it would come back from`() async throws {
    let yaml = """
      kind: Rule
      id: all
      when: {source: [aws.sqs]}
      then: [{id: tell, send: out}, {id: keep, send: kept}, {id: on, send: next}, {id: shout, send: loud}]
      ---
      kind: Target
      id: out
      type: stdout
      ---
      kind: Target
      id: kept
      type: queue
      ---
      kind: Target
      id: next
      type: bus
      name: other
      ---
      kind: Target
      id: loud
      type: topic
      subscriptions: [out]
      """
    let loaded = RuleRepository.load([SourceFile(path: "rules.yaml", yaml)])
    let rules = try RuleSet(try #require(loaded.repository, "\(loaded.diagnostics)"))
    fixture.engine.install(FileRules(rules: rules, routes: RouteTable()))
    try await fixture.engine.accept([(BusEvent(Self.call("ReceiveMessage"), isUnloggedDataEvent: true), bus)])
    let records = try fixture.database.ledger.list(LedgerQuery()).map(\.decision)
    let states = Dictionary(uniqueKeysWithValues: records.map { ($0.stepID, $0.state) })
    #expect(states == ["tell": .pending, "keep": .suppressed, "on": .suppressed, "shout": .suppressed])
    #expect(records.filter { $0.state == .suppressed }.allSatisfy { $0.reason.contains("data-events") })
  }

  /// EventBridge User Guide, "Receiving read-only management events from AWS services".
  @Test(arguments: [
    ("GetRole", true), ("ListUsers", true), ("DescribeRule", true), ("AssumeRole", false), ("TestEventPattern", false),
    ("GetSessionToken", false), ("GetFederationToken", false), ("SimulatePrincipalPolicy", false), ("getRole", false),
  ])
  func `Calls that read are told by their names`(name: String, isRead: Bool) {
    #expect(BusEvent.isRead(name) == isRead)
    let detail = #"{"eventName":"\#(name)","readOnly":true,"managementEvent":true}"#
    let event = TrailEvent(
      id: "e",
      detailType: "AWS API Call via CloudTrail",
      source: "aws.iam",
      scope: BusFixture.scope,
      time: 0,
      detail: Array(detail.utf8)
    )
    #expect(BusEvent(ofSource: event).isReadOnlyManagementEvent == isRead)
  }
}

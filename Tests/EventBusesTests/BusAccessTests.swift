import Testing
import TrailEvents

@testable import EventBuses

@Suite("Who may do what with a bus")
struct BusAccessTests {
  static let scope = BusFixture.scope
  static let theirs = BusFixture.other.account
  static let bus = BusReference(scope: scope, name: "b")

  var catalog: Catalog

  init() throws {
    catalog = Catalog()
    _ = try catalog.createBus(EventBus(name: "b"), in: Self.scope)
    let settings = RuleSettings(pattern: #"{"source":["a"]}"#)
    try catalog.putRule("r", settings, on: Self.bus, by: Self.theirs, now: 0)
    try catalog.putRule("mine", settings, on: Self.bus, by: Self.scope.account, now: 0)
  }

  mutating func set(_ statements: String) throws {
    try catalog.putPolicy(#"{"Version":"2012-10-17","Statement":[\#(statements)]}"#, on: Self.bus, now: 0)
  }

  func isOpen(
    _ action: String,
    to account: String = theirs,
    rule: String? = nil,
    pattern: String? = nil,
    _ conditions: [String: [String]] = [:]
  ) -> Bool {
    do {
      try catalog.authorize(
        .account(account),
        action,
        on: Self.bus,
        rule: rule,
        pattern: pattern,
        conditions: conditions,
        now: 0
      )
      return true
    } catch {
      #expect(error.code == "AccessDeniedException")
      #expect(error.message.hasPrefix("User: arn:aws:iam::\(account):root is not authorized to perform: \(action) on"))
      return false
    }
  }

  @Test mutating func `Others may what the policy allows, the owner what it does not deny`() throws {
    for action in ["events:PutEvents", "events:DescribeEventBus", "events:PutRule"] {
      #expect(!isOpen(action) && isOpen(action, to: Self.scope.account))
    }
    try set(#"{"Effect":"Allow","Principal":{"AWS":"\#(Self.theirs)"},"Action":"events:*","Resource":"*"}"#)
    #expect(isOpen("events:DescribeEventBus") && !isOpen("events:DescribeEventBus", to: "777788889999"))
    try set(
      #"{"Effect":"Allow","Principal":"*","Action":"events:*"},"#
        + #"{"Effect":"Deny","Principal":"*","Action":"events:PutEvents"}"#
    )
    #expect(isOpen("events:PutRule") && !isOpen("events:PutEvents"))
    #expect(!isOpen("events:PutEvents", to: Self.scope.account))
  }

  @Test mutating func `Rules are those of who made them, if the policy says so`() throws {
    try set(
      #"{"Effect":"Allow","Principal":{"AWS":"\#(Self.theirs)"},"Action":["events:PutRule","events:DeleteRule"],"#
        + #""Resource":"arn:aws:events:us-east-1:111122223333:rule/b/*","#
        + #""Condition":{"StringEqualsIfExists":{"events:creatorAccount":"${aws:PrincipalAccount}"}}}"#
    )
    #expect(isOpen("events:DeleteRule", rule: "r"))
    #expect(!isOpen("events:DeleteRule", rule: "mine"))
    #expect(isOpen("events:PutRule", rule: "new"))
    #expect(!isOpen("events:PutTargets", rule: "r"))
  }

  @Test mutating func `Sources and detail types are known to conditions`() throws {
    try set(
      #"{"Effect":"Allow","Principal":"*","Action":"events:*","Condition":{"StringEquals":{"events:source":"shop"},"#
        + #""ForAllValues:StringLike":{"events:detail-type":"Order*"}}}"#
    )
    #expect(isOpen("events:PutEvents", ["events:source": ["shop"], "events:detail-type": ["OrderPlaced"]]))
    #expect(!isOpen("events:PutEvents", ["events:source": ["other"], "events:detail-type": ["OrderPlaced"]]))
    #expect(!isOpen("events:PutEvents", ["events:source": ["shop"], "events:detail-type": ["Refund"]]))
    #expect(isOpen("events:PutRule", rule: "new", pattern: #"{"source":["shop"]}"#))
    #expect(!isOpen("events:PutRule", rule: "new", pattern: #"{"source":["shop"],"detail-type":[{"prefix":"Order"}]}"#))
    #expect(!isOpen("events:PutRule", rule: "new", pattern: #"{"detail-type":["OrderPlaced"]}"#))
  }

  @Test(arguments: [
    #"{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringSounds":{"a":"b"}}}"#,
    #"{"Effect":"Allow","Action":"*"}"#, "",
  ])
  mutating func `A policy that cannot do what it says is refused`(statements: String) {
    let error = #expect(throws: BusError.self) { try set(statements) }
    #expect(error?.code == "ValidationException")
  }
}

import Testing
import TrailEvents

@Suite("Resource policies")
struct ResourcePolicyTests {
  static let queue = "arn:aws:sqs:us-east-1:111122223333:orders"

  static func policy(_ statements: String) throws -> ResourcePolicy {
    try ResourcePolicy(parsing: #"{"Version":"2012-10-17","Statement":[\#(statements)]}"#)
  }

  static let allowEvents = """
    {"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","sns.amazonaws.com"]},"Action":"sqs:SendMessage",
     "Resource":"arn:aws:sqs:us-east-1:111122223333:orders",
     "Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:111122223333:rule/*"}}}
    """

  @Test(arguments: [
    ("arn:aws:events:us-east-1:111122223333:rule/r", ResourcePolicy.Decision.allowed),
    ("arn:aws:events:us-east-1:444455556666:rule/r", .silent),
  ])
  func `A service gets in from where the condition says`(source: String, decision: ResourcePolicy.Decision) throws {
    let request = PolicyRequest(
      principal: .service("events.amazonaws.com"),
      action: "sqs:SendMessage",
      resource: Self.queue,
      conditions: ["aws:sourcearn": [source]]
    )
    #expect(try Self.policy(Self.allowEvents).decision(request) == decision)
  }

  @Test(arguments: [
    (#""*""#, "444455556666", ResourcePolicy.Decision.allowed),
    (#"{"AWS":"*"}"#, "444455556666", .allowed),
    (#"{"AWS":"444455556666"}"#, "444455556666", .allowed),
    (#"{"AWS":["arn:aws:iam::444455556666:root"]}"#, "444455556666", .allowed),
    (#"{"AWS":["arn:aws:iam::444455556666:root"]}"#, "777788889999", .silent),
    (#"{"Service":"events.amazonaws.com"}"#, "444455556666", .silent),
  ])
  func `Principals are accounts, ARNs and everybody`(
    principal: String,
    account: String,
    decision: ResourcePolicy.Decision
  ) throws {
    let policy = try Self.policy(
      #"{"Effect":"Allow","Principal":\#(principal),"Action":["sqs:*"],"Resource":"\#(Self.queue)"}"#
    )
    let request = PolicyRequest(principal: .account(account), action: "sqs:SendMessage", resource: Self.queue)
    #expect(policy.decision(request) == decision)
  }

  @Test func `A Deny wins, and one that is not understood denies`() throws {
    let allow = #"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#
    let deny = #"{"Effect":"Deny","Principal":"*","Action":"sqs:Send?essage","Resource":"*"}"#
    let strange = """
      {"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"MoonPhase":{"aws:moon":"full"}}}
      """
    let request = PolicyRequest(principal: .account("1"), action: "SQS:SendMessage", resource: Self.queue)
    #expect(try Self.policy(allow).decision(request) == .allowed)
    #expect(try Self.policy("\(allow),\(deny)").decision(request) == .denied)
    #expect(try Self.policy("\(allow),\(strange)").decision(request) == .denied)
  }

  @Test(
    arguments: [
      (#"{"StringEquals":{"k":["a","b"]}}"#, ["b"], true),
      (#"{"StringEquals":{"k":"a"}}"#, [], false),
      (#"{"StringEqualsIfExists":{"k":"a"}}"#, [], true),
      (#"{"StringNotEquals":{"k":"a"}}"#, ["b"], true),
      (#"{"StringNotEquals":{"k":"a"}}"#, ["a"], false),
      (#"{"StringLike":{"k":"a*c"}}"#, ["abc"], true),
      (#"{"Bool":{"k":true}}"#, ["true"], true),
      (#"{"Null":{"k":"true"}}"#, [], true),
      (#"{"IpAddress":{"k":"10.0.0.0/8"}}"#, ["10.9.8.7"], true),
      (#"{"NotIpAddress":{"k":"10.0.0.0/8"}}"#, ["11.9.8.7"], true),
      (#"{"NumericLessThan":{"k":"5"}}"#, ["4"], true),
      (#"{"ForAllValues:StringEquals":{"k":["a","b"]}}"#, ["a", "c"], false),
      (#"{"MoonPhase":{"k":"full"}}"#, ["full"], false),
    ] as [(String, [String], Bool)]
  )
  func `Conditions`(condition: String, found: [String], holds: Bool) throws {
    let policy = try Self.policy(
      #"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":\#(condition)}"#
    )
    let request = PolicyRequest(
      principal: .account("1"),
      action: "a:b",
      resource: "r",
      conditions: found.isEmpty ? [:] : ["k": found]
    )
    #expect((policy.decision(request) == .allowed) == holds)
  }

  @Test(arguments: ["", "[]", "{}", #"{"Statement":[{"Effect":"Maybe","Action":"*"}]}"#, #"{"Statement":["x"]}"#])
  func `What is no policy is refused`(text: String) {
    #expect(throws: ResourcePolicy.Malformed.self) { try ResourcePolicy(parsing: text) }
  }
}

@Suite("ARNs")
struct ARNTests {
  @Test(arguments: [
    ("arn:aws:sqs:us-east-1:111122223333:orders", "orders", "orders"),
    ("arn:aws:events:us-east-1:111122223333:rule/bus/name", "rule", "bus/name"),
    ("arn:aws:lambda:us-east-1:111122223333:function:f:1", "function", "f:1"),
  ])
  func `Its parts are found and written again`(text: String, type: String, name: String) throws {
    let arn = try #require(ARN(text))
    #expect(arn.type == type)
    #expect(arn.name == name)
    #expect(arn.scope == Scope(account: "111122223333", region: "us-east-1"))
    #expect(arn.description == text)
  }

  @Test(arguments: ["", "arn:aws:sqs", "urn:aws:sqs:a:b:c", "arn:aws:sqs:a:b:"])
  func `What is none is refused`(text: String) { #expect(ARN(text) == nil) }
}

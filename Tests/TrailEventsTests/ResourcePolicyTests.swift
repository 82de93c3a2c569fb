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

  /// What is known of the request that the following policies are asked about.
  private static let known: [String: [String]] = [
    "aws:SourceIp": ["203.0.113.7"], "aws:SecureTransport": ["false"], "aws:username": ["alice"],
    "aws:PrincipalAccount": ["444455556666"], "aws:PrincipalArn": ["arn:aws:iam::444455556666:role/app/worker"],
    "aws:SourceArn": ["arn:aws:sns:us-east-1:444455556666:a:b"], "sns:Protocol": ["https"],
    "aws:UserAgent": ["aws-cli/2"], "keys": ["a", "b"],
  ]

  @Test(
    arguments: [
      // 2026-01-01T00:00:00Z is now.
      (#"{"DateGreaterThan":{"aws:CurrentTime":"2025-12-31T23:59:59Z"}}"#, true),
      (#"{"DateLessThan":{"aws:CurrentTime":"2026-01-01T01:00:00+02:00"}}"#, false),
      (#"{"DateLessThanEquals":{"aws:EpochTime":"1767225600"}}"#, true),
      (#"{"NumericGreaterThan":{"aws:EpochTime":1767225600}}"#, false),
      (#"{"DateEquals":{"aws:CurrentTime":"2026-01-01"}}"#, true),
      (#"{"DateNotEquals":{"aws:CurrentTime":"2026-01-01"}}"#, false),
      (#"{"Bool":{"aws:SecureTransport":"false"}}"#, true),
      (#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
      (#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#, true),
      (#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#, true),
      (#"{"StringEquals":{"AWS:PRINCIPALACCOUNT":["111122223333","444455556666"]}}"#, true),
      (#"{"StringNotEqualsIgnoreCase":{"sns:protocol":"HTTPS"}}"#, false),
      (#"{"StringNotLike":{"aws:UserAgent":"aws-cli/*"}}"#, false),
      (#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/*"}}"#, true),
      (#"{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*"}}"#, true),
      // A star does not reach into the next part: the account is not in the name.
      (#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:a:b"}}"#, false),
      (#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:a:*"}}"#, true),
      (#"{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}"#, true),
      (#"{"IpAddress":{"aws:SourceIp":["2001:db8::/32","203.0.113.0/29"]}}"#, true),
      (#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, false),
      (#"{"Null":{"aws:TokenIssueTime":"true"}}"#, true),
      (#"{"Null":{"aws:username":"true"}}"#, false),
      (#"{"ForAllValues:StringEquals":{"keys":["a","b","c"]}}"#, true),
      (#"{"ForAllValues:StringEquals":{"none":["a"]}}"#, true),
      (#"{"ForAnyValue:StringEquals":{"keys":"b"}}"#, true),
      (#"{"ForAnyValue:StringNotEquals":{"keys":["a","b"]}}"#, false),
      (#"{"ForAnyValue:StringNotEquals":{"keys":"a"}}"#, true),
      (#"{"ForAnyValue:StringNotEquals":{"none":"a"}}"#, false),
      (#"{"ForAllValues:StringLikeIfExists":{"keys":"?"}}"#, true),
      (#"{"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}}"#, true),
      (#"{"StringLike":{"aws:username":"${aws:PrincipalOrgID}*"}}"#, false),
      (#"{"StringLike":{"aws:username":"a${aws:PrincipalOrgID, 'lic'}?"}}"#, true),
      (#"{"StringLike":{"aws:username":"${*}lice"}}"#, false),
    ] as [(String, Bool)]
  )
  func `Conditions on what is known of a request`(condition: String, holds: Bool) throws {
    let policy = try ResourcePolicy(
      checking: #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","#
        + #""Condition":\#(condition)}}"#
    )
    let request = PolicyRequest(
      principal: .account("444455556666"),
      action: "sqs:SendMessage",
      resource: Self.queue,
      conditions: Self.known,
      now: 1_767_225_600_000
    )
    #expect((policy.decision(request) == .allowed) == holds)
  }

  @Test(arguments: [
    (#""NotPrincipal":{"AWS":"444455556666"},"Action":"*""#, ResourcePolicy.Decision.silent),
    (#""NotPrincipal":{"AWS":"arn:aws:iam::777788889999:root"},"Action":"*""#, .allowed),
    (#""Principal":"*","NotAction":"sqs:Send*""#, .silent),
    (#""Principal":"*","NotAction":["sns:*"]"#, .allowed),
    (#""Principal":"*","Action":"*","NotResource":"*:orders""#, .silent),
    (#""Principal":"*","Action":"*","NotResource":"*:others""#, .allowed),
    (#""Principal":{"AWS":"arn:aws:iam::444455556666:role/worker"},"Action":"*""#, .allowed),
    (#""Principal":{"AWS":"arn:aws:sts::444455556666:assumed-role/worker/one"},"Action":"*""#, .allowed),
    (#""Principal":{"AWS":"arn:aws:iam::444455556666:role/*"},"Action":"*""#, .silent),
  ])
  func `Statements say whom, what and where they are about, or not`(
    statement: String,
    decision: ResourcePolicy.Decision
  ) throws {
    let (session, role) = (
      "arn:aws:sts::444455556666:assumed-role/worker/one", "arn:aws:iam::444455556666:role/worker"
    )
    let request = PolicyRequest(
      principal: PolicyRequest.Principal(account: "444455556666", arns: [session, role]),
      action: "sqs:SendMessage",
      resource: Self.queue
    )
    #expect(try Self.policy(#"{"Effect":"Allow",\#(statement)}"#).decision(request) == decision)
  }

  @Test(arguments: [
    ("sqs:*", ResourcePolicy.Decision.silent), ("*", .silent), ("sqs:Delete?ueue", .silent),
    ("SQS:DeleteQueue", .allowed),
  ])
  func `What has to be named is not meant by a star`(action: String, decision: ResourcePolicy.Decision) throws {
    var request = PolicyRequest(principal: .account("444455556666"), action: "sqs:DeleteQueue", resource: Self.queue)
    request.mustBeNamed = true
    #expect(try Self.policy(#"{"Effect":"Allow","Principal":"*","Action":"\#(action)"}"#).decision(request) == decision)
    #expect(
      try Self.policy(#"{"Effect":"Deny","Principal":"*","Action":"*"}"#).decision(request) == .denied
    )
  }

  @Test(arguments: [
    ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.114.0", false),
    ("203.0.113.7", "203.0.113.7", true), ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false),
    ("2001:db8::/33", "2001:DB8:0:0:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
    ("::1", "0:0:0:0:0:0:0:1", true), ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("fe80::/10", "fe80::1%eth0", true),
  ])
  func `Addresses are compared as bits`(range: String, address: String, isIn: Bool) throws {
    let policy = try Self.policy(
      #"{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"IpAddress":{"aws:SourceIp":"\#(range)"}}}"#
    )
    let request = PolicyRequest(
      principal: .account("1"),
      action: "a:b",
      resource: "r",
      conditions: ["aws:SourceIp": [address]]
    )
    #expect((policy.decision(request) == .allowed) == isIn)
  }

  @Test(arguments: [
    (#""Principal":"*","Action":"*","Condition":{"MoonPhase":{"k":"full"}}"#, "no condition operator MoonPhase"),
    (#""Principal":"*","Action":"*","Condition":{"NullIfExists":{"k":"true"}}"#, "there is no condition operator"),
    (#""Principal":"*","Action":"*","Condition":{"Bool":{"k":"maybe"}}"#, "cannot have the value maybe"),
    (#""Principal":"*","Action":"*","Condition":{"IpAddress":{"k":"10.0.0.0/33"}}"#, "cannot have the value 10."),
    (#""Principal":"*","Action":"*","Condition":{"IpAddress":{"k":"1::2::3"}}"#, "cannot have the value 1::2::3"),
    (#""Principal":"*","Action":"*","Condition":{"DateLessThan":{"k":"soon"}}"#, "cannot have the value soon"),
    (#""Principal":"*","Action":"*","Condition":{"StringEquals":{"k":[]}}"#, "has no value"),
    (#""Principal":"*","NotPrincipal":"*","Action":"*""#, "Principal or NotPrincipal, not both"),
    (#""Principal":"*","Action":"*","NotAction":"x""#, "Action or NotAction, not both"),
    (#""Principal":{"Martian":"*"},"Action":"*""#, "no kind of principals Martian"),
    (#""Action":"*""#, "has a Principal"),
  ])
  func `What is set is checked, and read all the same when it is stored`(statement: String, reason: String) throws {
    let text = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",\#(statement)}]}"#
    let error = #expect(throws: ResourcePolicy.Malformed.self) { try ResourcePolicy(checking: text) }
    #expect(error?.message.contains(reason) == true)
    _ = try ResourcePolicy(parsing: text)
  }

  @Test func `Variables are texts before the version that has them`() throws {
    let statement = #"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"${aws:username}"}"#
    let request = PolicyRequest(
      principal: .account("1"),
      action: "a:b",
      resource: "alice",
      conditions: ["aws:username": ["alice"]]
    )
    for (version, decision) in [("2012-10-17", ResourcePolicy.Decision.allowed), ("2008-10-17", .silent)] {
      let policy = try ResourcePolicy(parsing: #"{"Version":"\#(version)","Statement":\#(statement)}"#)
      #expect(policy.decision(request) == decision)
    }
    // What a variable brings is no pattern.
    let star = PolicyRequest(
      principal: .account("1"),
      action: "a:b",
      resource: "alice",
      conditions: ["aws:username": ["*"]]
    )
    #expect(try Self.policy(statement).decision(star) == .silent)
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

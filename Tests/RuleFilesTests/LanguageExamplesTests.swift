import EventPatterns
import RuleFiles
import Testing

/// The examples of the language's own description.
struct LanguageExamplesTests {
  static let shortest = """
    kind: Rule
    id: trail-stopped
    title: CloudTrail was stopped or deleted
    severity: high
    when:
      source: [aws.cloudtrail]
      detail: {eventName: [StopLogging, DeleteTrail]}
    then:
      - send: security-slack
    ---
    kind: Target
    id: security-slack
    type: webhook
    url: {env: SLACK_URL}
    """

  static func everything(stage: String) -> String {
    """
    kind: Rule
    id: s3-bucket-made-public
    title: S3 bucket opened to the world
    description: A bucket ACL, policy or removed public-access block can expose data.
    severity: high                 # informational | low | medium | high | critical
    stage: \(stage)
    owner: team-cloudsec
    runbook: https://wiki.example.com/runbooks/s3-public
    tags: [s3, exposure]
    maps: {mitre: [T1530], cis-aws-3.0.0: ["2.1.4"], pci-dss-4.0: ["1.3.1"]}

    bus: default
    outcome: success
    when:
      source: [aws.s3]
      detail-type: [AWS API Call via CloudTrail]
      detail:
        eventSource: [s3.amazonaws.com]
        $or:
          - eventName: [DeleteBucketPublicAccessBlock]
          - eventName: [PutBucketAcl]
            requestParameters: {x-amz-acl: [{prefix: public-}]}
    unless:
      - reason: static web sites
        owner: team-web
        expires: 2027-03-31
        when: {detail: {requestParameters: {bucketName: [$list.public-sites]}}}

    key: [account, detail.requestParameters.bucketName]
    once: {within: 1h, then: digest}
    let:
      bucket: detail.requestParameters.bucketName
      who: detail.userIdentity.arn
    then:
      - id: tell
        send: security-slack
        input: {text: "<who> opened <bucket> in <account>/<region>"}
      - id: close
        run: block-public-access
        with: {bucket: <bucket>}
        guard:
          budget: {per-hour: 10, per-key: 1/1h, over: hold}
          approve: {by: [team-cloudsec], when: {account: [$list.prod]}, timeout: 15m, on-timeout: deny}
        verify:
          expect: {detail: {eventName: [PutBucketPublicAccessBlock], requestParameters: {bucketName: [<bucket>]}}}
          within: 2m
          else: {send: pager}

    tests:
      - name: an ACL opened by a person
        given: {like: fixtures/put-bucket-acl.json, set: {detail.requestParameters.x-amz-acl: public-read}}
        expect:
          match: true
          sends: {tell: {text: "arn:aws:iam::111122223333:user/alice opened my-bucket in 111122223333/us-east-1"}}
          runs: {close: planned}
      - name: a denied call is no finding
        given: {like: fixtures/put-bucket-acl.json, set: {detail.errorCode: AccessDenied}}
        expect: {match: false, because: detail.errorCode}
    ---
    kind: List
    id: public-sites
    items: [www-example-com, {prefix: static-site-}]
    ---
    kind: List
    id: prod
    items: ["111122223333"]
    ---
    kind: Target
    id: security-slack
    type: webhook
    url: {env: SLACK_URL}
    sign: {hmac: {env: WEBHOOK_SECRET}}
    limits: {rate: 1/s, burst: 10, concurrency: 4, timeout: 10s}
    retry: {for: 24h, attempts: 185, backoff: 1s..5m, on: [429, 5xx, network]}
    dead-letter: alerts-dlq
    network: public
    ---
    kind: Target
    id: alerts-dlq
    type: queue
    ---
    kind: Target
    id: pager
    type: stdout
    ---
    kind: Action
    id: block-public-access
    type: command
    argv: [aws, s3api, put-public-access-block, --bucket, <bucket>, --public-access-block-configuration,
           "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"]
    params: {bucket: {type: string, match: "^[a-z0-9.-]{3,63}$"}}
    emits: [{eventSource: s3.amazonaws.com, eventName: PutBucketPublicAccessBlock}]
    timeout: 60s
    idempotent: true
    """
  }

  static let fixture = """
    {"eventVersion": "1.08", "eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "eventTime": "2026-01-02T03:04:05Z",
     "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "eventID": "0e1d2c3b-0008-4a5b-8c7d-9e0f1a2b3c08",
     "userIdentity": {"arn": "arn:aws:iam::111122223333:user/alice"}, "eventType": "AwsApiCall",
     "requestParameters": {"bucketName": "my-bucket", "x-amz-acl": "private"}}
    """

  @Test func shortestRuleIsClean() throws {
    let result = load(Self.shortest)
    #expect(result.diagnostics == [])
    let rule = try #require(result.repository?.rule("trail-stopped"))
    #expect(rule.severity == .high)
    #expect(rule.stage == .notify)
    #expect(rule.steps.map(\.id) == ["send-1"])
    #expect(
      String(decoding: rule.pattern?.json ?? [], as: UTF8.self)
        == #"{"source":["aws.cloudtrail"],"detail":{"eventName":["StopLogging","DeleteTrail"]}}"#
    )
  }

  @Test func fullRuleIsCleanInShadow() throws {
    let result = load(Self.everything(stage: "shadow"), others: ["fixtures/put-bucket-acl.json": Self.fixture])
    #expect(result.diagnostics == [])
    let rule = try #require(result.repository?.rules.first)
    #expect(rule.tests.count == 2)
    let event = rule.tests[0].given[0].event
    #expect(event["detail"]?["requestParameters"]?["x-amz-acl"] == .string("public-read"))
    #expect(event["source"] == .string("aws.s3"))
    #expect(rule.exceptions[0].expires == Instant(seconds: 1_806_451_200))
    #expect(rule.steps[1].guardrail?.budget?.perHour == 10)
    let json = String(decoding: rule.pattern?.json ?? [], as: UTF8.self)
    #expect(json.hasSuffix(#"[{"prefix":"public-"}]}}],"errorCode":[{"exists":false}]}}"#))
    let target = try #require(result.repository?.target("security-slack"))
    #expect(target.policy.retryOn == [.status(429), .statusClass(5), .network])
    #expect(target.policy.deadLetter == "alerts-dlq")
  }

  @Test func whatComesLaterIsRefusedAtLiveStages() {
    let result = load(Self.everything(stage: "enforce"), others: ["fixtures/put-bucket-acl.json": Self.fixture])
    #expect(result.repository == nil)
    #expect(result.places == ["29:1 SB212", "30:1 SB212", "41:5 SB212", "44:5 SB212"])
  }
}

// What `signalbox init` writes: the smallest project that shows a rule, a test, a fixture, the settings file and a log to
// try them on, and that passes `validate`, `lint` and `test` as it stands.

/// The files of a new project by path.
enum ProjectSkeleton {
  static let files: KeyValuePairs<String, String> = [
    "signalbox.yaml": settings,
    "Rules/trail-stopped.yaml": rule,
    "Rules/targets.yaml": targets,
    "Rules/fixtures/stop-logging.json": fixture,
    "logs/AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/15/"
      + "111122223333_CloudTrail_us-east-1_20260115T0935Z_example.json": logFile,
    ".gitignore": "data/\n",
  ]

  private static let settings = """
    # Settings of the engine: `signalbox run --config signalbox.yaml`.
    # Paths count from this file's folder.
    rules: Rules
    data-directory: data
    sources:
      - log-files: logs        # a folder laid out as CloudTrail delivers it: AWSLogs/ACCOUNT/CloudTrail/REGION/…

    """

  private static let rule = """
    # A rule is an event pattern (`when`, EventBridge's own language written as YAML) and what to do (`then`).
    # Check it with:  signalbox validate Rules && signalbox test Rules
    kind: Rule
    id: trail-stopped
    title: CloudTrail was stopped or deleted
    description: Whoever switches the trail off wants to work unseen.
    severity: high
    owner: security
    outcome: success            # leave calls that were refused alone
    when:
      source: [aws.cloudtrail]
      detail:
        eventName: [StopLogging, DeleteTrail]
    let:
      who: detail.userIdentity.arn
    then:
      - id: tell
        send: alerts
        input: {text: "<who> called <detail.eventName> in <account>/<region>"}
    tests:
      - name: a trail is stopped
        given: {like: fixtures/stop-logging.json}
        expect:
          match: true
          sends: {tell: {text: "arn:aws:iam::111122223333:user/alice called StopLogging in 111122223333/us-east-1"}}
      - name: an attempt that was refused is no finding
        given: {like: fixtures/stop-logging.json, set: {detail.errorCode: AccessDenied}}
        expect: {match: false, because: detail.errorCode}
      - name: reading the trail's status is no finding
        given: {like: fixtures/stop-logging.json, set: {detail.eventName: GetTrailStatus}}
        expect: {match: false, because: detail.eventName}

    """

  private static let targets = """
    # Where alerts go. Replace `stdout` by a webhook, a queue, a topic or a file.
    kind: Target
    id: alerts
    type: stdout

    """

  /// A delivered log file, so that there is something to match and to run on at once.
  private static let logFile = "{\"Records\": [\n\(fixture)]}\n"

  private static let fixture = """
    {
      "eventVersion": "1.08",
      "userIdentity": {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE",
        "arn": "arn:aws:iam::111122223333:user/alice",
        "accountId": "111122223333",
        "userName": "alice"
      },
      "eventTime": "2026-01-15T09:30:00Z",
      "eventSource": "cloudtrail.amazonaws.com",
      "eventName": "StopLogging",
      "awsRegion": "us-east-1",
      "sourceIPAddress": "198.51.100.7",
      "userAgent": "aws-cli/2.15.0",
      "requestParameters": {"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"},
      "responseElements": null,
      "requestID": "5c3b2e0e-0000-4000-8000-000000000001",
      "eventID": "7d1f5a52-0000-4000-8000-000000000001",
      "readOnly": false,
      "eventType": "AwsApiCall",
      "managementEvent": true,
      "recipientAccountId": "111122223333",
      "eventCategory": "Management"
    }

    """
}

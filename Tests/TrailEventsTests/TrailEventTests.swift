import EventPatterns
import Testing

@testable import TrailEvents

@Suite struct TrailEventTests {
  private func event(_ record: String) throws -> TrailEvent { try TrailEvent(record: Array(record.utf8)) }

  @Test func aRecordBecomesTheEventEventBridgeWouldSend() throws {
    let record = #"""
      { "eventVersion": "1.08", "eventTime":"2024-05-06T07:08:09Z", "eventSource":"s3.amazonaws.com",
        "eventName":"PutBucketAcl", "awsRegion":"eu-west-1", "recipientAccountId":"012345678901",
        "eventID":"6f5902ac-237a-4b2c-a3ee-2d5e9ee4b8ef", "eventType":"AwsApiCall", "n": 1.50 }
      """#
    let event = try event(record)
    #expect(
      String(decoding: event.envelope, as: UTF8.self)
        == #"{"version":"0","id":"6f5902ac-237a-4b2c-a3ee-2d5e9ee4b8ef","#
        + #""detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"012345678901","#
        + #""time":"2024-05-06T07:08:09Z","region":"eu-west-1","resources":[],"detail":"# + record + "}"
    )
    #expect(event.eventID == "6f5902ac-237a-4b2c-a3ee-2d5e9ee4b8ef")
    #expect(event.source == "aws.s3")
    #expect(event.detailType == "AWS API Call via CloudTrail")
    #expect(event.account == "012345678901")
    #expect(event.region == "eu-west-1")
    #expect(event.time == 1_714_979_289)
  }

  @Test(arguments: [
    (#"{"eventType":"AwsApiCall"}"#, "AWS API Call via CloudTrail"),
    (#"{"eventType":"AwsApiCall","eventCategory":"Data"}"#, "AWS API Call via CloudTrail"),
    (#"{"eventType":"AwsServiceEvent"}"#, "AWS Service Event via CloudTrail"),
    (#"{"eventType":"AwsConsoleAction"}"#, "AWS Console Action via CloudTrail"),
    (#"{"eventType":"AwsConsoleSignIn"}"#, "AWS Console Sign In via CloudTrail"),
    (#"{"eventType":"AwsCloudTrailInsight"}"#, "AWS Insight via CloudTrail"),
    (#"{"eventType":"AwsVpceEvent"}"#, "AWS Network Activity Event via CloudTrail"),
    (
      #"{"eventType":"AwsApiCall","eventCategory":"NetworkActivity"}"#,
      "AWS Network Activity Event via CloudTrail"
    ),
    (#"{"eventType":"SomethingNew"}"#, "AWS API Call via CloudTrail"),
    (#"{"eventName":"ConsoleLogin"}"#, "AWS Console Sign In via CloudTrail"),
    (#"{"insightDetails":{}}"#, "AWS Insight via CloudTrail"),
    (#"{"eventType":null}"#, "AWS API Call via CloudTrail"),
  ])
  func detailTypeFollowsTheEventType(record: String, expected: String) throws {
    #expect(try event(record).detailType == expected)
  }

  @Test func theSignInNameIsASetting() throws {
    let conventions = EnvelopeConventions(consoleSignIn: "AWS Console Signin via CloudTrail")
    let event = try TrailEvent(record: Array(#"{"eventType":"AwsConsoleSignIn"}"#.utf8), conventions: conventions)
    #expect(event.detailType == "AWS Console Signin via CloudTrail")
  }

  @Test(arguments: [
    (#""eventSource":"s3.amazonaws.com""#, "aws.s3"),
    (#""eventSource":"monitoring.amazonaws.com""#, "aws.monitoring"),
    (#""eventSource":"resource-explorer-2.amazonaws.com""#, "aws.resource-explorer-2"),
    (#""eventSource":"sts.amazonaws.com.cn""#, "aws.sts"),
    (#""eventSource":"models.lex.amazonaws.com""#, "aws.models.lex"),
    (#""eventSource":"kms""#, "aws.kms"),
    (#""eventSource":"api.example.com""#, "aws.api"),
    (#""insightDetails":{"state":"Start","eventSource":"iam.amazonaws.com"}"#, "aws.iam"),
    (#""insightDetails":[]"#, "aws.cloudtrail"),
    (#""eventSource":"""#, "aws.cloudtrail"),
    (#""eventSource":7.5"#, "aws.7"),
    (#""eventSource":{"a":1}"#, "aws.cloudtrail"),
    (#""eventName":"x""#, "aws.cloudtrail"),
  ])
  func sourceIsTheService(members: String, expected: String) throws {
    #expect(try event("{\(members)}").source == expected)
  }

  @Test(arguments: [
    (#""recipientAccountId":"111122223333","userIdentity":{"accountId":"444455556666"}"#, "111122223333"),
    (#""recipientAccountId":111122223333"#, "111122223333"),
    (#""userIdentity":{"type":"Root","accountId":"444455556666"}"#, "444455556666"),
    (#""accountId":"777788889999","eventType":"AwsAggregatedEvent""#, "777788889999"),
    (#""userIdentity":"somebody""#, ""),
    (#""userIdentity":null"#, ""),
  ])
  func accountHasFallbacks(members: String, expected: String) throws {
    #expect(try event("{\(members)}").account == expected)
  }

  @Test(
    arguments: [
      ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z", 1_709_251_199),
      ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0),
      ("2024-05-06T07:08:09.987Z", "2024-05-06T07:08:09Z", 1_714_979_289),
      ("2024-05-06T09:08:09+02:00", "2024-05-06T07:08:09Z", 1_714_979_289),
      ("2024-05-06T00:08:09-07:00", "2024-05-06T07:08:09Z", 1_714_979_289),
      ("2023-02-29T00:00:00Z", "1970-01-01T00:00:00Z", 0),
      ("yesterday", "1970-01-01T00:00:00Z", 0),
      ("2024-05-06T07:08:09", "2024-05-06T07:08:09Z", 1_714_979_289),
      ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z", -1),
      ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", -62_135_596_800),
    ] as [(String, String, Int64)]
  )
  func timeIsWholeSecondsUTC(written: String, envelope: String, seconds: Int64) throws {
    let event = try event(#"{"eventTime":"\#(written)"}"#)
    #expect(event.time == seconds)
    #expect(try JSONValue(parsing: event.envelope)["time"]?.string == envelope)
  }

  @Test func aRecordWithoutAnIDGetsOneOfItsContent() throws {
    let one = try event(#"{"eventName":"A"}"#)
    #expect(try one == event(#"{"eventName":"A"}"#))
    #expect(try one.eventID != event(#"{"eventName":"B"}"#).eventID)
    #expect(try JSONValue(parsing: one.envelope)["id"]?.string == one.eventID)
    #expect(one.eventID.count == 36)
    // Version 8, variant 10.
    #expect(Array(one.eventID)[14] == "8" && "89ab".contains(Array(one.eventID)[19]))
  }

  @Test func anIDThatIsNoUUIDStaysTheKeyButNotTheEnvelopesID() throws {
    let event = try event(#"{"eventID":"EXAMPLE-1234","eventName":"A"}"#)
    #expect(event.eventID == "EXAMPLE-1234")
    #expect(try JSONValue(parsing: event.envelope)["id"]?.string?.count == 36)
  }

  @Test func anEventPassesThroughUnchanged() throws {
    let envelope = #"""
      {"version":"0","id":"b","detail-type":"Order Placed","source":"shop","account":"123456789012",
      "time":"2024-05-06T07:08:09Z","region":"eu-west-1","resources":[],"detail":{"eventID":"x"}}
      """#
    let event = try event(envelope)
    #expect(event.envelope == Array(envelope.utf8))
    #expect(event.eventID == "b")
    #expect(event.detailType == "Order Placed")
    #expect(event.source == "shop")
    #expect(event.account == "123456789012")
    #expect(event.region == "eu-west-1")
    #expect(event.time == 1_714_979_289)
  }

  @Test func anEventMadeOfARecordIsTheSameEventAsTheRecord() throws {
    let record = try event(#"{"eventName":"A","eventID":"6f5902ac-237a-4b2c-a3ee-2d5e9ee4b8ef"}"#)
    let envelope = #"""
      {"id":"other","detail-type":"AWS API Call via CloudTrail","source":"aws.s3",
      "detail":{"eventName":"A","eventID":"6f5902ac-237a-4b2c-a3ee-2d5e9ee4b8ef"}}
      """#
    #expect(try event(envelope).eventID == record.eventID)
  }

  @Test func awkwardTextStaysValidJSON() throws {
    let record = #"""
      {"eventSource":"a\"b\\\u0041.amazonaws.com","awsRegion":"\ud83d\ude00 \n","recipientAccountId":"\/1",
      "eventID":"\u0036","insightDetails":{"eventSource":"x\"y"},"d":"é😀"}
      """#
    let event = try event(record)
    let value = try JSONValue(parsing: event.envelope)
    #expect(value["source"]?.string == #"aws.a"b\A"#)
    #expect(event.source == #"aws.a"b\A"#)
    #expect(event.region == "😀 \n")
    #expect(event.account == "/1")
    #expect(event.eventID == "6")
    #expect(value["detail"]?["d"]?.string == "é😀")
    let insight = try self.event(#"{"insightDetails":{"eventSource":"x\"y\n.z"}}"#)
    #expect(try JSONValue(parsing: insight.envelope)["source"]?.string == "aws.x\"y\n")
  }

  @Test func ofDuplicateNamesTheLastCounts() throws {
    #expect(try event(#"{"awsRegion":"a","awsRegion":"b"}"#).region == "b")
  }

  @Test func aLargeRecordIsOneEvent() throws {
    let text = String(repeating: "äöü\\n0123456789", count: 5000)
    let event = try event(#"{"eventName":"Big","requestParameters":{"policy":"\#(text)"}}"#)
    #expect(event.envelope.count > 66_000)
    #expect(try JSONValue(parsing: event.envelope)["detail"]?["eventName"]?.string == "Big")
  }

  @Test(
    arguments: [
      ("", 0, "empty"), ("  ", 0, "empty"), ("[]", 0, "begin with {"), ("\"a\"", 0, "begin with {"),
      ("{", 1, "ends before"), (#"{"a""#, 4, "ends before"), (#"{"a":1"#, 6, "ends before"),
      (#"{"a":"b"#, 7, "ends before"),
      (#"{"a":tru"#, 8, "ends before"), (#"{"a":"\u00"#, 10, "ends before"),
      (#"{a:1}"#, 1, "member name"), (#"{"a" 1}"#, 5, "colon"), (#"{"a":}"#, 5, "a JSON value"),
      (#"{"a":1,}"#, 7, "member name"), (#"{"a":[1,]}"#, 8, "a JSON value"), (#"{"a":1 "b":2}"#, 7, "comma"),
      (#"{"a":[1}"#, 7, "closing bracket"), (#"{"a":{]"#, 6, "member name"), (#"{"a":01}"#, 6, "comma"),
      (#"{"a":-}"#, 5, "number"), (#"{"a":1.}"#, 5, "number"), (#"{"a":1e}"#, 5, "number"),
      (#"{"a":+1}"#, 5, "a JSON value"),
      (#"{"a":NaN}"#, 5, "a JSON value"), (#"{"a":nul}"#, 5, "true, false or null"),
      ("{\"a\":\"x\ty\"}", 7, "control character"), (#"{"a":"\x"}"#, 6, "escape"), (#"{"a":"\u00g0"}"#, 6, "escape"),
      (#"{"a":1} x"#, 8, "after the end"), (#"{"a":1}{"#, 7, "after the end"),
    ] as [(String, Int, String)]
  )
  func malformedRecordsAreRefusedWithThePlace(text: String, offset: Int, words: String) {
    let error = #expect(throws: TrailEventError.self) { try event(text) }
    #expect(error?.offset == offset)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]]
  )
  func badUTF8IsRefused(bytes: [UInt8]) {
    let record = Array(#"{"a":"12345678"#.utf8) + bytes + Array(#" tail, long enough"}"#.utf8)
    let error = #expect(throws: TrailEventError.self) { try TrailEvent(record: record) }
    #expect(error?.offset == 14)
  }

  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int) -> String {
      #"{"a":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
    }
    #expect(throws: Never.self) { try event(nested(1000)) }
    let error = #expect(throws: TrailEventError.self) { try event(nested(1001)) }
    #expect(error?.message.contains("1,000 deep") == true)
    #expect(throws: TrailEventError.self) { try event(String(repeating: "{\"a\":", count: 1_000_000)) }
  }

  @Test func everyPrefixOfARecordIsAnErrorAndNeverACrash() throws {
    let record = Array(
      #"{"eventID":"a\u00e9\n","n":[-1.5e+3,true,false,null,{"x":{}}],"u":"äß€😀","userIdentity":{"accountId":"1"}}"#
        .utf8
    )
    #expect(throws: Never.self) { try TrailEvent(record: record) }
    for length in 0..<record.count {
      #expect(throws: TrailEventError.self) { try TrailEvent(record: Array(record[..<length])) }
    }
  }

  @Test func contentHashIsSHA256() {
    func hex(_ text: String) -> String {
      Array(text.utf8).withUnsafeBytes { bytes in
        ContentHash.sha256(bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
      }
    }
    #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
    #expect(
      hex(String(repeating: "a", count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    )
  }
}

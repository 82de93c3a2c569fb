import AWSProtocols
import AWSServices
import EventPatterns
import Testing
import TrailEvents

@Suite struct APIFrontTests {
  static let whoAmI = "Action=GetCallerIdentity&Version=2011-06-15"

  @Test(arguments: [
    (Fixture.root, "arn:aws:iam::111111111111:root"), (Fixture.other, "arn:aws:iam::222222222222:root"),
    (Fixture.alice, "arn:aws:iam::111111111111:user/alice"),
  ])
  func aKeySaysWhoCalls(_ key: RootKey, arn: String) async throws {
    let response = try await Fixture().call("sts", Self.whoAmI, key: key)
    #expect(response.status == 200)
    #expect(response["Arn"] == arn)
    #expect(response["RequestId"] == "id-1")
  }

  @Test(arguments: [
    (RootKey(accessKeyID: "AKIAROOT", secret: "wrong"), nil as String?, "SignatureDoesNotMatch"),
    (RootKey(accessKeyID: "AKIANOBODY", secret: "x"), nil, "InvalidClientTokenId"),
    (Fixture.root, "nonsense", "InvalidClientTokenId"),
  ])
  func whoeverIsNotBelievedIsTold(_ key: RootKey, token: String?, code: String) async throws {
    let fixture = try Fixture()
    let response = await fixture.call("sts", Self.whoAmI, key: key, token: token)
    #expect(response.status == 403)
    #expect(response["Code"] == code)
    #expect(fixture.outcomes.map(\.error?.shape.code) == [code])
    #expect(fixture.outcomes.map(\.caller.kind) == [.unknown])
    // Whose key is not known is not read to the end, and what he wants stands in the body.
    #expect(fixture.outcomes.map(\.eventName) == [code == "SignatureDoesNotMatch" ? "GetCallerIdentity" : "POST"])
  }

  @Test func anUnsignedCallIsRefused() async throws {
    let response = try await Fixture().call("sts", Self.whoAmI, key: nil)
    #expect(response["Code"] == "MissingAuthenticationToken")
  }

  @Test func aSignatureIsForOneService() async throws {
    let response = try await Fixture().call("sts", Self.whoAmI, signedFor: "iam")
    #expect(response["Code"] == "InvalidAction")
    let none = try await Fixture().call("sts", Self.whoAmI, signedFor: "quantum")
    #expect(none.status == 404)
  }

  @Test func nobodyLearnsOperationsWithoutAKey() async throws {
    let response = try await Fixture().call("sts", "Action=Nope", key: RootKey(accessKeyID: "A", secret: "b"))
    #expect(response["Code"] == "InvalidClientTokenId")
    let believed = try await Fixture().call("sts", "Action=Nope&Version=2011-06-15")
    #expect(believed["Code"] == "InvalidAction")
  }

  @Test func whatIsNotOfferedSaysWhy() async throws {
    let response = try await Fixture().call("sts", "Action=AssumeRoleWithSAML")
    #expect(response["Message"]?.contains("there is no SAML provider") == true)
  }

  @Test func withoutSignatureChecksEverybodyIsRoot() async throws {
    let fixture = try Fixture()
    let request = WireRequest(
      "POST",
      "/",
      headers: ["Content-Type": "application/x-www-form-urlencoded"],
      body: Array(Self.whoAmI.utf8)
    )
    let response = await fixture.front(checksSignatures: false).answer(request, from: RequestOrigin(address: "::1"))
    #expect(response["Arn"] == "arn:aws:iam::111111111111:root")
  }

  @Test func aCallIsRecordedAsCloudTrailDoes() async throws {
    let fixture = try Fixture()
    _ = await fixture.call(
      "iam",
      "Action=CreateUser&Version=2010-05-08&UserName=bob&Tags.member.1.Key=a&Tags.member.1.Value=b"
    )
    let outcome = try #require(fixture.outcomes.first)
    let record = try JSONValue(parsing: outcome.record(eventID: "event"))
    #expect(record["eventName"] == .string("CreateUser"))
    #expect(record["eventSource"] == .string("iam.amazonaws.com"))
    #expect(record["eventTime"] == .string("2026-01-01T00:00:00Z"))
    #expect(record["awsRegion"] == .string("eu-west-1"))
    #expect(record["sourceIPAddress"] == .string("192.0.2.7"))
    #expect(record["userAgent"] == .string("tests"))
    #expect(record["requestParameters"]?.text == #"{"userName":"bob","tags":[{"key":"a","value":"b"}]}"#)
    #expect(record["responseElements"]?["user"]?["arn"] == .string("arn:aws:iam::111111111111:user/bob"))
    #expect(record["readOnly"] == .bool(false))
    #expect(record["requestID"] == .string("id-1"))
    #expect(record["recipientAccountId"] == .string("111111111111"))
    #expect(record["userIdentity"]?["accessKeyId"] == .string("AKIAROOT"))
  }

  @Test func aRecordSaysWhatASessionGot() async throws {
    let fixture = try Fixture()
    let role = "arn:aws:iam::111111111111:role/worker"
    let answer = await fixture.call("sts", "Action=AssumeRole&RoleArn=\(role)&RoleSessionName=one")
    let bytes = try #require(fixture.outcomes.last).record(eventID: "e")
    let secret = try #require(answer["SecretAccessKey"])
    #expect(!String(decoding: bytes, as: UTF8.self).contains(secret))
    let record = try JSONValue(parsing: bytes)
    let credentials = record["responseElements"]?["credentials"]
    #expect(credentials?["accessKeyId"] == answer["AccessKeyId"].map(JSONValue.string))
    #expect(credentials?["sessionToken"] == answer["SessionToken"].map(JSONValue.string))
    #expect(credentials?["expiration"] == .string("Jan 1, 2026, 1:00:00 AM"))
    #expect(credentials?["secretAccessKey"] == nil)
    #expect(
      record["responseElements"]?["assumedRoleUser"]?["arn"]
        == .string("arn:aws:sts::111111111111:assumed-role/worker/one")
    )
    #expect(
      record["resources"]?.text == #"[{"ARN":"\#(role)","accountId":"111111111111","type":"AWS::IAM::Role"}]"#
    )
    #expect(record["readOnly"] == .bool(true))
    _ = await fixture.call("sts", "Action=AssumeRole&RoleArn=\(role)x&RoleSessionName=one", key: Fixture.alice)
    let refused = try JSONValue(parsing: #require(fixture.outcomes.last).record(eventID: "e"))
    #expect(refused["errorCode"] == .string("AccessDenied"))
    #expect(refused["resources"] == nil)
    #expect(refused["responseElements"] == .null)
  }

  @Test(arguments: ["GetSessionToken", "GetFederationToken&Name=bob"])
  func aRecordHasTheCredentialsOf(_ action: String) async throws {
    let fixture = try Fixture()
    let answer = await fixture.call("sts", "Action=\(action)")
    let record = try JSONValue(parsing: #require(fixture.outcomes.last).record(eventID: "e"))
    let credentials = record["responseElements"]?["credentials"]
    #expect(credentials?["accessKeyId"] == answer["AccessKeyId"].map(JSONValue.string))
    #expect(credentials?["secretAccessKey"] == nil)
  }

  @Test func theEventOfACallIsTheOneThatItsRecordMakes() async throws {
    let fixture = try Fixture()
    _ = await fixture.call("iam", "Action=CreateUser&UserName=bob")
    _ = await fixture.call("iam", "Action=GetUser&UserName=%22nobody%22")
    _ = await fixture.call("sts", "Action=GetSessionToken&Version=2011-06-15")
    let id = "019b0f6e-7c00-7abc-8def-0123456789ab"
    #expect(fixture.outcomes.count == 3)
    for outcome in fixture.outcomes {
      #expect(outcome.event(eventID: id) == (try TrailEvent(record: outcome.record(eventID: id))))
    }
  }

  @Test func aCallThatCannotBeRecordedIsNotAnsweredAsIfAllWereWell() async throws {
    struct Full: Error {}
    let fixture = try Fixture(capture: { _ in throw Full() })
    let answer = await fixture.call("iam", "Action=CreateUser&Version=2010-05-08&UserName=bob")
    #expect(answer.status == 503)
    #expect(answer["Code"] == "ServiceUnavailable")
  }

  @Test func secretsAndLargeParametersAreLeftOut() async throws {
    let fixture = try Fixture()
    _ = await fixture.call("iam", "Action=CreateUser&UserName=bob")
    let answer = await fixture.call("iam", "Action=CreateAccessKey&UserName=bob")
    let secret = try #require(answer["SecretAccessKey"])
    let key = try #require(fixture.outcomes.last).record(eventID: "e")
    #expect(!String(decoding: key, as: UTF8.self).contains(secret))
    let document = #"{"Statement":[],"x":""# + String(repeating: "a", count: 110_000) + "\"}"
    let form = "Action=PutUserPolicy&UserName=bob&PolicyName=p&PolicyDocument=" + WireRequest.percentEncoded(document)
    #expect(await fixture.call("iam", form).status == 200)
    let record = try JSONValue(parsing: #require(fixture.outcomes.last).record(eventID: "e"))
    #expect(record["requestParameters"]?.text == #"{"truncated":true}"#)
  }

  // MARK: What the head tells

  /// The head of a signed form, with a body that is not looked at.
  private func head(
    _ key: RootKey,
    region: String = "eu-west-1",
    service: String = "sts",
    at time: Timestamp = Fixture.now
  ) -> WireRequest {
    WireRequest(
      "POST",
      "/",
      headers: ["Host": "localhost:4010", "Content-Type": "application/x-www-form-urlencoded"],
      body: Array(Self.whoAmI.utf8)
    ).signed(
      with: SigningCredentials(accessKeyID: key.accessKeyID, secret: key.secret),
      region: region,
      service: service,
      at: time
    )
  }

  @Test func whatTheHeadTellsIsRefusedWithoutTheBody() throws {
    let front = try Fixture().front()
    let origin = RequestOrigin(address: "192.0.2.7")
    #expect(front.arrival(of: head(Fixture.root), from: origin).refusal == nil)
    let unknown = RootKey(accessKeyID: "AKIANOBODY", secret: "x")
    #expect(front.arrival(of: head(unknown), from: origin).refusal?.shape.code == "InvalidClientTokenId")
    let early = Timestamp(milliseconds: Fixture.now.milliseconds - 901_000)
    let late = front.arrival(of: head(Fixture.root, at: early), from: origin)
    #expect(late.refusal?.shape.code == "SignatureDoesNotMatch")
    var added = head(Fixture.root)
    added.headers["x-amz-target"] = "AmazonSQS.DeleteQueue"
    #expect(front.arrival(of: added, from: origin).refusal?.shape.code == "InvalidSignatureException")
    var hashed = head(Fixture.root)
    hashed.headers["x-amz-content-sha256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    #expect(front.arrival(of: hashed, from: origin).refusal != nil)
    var query = head(Fixture.root)
    query.query = String(repeating: "a&", count: 1_000)
    #expect(front.arrival(of: query, from: origin).refusal?.shape.code == "IncompleteSignature")
  }

  @Test func whoDoesNotSignMaySendAFormAndNothingLarge() throws {
    let front = try Fixture().front()
    func arrival(_ headers: Headers, _ target: String = "/") -> Arrival {
      front.arrival(of: WireRequest("POST", target, headers: headers), from: RequestOrigin(address: "192.0.2.7"))
    }
    let form = "application/x-www-form-urlencoded"
    #expect(arrival(["content-type": form]).refusal == nil)
    #expect(arrival(["content-type": form]).largestBody == 65_536)
    let refused = arrival(["content-type": form, "content-length": "65537"])
    #expect(refused.refusal?.shape.code == "MissingAuthenticationToken")
    #expect(arrival(["x-amz-target": "AmazonSQS.SendMessage"]).refusal != nil)
    #expect(arrival(["content-type": "application/json"]).refusal?.shape.status == 403)
    #expect(arrival(["content-type": form], "/?Action=GetCallerIdentity").refusal != nil)
  }

  @Test func theSizeOfABodyIsTheServices() throws {
    let fixture = try Fixture()
    let origin = RequestOrigin(address: "192.0.2.7")
    #expect(fixture.front().arrival(of: head(Fixture.root), from: origin).largestBody == 1 << 20)
    let elsewhere = fixture.front().arrival(of: head(Fixture.root, service: "quantum"), from: origin)
    #expect(elsewhere.largestBody == 65_536)
  }

  @Test func aBodyIsUnpackedForWhomItIsKnown() async throws {
    let front = try Fixture().front()
    for (body, isBelieved) in [(Array(Self.whoAmI.utf8), true), (Array("x".utf8), false)] {
      var wasUnpacked = false
      let arrival = front.arrival(of: head(Fixture.root), from: RequestOrigin(address: "192.0.2.7"))
      _ = await front.answer(arrival, body: .success(body)) { body throws(AWSError) in
        wasUnpacked = true
        return body
      }
      #expect(wasUnpacked == isBelieved)
    }
  }

  /// Nobody has checked what a stranger's signature says, so it must not say whose bus gets the record.
  @Test func callsOfStrangersBelongToTheServersOwnRegion() async throws {
    let fixture = try Fixture()
    for key in [RootKey(accessKeyID: "AKIANOBODY", secret: "x"), RootKey(accessKeyID: "AKIAROOT", secret: "wrong")] {
      _ = await fixture.call("sts", Self.whoAmI, key: key, region: "mars-north-1")
    }
    #expect(fixture.outcomes.map(\.region) == ["us-east-1", "us-east-1"])
    #expect(fixture.outcomes.map(\.account) == [Fixture.account, Fixture.account])
    #expect(fixture.outcomes.map(\.caller.accessKeyID) == ["AKIANOBODY", "AKIAROOT"])
  }

  @Test func aCallThatIsForNothingHereIsRecordedToo() async throws {
    let fixture = try Fixture()
    _ = await fixture.call("sts", Self.whoAmI, signedFor: "quantum")
    let outcome = try #require(fixture.outcomes.first)
    #expect(outcome.eventSource == "quantum.amazonaws.com")
    #expect(outcome.eventName == "GetCallerIdentity")
    #expect(outcome.caller.kind == .root)
    #expect(outcome.error?.shape.code == "UnknownOperationException")
    _ = await fixture.front().answer(WireRequest("GET", "/nowhere"), from: RequestOrigin(address: "192.0.2.7"))
    #expect(fixture.outcomes.last?.eventSource == "signalbox.amazonaws.com")
    #expect(fixture.outcomes.last?.error?.shape.code == "MissingAuthenticationTokenException")
  }
}

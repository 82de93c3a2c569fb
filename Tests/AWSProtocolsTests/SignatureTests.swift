// The examples that AWS's documentation works through, and what must not pass.

import AWSProtocols
import Testing

@Suite struct SignatureTests {
  static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
  static let time = Timestamp(iso8601: "2015-08-30T12:36:00Z") ?? Timestamp(milliseconds: 0)

  /// The example of the signing guide: IAM's ListUsers.
  static var listUsers: WireRequest {
    WireRequest(
      "GET",
      "/?Action=ListUsers&Version=2010-05-08",
      headers: [
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "Host": "iam.amazonaws.com",
        "X-Amz-Date": "20150830T123600Z",
        "Authorization":
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
          + "SignedHeaders=content-type;host;x-amz-date, "
          + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
      ]
    )
  }

  /// The example of S3's guide: a presigned GET.
  static var presigned: WireRequest {
    WireRequest(
      "GET",
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3"
        + "%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      headers: ["Host": "examplebucket.s3.amazonaws.com"]
    )
  }

  /// Checks a signature as the front does: what the head tells first, then the body.
  private func verify(
    _ request: WireRequest,
    secret: String = "s",
    body: [UInt8]? = nil,
    now: Timestamp = Self.time,
    keys: SigningKeys = SigningKeys()
  ) throws {
    let claim = try #require(try SignatureClaim(request))
    try CheckedClaim(claim, head: request, secret: secret, now: now, keys: keys).verify(body: body ?? request.body)
  }

  @Test func theGuidesExampleHolds() throws {
    let claim = try #require(try SignatureClaim(Self.listUsers))
    #expect(claim.accessKeyID == "AKIDEXAMPLE")
    #expect(claim.scope == "20150830/us-east-1/iam/aws4_request")
    #expect(claim.signedHeaders == ["content-type", "host", "x-amz-date"])
    try verify(Self.listUsers, secret: Self.secret)
  }

  @Test func thePresignedExampleHolds() throws {
    let claim = try #require(try SignatureClaim(Self.presigned))
    #expect(claim.expiry == 86_400)
    let time = try #require(Timestamp(iso8601: "2013-05-24T23:00:00Z"))
    try verify(Self.presigned, secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", now: time)
  }

  @Test func aPresignedRequestEnds() throws {
    let time = try #require(Timestamp(iso8601: "2013-05-25T00:00:01Z"))
    #expect(throws: SignatureFailure.expired("Request has expired.")) { try verify(Self.presigned, now: time) }
  }

  enum Change: String, CaseIterable {
    case secret, body, query, path, method, header, signature
  }

  @Test(arguments: Change.allCases)
  func whatWasChangedDoesNotPass(_ change: Change) throws {
    var request = Self.listUsers
    var secret = Self.secret
    switch change {
    case .secret: secret += "x"
    case .body: request.body = [1]
    case .query: request.query = "Action=ListUsers&Version=2010-05-09"
    case .path: request.path = "/x"
    case .method: request.method = "POST"
    case .header: request.headers["content-type"] = "text/plain"
    case .signature:
      request.headers["authorization"] = request.headers["authorization"]?.replacing("5d672d", with: "5d672e")
    }
    #expect(throws: SignatureFailure.self) { try verify(request, secret: secret) }
  }

  @Test(arguments: [(-901, false), (-899, true), (899, true), (901, false)])
  func theClockMayDifferByAQuarterOfAnHour(seconds: Int, passes: Bool) throws {
    let now = Timestamp(seconds: Self.time.seconds + Int64(seconds))
    if passes {
      try verify(Self.listUsers, secret: Self.secret, now: now)
    } else {
      #expect(throws: SignatureFailure.self) { try verify(Self.listUsers, secret: Self.secret, now: now) }
    }
  }

  @Test(arguments: [
    "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/iam/aws4_request, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/iam/aws4_request, SignedHeaders=host",
    "AWS4-HMAC-SHA256 Credential=A/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150831/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/no such region/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/\(String(repeating: "a", count: 33))/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/iam/aws4_request, SignedHeaders=x-amz-date, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A//us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/2/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830T/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830//iam/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1//aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/i\"m/aws4_request, SignedHeaders=host, Signature=00",
    "AWS4-ECDSA-P256-SHA256 Credential=A/20150830/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
    "Basic dXNlcjpwYXNz", "", " ", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 =,=,,", "Bearer =",
  ])
  func aHeaderThatIsNotWholeIsRefused(_ header: String) {
    var request = Self.listUsers
    request.headers["authorization"] = header
    #expect(throws: SignatureFailure.self) { try SignatureClaim(request) }
  }

  @Test func whatWeSignWeBelieve() throws {
    let request = WireRequest(
      "POST",
      "/a%2Fb/c d/?b=2&a=%20x&a=1&e=",
      headers: ["Host": "localhost:4010", "X-Amz-Target": "X.Y", "X-Amz-Meta": " a   b "],
      body: Array("{}".utf8)
    )
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "s", sessionToken: "token")
    let signed = request.signed(with: credentials, region: "eu-west-1", service: "events", at: Self.time)
    let claim = try #require(try SignatureClaim(signed))
    #expect(claim.sessionToken == "token")
    let keys = SigningKeys()
    // The second time with the key of the first.
    for _ in 0..<2 { try verify(signed, keys: keys) }
    #expect(throws: SignatureFailure.self) { try verify(signed, secret: "t", keys: keys) }
  }

  @Test func anUnsignedPayloadIsNotHashed() throws {
    var request = WireRequest("PUT", "/b/k", headers: ["Host": "h", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"])
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "s")
    request = request.signed(with: credentials, region: "r", service: "s3", at: Self.time)
    try verify(request, body: Array("anything".utf8))
  }

  @Test(arguments: [
    "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-",
  ])
  func aBodyThatIsNotSignedIsRefused(_ payload: String) throws {
    var request = WireRequest("POST", "/", headers: ["Host": "h", "x-amz-content-sha256": payload])
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "s")
    request = request.signed(with: credentials, region: "r", service: "sqs", at: Self.time)
    #expect(throws: SignatureFailure.self) { try verify(request, body: Array("{}".utf8)) }
  }

  @Test func aHeaderThatNamesTheOperationHasToBeSigned() throws {
    let request = WireRequest("POST", "/", headers: ["Host": "h"], body: Array("{}".utf8))
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "s")
    var signed = request.signed(with: credentials, region: "r", service: "sqs", at: Self.time)
    try verify(signed)
    signed.headers["X-Amz-Target"] = "AmazonSQS.DeleteQueue"
    #expect(throws: SignatureFailure.self) { try verify(signed) }
  }

  @Test func aHashMustBeTheBodys() throws {
    var request = WireRequest("PUT", "/b/k", headers: ["Host": "h"], body: [1])
    request.headers["x-amz-content-sha256"] = String(repeating: "0", count: 64)
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "s")
    request = request.signed(with: credentials, region: "r", service: "s3", at: Self.time)
    #expect(throws: SignatureFailure.self) { try verify(request) }
  }

  @Test func whatTheHeadTellsIsCheckedWithoutTheBody() throws {
    var request = WireRequest("POST", "/", headers: ["Host": "h"], body: Array("{}".utf8))
    request.headers["x-amz-content-sha256"] = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "s")
    let signed = request.signed(with: credentials, region: "r", service: "sqs", at: Self.time)
    try verify(signed)
    let claim = try #require(try SignatureClaim(signed))
    #expect(throws: SignatureFailure.self) {
      try CheckedClaim(claim, head: signed, secret: "other", now: Self.time, keys: SigningKeys())
    }
  }

  @Test(arguments: ["X-Amz-Signature", "X-Amz-Date", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Expires"])
  func aLinkSaysEachThingOnce(_ name: String) {
    var request = Self.presigned
    request.query = "\(name)=00&" + request.query
    #expect(throws: SignatureFailure.self) { try SignatureClaim(request) }
  }

  @Test(arguments: [
    (SignatureFailure.missing, "MissingAuthenticationToken", "MissingAuthenticationTokenException"),
    (.unknownKey, "InvalidClientTokenId", "UnrecognizedClientException"),
    (.mismatch("m"), "SignatureDoesNotMatch", "InvalidSignatureException"),
    (.incomplete("m"), "IncompleteSignature", "IncompleteSignatureException"),
    (.expiredToken, "ExpiredToken", "ExpiredTokenException"),
    (.expired("m"), "RequestExpired", "RequestExpired"),
  ])
  func everyProtocolHasItsCodes(_ failure: SignatureFailure, query: String, json: String) {
    #expect(failure.error(in: .query(namespace: "")).shape.code == query)
    #expect(failure.error(in: .query(namespace: "")).shape.status == 403)
    #expect(failure.error(in: .json(version: "1.1")).shape.code == json)
    #expect(failure.error(in: .json(version: "1.1")).shape.status == 400)
    #expect(failure.error(in: .restJSON).shape.code == json)
    #expect(failure.error(in: .restJSON).shape.status == 403)
  }
}

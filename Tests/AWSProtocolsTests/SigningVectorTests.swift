// The vectors that AWS publishes for signers: requests as they are before signing, and the signatures they have to get.

import AWSProtocols
import Testing

/// One vector of AWS's suite.
struct SigningVector: Sendable, CustomTestStringConvertible {
  var name: String
  var method = "GET"
  var target = "/"
  var headers: [(String, String)] = []
  var body = ""
  var token: String?
  var signedHeaders = "host;x-amz-date"
  var signature: String

  var testDescription: String { name }

  private static let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  private static let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
  private static let longToken =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7"
    + "mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d"
    + "+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

  static let all = [
    SigningVector(name: "get-vanilla", signature: vanilla),
    SigningVector(name: "get-slash-dot-slash", target: "/./", signature: vanilla),
    SigningVector(
      name: "get-vanilla-query-order-key-case",
      target: "/?Param2=value2&Param1=value1",
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ),
    SigningVector(
      name: "get-vanilla-query-unreserved",
      target: "/?\(unreserved)=\(unreserved)",
      signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"
    ),
    SigningVector(
      name: "get-space",
      target: "/example space/",
      signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"
    ),
    SigningVector(
      name: "get-utf8",
      target: "/ሴ",
      signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"
    ),
    SigningVector(
      name: "get-header-key-duplicate",
      headers: [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
      signedHeaders: "host;my-header1;x-amz-date",
      signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
    ),
    SigningVector(
      name: "get-header-value-trim",
      headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
      signedHeaders: "host;my-header1;my-header2;x-amz-date",
      signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    ),
    SigningVector(
      name: "get-vanilla-with-session-token",
      token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
      signedHeaders: "host;x-amz-date;x-amz-security-token",
      signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
    ),
    SigningVector(
      name: "post-vanilla-query",
      method: "POST",
      target: "/?Param1=value1",
      signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
    ),
    SigningVector(
      name: "post-header-key-sort",
      method: "POST",
      headers: [("My-Header1", "value1")],
      signedHeaders: "host;my-header1;x-amz-date",
      signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"
    ),
    SigningVector(
      name: "post-sts-header-before",
      method: "POST",
      token: longToken,
      signedHeaders: "host;x-amz-date;x-amz-security-token",
      signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
    ),
    SigningVector(
      name: "post-x-www-form-urlencoded",
      method: "POST",
      headers: [
        ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "13"),
        ("x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"),
      ],
      body: "Param1=value1",
      signedHeaders: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
      signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"
    ),
  ]
}

@Suite struct SigningVectorTests {
  private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

  private func signed(_ vector: SigningVector) -> WireRequest {
    WireRequest(
      vector.method,
      vector.target,
      headers: Headers([("Host", "example.amazonaws.com")] + vector.headers),
      body: Array(vector.body.utf8)
    )
    .signed(
      with: SigningCredentials(accessKeyID: "AKIDEXAMPLE", secret: Self.secret, sessionToken: vector.token),
      region: "us-east-1",
      service: "service",
      at: SignatureTests.time
    )
  }

  @Test(arguments: SigningVector.all)
  func aRequestGetsTheSignatureThatAWSSays(_ vector: SigningVector) {
    #expect(
      signed(vector).headers["authorization"]
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        + "SignedHeaders=\(vector.signedHeaders), Signature=\(vector.signature)"
    )
  }

  @Test(arguments: SigningVector.all)
  func ourOwnVerifierBelievesIt(_ vector: SigningVector) throws {
    let request = signed(vector)
    let claim = try #require(try SignatureClaim(request))
    try CheckedClaim(claim, head: request, secret: Self.secret, now: SignatureTests.time, keys: SigningKeys())
      .verify(body: request.body)
  }

  @Test func whatMayChangeOnItsWayIsNotSigned() {
    let request = WireRequest("GET", "/", headers: ["Host": "h", "User-Agent": "a", "Expect": "100-continue"])
      .signed(
        with: SigningCredentials(accessKeyID: "AKIA", secret: "s"),
        region: "r",
        service: "sqs",
        at: SignatureTests.time
      )
    #expect(request.headers["authorization"]?.contains("SignedHeaders=host;x-amz-date,") == true)
  }

  @Test func printedCredentialsHaveNoSecret() {
    let credentials = SigningCredentials(accessKeyID: "AKIA", secret: "hidden", sessionToken: "hidden")
    #expect("\(credentials)" == "the access key AKIA")
  }
}

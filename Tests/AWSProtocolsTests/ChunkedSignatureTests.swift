// The examples of S3's guide: 65 KB of `a` in two chunks, with and without headers after them
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, and sigv4-streaming-trailers.html).

import AWSProtocols
import Testing

@Suite struct ChunkedSignatureTests {
  private static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  private static let time = Timestamp(iso8601: "2013-05-24T00:00:00Z") ?? Timestamp(milliseconds: 0)
  private static let signatures = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ]
  private static let trailing = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
  ]
  private static let trailerSignature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"

  private static var request: WireRequest {
    WireRequest(
      "PUT",
      "/examplebucket/chunkObject.txt",
      headers: [
        "Host": "s3.amazonaws.com", "x-amz-date": "20130524T000000Z", "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560", "Content-Length": "66824",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
          + "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
          + "x-amz-decoded-content-length;x-amz-storage-class,"
          + "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
      ]
    )
  }

  private static var requestWithTrailer: WireRequest {
    WireRequest(
      "PUT",
      "/examplebucket/chunkObject.txt",
      headers: [
        "Host": "s3.amazonaws.com", "x-amz-date": "20130524T000000Z", "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560", "x-amz-trailer": "x-amz-checksum-crc32c",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
          + "SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
          + "x-amz-storage-class;x-amz-trailer,"
          + "Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
      ]
    )
  }

  private static func body(_ signatures: [String], letter: Character = "a", end: String = "\r\n") -> String {
    var text = ""
    for (size, signature) in zip([65536, 1024, 0], signatures) {
      text += String(size, radix: 16) + ";chunk-signature=\(signature)\r\n"
      if size > 0 { text += String(repeating: letter, count: size) + "\r\n" }
    }
    return text + end
  }

  private static let trailer = "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:\(trailerSignature)\r\n\r\n"

  private func verify(_ request: WireRequest, _ body: String) throws {
    let claim = try #require(try SignatureClaim(request))
    let checked = try CheckedClaim(claim, head: request, secret: Self.secret, now: Self.time, keys: SigningKeys())
    try checked.verify(body: Array(body.utf8))
  }

  @Test func theGuidesExamplesHold() throws {
    try verify(Self.request, Self.body(Self.signatures))
    try verify(Self.requestWithTrailer, Self.body(Self.trailing, end: Self.trailer))
  }

  @Test(arguments: [
    ("a byte of a chunk", body(signatures).replacing("aaaa\r\n", with: "aaab\r\n")),
    ("all letters", body(signatures, letter: "b")),
    ("the signature of the first chunk", body(signatures).replacing("ad80", with: "ad81")),
    ("the signature of the last chunk", body(signatures).replacing("b6c6", with: "b6c7")),
    ("no signatures", body(signatures).replacing("chunk-signature", with: "signature")),
    ("chunks in another order", body([signatures[1], signatures[0], signatures[2]])),
    ("an end that comes early", "0;chunk-signature=\(signatures[2])\r\n\r\n"),
    ("a header after all", body(signatures, end: "x-amz-meta: x\r\n\r\n")),
  ])
  func whatWasChangedDoesNotPass(_ change: String, _ body: String) {
    let error = #expect(throws: SignatureFailure.self) { try verify(Self.request, body) }
    #expect(error?.error(in: .query(namespace: "")).shape.code == "SignatureDoesNotMatch")
  }

  @Test(arguments: [
    trailer.replacing("sOO8", with: "sOO9"), trailer.replacing("d81f", with: "d81e"),
    trailer.replacing("crc32c", with: "crc32"), "x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n", "\r\n",
  ])
  func trailersAreSigned(_ trailer: String) {
    let error = #expect(throws: SignatureFailure.self) {
      try verify(Self.requestWithTrailer, Self.body(Self.trailing, end: trailer))
    }
    #expect(error?.error(in: .query(namespace: "")).shape.code == "SignatureDoesNotMatch")
  }

  @Test func aBodyWithoutItsEndIsRefused() {
    let body = Self.body(Array(Self.signatures.dropLast()), end: "")
    let error = #expect(throws: SignatureFailure.self) { try verify(Self.request, body) }
    #expect(error?.error(in: .query(namespace: "")).shape == ErrorShape("MalformedRequest"))
  }

  /// Nobody but S3 takes bodies that are not signed.
  @Test(arguments: [("s3", true), ("sqs", false)])
  func anUnsignedBodyIsForS3(_ service: String, passes: Bool) throws {
    var request = WireRequest("POST", "/", headers: ["Host": "h"])
    request.headers["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    request = request.signed(
      with: SigningCredentials(accessKeyID: "A", secret: Self.secret),
      region: "us-east-1",
      service: service,
      at: Self.time
    )
    if passes {
      try verify(request, "0\r\n\r\n")
    } else {
      #expect(throws: SignatureFailure.self) { try verify(request, "0\r\n\r\n") }
    }
  }
}

// What a signed request claims: whose key, when, for which Region and service, and what was signed. Whether the claim is
// true is for `verify`; whether the key is known, and whose it is, for the caller.

internal import Crypto

/// The claim of a signed request.
public struct SignatureClaim: Sendable, Hashable {
  /// The algorithm: all that is taken.
  static let algorithm = "AWS4-HMAC-SHA256"
  /// How far a request's time may be from ours, in seconds.
  public static let window: Int64 = 15 * 60
  /// The longest life of a presigned request, in seconds.
  public static let longestExpiry: Int64 = 7 * 86_400

  /// The access key.
  public let accessKeyID: String
  /// `20260101`
  public let date: String
  /// The Region.
  public let region: String
  /// The service.
  public let service: String
  /// The names that are signed.
  public let signedHeaders: [String]
  /// The signature, in hex.
  public let signature: String
  /// When it was signed.
  public let time: Timestamp
  /// The token of a session.
  public let sessionToken: String?
  /// For a presigned request: how many seconds it holds.
  public let expiry: Int64?

  /// `20260101/us-east-1/sqs/aws4_request`
  public var scope: String { "\(date)/\(region)/\(service)/aws4_request" }

  /// Reads the claim of a request, from its `Authorization` header or its query string; nothing if it is not signed.
  public init?(_ request: WireRequest) throws(SignatureFailure) {
    if let header = request.headers["authorization"] {
      try self.init(header: header, request)
    } else if request.query.contains("X-Amz-Signature=") || request.query.contains("X-Amz-Algorithm=") {
      try self.init(presigned: request)
    } else {
      return nil
    }
  }

  private init(header: String, _ request: WireRequest) throws(SignatureFailure) {
    guard let blank = header.firstIndex(of: " "), header[..<blank] == Self.algorithm else {
      throw .incomplete("Unsupported AWS 'algorithm': only \(Self.algorithm) is taken.")
    }
    var parts: [Substring: Substring] = [:]
    for part in header[blank...].split(separator: ",") {
      let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      if pair.count == 2 { parts[pair[0]] = pair[1] }
    }
    func part(_ name: Substring) throws(SignatureFailure) -> String {
      guard let value = parts[name] else {
        throw .incomplete("Authorization header requires '\(name)' parameter.")
      }
      return String(value)
    }
    let credential = try part("Credential")
    guard let date = request.headers["x-amz-date"] else {
      throw .incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    }
    try self.init(
      credential: credential,
      signedHeaders: try part("SignedHeaders"),
      signature: try part("Signature"),
      time: date,
      token: request.headers["x-amz-security-token"],
      expiry: nil
    )
  }

  private init(presigned request: WireRequest) throws(SignatureFailure) {
    let parameters = request.queryParameters
    func parameter(_ name: String) throws(SignatureFailure) -> String {
      guard let value = parameters.last(where: { $0.name == name })?.value else {
        throw .incomplete("AWS query-string parameters must include '\(name)'.")
      }
      return value
    }
    guard try parameter("X-Amz-Algorithm") == Self.algorithm else {
      throw .incomplete("Unsupported AWS 'algorithm': only \(Self.algorithm) is taken.")
    }
    let expiry = Int64(try parameter("X-Amz-Expires"))
    guard let expiry, (1...Self.longestExpiry).contains(expiry) else {
      throw .incomplete("X-Amz-Expires must be a number of seconds from 1 to \(Self.longestExpiry).")
    }
    try self.init(
      credential: try parameter("X-Amz-Credential"),
      signedHeaders: try parameter("X-Amz-SignedHeaders"),
      signature: try parameter("X-Amz-Signature"),
      time: try parameter("X-Amz-Date"),
      token: parameters.last { $0.name == "X-Amz-Security-Token" }?.value,
      expiry: expiry
    )
  }

  private init(
    credential: String,
    signedHeaders: String,
    signature: String,
    time: String,
    token: String?,
    expiry: Int64?
  ) throws(SignatureFailure) {
    // A key may hold slashes in theory; the four parts after it do not.
    let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 5, parts.last == "aws4_request" else {
      throw .incomplete(
        "Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '\(credential.prefix(128))'"
      )
    }
    // Nobody has verified anything yet, and the Region of a claim is kept and recorded: no more than a name.
    guard parts[parts.count - 3].utf8.count <= 32, parts[parts.count - 3].utf8.allSatisfy(Self.isOfRegions) else {
      throw .incomplete("Credential should be scoped to a valid region: at most 32 small letters, digits and hyphens.")
    }
    guard let time = Timestamp(basic: time) else {
      throw .incomplete("Date must be in ISO-8601 'basic format', such as 20260101T000000Z.")
    }
    accessKeyID = parts.dropLast(4).joined(separator: "/")
    date = String(parts[parts.count - 4])
    region = String(parts[parts.count - 3])
    service = String(parts[parts.count - 2])
    self.signedHeaders = signedHeaders.split(separator: ";").map { $0.lowercased() }
    self.signature = signature
    self.time = time
    self.sessionToken = token
    self.expiry = expiry
    guard time.basic.hasPrefix(date) else {
      throw .mismatch(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '\(date.prefix(16))' != "
          + "'\(time.basic.prefix(8))', from '\(time.basic)'."
      )
    }
    guard self.signedHeaders.contains("host") || self.signedHeaders.contains(":authority") else {
      throw .mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    }
  }

  // MARK: Verification

  /// Checks the time of the request against ours.
  public func checkTime(_ now: Timestamp) throws(SignatureFailure) {
    let early = Timestamp(milliseconds: now.milliseconds + Self.window * 1000)
    if time > early {
      throw .mismatch(
        "Signature not yet current: \(time.basic) is still later than \(early.basic) (\(now.basic) + 15 min.)"
      )
    }
    if let expiry {
      guard time.seconds + expiry >= now.seconds else { throw .expired("Request has expired.") }
    } else {
      let late = Timestamp(milliseconds: now.milliseconds - Self.window * 1000)
      guard time >= late else {
        throw .mismatch(
          "Signature expired: \(time.basic) is now earlier than \(late.basic) (\(now.basic) - 15 min.)"
        )
      }
    }
  }

  /// Checks the signature with the key's secret, in a time that does not depend on how much of it is right.
  ///
  /// What says what is to be done has to be signed: all of the body, and every `x-amz-` header, among them the one that
  /// names the operation. Else whoever sees one request could have another done with its signature.
  ///
  /// - Parameter body: the body as it was signed; the hash in `x-amz-content-sha256` must be its own, unless it says
  ///   that the payload is not signed, which S3 alone allows.
  public func verify(_ request: WireRequest, secret: String, body: [UInt8]) throws(SignatureFailure) {
    let hash = try payloadHash(request, body)
    // The token of a session may be added after signing; it opens nothing but its own session.
    for (name, _) in request.headers.entries where name.hasPrefix("x-amz-") {
      guard signedHeaders.contains(name) || name == "x-amz-security-token" else {
        throw .mismatch("There were headers present in the request which were not signed: \(name.prefix(64))")
      }
    }
    let canonical = CanonicalRequest(
      request,
      signedHeaders: signedHeaders,
      payloadHash: hash,
      pathEncoding: service == "s3" ? .once : .twice,
      isPresigned: expiry != nil
    )
    let given = Self.bytes(hex: signature) ?? []
    let key = SigningKey(secret: secret, date: date, region: region, service: service)
    guard key.isSignature(given, of: stringToSign(canonical)) else {
      throw .mismatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
          + "Key and signing method. Consult the service documentation for details."
      )
    }
  }

  func stringToSign(_ canonical: CanonicalRequest) -> String {
    "\(Self.algorithm)\n\(time.basic)\n\(scope)\n\(canonical.hash)"
  }

  private func payloadHash(_ request: WireRequest, _ body: [UInt8]) throws(SignatureFailure) -> String {
    let given = request.headers["x-amz-content-sha256"]
    if given == "UNSIGNED-PAYLOAD", service == "s3" { return "UNSIGNED-PAYLOAD" }
    if let given, given == "UNSIGNED-PAYLOAD" || given.hasPrefix("STREAMING-") {
      throw .payload("The payload \(given.prefix(64)) is not taken by this service: sign the whole body.")
    }
    if given == nil, expiry != nil, service == "s3" { return "UNSIGNED-PAYLOAD" }
    let own = SHA256.hash(data: body).hex
    guard given == nil || given == own else {
      throw .payload("The provided 'x-amz-content-sha256' header does not match what was computed.")
    }
    return own
  }

  private static func isOfRegions(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  static func bytes(hex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = PercentText.hex(digits[index]), let low = PercentText.hex(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}

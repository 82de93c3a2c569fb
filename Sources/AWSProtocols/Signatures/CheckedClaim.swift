// From a claim to the truth, in two steps. What the head tells is checked before a byte of the body is read: a stranger
// must not make us hold eight megabytes of his. The body comes last, because only then is its hash known.

internal import Crypto

/// A claim of which all that the head of the request tells is right.
public struct CheckedClaim: Sendable {
  /// What is known of the body before it is there.
  private enum Payload {
    /// The head has its hash, and the signature was checked with that.
    case hashed(String)
    /// The signature cannot be checked without it.
    case unknown
    /// It comes in pieces of which each is signed with what the one before it was signed with, and perhaps headers after
    /// them.
    case pieces(haveTrailer: Bool)
    /// It is not signed.
    case unsigned
  }

  /// The claim.
  public let claim: SignatureClaim
  private let head: WireRequest
  private let secret: String
  private let keys: SigningKeys
  private let payload: Payload

  /// Checks a claim as far as the head of its request goes: the time, what is signed, and, if the head says the hash of
  /// the body, the signature itself.
  ///
  /// What says what is to be done has to be signed: all of the body, and every `x-amz-` header, among them the one that
  /// names the operation. Else whoever sees one request could have another done with its signature.
  public init(
    _ claim: SignatureClaim,
    head: WireRequest,
    secret: String,
    now: Timestamp,
    keys: SigningKeys
  ) throws(SignatureFailure) {
    try claim.checkTime(now)
    // The token of a session may be added after signing; it opens nothing but its own session.
    for (name, _) in head.headers.entries where name.hasPrefix("x-amz-") {
      guard claim.signedHeaders.contains(name) || name == "x-amz-security-token" else {
        throw .mismatch("There were headers present in the request which were not signed: \(name.prefix(64))")
      }
    }
    self.claim = claim
    self.head = head
    self.secret = secret
    self.keys = keys
    let given = head.headers["x-amz-content-sha256"]
    switch given {
    case "UNSIGNED-PAYLOAD" where claim.service == "s3", nil where claim.expiry != nil && claim.service == "s3":
      payload = .unsigned
      try checkSignature(payloadHash: "UNSIGNED-PAYLOAD")
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, and sigv4-streaming-trailers.html
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"?, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"?:
      payload = .pieces(haveTrailer: given?.hasSuffix("-TRAILER") ?? false)
      try checkSignature(payloadHash: given ?? "")
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER" where claim.service == "s3":
      payload = .unsigned
      try checkSignature(payloadHash: given ?? "")
    case nil: payload = .unknown
    case let given?:
      guard given != "UNSIGNED-PAYLOAD", !given.hasPrefix("STREAMING-") else {
        throw .payload("The payload \(given.prefix(64)) is not taken by this service: sign the whole body.")
      }
      payload = .hashed(given)
      try checkSignature(payloadHash: given)
    }
  }

  /// Checks the body, as it was signed, and the signature, in a time that does not depend on how much of it is right.
  public func verify(body: [UInt8]) throws(SignatureFailure) {
    switch payload {
    case .unsigned: return
    case .pieces(let haveTrailer): try checkPieces(body, haveTrailer: haveTrailer)
    case .unknown: try checkSignature(payloadHash: SHA256.hash(data: body).hex)
    case .hashed(let hash):
      guard SHA256.hash(data: body).hex == hash else {
        throw .payload("The provided 'x-amz-content-sha256' header does not match what was computed.")
      }
    }
  }

  /// Each piece is signed with the signature before it, from that of the head to that of the empty piece at the end: none
  /// can be changed, left out or put elsewhere.
  private func checkPieces(_ body: [UInt8], haveTrailer: Bool) throws(SignatureFailure) {
    let chunked: ChunkedBody
    do {
      chunked = try ChunkedBody(decoding: body)
    } catch {
      throw .framing("The body is not aws-chunked: \(error.message)")
    }
    var previous = claim.signature
    let nothing = SHA256.hash(data: [UInt8]()).hex
    for piece in chunked.pieces {
      let hash = SHA256.hash(data: chunked.bytes[piece.range]).hex
      try checkPart("PAYLOAD", piece.signature, after: previous, "\(nothing)\n\(hash)")
      previous = piece.signature ?? ""
    }
    let (signatures, trailers) = (
      chunked.trailers.all("x-amz-trailer-signature"),
      chunked.trailers.entries.filter { $0.name != "x-amz-trailer-signature" }
    )
    guard haveTrailer else {
      guard trailers.isEmpty, signatures.isEmpty else {
        throw .mismatch("There were headers after the last chunk which were not signed.")
      }
      return
    }
    let text = trailers.map { "\($0.name):\($0.value)\n" }.joined()
    try checkPart("TRAILER", signatures.first, after: previous, SHA256.hash(data: Array(text.utf8)).hex)
  }

  private func checkPart(
    _ kind: String,
    _ signature: String?,
    after previous: String,
    _ hashes: String
  ) throws(SignatureFailure) {
    let text = "\(SignatureClaim.algorithm)-\(kind)\n\(claim.time.basic)\n\(claim.scope)\n\(previous)\n\(hashes)"
    let given = signature.flatMap(Self.bytes(hex:)) ?? []
    guard key.isSignature(given, of: text) else { throw Self.otherSignature }
  }

  private var key: SigningKey { keys.key(for: keyName) }

  private var keyName: SigningKeys.Name {
    SigningKeys.Name(secret: secret, date: claim.date, region: claim.region, service: claim.service)
  }

  private static var otherSignature: SignatureFailure {
    .mismatch(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        + "Key and signing method. Consult the service documentation for details."
    )
  }

  private func checkSignature(payloadHash: String) throws(SignatureFailure) {
    let canonical = CanonicalRequest(
      head,
      signedHeaders: claim.signedHeaders,
      payloadHash: payloadHash,
      pathEncoding: claim.service == "s3" ? .once : .twice,
      isPresigned: claim.expiry != nil
    )
    let given = Self.bytes(hex: claim.signature) ?? []
    let key = key
    guard key.isSignature(given, of: claim.stringToSign(canonical)) else { throw Self.otherSignature }
    keys.remember(key, for: keyName)
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

extension SignatureClaim {
  /// Checks the time of the request against ours.
  func checkTime(_ now: Timestamp) throws(SignatureFailure) {
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

  func stringToSign(_ canonical: CanonicalRequest) -> String {
    "\(Self.algorithm)\n\(time.basic)\n\(scope)\n\(canonical.hash)"
  }
}

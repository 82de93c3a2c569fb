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
    case .unknown: try checkSignature(payloadHash: SHA256.hash(data: body).hex)
    case .hashed(let hash):
      guard SHA256.hash(data: body).hex == hash else {
        throw .payload("The provided 'x-amz-content-sha256' header does not match what was computed.")
      }
    }
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
    let name = SigningKeys.Name(secret: secret, date: claim.date, region: claim.region, service: claim.service)
    let key = keys.key(for: name)
    guard key.isSignature(given, of: claim.stringToSign(canonical)) else {
      throw .mismatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
          + "Key and signing method. Consult the service documentation for details."
      )
    }
    keys.remember(key, for: name)
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

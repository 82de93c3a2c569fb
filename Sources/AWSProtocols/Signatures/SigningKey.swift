// The key of a day, Region and service, made of a secret; and signing itself, for tests and for calls that we make.

internal import Crypto

/// A key for one day, Region and service.
struct SigningKey {
  private let key: SymmetricKey

  /// Derives the key.
  init(secret: String, date: String, region: String, service: String) {
    var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
    for part in [date, region, service, "aws4_request"] {
      key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
    }
    self.key = key
  }

  /// The signature of a text.
  func signature(of text: String) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }

  /// Whether bytes are the signature of a text; takes the same time wherever they differ.
  func isSignature(_ bytes: [UInt8], of text: String) -> Bool {
    HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Array(text.utf8), using: key)
  }
}

/// Keys to sign with.
public struct SigningCredentials: Sendable {
  /// The access key.
  public var accessKeyID: String
  /// The secret.
  public var secret: String
  /// The token of a session.
  public var sessionToken: String?

  /// Makes credentials.
  public init(accessKeyID: String, secret: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secret = secret
    self.sessionToken = sessionToken
  }
}

extension WireRequest {
  /// The request with `X-Amz-Date`, `Authorization` and what belongs to them.
  public func signed(
    with credentials: SigningCredentials,
    region: String,
    service: String,
    at time: Timestamp
  ) -> WireRequest {
    var request = self
    request.headers["x-amz-date"] = time.basic
    if let token = credentials.sessionToken { request.headers["x-amz-security-token"] = token }
    let names = Set(request.headers.entries.map(\.name)).filter { $0 == "host" || $0.hasPrefix("x-amz-") }.sorted()
    let canonical = CanonicalRequest(
      request,
      signedHeaders: names,
      payloadHash: request.headers["x-amz-content-sha256"] ?? SHA256.hash(data: body).hex,
      pathEncoding: service == "s3" ? .once : .twice,
      isPresigned: false
    )
    let date = String(time.basic.prefix(8))
    let scope = "\(date)/\(region)/\(service)/aws4_request"
    let key = SigningKey(secret: credentials.secret, date: date, region: region, service: service)
    let text = "\(SignatureClaim.algorithm)\n\(time.basic)\n\(scope)\n\(canonical.hash)"
    request.headers["authorization"] =
      "\(SignatureClaim.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
      + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(key.signature(of: text).hex)"
    return request
  }
}

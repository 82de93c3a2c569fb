// The key of a day, Region and service, made of a secret; and signing itself, for tests and for calls that we make.

internal import Crypto
internal import Synchronization

/// A key for one day, Region and service.
struct SigningKey: Sendable {
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

/// The keys that signatures were checked with, so that a caller's next request costs one hash and not five.
public final class SigningKeys: Sendable {
  /// What a key is made of.
  struct Name: Hashable {
    let secret: String
    let date: String
    let region: String
    let service: String
  }

  /// More than this are forgotten, all at once: a key is made again in microseconds.
  private static let most = 1_000

  private let known = Mutex<[Name: SigningKey]>([:])

  /// No keys yet.
  public init() {}

  /// The key, known or made.
  func key(for name: Name) -> SigningKey {
    known.withLock { $0[name] }
      ?? SigningKey(secret: name.secret, date: name.date, region: name.region, service: name.service)
  }

  /// Keeps a key that a signature has held with: nobody else's dates and Regions take room.
  func remember(_ key: SigningKey, for name: Name) {
    known.withLock { known in
      if known.count >= Self.most, known[name] == nil { known.removeAll() }
      known[name] = key
    }
  }
}

/// Keys to sign with. Whatever prints them prints no secret.
public struct SigningCredentials: Sendable, CustomStringConvertible {
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

  /// The access key, without the secret.
  public var description: String { "the access key \(accessKeyID)" }
}

extension WireRequest {
  /// What is not signed: whoever carries a request may change these, or they come after signing.
  private static let unsigned: Set<String> = [
    "authorization", "connection", "expect", "te", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]

  /// The request with `X-Amz-Date`, `Authorization` and what belongs to them. All of it is signed but what may change on
  /// its way; it has to name its `Host`.
  public func signed(
    with credentials: SigningCredentials,
    region: String,
    service: String,
    at time: Timestamp
  ) -> WireRequest {
    var request = self
    request.headers["x-amz-date"] = time.basic
    if let token = credentials.sessionToken { request.headers["x-amz-security-token"] = token }
    let names = Set(request.headers.entries.map(\.name)).subtracting(Self.unsigned).sorted()
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

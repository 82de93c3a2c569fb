// What a signed request claims: whose key, when, for which Region and service, and what was signed. Whether the claim is
// true is for `CheckedClaim`; whether the key is known, and whose it is, for the caller.

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
      let values = parameters.lazy.filter { $0.name == name }.map(\.value)
      guard let value = values.first else {
        throw .incomplete("AWS query-string parameters must include '\(name)'.")
      }
      // One of two would be looked at, and who reads the link sees the other.
      guard values.dropFirst().isEmpty else {
        throw .incomplete("AWS query-string parameters must include '\(name)' once.")
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
      token: parameters.contains { $0.name == "X-Amz-Security-Token" } ? try parameter("X-Amz-Security-Token") : nil,
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
    // Nobody has verified anything yet, and the Region and the service of a claim are kept and recorded: names only.
    let (region, service) = (parts[parts.count - 3], parts[parts.count - 2])
    guard region.utf8.count <= 32, region.utf8.first.map(Self.isLetter) ?? false, region.utf8.allSatisfy(Self.isOfNames)
    else {
      throw .incomplete("Credential should be scoped to a valid region: at most 32 small letters, digits and hyphens.")
    }
    guard (1...64).contains(service.utf8.count), service.utf8.allSatisfy(Self.isOfNames) else {
      throw .incomplete("Credential should be scoped to a service: at most 64 small letters, digits and hyphens.")
    }
    guard let time = Timestamp(basic: time) else {
      throw .incomplete("Date must be in ISO-8601 'basic format', such as 20260101T000000Z.")
    }
    accessKeyID = parts.dropLast(4).joined(separator: "/")
    date = String(parts[parts.count - 4])
    self.region = String(region)
    self.service = String(service)
    self.signedHeaders = signedHeaders.split(separator: ";").map { $0.lowercased() }
    self.signature = signature
    self.time = time
    self.sessionToken = token
    self.expiry = expiry
    guard date.utf8.count == 8, time.basic.hasPrefix(date) else {
      throw .mismatch(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '\(date.prefix(16))' != "
          + "'\(time.basic.prefix(8))', from '\(time.basic)'."
      )
    }
    guard self.signedHeaders.contains("host") || self.signedHeaders.contains(":authority") else {
      throw .mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

  private static func isOfNames(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

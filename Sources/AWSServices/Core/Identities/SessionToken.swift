// Temporary credentials are not stored anywhere. The token says whose session it is, sealed with a key of this
// installation; the secret is derived from the access key id. So they hold across restarts, and there is no table to
// clean up.

internal import AWSProtocols
internal import Crypto
internal import Foundation

/// What a session token says.
struct SessionClaims: Codable, Hashable, Sendable {
  var accessKeyID: String
  var kind: CallerIdentity.Kind
  var account: String
  var arn: String
  var principalID: String
  var userName: String?
  var issuerARN: String?
  /// Milliseconds since 1970.
  var start: Int64
  /// Milliseconds since 1970.
  var end: Int64

  var caller: CallerIdentity {
    CallerIdentity(
      kind: kind,
      account: account,
      arn: arn,
      principalID: principalID,
      accessKeyID: accessKeyID,
      userName: userName,
      issuerARN: issuerARN,
      sessionStart: Timestamp(milliseconds: start)
    )
  }
}

/// Temporary credentials.
struct SessionCredentials: Sendable, Hashable {
  var accessKeyID: String
  var secret: String
  var token: String
  var expiry: Timestamp
}

extension KeyRing {
  /// Credentials for a session.
  func credentials(for claims: SessionClaims) -> SessionCredentials? {
    guard let text = try? JSONEncoder().encode(claims),
      let box = try? AES.GCM.seal(text, using: sealingKey).combined
    else { return nil }
    return SessionCredentials(
      accessKeyID: claims.accessKeyID,
      secret: secret(of: claims.accessKeyID),
      token: Base64.encode([1] + [UInt8](box)),
      expiry: Timestamp(milliseconds: claims.end)
    )
  }

  /// What a token says; nothing if it is none of ours.
  func claims(of token: String) -> SessionClaims? {
    guard token.utf8.count < 8192, let bytes = Base64.decode(token), bytes.first == 1,
      let box = try? AES.GCM.SealedBox(combined: bytes.dropFirst()),
      let text = try? AES.GCM.open(box, using: sealingKey)
    else { return nil }
    return try? JSONDecoder().decode(SessionClaims.self, from: text)
  }
}

// AWS Security Token Service: who am I, and sessions of roles and users.

public import AWSProtocols

/// AWS Security Token Service.
public enum STS {
  /// The service.
  public static let service = Service<Identities>(
    id: "sts",
    title: "AWS Security Token Service",
    protocols: [.query(namespace: "https://sts.amazonaws.com/doc/2011-06-15/")],
    version: "2011-06-15",
    validation: .code("ValidationError"),
    operations: identityOperations + sessionOperations,
    missing: [
      "AssumeRoleWithSAML": "there is no SAML provider to believe",
      "AssumeRoleWithWebIdentity": "there is no identity provider to believe",
      "AssumeRoot": "there is no organization above the accounts",
      "DecodeAuthorizationMessage": "no error here carries an encoded message",
      "GetDelegatedAccessToken": "there is no trade-in service",
      "GetWebIdentityToken": "no outside service trusts tokens of this installation",
    ]
  )

  static let accessDenied = ErrorShape("AccessDenied", status: 403)
  static let validationError = ErrorShape("ValidationError")
  static let malformedPolicy = ErrorShape("MalformedPolicyDocument")
  static let packedPolicyTooLarge = ErrorShape("PackedPolicyTooLarge")

  /// The token is no secret: it opens nothing without the key that it belongs to, and CloudTrail's records have it, so
  /// that what a session did can be found.
  static let credentials = Shape.structure([
    .required("AccessKeyId", .string),
    .required("SecretAccessKey", .string, secret: true),
    .required("SessionToken", .string),
    .required("Expiration", .timestamp),
  ])

  static func output(_ credentials: SessionCredentials) -> Value {
    [
      "AccessKeyId": .string(credentials.accessKeyID),
      "SecretAccessKey": .string(credentials.secret),
      "SessionToken": .string(credentials.token),
      "Expiration": .time(credentials.expiry),
    ]
  }
}

// One call of an operation: who asks, from where, about which account and Region, and when. Handlers take time and
// identity from here and from nowhere else.

public import TrailEvents

/// Who calls, in CloudTrail's terms.
public struct CallerIdentity: Sendable, Hashable {
  /// CloudTrail's kinds of identity.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// The account itself.
    case root = "Root"
    /// A user.
    case user = "IAMUser"
    /// A session of a role.
    case assumedRole = "AssumedRole"
    /// A federated user.
    case federatedUser = "FederatedUser"
    /// A service, inside Signalbox.
    case service = "AWSService"
    /// Nobody that is known: an unsigned or wrongly signed call.
    case unknown = "Unknown"
  }

  /// The kind of identity.
  public var kind: Kind
  /// Twelve digits; empty when unknown.
  public var account: String
  /// `arn:aws:iam::123456789012:root` and the like.
  public var arn: String
  /// The unique id: `AIDA…`, or `AROA…:session`.
  public var principalID: String
  /// The access key that signed.
  public var accessKeyID: String
  /// The name of the user, or of a session's issuer.
  public var userName: String?
  /// For sessions: the ARN of the role or user that they came from.
  public var issuerARN: String?
  /// For sessions: when they began.
  public var sessionStart: Timestamp?

  /// Makes an identity.
  public init(
    kind: Kind,
    account: String,
    arn: String,
    principalID: String,
    accessKeyID: String,
    userName: String? = nil,
    issuerARN: String? = nil,
    sessionStart: Timestamp? = nil
  ) {
    self.kind = kind
    self.account = account
    self.arn = arn
    self.principalID = principalID
    self.accessKeyID = accessKeyID
    self.userName = userName
    self.issuerARN = issuerARN
    self.sessionStart = sessionStart
  }

  /// The account itself.
  public static func root(of account: String, accessKeyID: String) -> CallerIdentity {
    CallerIdentity(
      kind: .root,
      account: account,
      arn: "arn:aws:iam::\(account):root",
      principalID: account,
      accessKeyID: accessKeyID
    )
  }

  /// Nobody that is known.
  public static let nobody = CallerIdentity(kind: .unknown, account: "", arn: "", principalID: "", accessKeyID: "")
}

/// One call of an operation.
public struct Call: Sendable {
  /// The validated input.
  public var input: Input
  /// The account of the caller and the Region that the call was signed for.
  public var scope: Scope
  /// Who calls.
  public var caller: CallerIdentity
  /// The id of the request, as the answer shows it.
  public var requestID: String
  /// When the call arrived.
  public var time: Timestamp
  /// Where the call came from: an IP address.
  public var sourceAddress: String
  /// What the client says it is.
  public var userAgent: String
  /// How the client reached us, for URLs in answers: `http://127.0.0.1:4010`.
  public var endpoint: String
  /// Whether it came by TLS, or from within this process.
  public var isSecure: Bool
  /// Tells when the client is gone, if anybody knows.
  public var departure: Departure?
  /// The AWS X-Ray trace header of the request (`X-Amzn-Trace-Id`), which messages carry on.
  public var traceHeader: String?

  /// Makes a call.
  public init(
    input: Input,
    scope: Scope,
    caller: CallerIdentity,
    requestID: String,
    time: Timestamp,
    sourceAddress: String = "127.0.0.1",
    userAgent: String = "",
    endpoint: String = "http://127.0.0.1:4010",
    isSecure: Bool = true,
    departure: Departure? = nil
  ) {
    self.input = input
    self.scope = scope
    self.caller = caller
    self.requestID = requestID
    self.time = time
    self.sourceAddress = sourceAddress
    self.userAgent = userAgent
    self.endpoint = endpoint
    self.isSecure = isSecure
    self.departure = departure
  }

  /// The caller's account.
  public var account: String { scope.account }
  /// The Region that the call was signed for.
  public var region: String { scope.region }
}

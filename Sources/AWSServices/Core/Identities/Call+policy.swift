// The caller of an API call as policies know callers, with AWS's global condition keys. Those on organizations are never
// there: there is none here that an account could belong to.

internal import AWSProtocols
internal import TrailEvents

extension Call {
  /// Who calls, and what conditions of policies may want to know.
  var policyCaller: PolicyCaller {
    var conditions = [
      "aws:SecureTransport": [isSecure ? "true" : "false"], "aws:UserAgent": [userAgent],
      "aws:RequestedRegion": [scope.region], "aws:PrincipalType": [caller.kind.principalType],
      "aws:PrincipalIsAWSService": ["false"], "aws:ViaAWSService": ["false"],
    ]
    // What a schedule calls comes from no address.
    if !sourceAddress.hasSuffix(".amazonaws.com") { conditions["aws:SourceIp"] = [sourceAddress] }
    guard caller.kind != .unknown else {
      conditions["aws:userid"] = ["anonymous"]
      return PolicyCaller(PolicyRequest.Principal(), conditions: conditions)
    }
    conditions["aws:userid"] = [caller.principalID]
    conditions["aws:PrincipalAccount"] = [caller.account]
    // A session of a role is the role.
    conditions["aws:PrincipalArn"] = [caller.kind == .assumedRole ? caller.issuerARN ?? caller.arn : caller.arn]
    if caller.kind == .user { conditions["aws:username"] = [caller.userName].compactMap(\.self) }
    if let start = caller.sessionStart {
      conditions["aws:TokenIssueTime"] = [start.iso8601]
      conditions["aws:MultiFactorAuthPresent"] = ["false"]
    }
    let arns = [caller.arn, caller.issuerARN].compactMap(\.self)
    return PolicyCaller(PolicyRequest.Principal(account: caller.account, arns: arns), conditions: conditions)
  }
}

extension CallerIdentity.Kind {
  /// What `aws:PrincipalType` says.
  fileprivate var principalType: String {
    switch self {
    case .root: "Account"
    case .user: "User"
    case .assumedRole: "AssumedRole"
    case .federatedUser: "FederatedUser"
    case .service: "Service"
    case .unknown: "Anonymous"
    }
  }
}

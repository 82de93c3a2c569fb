// Who asks, with all that conditions may want to know of him and of his request. What is about the resource, or about what
// he wants to do with it, is added by whoever has the resource.

/// Somebody who wants something, and what is known of him.
public struct PolicyCaller: Sendable, Equatable {
  /// Who it is.
  public var principal: PolicyRequest.Principal
  /// The values of condition keys of the request, such as `aws:SourceIp`.
  public var conditions: [String: [String]]

  /// Makes a caller.
  public init(_ principal: PolicyRequest.Principal, conditions: [String: [String]] = [:]) {
    self.principal = principal
    self.conditions = conditions
  }

  /// An account as a whole.
  public static func account(_ account: String) -> PolicyCaller {
    let principal = PolicyRequest.Principal.account(account)
    return PolicyCaller(principal, conditions: within("Account", principal.arns, account))
  }

  /// A role of an account, in whose name something in here acts.
  public static func role(_ role: ARN) -> PolicyCaller {
    let principal = PolicyRequest.Principal(account: role.account, arns: [role.description])
    return PolicyCaller(principal, conditions: within("AssumedRole", principal.arns, role.account))
  }

  /// A service that acts for a resource, such as `events.amazonaws.com` for a rule.
  public static func service(_ name: String, for source: ARN) -> PolicyCaller {
    PolicyCaller(
      .service(name),
      conditions: [
        "aws:SourceArn": [source.description], "aws:SourceAccount": [source.account],
        "aws:PrincipalIsAWSService": ["true"], "aws:PrincipalServiceName": [name], "aws:SecureTransport": ["true"],
      ]
    )
  }

  /// What is known of who acts within this process, where nothing goes over a wire.
  private static func within(_ type: String, _ arns: [String], _ account: String) -> [String: [String]] {
    [
      "aws:PrincipalArn": arns, "aws:PrincipalAccount": [account], "aws:PrincipalType": [type],
      "aws:PrincipalIsAWSService": ["false"], "aws:SecureTransport": ["true"],
    ]
  }

  /// How a refusal names him.
  public var name: String { principal.arns.first ?? principal.service ?? principal.account ?? "anonymous" }
}

// Which queue: its account, Region and name, of which clients write ARNs and URLs.

public import TrailEvents

/// A queue of an account and Region.
public struct QueueAddress: Sendable, Hashable {
  /// The account and Region.
  public var scope: Scope
  /// The queue's name.
  public var name: String

  /// Makes an address.
  public init(_ name: String, in scope: Scope) {
    self.scope = scope
    self.name = name
  }

  /// Reads the ARN of a queue; nothing if it is none.
  public init?(arn: String) {
    guard let arn = ARN(arn) else { return nil }
    self.init(arn: arn)
  }

  /// Takes the ARN of a queue; nothing if it is another service's.
  public init?(arn: ARN) {
    guard arn.service == "sqs" else { return nil }
    self.init(arn.resource, in: arn.scope)
  }

  /// The queue's ARN.
  public var arn: ARN { ARN(service: "sqs", in: scope, resource: name) }

  /// The path of the queue's URL: `/ACCOUNT/NAME`.
  public var path: String { "/\(scope.account)/\(name)" }
}

/// Who calls an operation.
public struct MessagingCaller: Sendable, Equatable {
  /// The caller as policies know callers.
  public var policyCaller: PolicyCaller
  /// The unique id, which receivers see as a message's SenderId: a user's id, or a role's id and the session's name.
  public var senderID: String

  /// The caller as policies name it.
  public var principal: PolicyRequest.Principal { policyCaller.principal }

  /// Makes a caller.
  public init(_ policyCaller: PolicyCaller, senderID: String) {
    self.policyCaller = policyCaller
    self.senderID = senderID
  }

  /// A service that acts for a resource, such as `events.amazonaws.com` for a rule.
  public static func service(_ name: String, for source: ARN) -> MessagingCaller {
    MessagingCaller(.service(name, for: source), senderID: name)
  }

  /// The account as a whole.
  public static func account(_ account: String) -> MessagingCaller {
    MessagingCaller(.account(account), senderID: account)
  }

  /// A role, in whose name something in here acts.
  public static func role(_ role: ARN) -> MessagingCaller {
    MessagingCaller(.role(role), senderID: role.account)
  }
}

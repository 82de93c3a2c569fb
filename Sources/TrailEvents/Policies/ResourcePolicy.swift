// The policy of a resource (a bus, a queue, a topic): who else may do what with it. One evaluator serves all services.
//
// What a policy means is AWS's: an explicit Deny wins, then an Allow, and otherwise nothing is said. What is not
// understood never opens anything: an Allow with an unknown condition does not hold, a Deny with one does.

internal import EventPatterns

/// A policy document.
public struct ResourcePolicy: Sendable, Equatable {
  /// Why a text is no policy.
  public struct Malformed: Error, Sendable, Equatable {
    /// What was wrong, for a person.
    public var message: String
  }

  /// What a policy says about a request.
  public enum Decision: Sendable, Equatable {
    /// A statement allows it, and none denies it.
    case allowed
    /// A statement denies it.
    case denied
    /// No statement is about it.
    case silent
  }

  /// The statements, in their order.
  public let statements: [PolicyStatement]

  /// Reads a policy document.
  public init(parsing text: String) throws(Malformed) {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: text)
    } catch {
      throw Malformed(message: "the policy is not JSON: \(error)")
    }
    guard case .object = document else { throw Malformed(message: "a policy is a JSON object") }
    let values: [JSONValue]
    switch document["Statement"] {
    case .array(let items)?: values = items
    case .object(let object)?: values = [.object(object)]
    default: throw Malformed(message: "a policy has a Statement, which is a list of objects")
    }
    var statements: [PolicyStatement] = []
    for value in values { statements.append(try PolicyStatement(value)) }
    self.statements = statements
  }

  /// What the policy says about a request.
  public func decision(_ request: PolicyRequest) -> Decision {
    var isAllowed = false
    for statement in statements where statement.isAbout(request) {
      if !statement.isAllow { return .denied }
      isAllowed = true
    }
    return isAllowed ? .allowed : .silent
  }
}

/// Somebody who wants to do something with a resource.
public struct PolicyRequest: Sendable {
  /// Who it is.
  public struct Principal: Sendable, Equatable {
    /// The account, if it has one.
    public var account: String?
    /// The ARNs that name it: a session is also its role.
    public var arns: [String]
    /// The service, such as `events.amazonaws.com`, if it is one.
    public var service: String?

    /// Makes a principal.
    public init(account: String? = nil, arns: [String] = [], service: String? = nil) {
      self.account = account
      self.arns = arns
      self.service = service
    }

    /// An account as a whole.
    public static func account(_ account: String) -> Principal {
      Principal(account: account, arns: ["arn:aws:iam::\(account):root"])
    }

    /// A service.
    public static func service(_ name: String) -> Principal { Principal(service: name) }
  }

  /// Who it is.
  public var principal: Principal
  /// What it wants to do, such as `sqs:SendMessage`.
  public var action: String
  /// The ARN of the resource.
  public var resource: String
  /// The values of condition keys, such as `aws:SourceArn`; keys are found without regard to case.
  public var conditions: [String: [String]]

  /// Makes a request.
  public init(principal: Principal, action: String, resource: String, conditions: [String: [String]] = [:]) {
    self.principal = principal
    self.action = action
    self.resource = resource
    self.conditions = Dictionary(conditions.map { ($0.key.lowercased(), $0.value) }) { $0 + $1 }
  }
}

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
  /// Whether `${…}` stands for something.
  private let hasVariables: Bool
  private let versionObjection: String?

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
    let version = document["Version"]
    hasVariables = version?.string == "2012-10-17"
    versionObjection =
      version == nil || ["2012-10-17", "2008-10-17"].contains(version?.string)
      ? nil : "the Version of a policy is 2012-10-17 or 2008-10-17"
  }

  /// Reads a policy that somebody sets: one that can never do what it says is refused.
  ///
  /// - Parameter namesPrincipals: whether statements say whom they are about, as those of resources do.
  public init(checking text: String, namesPrincipals: Bool = true) throws(Malformed) {
    try self.init(parsing: text)
    if let objection { throw Malformed(message: objection) }
    if namesPrincipals, statements.contains(where: { $0.principals == nil }) {
      throw Malformed(message: "a statement of a resource's policy has a Principal")
    }
  }

  /// What is wrong with the policy, for who sets it.
  public var objection: String? { versionObjection ?? statements.lazy.compactMap(\.objection).first }

  /// What the policy says about a request.
  public func decision(_ request: PolicyRequest) -> Decision {
    var isAllowed = false
    for statement in statements where statement.isAbout(request, fillsIn: hasVariables) {
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
  /// The ARNs of the resource; a statement about one of them is about the request.
  public var resources: [String]
  /// The values of condition keys, such as `aws:SourceArn`, by the key in small letters.
  public private(set) var conditions: [String: [String]]
  /// Whether an Allow has to name the action: `*` does not stand for it.
  public var mustBeNamed = false

  /// Makes a request.
  ///
  /// - Parameter now: the time in milliseconds since 1970, for conditions on the time.
  public init(
    principal: Principal,
    action: String,
    resource: String,
    conditions: [String: [String]] = [:],
    now: Int64? = nil
  ) {
    self.principal = principal
    self.action = action
    resources = [resource]
    self.conditions = Dictionary(conditions.map { ($0.key.lowercased(), $0.value) }) { $0 + $1 }
    if let owner = ARN(resource)?.account, !owner.isEmpty { self.conditions["aws:resourceaccount"] = [owner] }
    guard let now else { return }
    var text: [UInt8] = []
    EventTime(seconds: now / 1000).append(to: &text)
    self.conditions["aws:currenttime"] = [String(decoding: text, as: UTF8.self)]
    self.conditions["aws:epochtime"] = [String(now / 1000)]
  }
}

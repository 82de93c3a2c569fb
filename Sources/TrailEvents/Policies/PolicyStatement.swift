// One statement of a policy: effect, principals, actions, resources, conditions.

internal import EventPatterns

/// A statement of a policy.
public struct PolicyStatement: Sendable, Equatable {
  /// Patterns, of which one must fit, or (`isNot`) none.
  struct Patterns: Sendable, Equatable {
    var isNot = false
    var values: [String]
  }

  /// Principals by kind: `AWS`, `Service`, and `*` for everybody.
  struct Principals: Sendable, Equatable {
    var isNot = false
    var everybody = false
    var aws: [String] = []
    var services: [String] = []
  }

  /// The `Sid`.
  public let identifier: String?
  let isAllow: Bool
  let principals: Principals?
  let actions: Patterns?
  let resources: Patterns?
  let conditions: [PolicyCondition]
  /// What is wrong with it, for who sets the policy: what is stored is read all the same.
  let objection: String?

  init(_ value: JSONValue) throws(ResourcePolicy.Malformed) {
    guard case .object(let object) = value else { throw .init(message: "a statement is a JSON object") }
    identifier = object["Sid"]?.string
    switch object["Effect"]?.string {
    case "Allow": isAllow = true
    case "Deny": isAllow = false
    default: throw .init(message: "the Effect of a statement is Allow or Deny")
    }
    principals = try Self.principals(object)
    actions = try Self.patterns("Action", "NotAction", object)
    resources = try Self.patterns("Resource", "NotResource", object)
    guard actions != nil else { throw .init(message: "a statement has an Action") }
    conditions = try PolicyCondition.list(object["Condition"])
    objection = Self.objection(to: object) ?? conditions.lazy.compactMap(\.objection).first
  }

  private static let principalKinds: Set<String> = ["AWS", "Service", "Federated", "CanonicalUser"]

  private static func objection(to object: JSONObject) -> String? {
    for name in ["Principal", "Action", "Resource"] where object[name] != nil && object["Not\(name)"] != nil {
      return "a statement has \(name) or Not\(name), not both"
    }
    if case .object(let kinds)? = object["Principal"] ?? object["NotPrincipal"],
      let kind = kinds.members.first(where: { !principalKinds.contains($0.name) })
    {
      return "there is no kind of principals \(kind.name)"
    }
    return nil
  }

  private static func patterns(
    _ name: String,
    _ notName: String,
    _ object: JSONObject
  ) throws(ResourcePolicy.Malformed) -> Patterns? {
    if let value = object[name] { return Patterns(values: try texts(value, name)) }
    if let value = object[notName] { return Patterns(isNot: true, values: try texts(value, notName)) }
    return nil
  }

  private static func principals(_ object: JSONObject) throws(ResourcePolicy.Malformed) -> Principals? {
    let isNot = object["Principal"] == nil
    guard let value = object["Principal"] ?? object["NotPrincipal"] else { return nil }
    var principals = Principals(isNot: isNot)
    switch value {
    case .string("*"): principals.everybody = true
    case .object(let kinds):
      for (kind, value) in kinds.members {
        let values = try texts(value, "Principal")
        switch kind {
        case "AWS":
          principals.aws += values
          if values.contains("*") { principals.everybody = true }
        case "Service": principals.services += values
        default: break
        }
      }
    default: throw .init(message: "a Principal is \"*\" or an object such as {\"AWS\": \"111122223333\"}")
    }
    return principals
  }

  /// One text or a list of them.
  static func texts(_ value: JSONValue, _ name: String) throws(ResourcePolicy.Malformed) -> [String] {
    let items: [JSONValue] = if case .array(let items) = value { items } else { [value] }
    var texts: [String] = []
    for item in items {
      switch item {
      case .string(let text), .number(let text): texts.append(text)
      case .bool(let flag): texts.append(flag ? "true" : "false")
      default: throw .init(message: "\(name) holds texts")
      }
    }
    return texts
  }

  /// Whether the statement is about a request.
  ///
  /// - Parameter fillsIn: whether variables are variables.
  func isAbout(_ request: PolicyRequest, fillsIn: Bool) -> Bool {
    guard isAboutAction(of: request), isAboutResource(of: request, fillsIn), includes(request.principal) else {
      return false
    }
    return conditions.allSatisfy { $0.holds(request, fillsIn: fillsIn, isUnknownTrue: !isAllow) }
  }

  private func isAboutAction(of request: PolicyRequest) -> Bool {
    guard let actions else { return false }
    let action = request.action.lowercased()
    if isAllow, request.mustBeNamed {
      return !actions.isNot && actions.values.contains { $0.lowercased() == action }
    }
    return actions.values.contains { TextGlob.matches($0.lowercased(), action) } != actions.isNot
  }

  private func isAboutResource(of request: PolicyRequest, _ fillsIn: Bool) -> Bool {
    guard let resources else { return true }
    let patterns = resources.values.compactMap { fillsIn ? PolicyText($0, for: request) : PolicyText($0) }
    return request.resources.contains { resource in
      patterns.contains { TextGlob.matches($0, resource) } != resources.isNot
    }
  }

  private func includes(_ principal: PolicyRequest.Principal) -> Bool {
    guard let principals else { return false }
    let isNamed =
      principals.everybody
      || principals.aws.contains { name in
        if let account = principal.account, name == account || name == "arn:aws:iam::\(account):root" { return true }
        return principal.arns.contains(name)
      }
      || principal.service.map { principals.services.contains($0) || principals.services.contains("*") } ?? false
    return isNamed != principals.isNot
  }
}

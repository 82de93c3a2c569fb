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
  func isAbout(_ request: PolicyRequest) -> Bool {
    let action = request.action.lowercased()
    guard holds(actions, { TextGlob.matches($0.lowercased(), action) }),
      resources == nil || holds(resources, { TextGlob.matches($0, request.resource) }),
      includes(request.principal)
    else { return false }
    return conditions.allSatisfy { $0.holds(request, isUnknownTrue: !isAllow) }
  }

  private func holds(_ patterns: Patterns?, _ fits: (String) -> Bool) -> Bool {
    guard let patterns else { return false }
    return patterns.values.contains(where: fits) != patterns.isNot
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

/// Patterns with `*` and `?`, as policies have them.
package enum TextGlob {
  /// Whether a pattern fits all of a text.
  package static func matches(_ pattern: String, _ text: String) -> Bool {
    let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
    var (at, inText) = (0, 0)
    var retry: (pattern: Int, text: Int)?
    while inText < text.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        retry = (at, inText)
        at += 1
      } else if at < pattern.count, pattern[at] == text[inText] || pattern[at] == UInt8(ascii: "?") {
        at += 1
        inText += 1
      } else if let (star, start) = retry {
        // The star takes one more byte.
        retry = (star, start + 1)
        at = star + 1
        inText = start + 1
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

// A condition of a statement: an operator, a key, and values of which one must fit.

internal import EventPatterns

/// A condition of a policy's statement.
struct PolicyCondition: Sendable, Equatable {
  /// The operator as it is written.
  let name: String
  /// The operator; nothing if there is none of the name.
  let test: PolicyOperator?
  /// The key, in small letters.
  let key: String
  let values: [String]

  static func list(_ value: JSONValue?) throws(ResourcePolicy.Malformed) -> [PolicyCondition] {
    guard let value else { return [] }
    guard case .object(let operators) = value else { throw .init(message: "a Condition is a JSON object") }
    var conditions: [PolicyCondition] = []
    for (name, keys) in operators.members {
      guard case .object(let keys) = keys else { throw .init(message: "\(name) in a Condition is an object") }
      for (key, value) in keys.members {
        let values = try PolicyStatement.texts(value, "Condition")
        conditions.append(
          PolicyCondition(name: name, test: PolicyOperator(name), key: key.lowercased(), values: values)
        )
      }
    }
    return conditions
  }

  /// What is wrong with it, for who sets the policy.
  var objection: String? {
    guard let test else { return "there is no condition operator \(name)" }
    if values.isEmpty { return "the condition \(name) of \(key) has no value" }
    guard let value = values.first(where: { !test.takes($0) }) else { return nil }
    return "the condition \(name) of \(key) cannot have the value \(value)"
  }

  /// Whether it holds.
  ///
  /// - Parameters:
  ///   - fillsIn: whether variables are variables: they are since version 2012-10-17.
  ///   - isUnknownTrue: what an operator that is not known gives.
  func holds(_ request: PolicyRequest, fillsIn: Bool, isUnknownTrue: Bool) -> Bool {
    guard let test else { return isUnknownTrue }
    let found = request.conditions[key] ?? []
    if case .null = test.comparison { return values.contains { $0.lowercased() == (found.isEmpty ? "true" : "false") } }
    if found.isEmpty {
      if test.ifExists { return true }
      switch test.quantifier {
      case .forAll?: return true
      case .forAny?: return false
      // A key that the request does not have fits no value.
      case nil: return test.isNegated
      }
    }
    let values = values.compactMap { fillsIn ? PolicyText($0, for: request) : PolicyText($0) }
    func fits(_ text: String) -> Bool { values.contains { test.fits(text, $0) } }
    return switch test.quantifier {
    case .forAll?: found.allSatisfy { fits($0) != test.isNegated }
    case .forAny?: found.contains { fits($0) != test.isNegated }
    case nil: found.contains(where: fits) != test.isNegated
    }
  }
}

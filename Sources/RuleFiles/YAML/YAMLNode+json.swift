// YAML values as JSON, where a field takes any shape: fixtures, templates, test values, list items.

package import EventPatterns

extension YAMLNode {
  /// The value as JSON.
  ///
  /// Twelve digits and digits after a leading zero are text: they are account ids and the like, and no number that
  /// somebody would write that way.
  package var json: JSONValue {
    switch content {
    case .scalar(let scalar): scalar.json
    case .sequence(let items): .array(items.map(\.json))
    case .mapping(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
    }
  }
}

extension YAMLScalar {
  /// The scalar as JSON.
  var json: JSONValue { isUnquotedAccount || isAmbiguous ? .string(text) : resolvedJSON }

  /// The scalar as JSON by the core schema alone: twelve digits are a number.
  var resolvedJSON: JSONValue {
    switch resolved {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let digits), .float(let digits): .number(digits)
    case .infinityOrNaN, .string: .string(text)
    }
  }
}

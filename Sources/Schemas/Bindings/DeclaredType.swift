// A JSON Schema as types of a programming language, before there is a language: names that can be declared, and for each
// place what may stand there.

internal import EventPatterns

/// What may stand at a place.
indirect enum TypeExpression: Equatable {
  case any
  case null
  case boolean
  case integer
  case number
  case string
  /// One of these texts.
  case literals([String])
  /// A declared type.
  case named(String)
  case list(TypeExpression)
  /// An object whose names are data.
  case map(TypeExpression)
  case union([TypeExpression])
}

/// A type with a name.
struct DeclaredType: Equatable {
  /// A member of an object.
  struct Member: Equatable {
    var name: String
    var type: TypeExpression
    var isRequired: Bool
  }

  /// What it is.
  enum Body: Equatable {
    case object([Member])
    case alias(TypeExpression)
  }

  var name: String
  var body: Body
}

/// Makes types out of a JSON Schema of Draft 4.
struct TypeBuilder {
  private var types: [DeclaredType] = []
  private var taken: Set<String> = []
  /// The names of definitions.
  private var names: [String: String] = [:]
  private var root = ""

  /// The types of a schema, its own first.
  ///
  /// - Parameter name: what it is called if it does not say so itself.
  static func types(of schema: JSONValue, named name: String) -> [DeclaredType] {
    var builder = TypeBuilder()
    let isEvent = schema["x-amazon-events-source"] != nil
    builder.root = builder.free(isEvent ? "AWSEvent" : schema["title"]?.string ?? name)
    var definitions: [(name: String, value: JSONValue)] = []
    if case .object(let object)? = schema["definitions"] { definitions = object.members }
    for (name, _) in definitions { builder.names[name] = builder.free(name) }
    builder.declare(schema, as: builder.root)
    for (name, value) in definitions { builder.declare(value, as: builder.names[name] ?? name) }
    return builder.types
  }

  private mutating func free(_ text: String) -> String {
    var base = EventKind.componentName(text)
    if base.first?.isNumber ?? true { base = "T" + base }
    var name = base
    var number = 1
    while !taken.insert(name).inserted {
      name = "\(base)\(number)"
      number += 1
    }
    return name
  }

  private mutating func declare(_ schema: JSONValue, as name: String) {
    let place = types.count
    types.append(DeclaredType(name: name, body: .alias(.any)))
    types[place].body = body(of: schema, name) ?? .alias(expression(schema, name))
  }

  /// The members of an object that has some.
  private mutating func body(of schema: JSONValue, _ name: String) -> DeclaredType.Body? {
    guard case .object(let properties)? = schema["properties"], !properties.members.isEmpty,
      schema["type"] == nil || schema["type"]?.string == "object"
    else { return nil }
    var required: Set<String> = []
    if case .array(let items)? = schema["required"] { required = Set(items.compactMap(\.string)) }
    var members: [DeclaredType.Member] = []
    for (member, value) in properties.members {
      let type = expression(value, name + EventKind.componentName(member))
      members.append(DeclaredType.Member(name: member, type: type, isRequired: required.contains(member)))
    }
    return .object(members)
  }

  private mutating func expression(_ schema: JSONValue, _ name: String) -> TypeExpression {
    if let reference = schema["$ref"]?.string {
      if reference == "#" { return .named(root) }
      let prefix = "#/definitions/"
      guard reference.hasPrefix(prefix), let known = names[String(reference.dropFirst(prefix.count))] else {
        return .any
      }
      return .named(known)
    }
    if case .array(let values)? = schema["enum"] {
      let texts = values.compactMap(\.string)
      if texts.count == values.count { return .literals(texts) }
    }
    for keyword in ["anyOf", "oneOf"] {
      if case .array(let items)? = schema[keyword] { return union(items.map { expression($0, name) }) }
    }
    // Of several schemas at once the first says most of it; that is all that the types of these languages can say.
    if case .array(let items)? = schema["allOf"], let first = items.first { return expression(first, name) }
    switch schema["type"] {
    case .string(let type)?: return expression(of: type, schema, name)
    case .array(let types)?: return union(types.compactMap(\.string).map { expression(of: $0, schema, name) })
    default: return .any
    }
  }

  private mutating func expression(of type: String, _ schema: JSONValue, _ name: String) -> TypeExpression {
    switch type {
    case "null": return .null
    case "boolean": return .boolean
    case "integer": return .integer
    case "number": return .number
    case "string": return .string
    case "array":
      guard let items = schema["items"], case .object = items else { return .list(.any) }
      return .list(expression(items, name + "Item"))
    case "object":
      if let values = schema["additionalProperties"], case .object = values {
        return .map(expression(values, name + "Value"))
      }
      guard case .object(let properties)? = schema["properties"], !properties.members.isEmpty else { return .map(.any) }
      let own = free(name)
      var object = schema
      if case .object(var members) = schema {
        members["type"] = .string("object")
        object = .object(members)
      }
      declare(object, as: own)
      return .named(own)
    default: return .any
    }
  }

  private func union(_ types: [TypeExpression]) -> TypeExpression {
    var different: [TypeExpression] = []
    for type in types where !different.contains(type) { different.append(type) }
    if different.contains(.any) || different.isEmpty { return .any }
    return different.count == 1 ? different[0] : .union(different)
  }
}

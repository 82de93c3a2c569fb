// Is a document what it says it is? CreateSchema and UpdateSchema take nothing else, so what is in a registry can be
// exported, shown and made into code.

internal import EventPatterns

/// The kinds of schema document.
public enum SchemaType: String, Sendable, CaseIterable {
  /// OpenAPI 3.0
  case openAPI3 = "OpenApi3"
  /// JSON Schema, Draft 4
  case jsonSchemaDraft4 = "JSONSchemaDraft4"
}

/// Checks the documents of schemas.
enum SchemaContent {
  /// The most bytes of a document.
  static let longest = 100_000

  /// Reads a document of a type; throws `BadRequestException` with the place of what is wrong.
  static func check(_ content: String, as type: SchemaType) throws(SchemasError) -> JSONValue {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: content)
    } catch {
      throw .badRequest("Content is not JSON: \(error)")
    }
    var checker = SchemaChecker(document: document, type: type)
    if let problem = checker.problem() {
      throw .badRequest("Content is not a valid \(type.rawValue) document: \(problem)")
    }
    return document
  }
}

/// Finds what is wrong with a document.
private struct SchemaChecker {
  /// Deeper than any schema that somebody wrote.
  private static let deepest = 300
  private static let types: Set<String> = ["array", "boolean", "integer", "number", "object", "string"]

  let document: JSONValue
  let type: SchemaType

  /// The first thing that is wrong: its place and what was expected.
  mutating func problem() -> String? {
    guard case .object = document else { return "an object was expected" }
    switch type {
    case .openAPI3: return openAPIProblem()
    case .jsonSchemaDraft4:
      if let dialect = document["$schema"] {
        guard let text = dialect.string, text.contains("json-schema.org/draft-04/schema") else {
          return "$schema: http://json-schema.org/draft-04/schema# was expected"
        }
      }
      return problem(in: document, at: "", depth: 0)
    }
  }

  private func openAPIProblem() -> String? {
    guard let version = document["openapi"]?.string, version == "3.0" || version.hasPrefix("3.0.") else {
      return "openapi: a version of OpenAPI 3.0, such as \"3.0.0\", was expected"
    }
    guard case .object? = document["info"] else { return "info: an object was expected" }
    for name in ["title", "version"] where document["info"]?[name]?.string == nil {
      return "info.\(name): a string was expected"
    }
    guard case .object? = document["paths"] else { return "paths: an object was expected; it may be empty" }
    guard let components = document["components"] else { return nil }
    guard case .object = components else { return "components: an object was expected" }
    guard let schemas = components["schemas"] else { return nil }
    guard case .object(let named) = schemas else { return "components.schemas: an object was expected" }
    for (name, schema) in named.members {
      let isName =
        !name.isEmpty
        && name.utf8.allSatisfy { byte in
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (0x30...0x39).contains(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
        }
      guard isName else {
        return "components.schemas.\(name): a name has letters, digits, dots, hyphens and underscores"
      }
      if let problem = problem(in: schema, at: "components.schemas.\(name)", depth: 0) { return problem }
    }
    return nil
  }

  private func problem(in schema: JSONValue, at place: String, depth: Int) -> String? {
    func said(_ name: String, _ expected: String) -> String {
      "\(place.isEmpty ? name : "\(place).\(name)"): \(expected) was expected"
    }
    guard depth < Self.deepest else { return "\(place): it is nested too deep" }
    guard case .object(let object) = schema else { return "\(place): an object was expected" }
    if let reference = object["$ref"] {
      guard let text = reference.string else { return said("$ref", "a string") }
      return isKnown(text) ? nil : "\(place).$ref: there is no \(text)"
    }
    for (name, value) in object.members {
      if let expected = expectation(name, value) { return said(name, expected) }
      let inner = place.isEmpty ? name : "\(place).\(name)"
      switch (SchemaKeyword.named(name, in: type), value) {
      case (nil, _): break
      case (.schema?, _), (.schemaOrBool?, .object), (.schemaOrList?, .object):
        if let problem = problem(in: value, at: inner, depth: depth + 1) { return problem }
      case (.schemaOrBool?, .bool): break
      case (.list?, .array(let items)), (.schemaOrList?, .array(let items)):
        if items.isEmpty { return said(name, "at least one schema") }
        for (index, item) in items.enumerated() {
          if let problem = problem(in: item, at: "\(inner)[\(index)]", depth: depth + 1) { return problem }
        }
      case (.map?, .object(let schemas)):
        for (name, schema) in schemas.members {
          if let problem = problem(in: schema, at: "\(inner).\(name)", depth: depth + 1) { return problem }
        }
      case (.dependencies?, .object(let schemas)):
        for (name, schema) in schemas.members {
          if case .array = schema { continue }
          if let problem = problem(in: schema, at: "\(inner).\(name)", depth: depth + 1) { return problem }
        }
      case (.schemaOrBool?, _): return said(name, "a schema, true or false")
      case (.list?, _): return said(name, "a list of schemas")
      case (.schemaOrList?, _): return said(name, "a schema or a list of schemas")
      case (.map?, _), (.dependencies?, _): return said(name, "an object")
      }
    }
    if type == .openAPI3, object["type"]?.string == "array", object["items"] == nil {
      return said("items", "the schema of the items")
    }
    return nil
  }

  /// What was expected of a keyword whose value is no schema; nothing if all is well.
  private func expectation(_ name: String, _ value: JSONValue) -> String? {
    switch name {
    case "type":
      if case .array(let items) = value, type == .jsonSchemaDraft4 {
        let isRight = !items.isEmpty && Set(items).count == items.count && items.allSatisfy { isType($0.string) }
        return isRight ? nil : "a list of different types"
      }
      return isType(value.string) ? nil : "a type, such as object,"
    case "required":
      guard case .array(let items) = value, items.allSatisfy({ $0.string != nil }), Set(items).count == items.count,
        !items.isEmpty
      else { return "a list of different names" }
      return nil
    case "enum":
      guard case .array(let items) = value, !items.isEmpty else { return "a list of values" }
      return nil
    case "title", "description", "format", "pattern":
      return value.string == nil ? "a string" : nil
    case "maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties":
      guard case .number(let text) = value, let number = Int64(text), number >= 0 else { return "a whole number" }
      return nil
    case "maximum", "minimum", "multipleOf":
      guard case .number = value else { return "a number" }
      return nil
    case "exclusiveMaximum", "exclusiveMinimum", "uniqueItems", "nullable", "readOnly", "writeOnly", "deprecated":
      guard case .bool = value else { return "true or false" }
      return nil
    default: return nil
    }
  }

  private func isType(_ name: String?) -> Bool {
    guard let name else { return false }
    return Self.types.contains(name) || (type == .jsonSchemaDraft4 && name == "null")
  }

  /// Whether what a reference within the document names is there; others are taken at their word.
  private func isKnown(_ reference: String) -> Bool {
    guard reference.hasPrefix("#") else { return true }
    var value = document
    for part in reference.dropFirst().split(separator: "/") {
      let name = part.split(separator: "~", omittingEmptySubsequences: false)
      // `~1` is a slash and `~0` a tilde.
      var text = String(name[0])
      for piece in name.dropFirst() {
        text += piece.first == "1" ? "/" : "~"
        text += piece.dropFirst()
      }
      guard let next = value[text] ?? Int(text).flatMap({ value[$0] }) else { return false }
      value = next
    }
    return true
  }
}

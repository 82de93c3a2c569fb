// An OpenAPI 3.0 document as one JSON Schema of Draft 4. The component that is the event becomes the schema itself, the
// others its definitions. What OpenAPI says otherwise is said in Draft 4's words: `nullable` becomes the type `null`; what
// only OpenAPI knows is left out.

internal import EventPatterns

/// Turns OpenAPI documents into JSON Schema.
struct DraftFourExport {
  /// Why there is nothing to export.
  struct Failure: Error, Equatable {
    var message: String
  }

  private static let dialect = "http://json-schema.org/draft-04/schema#"
  private static let prefix = "#/components/schemas/"
  /// Keywords of OpenAPI that are none in JSON Schema.
  private static let foreign: Set<String> = [
    "nullable", "discriminator", "readOnly", "writeOnly", "xml", "externalDocs", "example", "deprecated",
  ]

  private let root: String

  /// The JSON Schema of an OpenAPI document.
  static func schema(of document: JSONValue) throws(Failure) -> JSONValue {
    guard case .object(let components)? = document["components"]?["schemas"], !components.members.isEmpty else {
      throw Failure(message: "The document has no components.schemas: there is nothing to export.")
    }
    let title = document["info"]?["title"]?.string ?? ""
    let candidates = ["AWSEvent", title].filter { components[$0] != nil } + [components.members[0].name]
    let root = candidates[0]
    let export = DraftFourExport(root: root)
    guard case .object(let event)? = components[root] else {
      throw Failure(message: "components.schemas.\(root) is not an object.")
    }
    var schema = JSONObject([("$schema", .string(dialect)), ("title", .string(title))])
    if case .object(let converted) = export.converted(.object(event)) {
      schema.members += converted.members.filter { $0.name != "title" }
    }
    let others = components.members.filter { $0.name != root }
    if !others.isEmpty {
      schema.members.append(("definitions", .object(JSONObject(others.map { ($0.name, export.converted($0.value)) }))))
    }
    return .object(schema)
  }

  private func converted(_ schema: JSONValue) -> JSONValue {
    guard case .object(let object) = schema else { return schema }
    if let reference = object["$ref"]?.string {
      return .members(["$ref": .string(self.reference(reference))])
    }
    var result = JSONObject()
    for (name, value) in object.members where !Self.foreign.contains(name) {
      result.members.append((name, member(name, value)))
    }
    return object["nullable"] == .bool(true) ? Self.nullable(result) : .object(result)
  }

  private func member(_ name: String, _ value: JSONValue) -> JSONValue {
    switch (SchemaKeyword.named(name, in: .openAPI3), value) {
    case (.schema?, _), (.schemaOrBool?, .object): converted(value)
    case (.list?, .array(let items)): .array(items.map { converted($0) })
    case (.map?, .object(let schemas)):
      .object(JSONObject(schemas.members.map { ($0.name, converted($0.value)) }))
    default: value
    }
  }

  private func reference(_ text: String) -> String {
    guard text.hasPrefix(Self.prefix) else { return text }
    let name = String(text.dropFirst(Self.prefix.count))
    return name == root ? "#" : "#/definitions/\(name)"
  }

  private static func nullable(_ object: JSONObject) -> JSONValue {
    var object = object
    if case .array(let values)? = object["enum"], !values.contains(.null) { object["enum"] = .array(values + [.null]) }
    if case .string(let type)? = object["type"] {
      object["type"] = .array([.string(type), .string("null")])
      return .object(object)
    }
    // Without a type all values are allowed, null too, unless something else restricts them.
    guard ["allOf", "anyOf", "oneOf", "not"].contains(where: { object[$0] != nil }) else { return .object(object) }
    return .members(["anyOf": .array([.object(object), .members(["type": .string("null")])])])
  }
}

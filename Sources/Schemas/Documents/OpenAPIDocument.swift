// Shapes as OpenAPI 3.0 documents, laid out as AWS's discoverers do: the event is the component `AWSEvent`, its detail
// one that is named after the detail type, and each object within it a component of its own, named after its member.

internal import EventPatterns

/// Writes OpenAPI documents.
struct OpenAPIDocument {
  private static let version = "3.0.0"
  private static let prefix = "#/components/schemas/"

  /// A schema under the name of the member that has it.
  private struct Part: Hashable {
    var name: String
    var schema: JSONValue
  }

  private var components: [(name: String, schema: JSONValue)] = []
  /// What components are called.
  private var parts: [Part: String] = [:]
  private var taken: Set<String>
  /// The last number that a name got.
  private var numbers: [String: Int] = [:]

  /// - Parameter reserved: names that are their components' own, whatever is called so within them.
  private init(reserving reserved: [String]) {
    components = reserved.map { ($0, .null) }
    taken = Set(reserved)
  }

  /// The document of a kind of event.
  static func event(_ kind: EventKind, detail: ValueShape) -> JSONValue {
    let name = kind.componentName == "AWSEvent" ? "Event" : kind.componentName
    var writer = OpenAPIDocument(reserving: ["AWSEvent", name])
    let body = writer.schema(of: detail, named: name, isWhole: true)
    writer.components[0].schema = envelope(kind, detail: name)
    writer.components[1].schema = body
    return document(title: name, writer.components)
  }

  /// The document of any JSON value.
  static func value(_ shape: ValueShape) -> JSONValue {
    var writer = OpenAPIDocument(reserving: ["Event"])
    writer.components[0].schema = writer.schema(of: shape, named: "Event", isWhole: true)
    return document(title: "Event", writer.components)
  }

  private static func document(title: String, _ components: [(name: String, schema: JSONValue)]) -> JSONValue {
    .members([
      "openapi": .string(version),
      "info": .members(["version": .string("1.0.0"), "title": .string(title)]),
      "paths": .object(JSONObject()),
      "components": .members(["schemas": .object(JSONObject(components.map { ($0.name, $0.schema) }))]),
    ])
  }

  /// What EventBridge puts around the detail of every event.
  private static func envelope(_ kind: EventKind, detail: String) -> JSONValue {
    let text = JSONValue.members(["type": .string("string")])
    let names = ["detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account"]
    return .members([
      "type": .string("object"),
      "required": .array(names.map { .string($0) }),
      "x-amazon-events-detail-type": .string(kind.detailType),
      "x-amazon-events-source": .string(kind.source),
      "properties": .members([
        "detail": reference(detail), "account": text, "detail-type": text, "id": text, "region": text,
        "resources": .members(["type": .string("array"), "items": text]), "source": text,
        "time": .members(["type": .string("string"), "format": .string("date-time")]), "version": text,
      ]),
    ])
  }

  private static func reference(_ name: String) -> JSONValue { .members(["$ref": .string(prefix + name)]) }

  // MARK: Shapes

  /// The schema of a shape.
  ///
  /// - Parameters:
  ///   - name: what an object in it is called.
  ///   - isWhole: whether an object is written out, and not put among the components.
  private mutating func schema(of shape: ValueShape, named name: String, isWhole: Bool = false) -> JSONValue {
    var kinds: [JSONValue] = []
    if shape.hasBoolean { kinds.append(.members(["type": .string("boolean")])) }
    switch shape.numbers {
    case .integer?: kinds.append(.members(["type": .string("integer"), "format": .string("int64")]))
    case .fraction?: kinds.append(.members(["type": .string("number"), "format": .string("double")]))
    case nil: break
    }
    switch shape.texts {
    case .plain?: kinds.append(.members(["type": .string("string")]))
    case let format?: kinds.append(.members(["type": .string("string"), "format": .string(format.rawValue)]))
    case nil: break
    }
    if let items = shape.items {
      let item = items.first.map { schema(of: $0, named: name + "Item") } ?? .object(JSONObject())
      kinds.append(.members(["type": .string("array"), "items": item]))
    }
    if let objects = shape.objects { kinds.append(schema(of: objects, named: name, isWhole: isWhole)) }
    let whole: JSONValue =
      kinds.count == 1 ? kinds[0] : kinds.isEmpty ? .object(JSONObject()) : .members(["anyOf": .array(kinds)])
    return shape.hasNull ? Self.nullable(whole) : whole
  }

  private mutating func schema(of shape: ObjectShape, named name: String, isWhole: Bool) -> JSONValue {
    if let entry = shape.entries.first {
      let values = schema(of: entry, named: name + "Value")
      return .members(["type": .string("object"), "additionalProperties": values])
    }
    guard !shape.properties.isEmpty else { return .members(["type": .string("object")]) }
    var object = JSONObject([("type", .string("object"))])
    if !shape.required.isEmpty {
      object.members.append(("required", .array(shape.required.sorted().map { .string($0) })))
    }
    let properties = shape.properties.sorted { $0.key < $1.key }.map { name, member in
      (name, schema(of: member, named: EventKind.componentName(name)))
    }
    object.members.append(("properties", .object(JSONObject(properties))))
    return isWhole ? .object(object) : component(.object(object), named: name)
  }

  /// Puts a schema among the components; what is there already under its name is used again, and something else under
  /// that name gets a number.
  private mutating func component(_ schema: JSONValue, named name: String) -> JSONValue {
    let part = Part(name: name, schema: schema)
    if let known = parts[part] { return Self.reference(known) }
    var candidate = name
    while !taken.insert(candidate).inserted {
      let number = numbers[name, default: 0] + 1
      numbers[name] = number
      candidate = "\(name)\(number)"
    }
    parts[part] = candidate
    components.append((candidate, schema))
    return Self.reference(candidate)
  }

  /// `nullable` says nothing beside `$ref`, and only something beside `type`.
  private static func nullable(_ schema: JSONValue) -> JSONValue {
    guard case .object(var object) = schema else { return schema }
    if object["$ref"] != nil { return .members(["nullable": .bool(true), "allOf": .array([schema])]) }
    object["nullable"] = .bool(true)
    return .object(object)
  }
}

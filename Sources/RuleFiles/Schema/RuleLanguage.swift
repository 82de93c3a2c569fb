// The registry as a JSON Schema, for completion and checks in editors.
//
// The schema is a little more generous than the checker where JSON Schema cannot say what we mean (references, notations
// with meaning), and never stricter.

public import EventPatterns

/// The rule-file language, described for tools.
public enum RuleLanguage {
  /// The JSON Schema (draft 7, which editors know best) of one document of a rule file.
  public static var jsonSchema: JSONValue {
    var writer = SchemaWriter()
    let branches = DocumentKind.allCases.map { kind -> JSONValue in
      let name = kind.rawValue
      writer.define(name, document: kind)
      return .members([
        "if": .members([
          "properties": .members(["kind": .members(["const": .string(name)])]),
          "required": .array([.string("kind")]),
        ]),
        "then": SchemaWriter.reference(name),
      ])
    }
    let kinds = DocumentKind.allCases.map { JSONValue.string($0.rawValue) }
    let defaults = MappingSpec.defaults.name
    writer.define(defaults, MappingSpec.defaults)
    return .members([
      "$schema": .string("http://json-schema.org/draft-07/schema#"),
      "title": .string("Signalbox rule files"),
      "description": .string("One document of a rule file. Generated from the registry of the code; do not edit."),
      "type": .string("object"),
      // A document, or the only one in a `_defaults.yaml`.
      "anyOf": .array([
        .members(["required": .array([.string("kind"), .string("id")])]), SchemaWriter.reference(defaults),
      ]),
      "properties": .members([
        "kind": .members(["enum": .array(kinds), "description": .string("What the document describes.")])
      ]),
      "allOf": .array(branches),
      "definitions": .object(JSONObject(writer.definitions.map { ($0.name, $0.schema) })),
    ])
  }
}

/// Writes schemas of registry entries; mappings become definitions that are written once.
struct SchemaWriter {
  private(set) var definitions: [(name: String, schema: JSONValue)] = []

  static func reference(_ name: String) -> JSONValue {
    .members(["$ref": .string("#/definitions/\(name)")])
  }

  /// Defines the schema of a kind of document.
  mutating func define(_ name: String, document kind: DocumentKind) {
    switch DocumentSpec.of(kind) {
    case .mapping: define(name, DocumentSpec.mapping(of: kind, type: nil))
    case .variants(let variants): define(name, variants, head: DocumentSpec.head(of: kind))
    }
  }

  /// Defines the schema of a mapping.
  mutating func define(_ name: String, _ spec: MappingSpec) {
    guard !definitions.contains(where: { $0.name == name }) else { return }
    let index = definitions.count
    definitions.append((name, .null))
    definitions[index].schema = schema(of: spec)
  }

  private mutating func define(_ name: String, _ variants: VariantSpec, head: [FieldSpec]) {
    guard !definitions.contains(where: { $0.name == name }) else { return }
    let index = definitions.count
    definitions.append((name, .null))
    var branches: [JSONValue] = []
    for variant in variants.variants {
      guard let spec = variants.spec(for: variant.value) else { continue }
      let variantName = "\(name)-\(variant.value)"
      define(variantName, MappingSpec(spec.name, spec.doc, head + spec.fields))
      branches.append(
        .members([
          "if": .members([
            "properties": .members([variants.key: .members(["const": .string(variant.value)])]),
            "required": .array([.string(variants.key)]),
          ]),
          "then": Self.reference(variantName),
        ])
      )
    }
    let key = variants.keySpec
    definitions[index].schema = .members([
      "type": .string("object"),
      "required": .array([.string(variants.key)]),
      "properties": .object(JSONObject([(variants.key, described(schema(of: key.type), key.doc))])),
      "allOf": .array(branches),
    ])
  }

  private mutating func schema(of spec: MappingSpec) -> JSONValue {
    var properties = JSONObject()
    for field in spec.fields { properties.members.append((field.name, described(schema(of: field.type), field.doc))) }
    let required = spec.fields.filter(\.isRequired).map { JSONValue.string($0.name) }
    var object = JSONObject([("type", .string("object"))])
    if !spec.doc.isEmpty { object["description"] = .string(spec.doc) }
    object["additionalProperties"] = .bool(false)
    if !required.isEmpty { object["required"] = .array(required) }
    object["properties"] = .object(properties)
    return .object(object)
  }

  /// Draft 7 ignores what stands beside `$ref`, so a description needs `allOf`.
  private func described(_ schema: JSONValue, _ doc: String) -> JSONValue {
    guard case .object(var object) = schema else { return schema }
    if object["$ref"] != nil {
      return .members(["description": .string(doc), "allOf": .array([schema])])
    }
    let choices = object["description"]?.string
    object["description"] = nil
    object.members.insert(("description", .string(doc + (choices.map { "\n\n\($0)" } ?? ""))), at: 0)
    return .object(object)
  }

  private mutating func schema(of type: FieldType) -> JSONValue {
    switch type {
    case .string, .line: .members(["type": .array([.string("string"), .string("number"), .string("boolean")])])
    case .id: text(pattern: "^[a-z0-9][a-z0-9._-]{0,63}$")
    case .boolean: .members(["type": .string("boolean")])
    case .integer(let range):
      .members([
        "type": .string("integer"), "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
      ])
    case .size: text(pattern: "^[0-9]+(B|KB|MB|GB)?$")
    case .timeSpan, .boundedTimeSpan: text(pattern: "^[0-9]+[smhdw]$")
    case .queueName: text(pattern: "^[A-Za-z0-9._-]{1,\(QueueLimits.longestName)}$")
    case .rate: text(pattern: "^[0-9]+/[0-9]*[smhdw]$")
    case .backoff: text(pattern: "^[0-9]+[smhdw]\\.\\.[0-9]+[smhdw]$")
    case .schedule: text(pattern: "^(rate|cron)\\(.*\\)$")
    case .instant: text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}")
    case .fieldPath: .members(["type": .string("string"), "minLength": .integer(1)])
    case .choice(let choices): schema(of: choices)
    case .secret: secret
    case .setting: .members(["anyOf": .array([text(pattern: nil), secret])])
    case .json, .template: .members([:])
    case .pattern: pattern()
    case .list(let item, let least): list(of: item, atLeast: least)
    case .map(let value): .members(["type": .string("object"), "additionalProperties": schema(of: value)])
    case .mapping(let spec): definition(spec)
    case .variants(let variants): inline(variants)
    case .reference(_, nil): text(pattern: nil)
    case .reference(_, let variants?): .members(["anyOf": .array([text(pattern: nil), inline(variants)])])
    case .either(let simple, let structured): .members(["anyOf": .array([schema(of: simple), schema(of: structured)])])
    }
  }

  private func text(pattern: String?) -> JSONValue {
    var object = JSONObject([("type", .array([.string("string"), .string("number")]))])
    if let pattern { object["pattern"] = .string(pattern) }
    return .object(object)
  }

  private func schema(of choices: [FieldType.Choice]) -> JSONValue {
    var object = JSONObject([("enum", .array(choices.map { .string($0.value) }))])
    let docs = choices.filter { !$0.doc.isEmpty }.map { "- `\($0.value)`: \($0.doc)" }
    if !docs.isEmpty { object["description"] = .string(docs.joined(separator: "\n")) }
    return .object(object)
  }

  private var secret: JSONValue {
    let name = JSONValue.members(["type": .string("string"), "minLength": .integer(1)])
    return .members([
      "type": .string("object"),
      "additionalProperties": .bool(false),
      "minProperties": .integer(1),
      "maxProperties": .integer(1),
      "properties": .members(["env": name, "file": name]),
    ])
  }

  private mutating func list(of item: FieldType, atLeast least: Int) -> JSONValue {
    let item = schema(of: item)
    var array = JSONObject([("type", .string("array")), ("items", item)])
    if least > 0 { array["minItems"] = .integer(least) }
    return .members(["anyOf": .array([.object(array), item])])
  }

  private mutating func definition(_ spec: MappingSpec) -> JSONValue {
    let name = spec.name.split(separator: " ").joined(separator: "-")
    define(name, spec)
    return Self.reference(name)
  }

  private mutating func inline(_ variants: VariantSpec) -> JSONValue {
    let name = "inline-\(variants.name)"
    define(name, variants, head: [])
    return Self.reference(name)
  }

  /// Event patterns: fields, nested fields, lists of values and match expressions.
  private mutating func pattern() -> JSONValue {
    if !definitions.contains(where: { $0.name == "pattern" }) {
      let scalar = JSONValue.members([
        "type": .array(["string", "number", "boolean", "null"].map { .string($0) })
      ])
      let nested = Self.reference("pattern")
      let values = JSONValue.members([
        "type": .string("array"),
        "items": .members(["anyOf": .array([scalar, .members(["type": .string("object")])])]),
      ])
      let branches = JSONValue.members(["type": .string("array"), "items": nested, "minItems": .integer(1)])
      let field = JSONValue.members(["anyOf": .array([scalar, values, nested])])
      var properties = JSONObject()
      for (name, doc) in Self.patternFields { properties[name] = described(field, doc) }
      properties["$or"] = described(branches, "One of these patterns holds.")
      properties["$and"] = described(branches, "All of these patterns hold (an extension of EventBridge's language).")
      properties["$not"] = described(nested, "This pattern does not hold (an extension of EventBridge's language).")
      let doc =
        "An event pattern: every field given has one of its values. Conditions stand in lists: "
        + "[{prefix: …}], suffix, equals-ignore-case, anything-but, wildcard, numeric, cidr, exists."
      let schema = JSONValue.members([
        "type": .string("object"),
        "description": .string(doc),
        "minProperties": .integer(1),
        "properties": .object(properties),
        "additionalProperties": field,
      ])
      definitions.append(("pattern", schema))
    }
    return Self.reference("pattern")
  }

  private static let patternFields = [
    ("source", "Who sent the event: `aws.s3`."),
    ("detail-type", "What kind of event it is: `AWS API Call via CloudTrail`."),
    ("account", "The account, twelve digits in quotes."),
    ("region", "The Region."),
    ("resources", "The ARNs the event is about."),
    ("detail", "The CloudTrail record: eventSource, eventName, userIdentity, requestParameters, errorCode, …"),
  ]
}

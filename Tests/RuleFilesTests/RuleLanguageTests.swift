import EventPatterns
import Testing

@testable import RuleFiles

/// The registry and what is generated from it.
struct RuleLanguageTests {
  static let schema = RuleLanguage.jsonSchema

  /// All `$ref` of a schema.
  static func references(_ value: JSONValue) -> [String] {
    switch value {
    case .object(let object):
      object.members.flatMap { name, value in name == "$ref" ? [value.string ?? ""] : references(value) }
    case .array(let items): items.flatMap(references)
    default: []
    }
  }

  @Test func everyReferenceOfTheSchemaIsDefined() throws {
    let references = Set(Self.references(Self.schema))
    #expect(!references.isEmpty)
    for reference in references {
      let name = String(reference.dropFirst("#/definitions/".count))
      let definition = try #require(Self.schema["definitions"]?[name], "\(reference)")
      #expect(definition != .null)
    }
  }

  @Test func theSchemaKnowsTheRegistry() {
    let rule = Self.schema["definitions"]?["Rule"]?["properties"]
    #expect(rule?["when"] != nil && rule?["kind"]?["enum"]?[0] == .string("Rule"))
    #expect(Self.schema["definitions"]?["Target-webhook"]?["required"]?.text == #"["kind","id","type","url"]"#)
    #expect(Self.schema["definitions"]?["inline-target-webhook"]?["required"]?.text == #"["type","url"]"#)
  }

  @Test func theSchemaKnowsFolderDefaults() {
    #expect(Self.schema["anyOf"]?[1]?["$ref"] == .string("#/definitions/defaults"))
    #expect(Self.schema["definitions"]?["defaults"]?["properties"]?["max-stage"] != nil)
  }

  @Test func everyKeyHasWords() {
    func check(_ spec: MappingSpec, _ path: String) {
      #expect(Set(spec.fields.map(\.name)).count == spec.fields.count, "\(path)")
      for field in spec.fields {
        #expect(field.doc.hasSuffix(".") || field.doc.hasSuffix("`"), "\(path).\(field.name): \(field.doc)")
        if case .mapping(let inner) = field.type { check(inner, "\(path).\(field.name)") }
      }
    }
    for kind in DocumentKind.allCases {
      switch DocumentSpec.of(kind) {
      case .mapping: check(DocumentSpec.mapping(of: kind, type: nil), kind.rawValue)
      case .variants(let variants):
        for variant in variants.variants {
          check(DocumentSpec.mapping(of: kind, type: variant.value), "\(kind.rawValue) \(variant.value)")
        }
      }
    }
  }

  @Test func theReferencePageNamesEveryCode() {
    let page = RuleLanguage.markdown
    for code in DiagnosticCode.allCases { #expect(page.contains("`\(code.rawValue)`")) }
    #expect(page.contains("### `type: webhook`"))
  }
}

import EventPatterns
import Testing

@testable import Schemas

@Suite struct OpenAPIDocumentTests {
  @Test func anEventIsLaidOutAsDiscoverersDoIt() throws {
    let detail = try shape(of: [#"{"orderId":"x","qty":3,"customer":{"name":"n"},"items":[{"sku":"s"}]}"#])
    let document = OpenAPIDocument.event(EventKind(source: "my.app", detailType: "Order Placed"), detail: detail)
    let schemas = try #require(document["components"]?["schemas"])
    #expect(document["openapi"] == .string("3.0.0"))
    #expect(document["info"]?["title"] == .string("OrderPlaced"))
    #expect(schemas["AWSEvent"]?["x-amazon-events-source"] == .string("my.app"))
    #expect(schemas["AWSEvent"]?["x-amazon-events-detail-type"] == .string("Order Placed"))
    #expect(
      schemas["AWSEvent"]?["properties"]?["detail"] == .members(["$ref": .string("#/components/schemas/OrderPlaced")])
    )
    #expect(
      schemas["OrderPlaced"]?.text == ##"""
        {"type":"object","required":["customer","items","orderId","qty"],"properties":{"customer":\##
        {"$ref":"#/components/schemas/Customer"},"items":{"type":"array","items":{"$ref":"#/components/schemas/ItemsItem"}},\##
        "orderId":{"type":"string"},"qty":{"type":"integer","format":"int64"}}}
        """##
    )
    #expect(
      schemas["Customer"]?.text == #"{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}"#
    )
    #expect(throws: Never.self) { try SchemaContent.check(document.text, as: .openAPI3) }
  }

  @Test(.timeLimit(.minutes(1))) func manyComponentsOfOneNameTakeNoTime() throws {
    let members = (0..<250).map { outer in
      "\"k\(outer)\":{" + (0..<7).map { "\"n\($0)\":{\"a\":{\"x\(outer)_\($0)\":1}}" }.joined(separator: ",") + "}"
    }
    let many = try shape(of: ["{\(members.joined(separator: ","))}"])
    let start = ContinuousClock.now
    let document = OpenAPIDocument.value(many)
    #expect(ContinuousClock.now - start < .seconds(10), "it took minutes when each name was looked for among all")
    guard case .object(let schemas)? = document["components"]?["schemas"] else { throw SchemasError("", "") }
    #expect(schemas.members.count { $0.name.hasPrefix("A") } == 1750)
    #expect(Set(schemas.members.map(\.name)).count == schemas.members.count)
  }

  @Test func componentsOfOneNameAreSharedOrNumbered() throws {
    let same = try shape(of: [#"{"a":{"p":{"x":1}},"b":{"p":{"x":2}},"c":{"p":{"y":""}},"t":{"z":1}}"#])
    let document = OpenAPIDocument.event(EventKind(source: "s", detailType: "t"), detail: same)
    guard case .object(let schemas)? = document["components"]?["schemas"] else { throw SchemasError("", "") }
    #expect(Set(schemas.members.map(\.name)) == ["AWSEvent", "T", "T1", "A", "B", "C", "P", "P1"])
    #expect(throws: Never.self) { try SchemaContent.check(document.text, as: .openAPI3) }
  }
}

@Suite struct DraftFourExportTests {
  private static func export(_ schemas: String, title: String = "T") throws -> JSONValue {
    try DraftFourExport.schema(
      of: JSONValue(
        parsing:
          #"{"openapi":"3.0.0","info":{"title":"\#(title)","version":"1"},"paths":{},"components":{"schemas":\#(schemas)}}"#
      )
    )
  }

  @Test func theEventBecomesTheSchemaAndTheRestDefinitions() throws {
    let detail = try shape(of: [#"{"a":{"b":1}}"#])
    let document = OpenAPIDocument.event(EventKind(source: "my.app", detailType: "Order Placed"), detail: detail)
    let schema = try DraftFourExport.schema(of: document)
    #expect(schema["$schema"] == .string("http://json-schema.org/draft-04/schema#"))
    #expect(schema["title"] == .string("OrderPlaced"))
    #expect(schema["x-amazon-events-source"] == .string("my.app"))
    #expect(schema["properties"]?["detail"] == .members(["$ref": .string("#/definitions/OrderPlaced")]))
    #expect(schema["definitions"]?["A"]?["properties"]?["b"]?["type"] == .string("integer"))
    #expect(schema["components"] == nil)
    #expect(throws: Never.self) { try SchemaContent.check(schema.text, as: .jsonSchemaDraft4) }
  }

  @Test(arguments: [
    (#"{"type":"string","nullable":true}"#, #"{"type":["string","null"]}"#),
    (#"{"type":"string","nullable":false}"#, #"{"type":"string"}"#),
    (#"{"nullable":true}"#, "{}"),
    (#"{"type":"string","enum":["a"],"nullable":true}"#, #"{"type":["string","null"],"enum":["a",null]}"#),
    (
      ##"{"nullable":true,"allOf":[{"$ref":"#/components/schemas/U"}]}"##,
      ##"{"anyOf":[{"allOf":[{"$ref":"#/definitions/U"}]},{"type":"null"}]}"##
    ),
    (##"{"$ref":"#/components/schemas/T"}"##, ##"{"$ref":"#"}"##),
    (#"{"type":"string","example":"x","readOnly":true}"#, #"{"type":"string"}"#),
    // What is called like a keyword is none, where names stand.
    (
      #"{"type":"object","properties":{"readOnly":{"type":"boolean","example":true}}}"#,
      #"{"type":"object","properties":{"readOnly":{"type":"boolean"}}}"#
    ),
    (
      #"{"type":"array","items":{"type":"number","nullable":true}}"#,
      #"{"type":"array","items":{"type":["number","null"]}}"#
    ),
    (
      #"{"type":"object","additionalProperties":{"type":"number","nullable":true}}"#,
      #"{"type":"object","additionalProperties":{"type":["number","null"]}}"#
    ),
    (#"{"type":"object","additionalProperties":false}"#, #"{"type":"object","additionalProperties":false}"#),
    (#"{"default":{"nullable":true}}"#, #"{"default":{"nullable":true}}"#),
  ])
  func whatOpenAPISaysOtherwiseIsSaidInDraftFour(_ schema: String, _ expected: String) throws {
    let exported = try Self.export(#"{"T":{"type":"object","properties":{"p":\#(schema)}},"U":{}}"#)
    #expect(exported["properties"]?["p"]?.text == expected)
  }

  @Test func whatHasNoComponentsIsNotExported() throws {
    let empty = try JSONValue(parsing: #"{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{}}"#)
    #expect(throws: DraftFourExport.Failure.self) { try DraftFourExport.schema(of: empty) }
  }
}

@Suite struct SchemaContentTests {
  private static let head = #""openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{}"#

  @Test(arguments: [
    "{\(head)}",
    ##"{\##(head),"components":{"schemas":{"A":{"type":"object"},"B":{"$ref":"#/components/schemas/A"}}}}"##,
    #"{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"x-anything":1}"#,
  ])
  func openAPIIsTaken(_ content: String) {
    #expect(throws: Never.self) { try SchemaContent.check(content, as: .openAPI3) }
  }

  @Test(arguments: [
    ("{", "is not JSON"), ("[]", "an object was expected"), ("{}", "openapi:"),
    (#"{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{}}"#, "openapi:"),
    (#"{"openapi":"3.0.0","paths":{}}"#, "info:"),
    (#"{"openapi":"3.0.0","info":{"title":"t"},"paths":{}}"#, "info.version:"),
    (#"{"openapi":"3.0.0","info":{"title":"t","version":"1"}}"#, "paths:"),
    (#"{\#(head),"components":{"schemas":[]}}"#, "components.schemas:"),
    (#"{\#(head),"components":{"schemas":{"a b":{}}}}"#, "components.schemas.a b:"),
    (#"{\#(head),"components":{"schemas":{"A":{"type":"null"}}}}"#, "components.schemas.A.type:"),
    (#"{\#(head),"components":{"schemas":{"A":{"type":"array"}}}}"#, "components.schemas.A.items:"),
    (##"{\##(head),"components":{"schemas":{"A":{"$ref":"#/components/schemas/B"}}}}"##, "there is no"),
    (
      #"{\#(head),"components":{"schemas":{"A":{"properties":{"p":{"required":["x","x"]}}}}}}"#,
      "components.schemas.A.properties.p.required:"
    ),
  ])
  func otherOpenAPIIsNot(_ content: String, _ place: String) throws {
    let error = try #require(throws: SchemasError.self) { try SchemaContent.check(content, as: .openAPI3) }
    #expect(error.code == "BadRequestException")
    #expect(error.message.contains(place), "\(error.message)")
  }

  @Test(arguments: [
    ("{}", nil as String?), (#"{"$schema":"http://json-schema.org/draft-04/schema#","type":["string","null"]}"#, nil),
    (##"{"definitions":{"A":{"type":"null"}},"items":[{"$ref":"#/definitions/A"},{}]}"##, nil),
    (#"{"properties":{"type":{"type":"string"},"$ref":{"type":"string"}}}"#, nil),
    (#"{"dependencies":{"a":["b"],"c":{"type":"object"}},"not":{},"additionalProperties":false}"#, nil),
    (#"{"$schema":"http://json-schema.org/draft-07/schema#"}"#, "$schema:"), (#"{"type":"text"}"#, "type:"),
    (#"{"type":[]}"#, "type:"), (#"{"required":[]}"#, "required:"), (#"{"properties":{"a":1}}"#, "properties.a:"),
    (#"{"anyOf":[]}"#, "anyOf:"), (#"{"allOf":[{"minLength":-1}]}"#, "allOf[0].minLength:"),
    (#"{"items":{"enum":[]}}"#, "items.enum:"), (#"{"maximum":"1"}"#, "maximum:"),
    (##"{"$ref":"#/definitions/None"}"##, "there is no"), (##"{"pattern":1}"##, "pattern:"),
  ])
  func jsonSchemaIsTakenOrNot(_ content: String, _ place: String?) {
    do {
      _ = try SchemaContent.check(content, as: .jsonSchemaDraft4)
      #expect(place == nil)
    } catch {
      #expect(place.map(error.message.contains) == true, "\(error.message)")
    }
  }

  @Test func whatIsNestedTooDeepIsRefused() {
    let content = String(repeating: #"{"not":"#, count: 400) + "{}" + String(repeating: "}", count: 400)
    #expect(throws: SchemasError.self) { try SchemaContent.check(content, as: .jsonSchemaDraft4) }
  }
}

import EventPatterns
import Foundation
import Testing

@testable import Schemas

@Suite struct BindingTests {
  private let scope = SchemasFixture.scope

  private func types() throws -> [DeclaredType] {
    let detail = try shape(of: [
      #"{"id":"x","qty":3,"price":1.5,"tags":[],"customer":{"name":"n"},"note":null,"mixed":1}"#,
      #"{"id":"y","tags":["a"],"customer":{"name":"n"},"note":"x","mixed":"s"}"#,
    ])
    let document = OpenAPIDocument.event(EventKind(source: "my.app", detailType: "Order Placed"), detail: detail)
    return TypeBuilder.types(of: try DraftFourExport.schema(of: document), named: "n")
  }

  @Test func typesAreTypeScript() throws {
    let text = TypeScriptWriter.text(of: try types())
    #expect(text.contains("export interface AWSEvent {\n  \"detail\": OrderPlaced;"))
    #expect(
      text.contains(
        """
        export interface OrderPlaced {
          "customer": Customer;
          "id": string;
          "mixed": number | string;
          "note": string | null;
          "price"?: number;
          "qty"?: number;
          "tags": Array<string>;
        }
        """
      ),
      "\(text)"
    )
  }

  @Test func typesArePython() throws {
    let text = PythonWriter.text(of: try types())
    #expect(
      text.contains(
        """
        OrderPlaced = TypedDict(
            "OrderPlaced",
            {
                "customer": "Customer",
                "id": "str",
                "mixed": "Union[int, str]",
                "note": "Union[str, None]",
                "price": "NotRequired[float]",
                "qty": "NotRequired[int]",
                "tags": "List[str]",
            },
        )
        """
      ),
      "\(text)"
    )
  }

  @Test func schemasOfOthersHaveTypes() throws {
    let schema = try JSONValue(
      parsing: ##"""
        {"properties":{"kind":{"enum":["a","b\"c"]},"self":{"$ref":"#"},"in":{"type":"object","properties":{"x":{}}},\##
        "map":{"type":"object","additionalProperties":{"type":"boolean"}},"one":{"oneOf":[{"type":"null"},{"type":"null"}]}}}
        """##
    )
    #expect(
      TypeScriptWriter.text(of: TypeBuilder.types(of: schema, named: "1st thing")) == #"""
        export interface T1stThing {
          "kind"?: "a" | "b\"c";
          "self"?: T1stThing;
          "in"?: T1stThingIn;
          "map"?: Record<string, boolean>;
          "one"?: null;
        }

        export interface T1stThingIn {
          "x"?: unknown;
        }

        """#
    )
  }

  @Test func aBindingIsMadeAndFetched() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    _ = try await fixture.registry()
    try await fixture.schema()
    let name = SchemaRegistries.BindingName(registry: "mine", schema: "s", version: nil, language: "TypeScript3")
    await expectRefusal("NotFoundException") { _ = try await registries.binding(name, in: scope) }
    await expectRefusal("NotFoundException") { _ = try await registries.bindingSource(name, in: scope) }
    let made = try await registries.putBinding(name, in: scope)
    #expect(made.version == 1)
    #expect(try await registries.binding(name, in: scope) == made)
    let zip = try await registries.bindingSource(name, in: scope)
    #expect(zip.starts(with: [0x50, 0x4B, 3, 4]))
    #expect(String(decoding: zip, as: UTF8.self).contains("s/index.ts"))
    _ = try await registries.updateSchema(
      "s",
      of: "mine",
      SchemaChange(content: SchemasFixture.content("B")),
      in: scope
    )
    await expectRefusal("NotFoundException") { _ = try await registries.binding(name, in: scope) }
    for language in ["Java8", "Go1", "COBOL"] {
      var other = name
      other.language = language
      await expectRefusal("BadRequestException") { _ = try await registries.putBinding(other, in: scope) }
    }
  }

  @Test func checksumsAreThoseOfZip() {
    #expect(ZipArchive.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
  }
}

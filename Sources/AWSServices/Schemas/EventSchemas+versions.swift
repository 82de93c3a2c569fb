// Versions of schemas, and schemas as other documents.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let path = "/v1/registries/name/{registryName}/schemas/name/{schemaName}"

  static let versionOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "ListSchemaVersions",
      "Lists the versions of a schema, the oldest first.",
      HTTPBinding("GET", path + "/versions"),
      input: Structure([registryName, schemaName] + paging),
      output: [
        .optional("NextToken", .string),
        .optional(
          "SchemaVersions",
          .list(
            .structure([
              .optional("SchemaArn", .string), .optional("SchemaName", .string), .optional("SchemaVersion", .string),
              .optional("Type", .string),
            ])
          )
        ),
      ],
      errors: [notFound]
    ) { engine, call in
      let (schema, versions) = try await engine.versions(
        of: call.input.string("SchemaName"),
        of: call.input.string("RegistryName"),
        in: call.scope
      )
      return try page(versions, call, as: "SchemaVersions", key: { sortKey($0.number) }) { version in
        [
          "SchemaArn": .string(schema.arn(in: call.scope)), "SchemaName": .string(schema.name),
          "SchemaVersion": .string(String(version.number)), "Type": .string(version.type.rawValue),
        ]
      }
    },
    operation(
      "DeleteSchemaVersion",
      "Removes a version of a schema that has others.",
      HTTPBinding("DELETE", path + "/version/{schemaVersion}", status: 204),
      input: [
        registryName, schemaName, .required("SchemaVersion", .string, at: .label, jsonName: "schemaVersion"),
      ],
      errors: [notFound]
    ) { engine, call in
      try await engine.deleteVersion(
        call.input.string("SchemaVersion"),
        of: call.input.string("SchemaName"),
        of: call.input.string("RegistryName"),
        in: call.scope
      )
      return [:]
    },
    operation(
      "ExportSchema",
      "Gives an OpenAPI schema as JSON Schema of Draft 4.",
      HTTPBinding("GET", path + "/export"),
      input: [registryName, schemaName, schemaVersion, .required("Type", .string, at: .query("type"))],
      output: [
        .optional("Content", .string, secret: true), .optional("SchemaArn", .string), .optional("SchemaName", .string),
        .optional("SchemaVersion", .string), .optional("Type", .string),
      ],
      errors: [notFound],
      readOnly: true
    ) { engine, call in
      guard call.input.string("Type") == SchemaType.jsonSchemaDraft4.rawValue else {
        throw SchemasError("BadRequestException", "Type is not valid: schemas are exported as JSONSchemaDraft4.")
      }
      let found = try await engine.export(
        call.input.string("SchemaName"),
        of: call.input.string("RegistryName"),
        version: call.input.string(ifAny: "SchemaVersion"),
        in: call.scope
      )
      return [
        "Content": .string(found.version.content), "SchemaArn": .string(found.schema.arn(in: call.scope)),
        "SchemaName": .string(found.schema.name), "SchemaVersion": .string(String(found.version.number)),
        "Type": .string(found.version.type.rawValue),
      ]
    },
  ]

  /// A number as a text that sorts as it does.
  private static func sortKey(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }
}

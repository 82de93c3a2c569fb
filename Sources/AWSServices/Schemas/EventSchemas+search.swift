// Finding schemas by words, and inferring one without a registry.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  static let searchOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "SearchSchemas",
      "Lists the schemas of a registry that have all of some words in their name or in a document.",
      HTTPBinding("GET", "/v1/registries/name/{registryName}/schemas/search"),
      input: Structure(
        [registryName, .required("Keywords", .string, at: .query("keywords"), secret: true)] + paging
      ),
      output: [
        .optional("NextToken", .string),
        .optional(
          "Schemas",
          .list(
            .structure([
              .optional("RegistryName", .string), .optional("SchemaArn", .string), .optional("SchemaName", .string),
              .optional(
                "SchemaVersions",
                .list(
                  .structure([
                    .optional("CreatedDate", .timestamp.iso8601), .optional("SchemaVersion", .string),
                    .optional("Type", .string),
                  ])
                )
              ),
            ])
          )
        ),
      ],
      errors: [notFound]
    ) { engine, call in
      let found = try await engine.search(
        call.input.string("RegistryName"),
        for: call.input.string("Keywords"),
        in: call.scope
      )
      return try page(found, call, as: "Schemas", key: \.schema.name) { found in
        let versions = found.versions.map { version -> Value in
          [
            "CreatedDate": time(version.createdAt), "SchemaVersion": .string(String(version.number)),
            "Type": .string(version.type.rawValue),
          ]
        }
        return [
          "RegistryName": .string(found.schema.registry), "SchemaArn": .string(found.schema.arn(in: call.scope)),
          "SchemaName": .string(found.schema.name), "SchemaVersions": .list(versions),
        ]
      }
    },
    operation(
      "GetDiscoveredSchema",
      "Infers the schema that some events have in common.",
      HTTPBinding("POST", "/v1/discover"),
      input: [
        .required("Events", .list(.string(1...100_000), 1...10), secret: true), .required("Type", type),
      ],
      output: [.optional("Content", .string, secret: true)]
    ) { engine, call in
      ["Content": .string(try engine.discoveredSchema(of: call.input.strings("Events"), as: type(call) ?? .openAPI3))]
    },
  ]
}

// Schemas.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let path = "/v1/registries/name/{registryName}/schemas/name/{schemaName}"
  private static let schemaMembers: [Member] = [
    .optional("Description", .string),
    .optional("LastModified", .timestamp.iso8601),
    .optional("SchemaArn", .string),
    .optional("SchemaName", .string),
    .optional("SchemaVersion", .string),
    tags,
    .optional("Type", .string),
    .optional("VersionCreatedDate", .timestamp.iso8601),
  ]

  static let schemaOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "CreateSchema",
      "Makes a schema with its first version; the document is checked.",
      HTTPBinding("POST", path, status: 201),
      input: [
        registryName, schemaName, .required("Type", type), .required("Content", content, secret: true), description,
        tags,
      ],
      output: Structure(schemaMembers),
      errors: [notFound, conflict]
    ) { engine, call in
      let schema = RegisteredSchema(
        registry: call.input.string("RegistryName"),
        name: call.input.string("SchemaName"),
        type: type(call) ?? .openAPI3,
        description: call.input.string(ifAny: "Description"),
        tags: call.input.stringMap("Tags"),
        modifiedAt: call.time.milliseconds,
        versionCount: 0
      )
      let made = try await engine.createSchema(schema, content: call.input.string("Content"), in: call.scope)
      return .fields(fields(made, call))
    },
    operation(
      "DescribeSchema",
      "Tells of a schema, with the document of a version.",
      HTTPBinding("GET", path),
      input: [registryName, schemaName, schemaVersion],
      output: Structure(schemaMembers + [.optional("Content", .string, secret: true)]),
      errors: [notFound]
    ) { engine, call in
      let found = try await engine.schema(
        call.input.string("SchemaName"),
        of: call.input.string("RegistryName"),
        version: call.input.string(ifAny: "SchemaVersion"),
        in: call.scope
      )
      var fields = fields(found, call)
      fields["Content"] = .string(found.version.content)
      return .fields(fields)
    },
    operation(
      "UpdateSchema",
      "Changes a schema; another document is a new version.",
      HTTPBinding("PUT", path),
      input: [
        registryName, schemaName, .optional("ClientTokenId", .string(0...36)),
        .optional("Content", content, secret: true), description, .optional("Type", type),
      ],
      output: Structure(schemaMembers),
      errors: [notFound]
    ) { engine, call in
      let changed = try await engine.updateSchema(
        call.input.string("SchemaName"),
        of: call.input.string("RegistryName"),
        SchemaChange(
          description: call.input.string(ifAny: "Description"),
          type: type(call),
          content: call.input.string(ifAny: "Content"),
          token: call.input.string(ifAny: "ClientTokenId")
        ),
        in: call.scope
      )
      return .fields(fields(changed, call))
    },
    operation(
      "DeleteSchema",
      "Removes a schema with its versions.",
      HTTPBinding("DELETE", path, status: 204),
      input: [registryName, schemaName],
      errors: [notFound]
    ) { engine, call in
      try await engine.deleteSchema(
        call.input.string("SchemaName"),
        of: call.input.string("RegistryName"),
        in: call.scope
      )
      return [:]
    },
    operation(
      "ListSchemas",
      "Lists the schemas of a registry.",
      HTTPBinding("GET", "/v1/registries/name/{registryName}/schemas"),
      input: Structure(
        [registryName] + paging + [.optional("SchemaNamePrefix", .string, at: .query("schemaNamePrefix"))]
      ),
      output: [
        .optional("NextToken", .string),
        .optional(
          "Schemas",
          .list(
            .structure([
              .optional("LastModified", .timestamp.iso8601), .optional("SchemaArn", .string),
              .optional("SchemaName", .string), tags, .optional("VersionCount", .long),
            ])
          )
        ),
      ],
      errors: [notFound]
    ) { engine, call in
      let prefix = call.input.string(ifAny: "SchemaNamePrefix") ?? ""
      let found = try await engine.schemas(of: call.input.string("RegistryName"), in: call.scope)
      return try page(found.filter { $0.name.hasPrefix(prefix) }, call, as: "Schemas", key: \.name) { schema in
        [
          "LastModified": time(schema.modifiedAt), "SchemaArn": .string(schema.arn(in: call.scope)),
          "SchemaName": .string(schema.name), "Tags": .map(schema.tags), "VersionCount": .maybe(schema.versionCount),
        ]
      }
    },
  ]

  private static func fields(_ found: VersionedSchema, _ call: Call) -> Fields {
    [
      "Description": .maybe(found.schema.description),
      "LastModified": time(found.schema.modifiedAt),
      "SchemaArn": .string(found.schema.arn(in: call.scope)),
      "SchemaName": .string(found.schema.name),
      "SchemaVersion": .string(String(found.version.number)),
      "Tags": .map(found.schema.tags),
      "Type": .string(found.version.type.rawValue),
      "VersionCreatedDate": time(found.version.createdAt),
    ]
  }
}

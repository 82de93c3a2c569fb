// Code bindings.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let path = "/v1/registries/name/{registryName}/schemas/name/{schemaName}/language/{language}"
  private static let bindingInput: Structure = [
    registryName, schemaName, .required("Language", .string, at: .label, jsonName: "language"), schemaVersion,
  ]
  private static let bindingOutput: Structure = [
    .optional("CreationDate", .timestamp.iso8601), .optional("LastModified", .timestamp.iso8601),
    .optional("SchemaVersion", .string), .optional("Status", .string),
  ]

  static let bindingOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "PutCodeBinding",
      "Makes the types of a schema in a language: `TypeScript3` or `Python36`.",
      HTTPBinding("POST", path, status: 202),
      input: bindingInput,
      output: bindingOutput,
      errors: [notFound, gone]
    ) { engine, call in fields(try await engine.putBinding(name(call), in: call.scope)) },
    operation(
      "DescribeCodeBinding",
      "Tells of a code binding.",
      HTTPBinding("GET", path),
      input: bindingInput,
      output: bindingOutput,
      errors: [notFound]
    ) { engine, call in fields(try await engine.binding(name(call), in: call.scope)) },
    operation(
      "GetCodeBindingSource",
      "Gives the files of a code binding as a zip archive.",
      HTTPBinding("GET", path + "/source"),
      input: bindingInput,
      output: [.optional("Body", .blob, at: .payload)],
      errors: [notFound]
    ) { engine, call in ["Body": .blob(try await engine.bindingSource(name(call), in: call.scope))] },
  ]

  private static func name(_ call: Call) -> SchemaRegistries.BindingName {
    SchemaRegistries.BindingName(
      registry: call.input.string("RegistryName"),
      schema: call.input.string("SchemaName"),
      version: call.input.string(ifAny: "SchemaVersion"),
      language: call.input.string("Language")
    )
  }

  private static func fields(_ binding: CodeBinding) -> Value {
    [
      "CreationDate": time(binding.createdAt), "LastModified": time(binding.modifiedAt),
      "SchemaVersion": .string(String(binding.version)), "Status": "CREATE_COMPLETE",
    ]
  }
}

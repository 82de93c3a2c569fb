// Registries.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let path = "/v1/registries/name/{registryName}"
  private static let registryOutput: Structure = [
    description, .optional("RegistryArn", .string), .optional("RegistryName", .string), tags,
  ]

  static let registryOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "CreateRegistry",
      "Makes a registry of schemas.",
      HTTPBinding("POST", path, status: 201),
      input: [registryName, description, tags],
      output: registryOutput,
      errors: [conflict]
    ) { engine, call in
      let registry = Registry(
        name: call.input.string("RegistryName"),
        description: call.input.string(ifAny: "Description"),
        tags: call.input.stringMap("Tags")
      )
      return fields(try await engine.createRegistry(registry, in: call.scope), call)
    },
    operation(
      "DescribeRegistry",
      "Tells of a registry.",
      HTTPBinding("GET", path),
      input: [registryName],
      output: registryOutput,
      errors: [notFound]
    ) { engine, call in
      fields(try await engine.registry(call.input.string("RegistryName"), in: call.scope), call)
    },
    operation(
      "UpdateRegistry",
      "Changes the description of a registry.",
      HTTPBinding("PUT", path),
      input: [registryName, description],
      output: registryOutput,
      errors: [notFound]
    ) { engine, call in
      let changed = try await engine.updateRegistry(
        call.input.string("RegistryName"),
        description: call.input.string(ifAny: "Description"),
        in: call.scope
      )
      return fields(changed, call)
    },
    operation(
      "DeleteRegistry",
      "Removes a registry with its schemas.",
      HTTPBinding("DELETE", path, status: 204),
      input: [registryName],
      errors: [notFound]
    ) { engine, call in
      try await engine.deleteRegistry(call.input.string("RegistryName"), in: call.scope)
      return [:]
    },
    operation(
      "ListRegistries",
      "Lists the registries: those of the account (`LOCAL`), those that come with Signalbox (`AWS`), or both.",
      HTTPBinding("GET", "/v1/registries"),
      input: Structure(
        paging + [
          .optional("RegistryNamePrefix", .string, at: .query("registryNamePrefix")),
          .optional("Scope", .string, at: .query("scope")),
        ]
      ),
      output: [
        .optional("NextToken", .string),
        .optional(
          "Registries",
          .list(.structure([.optional("RegistryArn", .string), .optional("RegistryName", .string), tags]))
        ),
      ]
    ) { engine, call in
      let prefix = call.input.string(ifAny: "RegistryNamePrefix") ?? ""
      var found = try await engine.registries(in: call.scope).filter { $0.name.hasPrefix(prefix) }
      switch call.input.string(ifAny: "Scope")?.uppercased() {
      case nil: break
      case "LOCAL"?: found.removeAll { $0.name == Registry.builtIn }
      case "AWS"?: found.removeAll { $0.name != Registry.builtIn }
      default: throw SchemasError("BadRequestException", "Scope is not valid: it is LOCAL or AWS.")
      }
      found.sort { $0.name < $1.name }
      return try page(found, call, as: "Registries", key: \.name) { fields($0, call) }
    },
  ]

  private static func fields(_ registry: Registry, _ call: Call) -> Value {
    [
      "Description": .maybe(registry.description),
      "RegistryArn": .string(registry.arn(in: call.scope)),
      "RegistryName": .string(registry.name),
      "Tags": .map(registry.tags),
    ]
  }
}

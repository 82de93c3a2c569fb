// Discoverers.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let path = "/v1/discoverers/id/{discovererId}"
  private static let id = Member.required("DiscovererId", .string, at: .label, jsonName: "discovererId")
  private static let state = Shape.choice("STARTED", "STOPPED")
  private static let summary: [Member] = [
    .optional("DiscovererArn", .string), .optional("DiscovererId", .string), .optional("SourceArn", .string),
    .optional("State", state), .optional("CrossAccount", .boolean), tags,
  ]
  private static let discovererOutput = Structure([.optional("Description", .string)] + summary)
  private static let stateOutput: Structure = [.optional("DiscovererId", .string), .optional("State", state)]

  static let discovererOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "CreateDiscoverer",
      "Begins to keep the schemas of the events on a bus.",
      HTTPBinding("POST", "/v1/discoverers", status: 201),
      input: [
        description, .required("SourceArn", .string(20...1600)), .optional("CrossAccount", .boolean), tags,
      ],
      output: discovererOutput,
      errors: [conflict]
    ) { engine, call in
      let made = try await engine.createDiscoverer(
        ofBus: call.input.string("SourceArn"),
        description: call.input.string(ifAny: "Description"),
        isCrossAccount: call.input.bool(ifAny: "CrossAccount") ?? true,
        tags: call.input.stringMap("Tags"),
        in: call.scope
      )
      return fields(made, call)
    },
    operation(
      "DescribeDiscoverer",
      "Tells of a discoverer.",
      HTTPBinding("GET", path),
      input: [id],
      output: discovererOutput,
      errors: [notFound]
    ) { engine, call in
      fields(try await engine.discoverer(call.input.string("DiscovererId"), in: call.scope), call)
    },
    operation(
      "UpdateDiscoverer",
      "Changes the description of a discoverer, and whether it looks at events of other accounts.",
      HTTPBinding("PUT", path),
      input: [description, id, .optional("CrossAccount", .boolean)],
      output: discovererOutput,
      errors: [notFound]
    ) { engine, call in
      let changed = try await engine.updateDiscoverer(
        call.input.string("DiscovererId"),
        description: call.input.string(ifAny: "Description"),
        isCrossAccount: call.input.bool(ifAny: "CrossAccount"),
        in: call.scope
      )
      return fields(changed, call)
    },
    operation(
      "StartDiscoverer",
      "Lets a discoverer look at events again.",
      HTTPBinding("POST", path + "/start"),
      input: [id],
      output: stateOutput,
      errors: [notFound]
    ) { engine, call in try await set(.started, engine, call) },
    operation(
      "StopDiscoverer",
      "Lets a discoverer no longer look at events.",
      HTTPBinding("POST", path + "/stop"),
      input: [id],
      output: stateOutput,
      errors: [notFound]
    ) { engine, call in try await set(.stopped, engine, call) },
    operation(
      "DeleteDiscoverer",
      "Removes a discoverer; the schemas that it has found stay.",
      HTTPBinding("DELETE", path, status: 204),
      input: [id],
      errors: [notFound]
    ) { engine, call in
      try await engine.deleteDiscoverer(call.input.string("DiscovererId"), in: call.scope)
      return [:]
    },
    operation(
      "ListDiscoverers",
      "Lists the discoverers.",
      HTTPBinding("GET", "/v1/discoverers"),
      input: Structure(
        paging + [
          .optional("DiscovererIdPrefix", .string, at: .query("discovererIdPrefix")),
          .optional("SourceArnPrefix", .string, at: .query("sourceArnPrefix")),
        ]
      ),
      output: [.optional("NextToken", .string), .optional("Discoverers", .list(.structure(Structure(summary))))]
    ) { engine, call in
      let idPrefix = call.input.string(ifAny: "DiscovererIdPrefix") ?? ""
      let sourcePrefix = call.input.string(ifAny: "SourceArnPrefix") ?? ""
      let found = try await engine.discoverers(in: call.scope).filter {
        $0.id.hasPrefix(idPrefix) && $0.busARN.hasPrefix(sourcePrefix)
      }
      return try page(found, call, as: "Discoverers", key: \.id) { fields($0, call) }
    },
  ]

  private static func set(_ state: Discoverer.State, _ engine: SchemaRegistries, _ call: Call) async throws -> Value {
    let changed = try await engine.updateDiscoverer(call.input.string("DiscovererId"), state: state, in: call.scope)
    return ["DiscovererId": .string(changed.id), "State": .string(changed.state.rawValue)]
  }

  private static func fields(_ discoverer: Discoverer, _ call: Call) -> Value {
    [
      "Description": .maybe(discoverer.description),
      "DiscovererArn": .string(discoverer.arn(in: call.scope)),
      "DiscovererId": .string(discoverer.id),
      "SourceArn": .string(discoverer.busARN),
      "State": .string(discoverer.state.rawValue),
      "CrossAccount": .bool(discoverer.isCrossAccount),
      "Tags": .map(discoverer.tags),
    ]
  }
}

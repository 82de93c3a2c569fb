// Global endpoints: configuration that is kept and shown. There is one place to fail over to, and it is here.

internal import AWSProtocols
internal import EventBuses
internal import EventPatterns
internal import TrailEvents

extension Events {
  private static let busARN = Shape.string(
    1...512,
    pattern: #"^arn:aws[a-z-]*:events:[a-z]+-[a-z-]+-\d+:\d{12}:event-bus/[\w.-]+$"#
  )
  private static let role = Shape.string(
    1...256,
    pattern: #"^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$"#
  )
  private static let healthCheck = Shape.string(
    1...1600,
    pattern: #"^arn:aws([a-z]|\-)*:route53:::healthcheck/[\-a-z0-9]+$"#
  )
  private static let region = Shape.string(9...20, pattern: #"^[\-a-z0-9]+$"#)

  private static let routing = Shape.structure([
    .required(
      "FailoverConfig",
      .structure([
        .required("Primary", .structure([.required("HealthCheck", healthCheck)])),
        .required("Secondary", .structure([.required("Route", region)])),
      ])
    )
  ])

  private static let settings: Structure = [
    .optional("RoutingConfig", routing),
    .optional("ReplicationConfig", .structure([.optional("State", .choice("ENABLED", "DISABLED"))])),
    .optional("EventBuses", .list(.structure([.required("EventBusArn", busARN)]), 2...2)),
    .optional("RoleArn", role),
  ]

  private static let changed: Structure =
    [.optional("Name", .string), .optional("Arn", .string)] + settings + [.optional("State", .string)]

  private static let identity: Structure = [
    .optional("EndpointId", .string), .optional("EndpointUrl", .string),
  ]

  private static let full: Structure =
    changed + identity
    + [
      .optional("Description", .string), .optional("StateReason", .string), .optional("CreationTime", .timestamp),
      .optional("LastModifiedTime", .timestamp),
    ]

  static let endpointOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "CreateEndpoint",
      "Describes a global endpoint over two buses in two Regions.",
      input: [
        .required("Name", name64),
        .optional("Description", lineDescription),
        .required("RoutingConfig", routing),
        .optional("ReplicationConfig", .structure([.optional("State", .choice("ENABLED", "DISABLED"))])),
        .required("EventBuses", .list(.structure([.required("EventBusArn", busARN)]), 2...2)),
        .optional("RoleArn", role),
      ],
      output: changed,
      errors: [exists, limit]
    ) { engine, call in
      let input = call.input
      let endpoint = BusEndpoint(
        name: input.string("Name"),
        description: input.string(ifAny: "Description"),
        routing: route(input) ?? "{}",
        replicationState: input.structure(ifAny: "ReplicationConfig")?.string(ifAny: "State") ?? "ENABLED",
        busARNs: buses(input),
        roleARN: input.string(ifAny: "RoleArn"),
        identifier: String(engine.newIdentifier().filter { $0 != "-" }.prefix(10)),
        now: call.time.milliseconds
      )
      try await engine.change { catalog throws(BusError) in try catalog.createEndpoint(endpoint, in: call.scope) }
      return .fields(fields(endpoint, call))
    },
    operation(
      "UpdateEndpoint",
      "Changes a global endpoint; what is not given stays.",
      input: [.required("Name", name64), .optional("Description", lineDescription)] + settings,
      output: changed + identity,
      errors: [notFound, concurrent]
    ) { engine, call in
      let input = call.input
      let endpoint = try await engine.change { catalog throws(BusError) in
        try catalog.updateEndpoint(
          input.string("Name"),
          description: input.string(ifAny: "Description"),
          routing: route(input),
          replicationState: input.structure(ifAny: "ReplicationConfig")?.string(ifAny: "State"),
          busARNs: input.has("EventBuses") ? buses(input) : nil,
          roleARN: input.string(ifAny: "RoleArn"),
          in: call.scope,
          now: call.time.milliseconds
        )
      }
      return .fields(fields(endpoint, call))
    },
    operation(
      "DeleteEndpoint",
      "Removes a global endpoint.",
      input: [.required("Name", name64)],
      errors: [concurrent, notFound]
    ) { engine, call in
      let name = call.input.string("Name")
      try await engine.change { catalog throws(BusError) in try catalog.deleteEndpoint(name, in: call.scope) }
      return [:]
    },
    operation(
      "DescribeEndpoint",
      "Shows a global endpoint.",
      input: [.required("Name", name64), .optional("HomeRegion", region)],
      output: full,
      errors: [notFound]
    ) { engine, call in
      .fields(fields(try engine.catalog.endpoint(call.input.string("Name"), in: call.scope), call))
    },
    operation(
      "ListEndpoints",
      "Lists the global endpoints of an account and Region.",
      input: Structure(
        [.optional("NamePrefix", name64), .optional("HomeRegion", region)]
          + paging("MaxResults")
      ),
      output: [.optional("Endpoints", .list(.structure(full))), .optional("NextToken", .string)]
    ) { engine, call in
      let endpoints = engine.catalog.endpoints(in: call.scope, prefix: call.input.string(ifAny: "NamePrefix"))
      return try page(endpoints, call, as: "Endpoints", limit: "MaxResults", key: \.name) {
        .fields(fields($0, call))
      }
    },
  ]

  private static func route(_ input: Input) -> String? {
    guard let failover = input.structure(ifAny: "RoutingConfig")?.structure("FailoverConfig") else { return nil }
    return JSONValue.members([
      "check": .string(failover.structure("Primary").string("HealthCheck")),
      "route": .string(failover.structure("Secondary").string("Route")),
    ]).text
  }

  private static func buses(_ input: Input) -> [String] {
    input.structures("EventBuses").map { $0.string("EventBusArn") }
  }

  private static func fields(_ endpoint: BusEndpoint, _ call: Call) -> Fields {
    let routing = try? JSONValue(parsing: endpoint.routing)
    return [
      "Name": .string(endpoint.name),
      "Arn": .string(endpoint.arn(in: call.scope)),
      "Description": .maybe(endpoint.description),
      "RoutingConfig": [
        "FailoverConfig": [
          "Primary": ["HealthCheck": .maybe(routing?["check"]?.string)],
          "Secondary": ["Route": .maybe(routing?["route"]?.string)],
        ]
      ],
      "ReplicationConfig": ["State": .string(endpoint.replicationState)],
      "EventBuses": .list(endpoint.busARNs.map { ["EventBusArn": .string($0)] }),
      "RoleArn": .maybe(endpoint.roleARN),
      "EndpointId": .string(endpoint.endpointID),
      "EndpointUrl": .string(endpoint.url),
      "State": "ACTIVE",
      "CreationTime": time(endpoint.createdAt),
      "LastModifiedTime": time(endpoint.modifiedAt),
    ]
  }
}

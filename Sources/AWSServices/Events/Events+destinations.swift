// API destinations: HTTP endpoints as targets.

internal import AWSProtocols
internal import EventBuses
internal import TrailEvents

extension Events {
  private static let method = Shape.choice("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
  private static let connectionARN = Shape.string(
    1...1600,
    pattern: #"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$"#
  )

  private static let changed: Structure = [
    .optional("ApiDestinationArn", .string),
    .optional("ApiDestinationState", .string),
    .optional("CreationTime", .timestamp),
    .optional("LastModifiedTime", .timestamp),
  ]

  private static let summary: Structure =
    changed
    + [
      .optional("Name", .string),
      .optional("ConnectionArn", .string),
      .optional("InvocationEndpoint", .string),
      .optional("HttpMethod", .string),
      .optional("InvocationRateLimitPerSecond", .integer),
    ]

  static let destinationOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "CreateApiDestination",
      "Makes an HTTP endpoint that rules may have as a target.",
      input: [
        .required("Name", name64),
        .optional("Description", lineDescription),
        .required("ConnectionArn", connectionARN),
        .required("InvocationEndpoint", endpoint),
        .required("HttpMethod", method),
        .optional("InvocationRateLimitPerSecond", .integer(1...Int(Int32.max))),
      ],
      output: changed,
      errors: [exists, notFound, limit]
    ) { engine, call in
      let input = call.input
      let destination = APIDestination(
        name: input.string("Name"),
        identifier: engine.newIdentifier(),
        description: input.string(ifAny: "Description"),
        connectionARN: input.string("ConnectionArn"),
        endpoint: input.string("InvocationEndpoint"),
        method: input.string("HttpMethod"),
        rateLimit: input.integer(ifAny: "InvocationRateLimitPerSecond") ?? APIDestination.defaultRateLimit,
        now: call.time.milliseconds
      )
      try await engine.change { catalog throws(BusError) in
        try catalog.createDestination(destination, in: call.scope)
      }
      return .fields(changed(destination, engine, call))
    },
    operation(
      "UpdateApiDestination",
      "Changes an API destination; what is not given stays.",
      input: [
        .required("Name", name64),
        .optional("Description", lineDescription),
        .optional("ConnectionArn", connectionARN),
        .optional("InvocationEndpoint", endpoint),
        .optional("HttpMethod", method),
        .optional("InvocationRateLimitPerSecond", .integer(1...Int(Int32.max))),
      ],
      output: changed,
      errors: [concurrent, notFound, limit]
    ) { engine, call in
      let input = call.input
      let destination = try await engine.change { catalog throws(BusError) in
        try catalog.updateDestination(
          input.string("Name"),
          description: input.string(ifAny: "Description"),
          connectionARN: input.string(ifAny: "ConnectionArn"),
          endpoint: input.string(ifAny: "InvocationEndpoint"),
          method: input.string(ifAny: "HttpMethod"),
          rateLimit: input.integer(ifAny: "InvocationRateLimitPerSecond"),
          in: call.scope,
          now: call.time.milliseconds
        )
      }
      return .fields(changed(destination, engine, call))
    },
    operation(
      "DeleteApiDestination",
      "Removes an API destination.",
      input: [.required("Name", name64)],
      errors: [concurrent, notFound]
    ) { engine, call in
      let name = call.input.string("Name")
      try await engine.change { catalog throws(BusError) in try catalog.deleteDestination(name, in: call.scope) }
      return [:]
    },
    operation(
      "DescribeApiDestination",
      "Shows an API destination.",
      input: [.required("Name", name64)],
      output: summary + [.optional("Description", .string)],
      errors: [notFound]
    ) { engine, call in
      let destination = try engine.catalog.destination(call.input.string("Name"), in: call.scope)
      var fields = summary(destination, engine, call)
      fields["Description"] = .maybe(destination.description)
      return .fields(fields)
    },
    operation(
      "ListApiDestinations",
      "Lists API destinations by name or by connection.",
      input: Structure([.optional("NamePrefix", name64), .optional("ConnectionArn", connectionARN)] + paging()),
      output: [.optional("ApiDestinations", .list(.structure(summary))), .optional("NextToken", .string)]
    ) { engine, call in
      let destinations = engine.catalog.destinations(
        in: call.scope,
        prefix: call.input.string(ifAny: "NamePrefix"),
        connectionARN: call.input.string(ifAny: "ConnectionArn")
      )
      return try page(destinations, call, as: "ApiDestinations", key: \.name) {
        .fields(summary($0, engine, call))
      }
    },
  ]

  private static func changed(_ destination: APIDestination, _ engine: BusEngine, _ call: Call) -> Fields {
    [
      "ApiDestinationArn": .string(destination.arn(in: call.scope)),
      "ApiDestinationState": engine.catalog.isActive(destination, in: call.scope) ? "ACTIVE" : "INACTIVE",
      "CreationTime": time(destination.createdAt),
      "LastModifiedTime": time(destination.modifiedAt),
    ]
  }

  private static func summary(_ destination: APIDestination, _ engine: BusEngine, _ call: Call) -> Fields {
    var fields = changed(destination, engine, call)
    fields["Name"] = .string(destination.name)
    fields["ConnectionArn"] = .string(destination.connectionARN)
    fields["InvocationEndpoint"] = .string(destination.endpoint)
    fields["HttpMethod"] = .string(destination.method)
    fields["InvocationRateLimitPerSecond"] = .maybe(destination.rateLimit)
    return fields
  }
}

// Partner sources, from both sides.

internal import AWSProtocols
internal import EventBuses
internal import TrailEvents

extension Events {
  private static let source: Structure = [
    .optional("Arn", .string),
    .optional("CreatedBy", .string),
    .optional("CreationTime", .timestamp),
    .optional("ExpirationTime", .timestamp),
    .optional("Name", .string),
    .optional("State", .string),
  ]

  static let partnerOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "CreatePartnerEventSource",
      "Offers a source of events to an account (the partner's side).",
      input: [.required("Name", sourceName), .required("Account", account)],
      output: [.optional("EventSourceArn", .string)],
      errors: [exists, concurrent, limit, disabled]
    ) { engine, call in
      let input = call.input
      let arn = try await engine.change { catalog throws(BusError) in
        try catalog.createPartnerSource(
          input.string("Name"),
          for: input.string("Account"),
          by: call.scope,
          now: call.time.milliseconds
        )
      }
      return ["EventSourceArn": .string(arn)]
    },
    operation(
      "DeletePartnerEventSource",
      "Withdraws a source from an account (the partner's side).",
      input: [.required("Name", sourceName), .required("Account", account)],
      errors: [concurrent, disabled]
    ) { engine, call in
      let input = call.input
      try await engine.change { catalog throws(BusError) in
        catalog.deletePartnerSource(input.string("Name"), for: input.string("Account"), by: call.scope)
      }
      return [:]
    },
    operation(
      "DescribePartnerEventSource",
      "Shows a source that the caller offers (the partner's side).",
      input: [.required("Name", sourceName)],
      output: [.optional("Arn", .string), .optional("Name", .string)],
      errors: [notFound, disabled]
    ) { engine, call in
      let source = try engine.catalog.partnerSource(call.input.string("Name"), by: call.scope)
      return ["Arn": .string(PartnerSource.arn(source.name, in: call.scope)), "Name": .string(source.name)]
    },
    activation("ActivateEventSource", "Takes events of a partner's source again.", true),
    activation("DeactivateEventSource", "Takes no more events of a partner's source.", false),
    operation(
      "DescribeEventSource",
      "Shows a source that a partner offers to the caller.",
      input: [.required("Name", sourceName)],
      output: source,
      errors: [notFound, disabled]
    ) { engine, call in
      .fields(fields(try engine.catalog.eventSource(call.input.string("Name"), in: call.scope), call))
    },
  ]

  private static func activation(
    _ name: String,
    _ documentation: String,
    _ isActive: Bool
  ) -> AWSProtocols.Operation<BusEngine> {
    operation(
      name,
      documentation,
      input: [.required("Name", sourceName)],
      errors: [notFound, concurrent, invalidState, disabled]
    ) { engine, call in
      let source = call.input.string("Name")
      try await engine.change { catalog throws(BusError) in
        try catalog.setActive(isActive, source: source, in: call.scope)
      }
      return [:]
    }
  }

  static let partnerListOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "ListEventSources",
      "Lists the sources that partners offer to the caller.",
      input: Structure([.optional("NamePrefix", .string(1...256, pattern: #"[/\.\-_A-Za-z0-9]+"#))] + paging()),
      output: [.optional("EventSources", .list(.structure(source))), .optional("NextToken", .string)],
      errors: [disabled]
    ) { engine, call in
      let sources = engine.catalog.eventSources(in: call.scope, prefix: call.input.string(ifAny: "NamePrefix"))
      return try page(sources, call, as: "EventSources", key: \.name) { .fields(fields($0, call)) }
    },
    operation(
      "ListPartnerEventSources",
      "Lists the sources that the caller offers (the partner's side).",
      input: Structure(
        [.required("NamePrefix", .string(1...256, pattern: #"aws\.partner/[\.\-_A-Za-z0-9]+/[/\.\-_A-Za-z0-9]*"#))]
          + paging()
      ),
      output: [
        .optional(
          "PartnerEventSources",
          .list(.structure([.optional("Arn", .string), .optional("Name", .string)]))
        ),
        .optional("NextToken", .string),
      ],
      errors: [disabled]
    ) { engine, call in
      let offers = engine.catalog.partnerSources(by: call.scope, prefix: call.input.string("NamePrefix"))
      let names = Set(offers.map(\.source.name)).sorted()
      return try page(names, call, as: "PartnerEventSources", key: \.self) { name in
        ["Arn": .string(PartnerSource.arn(name, in: call.scope)), "Name": .string(name)]
      }
    },
    operation(
      "ListPartnerEventSourceAccounts",
      "Lists the accounts that a source is offered to (the partner's side).",
      input: Structure([.required("EventSourceName", sourceName)] + paging()),
      output: [
        .optional(
          "PartnerEventSourceAccounts",
          .list(
            .structure([
              .optional("Account", .string), .optional("CreationTime", .timestamp),
              .optional("ExpirationTime", .timestamp), .optional("State", .string),
            ])
          )
        ),
        .optional("NextToken", .string),
      ],
      errors: [notFound, disabled]
    ) { engine, call in
      let name = call.input.string("EventSourceName")
      let offers = engine.catalog.partnerSources(by: call.scope, prefix: name).filter { $0.source.name == name }
      guard !offers.isEmpty else { throw notFound("Event source \(name) does not exist.") }
      return try page(offers, call, as: "PartnerEventSourceAccounts", key: \.account) { account, source in
        [
          "Account": .string(account),
          "CreationTime": time(source.createdAt),
          "ExpirationTime": time(source.expiresAt),
          "State": .string(source.state.rawValue),
        ]
      }
    },
  ]

  private static func fields(_ source: PartnerSource, _ call: Call) -> Fields {
    [
      "Arn": .string(PartnerSource.arn(source.name, in: call.scope)),
      "CreatedBy": .string(source.name.split(separator: "/").dropFirst().first.map(String.init) ?? ""),
      "CreationTime": time(source.createdAt),
      "ExpirationTime": time(source.state == .pending ? source.expiresAt : nil),
      "Name": .string(source.name),
      "State": .string(source.state.rawValue),
    ]
  }
}

// Starting, stopping, listing and tagging pipes.

internal import AWSProtocols
internal import Pipes

extension EventPipes {
  static let stateOperations: [AWSProtocols.Operation<PipeEngine>] = [
    operation(
      "StartPipe",
      "Lets a pipe take messages.",
      HTTPBinding("POST", "/v1/pipes/{Name}/start"),
      input: named,
      output: standing,
      errors: [notFound, conflict]
    ) { engine, call in
      .fields(standing(of: try await engine.start(call.input.string("Name"), in: call.scope), for: call))
    },
    operation(
      "StopPipe",
      "Lets a pipe take no more messages; what it has taken it finishes.",
      HTTPBinding("POST", "/v1/pipes/{Name}/stop"),
      input: named,
      output: standing,
      errors: [notFound, conflict]
    ) { engine, call in
      .fields(standing(of: try await engine.stop(call.input.string("Name"), in: call.scope), for: call))
    },
  ]

  private static let prefix = Shape.string(1...1600)

  static let listOperations: [AWSProtocols.Operation<PipeEngine>] = [
    operation(
      "ListPipes",
      "Lists pipes in the order of their names.",
      HTTPBinding("GET", "/v1/pipes"),
      input: [
        .optional("NamePrefix", name, at: .query("NamePrefix")),
        .optional("DesiredState", desiredState, at: .query("DesiredState")),
        .optional("CurrentState", currentState, at: .query("CurrentState")),
        .optional("SourcePrefix", prefix, at: .query("SourcePrefix")),
        .optional("TargetPrefix", prefix, at: .query("TargetPrefix")),
        .optional("NextToken", .string(1...2048), at: .query("NextToken"), secret: true),
        .optional("Limit", .integer(1...100), at: .query("Limit")),
      ],
      output: [
        .optional(
          "Pipes",
          .list(
            .structure(
              standing + [
                .optional("StateReason", .string), .optional("Source", .string), .optional("Target", .string),
                .optional("Enrichment", .string),
              ]
            )
          )
        ),
        .optional("NextToken", .string, secret: true),
      ]
    ) { engine, call in
      let input = call.input
      var query = PipeQuery(
        namePrefix: input.string(ifAny: "NamePrefix"),
        desired: input.string(ifAny: "DesiredState").flatMap(PipeRecord.DesiredState.init),
        sourcePrefix: input.string(ifAny: "SourcePrefix"),
        targetPrefix: input.string(ifAny: "TargetPrefix")
      )
      if let state = input.string(ifAny: "CurrentState") {
        // No pipe gets into the other states that AWS has.
        guard let current = PipeRecord.State(rawValue: state) else { return ["Pipes": []] }
        query.current = current
      }
      if let token = input.string(ifAny: "NextToken") {
        guard let last = PageToken.key(of: token) else { throw PipeError(validation.code, "Invalid NextToken.") }
        query.after = last
      }
      let found = try await engine.pipes(query, in: call.scope)
      let page = found.prefix(input.integer(ifAny: "Limit") ?? 100)
      let isCut = page.count < found.count
      return [
        "Pipes": .list(page.map { .fields(summary(of: $0, for: call)) }),
        "NextToken": .maybe(isCut ? page.last.map { PageToken.token(for: $0.definition.name) } : nil),
      ]
    }
  ]

  private static func summary(of pipe: PipeRecord, for call: Call) -> Fields {
    var fields = standing(of: pipe, for: call)
    fields["StateReason"] = .maybe(pipe.reason)
    fields["Source"] = .string(pipe.definition.source)
    fields["Target"] = .string(pipe.definition.target.arn)
    fields["Enrichment"] = .maybe(pipe.definition.enrichment.arn)
    return fields
  }

  // MARK: Tags

  private static let resource = Member.required(
    "resourceArn",
    .string(1...1600, pattern: #"arn:aws([a-z]|\-)*:([a-zA-Z0-9\-]+):([a-z]|\d|\-)*:([0-9]{12})?:(.+)"#),
    at: .label
  )
  private static let tags = Shape.map(.string(1...128), .string(0...256), 1...50)

  static let tagOperations: [AWSProtocols.Operation<PipeEngine>] = [
    operation(
      "TagResource",
      "Tags a pipe.",
      HTTPBinding("POST", "/tags/{resourceArn}"),
      input: [resource, .required("tags", tags)],
      errors: [notFound]
    ) { engine, call in
      try await engine.tag(call.input.string("resourceArn"), call.input.stringMap("tags"), in: call.scope)
      return [:]
    },
    operation(
      "UntagResource",
      "Removes tags of a pipe.",
      HTTPBinding("DELETE", "/tags/{resourceArn}"),
      input: [resource, .required("tagKeys", .list(.string(1...128), 0...50), at: .query("tagKeys"))],
      errors: [notFound]
    ) { engine, call in
      try await engine.untag(call.input.string("resourceArn"), call.input.strings("tagKeys"), in: call.scope)
      return [:]
    },
    operation(
      "ListTagsForResource",
      "Lists the tags of a pipe.",
      HTTPBinding("GET", "/tags/{resourceArn}"),
      input: [resource],
      output: [.optional("tags", tags)],
      errors: [notFound]
    ) { engine, call in
      let tags = try await engine.tags(of: call.input.string("resourceArn"), in: call.scope)
      return ["tags": .map(tags)]
    },
  ]
}

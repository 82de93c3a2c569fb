// Pipes: making, changing, showing and deleting them.

internal import AWSProtocols
internal import EventPatterns
internal import Pipes

extension EventPipes {
  private static let roleARN = Shape.string(
    1...1600,
    pattern: #"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z0-9+=,.@\-_/]+"#
  )
  private static let description = Shape.string(0...512, pattern: #".*"#)
  private static let kmsKey = Shape.string(0...2048, pattern: #"[a-zA-Z0-9_\-/:]*"#)
  private static let tagMap = Shape.map(.string(1...128), .string(0...256), 1...50)

  private static let stages: Structure = [
    .optional("Enrichment", .string(0...1600, pattern: TextPattern(stringLiteral: "$|" + arnPattern))),
    .optional("EnrichmentParameters", enrichmentParameters),
  ]

  static let pipeOperations: [AWSProtocols.Operation<PipeEngine>] = [
    operation(
      "CreatePipe",
      "Makes a pipe from a queue to a target; it begins at once unless it is to be stopped.",
      HTTPBinding("POST", "/v1/pipes/{Name}"),
      input: named + [
        .optional("Description", description, secret: true),
        .optional("DesiredState", desiredState),
        .required("Source", .string(1...1600, pattern: sourcePattern)),
        .optional("SourceParameters", sourceParameters),
      ] + stages + [
        .required("Target", .string(1...1600, pattern: TextPattern(stringLiteral: arnPattern))),
        .optional("TargetParameters", targetParameters),
        .required("RoleArn", roleARN),
        .optional("Tags", tagMap),
        .optional("LogConfiguration", .document),
        .optional("KmsKeyIdentifier", kmsKey),
      ],
      output: standing,
      errors: [notFound, conflict, quota, denied]
    ) { engine, call in
      let desired = call.input.string(ifAny: "DesiredState").flatMap(PipeRecord.DesiredState.init) ?? .running
      let (definition, tags) = (try definition(call.input), call.input.stringMap("Tags"))
      let pipe = try await engine.create(definition, desired: desired, tags: tags, in: call.scope)
      return .fields(standing(of: pipe, for: call))
    },
    operation(
      "UpdatePipe",
      "Changes what is given of a pipe; parameters of one kind are replaced together.",
      HTTPBinding("PUT", "/v1/pipes/{Name}"),
      input: named + [
        .optional("Description", description, secret: true),
        .optional("DesiredState", desiredState),
        .optional("SourceParameters", sourceParameters),
      ] + stages + [
        .optional("Target", .string(1...1600, pattern: TextPattern(stringLiteral: arnPattern))),
        .optional("TargetParameters", targetParameters),
        .required("RoleArn", roleARN),
        .optional("LogConfiguration", .document),
        .optional("KmsKeyIdentifier", kmsKey),
      ],
      output: standing,
      errors: [notFound, conflict, denied]
    ) { engine, call in
      let pipe = try await engine.update(call.input.string("Name"), try change(call.input), in: call.scope)
      return .fields(standing(of: pipe, for: call))
    },
    operation(
      "DescribePipe",
      "Shows a pipe.",
      HTTPBinding("GET", "/v1/pipes/{Name}"),
      input: named,
      output: standing + [
        .optional("Description", .string, secret: true),
        .optional("StateReason", .string),
        .optional("Source", .string),
        .optional("SourceParameters", sourceParameters),
        .optional("Enrichment", .string),
        .optional("EnrichmentParameters", enrichmentParameters),
        .optional("Target", .string),
        .optional("TargetParameters", targetParameters),
        .optional("RoleArn", .string),
        .optional("Tags", tagMap),
        .optional("LogConfiguration", .document),
        .optional("KmsKeyIdentifier", .string),
      ],
      errors: [notFound]
    ) { engine, call in
      let pipe = try await engine.pipe(call.input.string("Name"), in: call.scope)
      return .fields(fields(of: pipe, for: call))
    },
    operation(
      "DeletePipe",
      "Deletes a pipe; what it has taken it finishes.",
      HTTPBinding("DELETE", "/v1/pipes/{Name}"),
      input: named,
      output: standing,
      errors: [notFound, conflict]
    ) { engine, call in
      .fields(standing(of: try await engine.delete(call.input.string("Name"), in: call.scope), for: call))
    },
  ]

  // MARK: In

  private static func definition(_ input: Input) throws -> PipeDefinition {
    var definition = PipeDefinition(
      name: input.string("Name"),
      source: input.string("Source"),
      enrichment: enrichment(input),
      target: target(input.structure(ifAny: "TargetParameters"), arn: input.string("Target")),
      roleARN: input.string("RoleArn")
    )
    definition.description = input.string(ifAny: "Description")
    if let parameters = input.structure(ifAny: "SourceParameters") {
      try refuseOtherSources(parameters)
      definition.filters = filters(parameters) ?? []
      (definition.batchSize, definition.batchingWindow) = batching(parameters) ?? (nil, nil)
    }
    definition.logging = try logging(input)
    definition.kmsKey = input.string(ifAny: "KmsKeyIdentifier")
    return definition
  }

  private static func change(_ input: Input) throws -> PipeChange {
    var change = PipeChange(roleARN: input.string("RoleArn"))
    change.description = input.string(ifAny: "Description")
    change.desired = input.string(ifAny: "DesiredState").flatMap(PipeRecord.DesiredState.init)
    if let parameters = input.structure(ifAny: "SourceParameters") {
      try refuseOtherSources(parameters)
      change.filters = filters(parameters)
      change.batching = batching(parameters)
    }
    change.enrichmentARN = input.string(ifAny: "Enrichment")
    if let parameters = input.structure(ifAny: "EnrichmentParameters") {
      change.enrichmentTemplate = parameters.string(ifAny: "InputTemplate")
      if parameters.has("HttpParameters") { change.enrichmentHTTP = enrichment(input) }
    }
    change.targetARN = input.string(ifAny: "Target")
    change.target = input.structure(ifAny: "TargetParameters").map { target($0, arn: "") }
    change.logging = try logging(input)
    change.kmsKey = input.string(ifAny: "KmsKeyIdentifier")
    return change
  }

  /// Where logs should go, as it is kept.
  private static func logging(_ input: Input) throws -> String? {
    guard let value = input.document(ifAny: "LogConfiguration") else { return nil }
    let levels = ["OFF", "ERROR", "INFO", "TRACE"]
    guard let level = value["Level"]?.string, levels.contains(level) else {
      throw PipeError(
        validation.code,
        "LogConfiguration must have a Level, one of [\(levels.joined(separator: ", "))]."
      )
    }
    return value.text
  }

  // MARK: Out

  private static func fields(of pipe: PipeRecord, for call: Call) -> Fields {
    let definition = pipe.definition
    var fields = standing(of: pipe, for: call)
    fields["Description"] = .maybe(definition.description)
    fields["StateReason"] = .maybe(pipe.reason)
    fields["Source"] = .string(definition.source)
    fields["SourceParameters"] = .fields(sourceFields(definition))
    fields["Enrichment"] = .maybe(definition.enrichment.arn)
    fields["EnrichmentParameters"] = enrichmentFields(definition.enrichment)
    fields["Target"] = .string(definition.target.arn)
    fields["TargetParameters"] = targetFields(definition.target)
    fields["RoleArn"] = .string(definition.roleARN)
    if !pipe.tags.isEmpty { fields["Tags"] = .map(pipe.tags) }
    fields["LogConfiguration"] = .maybe(definition.logging.flatMap { try? JSONValue(parsing: $0) })
    fields["KmsKeyIdentifier"] = .maybe(definition.kmsKey)
    return fields
  }
}

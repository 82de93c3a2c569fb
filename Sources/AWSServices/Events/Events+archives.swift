// Archives and replays.

internal import AWSProtocols
internal import EventBuses
internal import TrailEvents

extension Events {
  private static let archiveState = Shape.choice(
    "ENABLED",
    "DISABLED",
    "CREATING",
    "UPDATING",
    "CREATE_FAILED",
    "UPDATE_FAILED"
  )

  private static let changed: Structure = [
    .optional("ArchiveArn", .string),
    .optional("State", .string),
    .optional("StateReason", .string),
    .optional("CreationTime", .timestamp),
  ]

  private static let summary: Structure = [
    .optional("ArchiveName", .string),
    .optional("EventSourceArn", .string),
    .optional("State", .string),
    .optional("StateReason", .string),
    .optional("RetentionDays", .integer),
    .optional("SizeBytes", .long),
    .optional("EventCount", .long),
    .optional("CreationTime", .timestamp),
  ]

  static let archiveOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "CreateArchive",
      "Keeps events of a bus, from now on, so that they can be replayed.",
      input: [
        .required("ArchiveName", archiveName),
        .required("EventSourceArn", sourceARN),
        .optional("Description", lineDescription),
        .optional("EventPattern", eventPattern),
        .optional("RetentionDays", .integer(0...Int(Int32.max))),
        .optional("KmsKeyIdentifier", kmsKey),
      ],
      output: changed,
      errors: [concurrent, exists, notFound, limit, invalidPattern]
    ) { engine, call in
      let input = call.input
      let archive = engine.newArchive(
        input.string("ArchiveName"),
        of: input.string("EventSourceArn"),
        description: input.string(ifAny: "Description"),
        pattern: input.string(ifAny: "EventPattern").flatMap { $0.isEmpty ? nil : $0 },
        retentionDays: input.integer(ifAny: "RetentionDays") ?? 0,
        kmsKey: input.string(ifAny: "KmsKeyIdentifier"),
        now: call.time.milliseconds
      )
      try await engine.change { catalog throws(BusError) in try catalog.createArchive(archive, in: call.scope) }
      return changed(archive, call)
    },
    operation(
      "DeleteArchive",
      "Removes an archive with its events.",
      input: [.required("ArchiveName", archiveName)],
      errors: [concurrent, notFound]
    ) { engine, call in
      try await engine.deleteArchive(call.input.string("ArchiveName"), in: call.scope)
      return [:]
    },
    operation(
      "DescribeArchive",
      "Shows an archive with the number of its events.",
      input: [.required("ArchiveName", archiveName)],
      output: [
        .optional("ArchiveArn", .string), .optional("Description", .string), .optional("EventPattern", .string),
        .optional("KmsKeyIdentifier", .string),
      ] + summary,
      errors: [exists, notFound]
    ) { engine, call in
      let archive = try engine.catalog.archive(call.input.string("ArchiveName"), in: call.scope)
      var fields = try await fields(archive, engine)
      fields["ArchiveArn"] = .string(Archive.arn(archive.name, in: call.scope))
      fields["Description"] = .maybe(archive.description)
      fields["EventPattern"] = .maybe(archive.pattern)
      fields["KmsKeyIdentifier"] = .maybe(archive.kmsKey)
      return .fields(fields)
    },
    operation(
      "ListArchives",
      "Lists archives by name, by bus or by state.",
      input: Structure(
        [
          .optional("NamePrefix", archiveName), .optional("EventSourceArn", sourceARN),
          .optional("State", archiveState),
        ] + paging()
      ),
      output: [.optional("Archives", .list(.structure(summary))), .optional("NextToken", .string)],
      errors: [notFound]
    ) { engine, call in
      let input = call.input
      let filters = ["NamePrefix", "EventSourceArn", "State"].count { input.has($0) }
      guard filters <= 1 else {
        throw AWSError(
          "ValidationException",
          "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix."
        )
      }
      let archives = engine.catalog.archives(
        in: call.scope,
        prefix: input.string(ifAny: "NamePrefix"),
        sourceARN: input.string(ifAny: "EventSourceArn")
      )
      // An archive is enabled from its beginning to its end.
      let shown = [nil, "ENABLED"].contains(input.string(ifAny: "State")) ? archives : []
      var entries: [String: Fields] = [:]
      for archive in shown { entries[archive.name] = try await fields(archive, engine) }
      return try page(shown, call, as: "Archives", key: \.name) { [entries] in .maybe(entries[$0.name]) }
    },
    operation(
      "UpdateArchive",
      "Changes the description, pattern or retention of an archive.",
      input: [
        .required("ArchiveName", archiveName),
        .optional("Description", lineDescription),
        .optional("EventPattern", eventPattern),
        .optional("RetentionDays", .integer(0...Int(Int32.max))),
        .optional("KmsKeyIdentifier", kmsKey),
      ],
      output: changed,
      errors: [concurrent, notFound, limit, invalidPattern]
    ) { engine, call in
      let input = call.input
      let archive = try await engine.change { catalog throws(BusError) in
        try catalog.updateArchive(
          input.string("ArchiveName"),
          description: input.string(ifAny: "Description"),
          pattern: input.string(ifAny: "EventPattern"),
          retentionDays: input.integer(ifAny: "RetentionDays"),
          kmsKey: input.string(ifAny: "KmsKeyIdentifier"),
          in: call.scope
        )
      }
      return changed(archive, call)
    },
  ]

  private static func changed(_ archive: Archive, _ call: Call) -> Value {
    [
      "ArchiveArn": .string(Archive.arn(archive.name, in: call.scope)),
      "State": "ENABLED",
      "CreationTime": time(archive.createdAt),
    ]
  }

  private static func fields(_ archive: Archive, _ engine: BusEngine) async throws -> Fields {
    let size = try await engine.size(of: archive)
    return [
      "ArchiveName": .string(archive.name),
      "EventSourceArn": .string(archive.sourceARN),
      "State": "ENABLED",
      "RetentionDays": .maybe(archive.retentionDays),
      "SizeBytes": .maybe(size.bytes),
      "EventCount": .maybe(size.events),
      "CreationTime": time(archive.createdAt),
    ]
  }
}

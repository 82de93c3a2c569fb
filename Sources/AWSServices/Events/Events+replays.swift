// Replays of archives.

internal import AWSProtocols
internal import EventBuses
internal import TrailEvents

extension Events {
  private static let replayState = Shape.choice(
    "STARTING",
    "RUNNING",
    "CANCELLING",
    "COMPLETED",
    "CANCELLED",
    "FAILED"
  )

  private static let destination = Shape.structure([
    .required("Arn", arn), .optional("FilterArns", .list(arn)),
  ])

  private static let summary: Structure = [
    .optional("ReplayName", .string),
    .optional("EventSourceArn", .string),
    .optional("State", .string),
    .optional("StateReason", .string),
    .optional("EventStartTime", .timestamp),
    .optional("EventEndTime", .timestamp),
    .optional("EventLastReplayedTime", .timestamp),
    .optional("ReplayStartTime", .timestamp),
    .optional("ReplayEndTime", .timestamp),
  ]

  static let replayOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "StartReplay",
      "Sends the events of an archive to their bus again.",
      input: [
        .required("ReplayName", name64),
        .optional("Description", lineDescription),
        .required("EventSourceArn", sourceARN),
        .required("EventStartTime", .timestamp),
        .required("EventEndTime", .timestamp),
        .required("Destination", destination),
      ],
      output: [
        .optional("ReplayArn", .string),
        .optional("State", .string),
        .optional("StateReason", .string),
        .optional("ReplayStartTime", .timestamp),
      ],
      errors: [notFound, exists, invalidPattern, limit]
    ) { engine, call in
      let input = call.input
      let destination = input.structure("Destination")
      let replay = Replay(
        name: input.string("ReplayName"),
        description: input.string(ifAny: "Description"),
        archiveARN: input.string("EventSourceArn"),
        from: input.time("EventStartTime").milliseconds,
        until: input.time("EventEndTime").milliseconds,
        destinationARN: destination.string("Arn"),
        filterARNs: destination.strings("FilterArns"),
        startedAt: call.time.milliseconds
      )
      try await engine.change { catalog throws(BusError) in try catalog.startReplay(replay, in: call.scope) }
      return [
        "ReplayArn": .string(replay.arn(in: call.scope)),
        "State": .string(replay.state.rawValue),
        "ReplayStartTime": time(replay.startedAt),
      ]
    },
    operation(
      "CancelReplay",
      "Stops a replay; what it has sent stays sent.",
      input: [.required("ReplayName", name64)],
      output: [.optional("ReplayArn", .string), .optional("State", .string), .optional("StateReason", .string)],
      errors: [notFound, concurrent, illegalStatus]
    ) { engine, call in
      let name = call.input.string("ReplayName")
      let replay = try await engine.change { catalog throws(BusError) in
        try catalog.cancelReplay(name, in: call.scope)
      }
      return ["ReplayArn": .string(replay.arn(in: call.scope)), "State": .string(replay.state.rawValue)]
    },
    operation(
      "DescribeReplay",
      "Shows a replay and how far it has come.",
      input: [.required("ReplayName", name64)],
      output: [
        .optional("ReplayArn", .string), .optional("Description", .string), .optional("Destination", destination),
      ] + summary,
      errors: [notFound]
    ) { engine, call in
      let replay = try engine.catalog.replay(call.input.string("ReplayName"), in: call.scope)
      var fields = fields(replay)
      fields["ReplayArn"] = .string(replay.arn(in: call.scope))
      fields["Description"] = .maybe(replay.description)
      fields["Destination"] = [
        "Arn": .string(replay.destinationARN), "FilterArns": .list(of: replay.filterARNs),
      ]
      return .fields(fields)
    },
    operation(
      "ListReplays",
      "Lists replays by name, by archive or by state.",
      input: Structure(
        [
          .optional("NamePrefix", name64), .optional("State", replayState), .optional("EventSourceArn", sourceARN),
        ] + paging()
      ),
      output: [.optional("Replays", .list(.structure(summary))), .optional("NextToken", .string)]
    ) { engine, call in
      let input = call.input
      let replays = engine.catalog.replays(
        in: call.scope,
        prefix: input.string(ifAny: "NamePrefix"),
        state: input.string(ifAny: "State").flatMap(Replay.State.init),
        archiveARN: input.string(ifAny: "EventSourceArn")
      )
      return try page(replays, call, as: "Replays", key: \.name) { .fields(fields($0)) }
    },
  ]

  private static func fields(_ replay: Replay) -> Fields {
    [
      "ReplayName": .string(replay.name),
      "EventSourceArn": .string(replay.archiveARN),
      "State": .string(replay.state.rawValue),
      "StateReason": .maybe(replay.stateReason),
      "EventStartTime": time(replay.from),
      "EventEndTime": time(replay.until),
      "EventLastReplayedTime": time(replay.lastEventTime),
      "ReplayStartTime": time(replay.startedAt),
      "ReplayEndTime": time(replay.endedAt),
    ]
  }
}

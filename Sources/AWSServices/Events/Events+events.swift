// Putting events on buses, and asking whether a pattern matches one.

internal import AWSProtocols
internal import EventBuses
internal import EventPatterns
internal import TrailEvents

extension Events {
  private static let resultEntries = Shape.list(
    .structure([
      .optional("EventId", .string), .optional("ErrorCode", .string), .optional("ErrorMessage", .string),
    ])
  )

  static let eventOperations: [AWSProtocols.Operation<BusEngine>] = [
    operation(
      "PutEvents",
      "Puts up to ten events on buses; each is taken or refused by itself, and what is taken is on the disk.",
      input: [
        .required(
          "Entries",
          .list(
            .structure([
              .optional("Time", .timestamp),
              .optional("Source", .string),
              .optional("Resources", .list(.string(0...2048))),
              .optional("DetailType", .string),
              // What happened is the event itself; the record of the call does not repeat it.
              .optional("Detail", .string, secret: true),
              .optional(
                "EventBusName",
                .string(
                  1...1600,
                  pattern: #"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+"#
                )
              ),
              .optional("TraceHeader", .string(1...500)),
            ]),
            1...10
          )
        ),
        .optional("EndpointId", .string(1...50, pattern: #"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$"#)),
      ],
      output: [.optional("FailedEntryCount", .integer), .optional("Entries", resultEntries)],
      category: .data
    ) { engine, call in
      let entries = call.input.structures("Entries").map(entry)
      return results(try await engine.putEvents(entries, from: call.scope, as: call.policyCaller))
    },
    operation(
      "PutPartnerEvents",
      "Puts events of a partner's sources on the buses of the accounts that listen to them.",
      input: [
        .required(
          "Entries",
          .list(
            .structure([
              .optional("Time", .timestamp),
              .optional("Source", sourceName),
              .optional("Resources", .list(.string(0...2048))),
              .optional("DetailType", .string),
              // What happened is the event itself; the record of the call does not repeat it.
              .optional("Detail", .string, secret: true),
            ]),
            1...20
          )
        )
      ],
      output: [.optional("FailedEntryCount", .integer), .optional("Entries", resultEntries)],
      errors: [disabled],
      category: .data
    ) { engine, call in
      results(try await engine.putPartnerEvents(call.input.structures("Entries").map(entry), by: call.scope))
    },
    operation(
      "TestEventPattern",
      "Says whether an event pattern matches an event, with the matcher that rules use.",
      input: [.required("EventPattern", eventPattern), .required("Event", .string)],
      output: [.optional("Result", .boolean)],
      errors: [invalidPattern],
      readOnly: true
    ) { _, call in
      ["Result": .bool(try PatternTest.matches(call.input.string("EventPattern"), event: call.input.string("Event")))]
    },
  ]

  private static func entry(_ input: Input) -> EventEntry {
    EventEntry(
      time: input.time(ifAny: "Time")?.seconds,
      source: input.string(ifAny: "Source"),
      resources: input.strings("Resources"),
      detailType: input.string(ifAny: "DetailType"),
      detail: input.string(ifAny: "Detail"),
      bus: input.structure.member(named: "EventBusName") == nil ? nil : input.string(ifAny: "EventBusName"),
      traceHeader: input.structure.member(named: "TraceHeader") == nil ? nil : input.string(ifAny: "TraceHeader")
    )
  }

  private static func results(_ results: [EntryResult]) -> Value {
    var failed = 0
    let entries = results.map { result -> Value in
      switch result {
      case .accepted(let id): return ["EventId": .string(id)]
      case .refused(let error):
        failed += 1
        return ["ErrorCode": .string(error.code), "ErrorMessage": .string(error.message)]
      }
    }
    return ["FailedEntryCount": .maybe(failed), "Entries": .list(entries)]
  }
}

// The keys of a rule's `tests`.

extension MappingSpec {
  static let test = MappingSpec(
    "test",
    "Events that are given, and what must come out.",
    [
      FieldSpec("name", .line, required: true, "What the test shows."),
      FieldSpec(
        "given",
        .list(.mapping(.givenEvent), atLeast: 1),
        required: true,
        "One event, or a list of events with their times."
      ),
      FieldSpec("expect", .mapping(.expectation), required: true, "What must come out; at least one key."),
    ]
  )

  static let givenEvent = MappingSpec(
    "given event",
    "An event: a fixture or an event written in place, with changes.",
    [
      FieldSpec("at", .timeSpan, "When the event happens, counted from the start of the test. The default is 0s."),
      FieldSpec(
        "like",
        .line,
        "The fixture the event is made from: a JSON file beside the rule file, an EventBridge event or a CloudTrail record."
      ),
      FieldSpec("event", .json, "The event itself, instead of `like`."),
      FieldSpec("set", .map(.json), "Fields to change or add: paths and their values."),
      FieldSpec("unset", .list(.fieldPath), "Fields to remove."),
    ]
  )

  static let expectation = MappingSpec(
    "expectation",
    "What must come out of a test.",
    [
      FieldSpec("match", .boolean, "Whether the last event triggers the rule."),
      FieldSpec(
        "because",
        .fieldPath,
        "The field whose condition keeps the rule from matching, or `unless` (with `match: false`)."
      ),
      FieldSpec(
        "sends",
        .either(.list(.id), .map(.json)),
        "The `send` steps that fire, all of them: a list of their ids, or their ids with the rendered input."
      ),
      FieldSpec(
        "runs",
        .either(.list(.id), .map(.either(.choice([.init("planned")]), .mapping(.expectedRun)))),
        "The `run` steps that fire, all of them: a list of their ids, or their ids with `planned` or with details."
      ),
      FieldSpec("suppressed", .integer(0...1_000_000), "How many events matched and were let pass by `unless`."),
    ]
  )

  static let expectedRun = MappingSpec(
    "expected run",
    "What a `run` step must do.",
    [
      FieldSpec("argv", .list(.string), "The rendered argument list of a command."),
      FieldSpec("with", .map(.string), "The rendered values by parameter."),
    ]
  )
}

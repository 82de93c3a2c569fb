// The keys of `signalbox.yaml`: the checker, the did-you-mean and the documentation read this table.

package import RuleFiles

extension MappingSpec {
  /// `signalbox.yaml`.
  package static let configuration = MappingSpec(
    "configuration",
    "The settings of an engine. Relative paths count from the file's folder.",
    [
      FieldSpec("data-directory", .setting, "Where the engine keeps its database. The default is `data`."),
      FieldSpec("rules", .list(.setting, atLeast: 1), "Folders and files with rules. The default is `rules`."),
      FieldSpec("sources", .list(.mapping(.source), atLeast: 1), "Where events come from; `signalbox run` needs one."),
      FieldSpec("defaults", .mapping(.policyDefaults), "What holds for targets and actions that say nothing."),
      FieldSpec("log", .mapping(.log), "How the engine reports what it does, on standard error."),
      FieldSpec("retention", .mapping(.retention), "How long events and records are kept."),
      FieldSpec("outbox", .mapping(.outbox), "How much may wait for delivery."),
      FieldSpec("shutdown", .mapping(.shutdown), "How the engine stops."),
      FieldSpec(
        "functions",
        .list(.mapping(.function), atLeast: 1),
        "What the ARNs of services that are not here stand for, for rules of the API with `signalbox serve`."
      ),
      FieldSpec(
        "forward",
        .list(.mapping(.forward), atLeast: 1),
        "What rules and schedules of the API reach in AWS, or at a compatible endpoint, with `signalbox serve`."
      ),
      FieldSpec("serve", .mapping(.serve), "Where `signalbox serve` listens and what it takes."),
      FieldSpec(
        "accounts",
        .list(.mapping(.account), atLeast: 1),
        "Who may call `signalbox serve`, beside the root key."
      ),
      FieldSpec("account", .line, "The account in scheduled events, twelve digits. The default is zeros."),
      FieldSpec("region", .line, "The region in scheduled events. The default is `us-east-1`."),
    ]
  )

  static let function = MappingSpec(
    "function",
    "What an ARN stands for, such as a Lambda function's: an action or a target of the rules.",
    [
      FieldSpec("arn", .line, "The ARN; `*` stands for any text."),
      FieldSpec("run", .line, "The action that runs, with the input of the rule's target on standard input."),
      FieldSpec("send", .line, "The target that gets the input."),
    ]
  )

  static let source = MappingSpec(
    "source",
    "Somewhere events come from: `log-files` or `stdin`.",
    [
      FieldSpec(
        "log-files",
        .list(.setting, atLeast: 1),
        "Log files, folders of them, or trees in CloudTrail's layout: what is there first, then what arrives."
      ),
      FieldSpec("stdin", .line, "Standard input; the value is a name of your choice for it."),
      FieldSpec("name", .line, "The name under which positions are kept. The default is the path as it is written."),
      FieldSpec("watch", .boolean, "Whether to go on with files that arrive later. The default is true."),
      FieldSpec("bus", .line, "The bus whose rules see the events. The default is `default`."),
    ]
  )

  static let policyDefaults = MappingSpec(
    "defaults",
    "Limits, retries and dead letters of targets and actions that say nothing.",
    [
      FieldSpec(
        "limits",
        .mapping(
          MappingSpec(
            "limits",
            "How fast and how much at a time, for each target.",
            [
              FieldSpec("rate", .rate, "The most deliveries in a time: `10/1m`, `1/s`."),
              FieldSpec("burst", .integer(1...1_000_000), "How many may go at once after a pause."),
              FieldSpec("concurrency", .integer(1...10_000), "How many may be under way at once. The default is 4."),
            ]
          )
        ),
        "How fast and how much at a time, for each target."
      ),
      FieldSpec(
        "retry",
        .mapping(
          MappingSpec(
            "retry",
            "How long and how often a delivery is tried.",
            [
              FieldSpec(
                "for",
                .positiveTimeSpan,
                "How long after the decision a delivery is tried. The default is 24h."
              ),
              FieldSpec(
                "attempts",
                .integer(1...100_000),
                "The most attempts, the first included. The default is 185."
              ),
              FieldSpec("backoff", .backoff, "The first and the longest wait. The default is `1s..5m`."),
            ]
          )
        ),
        "How long and how often a delivery is tried."
      ),
      FieldSpec("dead-letter", .queueName, "The queue for what is given up. The default is `dead-letters`."),
    ]
  )

  static let log = MappingSpec(
    "log",
    "How the engine reports what it does.",
    [
      FieldSpec("format", choice(SignalboxConfiguration.LogSettings.Format.self), "The form of a line."),
      FieldSpec("level", choice(SignalboxConfiguration.LogSettings.Level.self), "The least that is reported."),
    ]
  )

  static let retention = MappingSpec(
    "retention",
    "How long to keep things. An event that was forgotten is taken for new when it comes again.",
    [
      FieldSpec("journal", .timeSpan, "How long events are kept. The default is 7d."),
      FieldSpec("ledger", .timeSpan, "How long records of deliveries are kept. The default is 90d."),
      FieldSpec("size", .size, "The size of the database above which the oldest events go, such as 10GB."),
    ]
  )

  static let outbox = MappingSpec(
    "outbox",
    "How much may wait for delivery.",
    [
      FieldSpec(
        "limit",
        .integer(1000...1_000_000_000),
        "The most deliveries that may wait before sources are paused. The default is 1000000."
      )
    ]
  )

  static let shutdown = MappingSpec(
    "shutdown",
    "How the engine stops.",
    [FieldSpec("grace", .timeSpan, "How long attempts under way may go on. The default is 10s.")]
  )

  private static func choice<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> FieldType {
    .choice(type.allCases.map { FieldType.Choice($0.rawValue) })
  }
}

// The types of `kind: Target` with their settings.

extension VariantSpec {
  static let target = VariantSpec(
    "target",
    by: "type",
    common: [
      FieldSpec("limits", .mapping(.limits), "How fast and how much at a time."),
      FieldSpec("retry", .mapping(.retry), "How long and how often a delivery is tried."),
      FieldSpec("dead-letter", .reference(.target, inline: nil), "The queue that gets what could not be delivered."),
      FieldSpec(
        "network",
        .choice([
          .init("public", "Refuses loopback, private, link-local and metadata addresses at connect time. The default."),
          .init("any", "Allows every address."),
        ]),
        "Which addresses may be connected to."
      ),
    ],
    [
      ("webhook", .webhook),
      ("queue", .queue),
      ("topic", .topic),
      ("bus", .bus),
      ("file", .file),
      ("stdout", MappingSpec("stdout", "Writes one line of JSON per delivery to standard output.", [])),
      ("log-group", .logGroup),
      ("lake", .lake),
      ("aws", .aws),
    ]
  )
}

extension MappingSpec {
  static let webhook = MappingSpec(
    "webhook",
    "Sends an HTTP request.",
    [
      FieldSpec("url", .setting, required: true, "The address: `https://…`, `http://…`, or `{env: NAME}`."),
      FieldSpec(
        "method",
        .choice([.init("POST", "The default."), .init("PUT"), .init("PATCH")]),
        "The HTTP method."
      ),
      FieldSpec("headers", .map(.setting), "Additional header fields. Secrets go in as `{env: NAME}`."),
      FieldSpec("sign", .mapping(.sign), "Signs requests (Standard Webhooks: webhook-id, -timestamp, -signature)."),
      FieldSpec("proxy", .setting, "The HTTP proxy to go through: `http://host:port`."),
    ]
  )

  static let sign = MappingSpec(
    "signature",
    "How requests are signed.",
    [FieldSpec("hmac", .secret, required: true, "The secret of the HMAC-SHA256 signature.")]
  )

  static let queue = MappingSpec(
    "queue",
    "Puts a message into a queue with SQS's semantics, kept by the engine.",
    [
      FieldSpec("name", .queueName, "The queue's name; the target's id if not written."),
      FieldSpec(
        "visibility-timeout",
        .boundedTimeSpan(QueueLimits.visibilityTimeout),
        "How long a received message stays hidden. The default is 30s."
      ),
      FieldSpec(
        "max-receive-count",
        .integer(QueueLimits.maxReceiveCount),
        "How often a message is received before it is moved. Needs `redrive-to`; 10 if only that is written."
      ),
      FieldSpec("redrive-to", .reference(.target, inline: nil), "The queue for messages that were received too often."),
      FieldSpec("retention", .boundedTimeSpan(QueueLimits.retention), "How long a message is kept. The default is 4d."),
    ]
  )

  static let topic = MappingSpec(
    "topic",
    "Hands a copy to every subscription.",
    [
      FieldSpec(
        "subscriptions",
        .list(.reference(.target, inline: nil), atLeast: 1),
        required: true,
        "The targets that get a copy."
      )
    ]
  )

  static let bus = MappingSpec(
    "bus",
    "Puts the event on another event bus of this engine: the rules of that bus see it.",
    [FieldSpec("name", .line, required: true, "The bus.")]
  )

  static let file = MappingSpec(
    "file",
    "Appends a line of JSON to a file.",
    [
      FieldSpec(
        "path",
        .line,
        required: true,
        "The file; a relative path counts from the data directory and stays in it."
      ),
      FieldSpec("max-size", .size, "The size from which on the file is rotated, such as 10MB."),
      FieldSpec("keep", .integer(0...10_000), "How many rotated files are kept."),
    ]
  )

  static let logGroup = MappingSpec(
    "log-group",
    "Writes to a log group. Not available yet.",
    [FieldSpec("name", .line, required: true, "The log group.")]
  )

  static let lake = MappingSpec(
    "lake",
    "Puts the event into an event data store. Not available yet.",
    [FieldSpec("store", .line, required: true, "The event data store.")]
  )

  static let limits = MappingSpec(
    "limits",
    "How fast and how much at a time.",
    [
      FieldSpec("rate", .rate, "The most deliveries in a time: `10/1m`, `1/s`."),
      FieldSpec("burst", .integer(1...1_000_000), "How many may go at once after a pause."),
      FieldSpec("concurrency", .integer(1...10_000), "How many may be under way at the same time."),
      FieldSpec("timeout", .positiveTimeSpan, "How long one attempt may take."),
    ]
  )

  static let retry = MappingSpec(
    "retry",
    "How long and how often a delivery is tried.",
    [
      FieldSpec("for", .positiveTimeSpan, "How long after the decision a delivery is still tried. The default is 24h."),
      FieldSpec("attempts", .integer(1...100_000), "The most attempts, the first included. The default is 185."),
      FieldSpec("backoff", .backoff, "The first and the longest wait between attempts: `1s..5m`."),
      FieldSpec("on", .list(.line), "Which failures are tried again: statuses (`429`), `5xx`, `network`."),
    ]
  )
}

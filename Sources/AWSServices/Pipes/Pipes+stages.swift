// Sources and enrichments of pipes, in requests and answers.

internal import AWSProtocols
internal import EventBuses
internal import Pipes

extension EventPipes {
  static let sourcePattern = TextPattern(
    stringLiteral:
      #"smk://(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9]):[0-9]{1,5}|"#
      + arnPattern
  )

  /// Parameters of sources that are not here.
  private static let otherSources = [
    "KinesisStreamParameters", "DynamoDBStreamParameters", "ActiveMQBrokerParameters", "RabbitMQBrokerParameters",
    "ManagedStreamingKafkaParameters", "SelfManagedKafkaParameters",
  ]

  static let sourceParameters = Shape.structure(
    Structure(
      [
        .optional(
          "FilterCriteria",
          .structure([
            .optional(
              "Filters",
              .list(.structure([.optional("Pattern", .string(0...4096), secret: true)]), 0...5)
            )
          ])
        ),
        .optional(
          "SqsQueueParameters",
          .structure([
            .optional("BatchSize", .integer(1...10_000)),
            .optional("MaximumBatchingWindowInSeconds", .integer(0...300)),
          ])
        ),
      ] + otherSources.map { .optional($0, .document) }
    )
  )

  static let http = Shape.structure([
    .optional("PathParameterValues", .list(.string(0..., pattern: orPath(#"(?!\s*$).+"#)))),
    .optional(
      "HeaderParameters",
      .map(
        .string(0...512, pattern: orPath(#"[!#$%&'*+-.^_`|~0-9a-zA-Z]+"#)),
        .string(
          0...512,
          pattern: orPath(#"[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*"#)
        )
      ),
      secret: true
    ),
    .optional(
      "QueryStringParameters",
      .map(
        .string(0...512, pattern: orPath(#"[^\x00-\x1F\x7F]+"#)),
        .string(0...512, pattern: orPath(#"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+"#))
      ),
      secret: true
    ),
  ])

  private static func orPath(_ pattern: String) -> TextPattern {
    TextPattern(stringLiteral: "\(pattern)|\(pathPattern)")
  }

  static let template = Shape.string(0...8192)

  static let enrichmentParameters = Shape.structure([
    .optional("InputTemplate", template, secret: true), .optional("HttpParameters", http),
  ])

  // MARK: In

  static func refuseOtherSources(_ parameters: Input) throws(PipeError) {
    guard let other = otherSources.first(where: parameters.has) else { return }
    throw PipeError(
      validation.code,
      "\(other) cannot be specified: sources of pipes are Amazon SQS queues, with SqsQueueParameters."
    )
  }

  static func filters(_ parameters: Input) -> [String]? {
    parameters.structure(ifAny: "FilterCriteria").map { criteria in
      criteria.structures("Filters").compactMap { $0.string(ifAny: "Pattern") }.filter { !$0.isEmpty }
    }
  }

  static func batching(_ parameters: Input) -> (size: Int?, window: Int?)? {
    parameters.structure(ifAny: "SqsQueueParameters").map {
      ($0.integer(ifAny: "BatchSize"), $0.integer(ifAny: "MaximumBatchingWindowInSeconds"))
    }
  }

  static func enrichment(_ input: Input) -> PipeEnrichment {
    let parameters = input.structure(ifAny: "EnrichmentParameters")
    let arn = input.string(ifAny: "Enrichment").flatMap { $0.isEmpty ? nil : $0 }
    return PipeEnrichment(
      arn: arn,
      template: parameters?.string(ifAny: "InputTemplate"),
      http: httpParameters(parameters?.structure(ifAny: "HttpParameters"))
    )
  }

  static func httpParameters(_ input: Input?) -> RuleTarget.HTTPParameters? {
    input.map { input in
      RuleTarget.HTTPParameters(
        pathValues: input.strings("PathParameterValues"),
        headers: input.stringMap("HeaderParameters"),
        query: input.stringMap("QueryStringParameters")
      )
    }
  }

  // MARK: Out

  static func sourceFields(_ definition: PipeDefinition) -> Fields {
    var fields: Fields = [:]
    if !definition.filters.isEmpty {
      fields["FilterCriteria"] = ["Filters": .list(definition.filters.map { ["Pattern": .string($0)] })]
    }
    fields["SqsQueueParameters"] = [
      "BatchSize": .maybe(definition.batchSize ?? PipeDefinition.defaultBatchSize),
      "MaximumBatchingWindowInSeconds": .maybe(definition.batchingWindow),
    ]
    return fields
  }

  static func enrichmentFields(_ enrichment: PipeEnrichment) -> Value {
    guard enrichment.template != nil || enrichment.http != nil else { return .absent }
    return ["InputTemplate": .maybe(enrichment.template), "HttpParameters": httpFields(enrichment.http)]
  }

  static func httpFields(_ http: RuleTarget.HTTPParameters?) -> Value {
    guard let http else { return .absent }
    var fields: Fields = [:]
    if !http.pathValues.isEmpty { fields["PathParameterValues"] = .list(of: http.pathValues) }
    if !http.headers.isEmpty { fields["HeaderParameters"] = .map(http.headers) }
    if !http.query.isEmpty { fields["QueryStringParameters"] = .map(http.query) }
    return .fields(fields)
  }
}

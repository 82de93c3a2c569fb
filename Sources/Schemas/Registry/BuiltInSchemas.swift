// The registry `aws.events`: schemas of the events that Signalbox itself puts on buses. CloudTrail's are written out of
// the record's documented members; what a call's parameters are is the service's own affair and left open.

internal import EventPatterns

/// The schemas that come with Signalbox.
enum BuiltInSchemas {
  /// The registry that they are in.
  static let registry = Registry(
    name: Registry.builtIn,
    description: "The events that Signalbox itself puts on buses"
  )

  /// The services whose calls have a schema, by their sender.
  private static let callers = [
    "aws.cloudtrail", "aws.ec2", "aws.events", "aws.iam", "aws.kms", "aws.lambda", "aws.pipes", "aws.s3",
    "aws.scheduler",
    "aws.schemas", "aws.signin", "aws.sns", "aws.sqs", "aws.sts",
  ]

  /// All of them, in the order of their names.
  static let all: [VersionedSchema] = {
    var found = callers.map { source in
      schema(EventKind(source: source, detailType: "AWS API Call via CloudTrail"), detail: record)
    }
    found.append(
      schema(EventKind(source: "aws.signin", detailType: "AWS Console Sign In via CloudTrail"), detail: record)
    )
    found.append(schema(EventKind(source: "aws.events", detailType: "Scheduled Event"), detail: object([:])))
    for type in ["Schema Created", "Schema Version Created"] {
      found.append(schema(EventKind(source: "aws.schemas", detailType: type), detail: news))
    }
    return found.sorted { $0.schema.name < $1.schema.name }
  }()

  /// The schema of a name.
  static func schema(_ name: String, version: Int?) throws(SchemasError) -> VersionedSchema {
    guard let found = all.first(where: { $0.schema.name == name }) else {
      throw .notFound("Schema with name \(name) does not exist in registry \(Registry.builtIn).")
    }
    guard version == nil || version == found.version.number else {
      throw .notFound("Version \(version ?? 0) of schema \(name) does not exist.")
    }
    return found
  }

  private static func schema(_ kind: EventKind, detail: ValueShape) -> VersionedSchema {
    // 2026-11-24: they change with Signalbox.
    let made: Int64 = 1_795_478_400_000
    return VersionedSchema(
      schema: RegisteredSchema(
        registry: Registry.builtIn,
        name: kind.schemaName,
        type: .openAPI3,
        description: "\(kind.detailType), from \(kind.source)",
        modifiedAt: made,
        versionCount: 1
      ),
      version: SchemaVersion(
        number: 1,
        type: .openAPI3,
        createdAt: made,
        content: OpenAPIDocument.event(kind, detail: detail).text
      )
    )
  }

  // MARK: Details

  private static let text = shape { $0.texts = .plain }
  private static let time = shape { $0.texts = .dateTime }
  private static let truth = shape { $0.hasBoolean = true }
  /// Any object, or none.
  private static let anything = shape {
    $0.objects = ObjectShape()
    $0.hasNull = true
  }

  /// The detail of `Schema Created` and `Schema Version Created`.
  private static let news = object(
    ["SchemaName": text, "SchemaType": text, "RegistryName": text, "CreationDate": time, "Version": text],
    required: ["SchemaName", "SchemaType", "RegistryName", "CreationDate", "Version"]
  )

  /// A record of CloudTrail.
  private static let record = object(
    [
      "eventVersion": text, "userIdentity": identity, "eventTime": time, "eventSource": text, "eventName": text,
      "awsRegion": text, "sourceIPAddress": text, "userAgent": text, "errorCode": text, "errorMessage": text,
      "requestParameters": anything, "responseElements": anything, "additionalEventData": anything,
      "serviceEventDetails": anything, "requestID": text, "eventID": text, "readOnly": truth, "eventType": text,
      "apiVersion": text, "managementEvent": truth, "recipientAccountId": text, "sharedEventID": text,
      "vpcEndpointId": text, "eventCategory": text, "sessionCredentialFromConsole": text,
      "resources": list(of: object(["ARN": text, "accountId": text, "type": text])),
      "tlsDetails": object(["tlsVersion": text, "cipherSuite": text, "clientProvidedHostHeader": text]),
    ],
    required: [
      "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
      "eventID",
      "eventType", "recipientAccountId",
    ]
  )

  private static let identity = object(
    [
      "type": text, "principalId": text, "arn": text, "accountId": text, "accessKeyId": text, "userName": text,
      "invokedBy": text, "identityProvider": text,
      "sessionContext": object([
        "sessionIssuer": object([
          "type": text, "principalId": text, "arn": text, "accountId": text, "userName": text,
        ]),
        "attributes": object(["creationDate": time, "mfaAuthenticated": text]),
      ]),
    ],
    required: ["type"]
  )

  private static func shape(_ set: (inout ValueShape) -> Void) -> ValueShape {
    var shape = ValueShape()
    set(&shape)
    return shape
  }

  private static func object(_ members: [String: ValueShape], required: Set<String> = []) -> ValueShape {
    shape { $0.objects = ObjectShape(properties: members, required: required) }
  }

  private static func list(of item: ValueShape) -> ValueShape { shape { $0.items = [item] } }
}

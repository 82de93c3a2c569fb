// A service: its operations and how clients reach them. `serving(_:)` ties it to the engine that does the work.

/// How a service's requests are written.
public enum WireProtocol: Sendable, Hashable {
  /// JSON in the body, the operation in `X-Amz-Target: <prefix>.<Operation>`; version `1.0` or `1.1`.
  case json(version: String, targetPrefix: String)
  /// A form in the body (`Action=…&Version=…`), XML in the answer.
  case query(namespace: String)
  /// Method and path say the operation, JSON in the body.
  case restJSON
}

/// How a service words a refused input.
public struct ValidationStyle: Sendable {
  let error: @Sendable ([Violation]) -> AWSError

  /// Words violations, of which there is at least one, as an error.
  public init(_ error: @escaping @Sendable ([Violation]) -> AWSError) { self.error = error }

  /// `ValidationException`, `1 validation error detected: …`: what JSON services say.
  public static let validationException = ValidationStyle { violations in
    AWSError("ValidationException", Violation.message(violations))
  }

  /// The same text under another code.
  public static func code(_ code: String) -> ValidationStyle {
    ValidationStyle { AWSError(code, Violation.message($0)) }
  }
}

/// A service with its operations.
public struct Service<Engine: Sendable>: Sendable {
  /// The name in code and documents: `events`.
  public let id: String
  /// The name for people: `Amazon EventBridge`.
  public let title: String
  /// The names that clients sign for.
  public let signingNames: [String]
  /// How requests may be written; the first is what documents name.
  public let protocols: [WireProtocol]
  /// The API version: `2015-10-07`.
  public let version: String
  /// CloudTrail's `eventSource`.
  public let eventSource: String
  /// How a refused input is worded.
  public let validation: ValidationStyle
  /// The largest body that a request may have, in bytes.
  public let largestBody: Int
  /// The member of the input that the path of a query request stands for: SQS's `QueueUrl`.
  public let pathMember: String?
  /// What the service does.
  public let operations: [Operation<Engine>]
  /// What AWS's service does and this one does not, with the reason: `["CreateFoo": "there are no foos here"]`.
  public let missing: [String: String]

  /// Declares a service.
  ///
  /// - Parameter largestBody: what the largest input takes on the wire, however it is escaped: text may take three times
  ///   its bytes in forms and in JSON.
  /// - Parameter pathMember: the member of the input that the path of a query request stands for if it is left out.
  public init(
    id: String,
    title: String,
    signingNames: [String]? = nil,
    protocols: [WireProtocol],
    version: String,
    eventSource: String? = nil,
    validation: ValidationStyle = .validationException,
    largestBody: Int = 1 << 20,
    pathMember: String? = nil,
    operations: [Operation<Engine>],
    missing: [String: String] = [:]
  ) {
    self.id = id
    self.title = title
    self.signingNames = signingNames ?? [id]
    self.protocols = protocols
    self.version = version
    self.eventSource = eventSource ?? "\(id).amazonaws.com"
    self.validation = validation
    self.largestBody = largestBody
    self.pathMember = pathMember
    self.operations = operations
    self.missing = missing
  }

  /// The service with the engine that does its work.
  public func serving(_ engine: Engine) -> BoundService {
    BoundService(
      id: id,
      title: title,
      signingNames: signingNames,
      protocols: protocols,
      version: version,
      eventSource: eventSource,
      validation: validation,
      largestBody: largestBody,
      pathMember: pathMember,
      operations: operations.map { operation in
        BoundOperation(
          name: operation.name,
          documentation: operation.documentation,
          http: operation.http.map(RoutePattern.init),
          input: operation.input,
          output: operation.output,
          errors: operation.errors,
          isReadOnly: operation.isReadOnly,
          category: operation.category,
          recordsAnswer: operation.recordsAnswer,
          resource: operation.resource,
          isOpen: operation.isOpen
        ) { call in try await operation.handler(engine, call) }
      },
      missing: missing
    )
  }
}

/// An operation that is ready to be called.
public struct BoundOperation: Sendable {
  /// The name.
  public let name: String
  /// What it is for.
  public let documentation: String
  /// Where it lives, in REST protocols.
  public let http: RoutePattern?
  /// What goes in.
  public let input: Structure
  /// What comes out.
  public let output: Structure
  /// What it declares to refuse.
  public let errors: [ErrorShape]
  /// Whether it changes nothing.
  public let isReadOnly: Bool
  /// How CloudTrail counts it.
  public let category: EventCategory
  /// Whether CloudTrail has the answer.
  public let recordsAnswer: Bool
  /// What the CloudTrail record of a good call names as its resource.
  public let resource: RecordedResource?
  /// Whether it may be called without a signature.
  public let isOpen: Bool
  /// Does the work for a validated call.
  public let perform: @Sendable (Call) async throws -> Value
}

/// A service that is ready to be called.
public struct BoundService: Sendable {
  /// The name in code and documents.
  public let id: String
  /// The name for people.
  public let title: String
  /// The names that clients sign for.
  public let signingNames: [String]
  /// How requests may be written.
  public let protocols: [WireProtocol]
  /// The API version.
  public let version: String
  /// CloudTrail's `eventSource`.
  public let eventSource: String
  /// How a refused input is worded.
  public let validation: ValidationStyle
  /// The largest body that a request may have, in bytes.
  public let largestBody: Int
  /// The member of the input that the path of a query request stands for.
  public let pathMember: String?
  /// The operations, in their declared order.
  public let operations: [BoundOperation]
  /// What is not there, with the reason.
  public let missing: [String: String]
  private let byName: [String: Int]

  init(
    id: String,
    title: String,
    signingNames: [String],
    protocols: [WireProtocol],
    version: String,
    eventSource: String,
    validation: ValidationStyle,
    largestBody: Int,
    pathMember: String?,
    operations: [BoundOperation],
    missing: [String: String]
  ) {
    self.id = id
    self.title = title
    self.signingNames = signingNames
    self.protocols = protocols
    self.version = version
    self.eventSource = eventSource
    self.validation = validation
    self.largestBody = largestBody
    self.pathMember = pathMember
    self.operations = operations
    self.missing = missing
    byName = Dictionary(operations.indices.map { (operations[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The operation of a name.
  public func operation(named name: String) -> BoundOperation? { byName[name].map { operations[$0] } }
}

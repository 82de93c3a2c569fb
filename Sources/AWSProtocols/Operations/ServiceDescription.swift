// What is declared of a service, without the engine that does its work: for documents.

/// A service as it is declared.
public struct ServiceDescription: Sendable {
  /// The name in code.
  public let id: String
  /// The name for people.
  public let title: String
  /// How requests may be written.
  public let protocols: [WireProtocol]
  /// The API version.
  public let version: String
  /// What the service does.
  public let operations: [OperationDescription]
  /// What is not there, with the reason.
  public let missing: [String: String]
}

/// An operation as it is declared.
public struct OperationDescription: Sendable {
  /// The name.
  public let name: String
  /// What it is for.
  public let documentation: String
  /// What goes in.
  public let input: Structure
  /// What comes out.
  public let output: Structure
  /// What it declares to refuse.
  public let errors: [ErrorShape]
  /// Whether it changes nothing.
  public let isReadOnly: Bool
}

extension Service {
  /// The service without its engine.
  public var description: ServiceDescription {
    ServiceDescription(
      id: id,
      title: title,
      protocols: protocols,
      version: version,
      operations: operations.map { operation in
        OperationDescription(
          name: operation.name,
          documentation: operation.documentation,
          input: operation.input,
          output: operation.output,
          errors: operation.errors,
          isReadOnly: operation.isReadOnly
        )
      },
      missing: missing
    )
  }
}

extension WireProtocol {
  /// The name for people: `JSON 1.1`.
  public var title: String {
    switch self {
    case .json(let version, _): "JSON \(version)"
    case .query: "query"
    case .restJSON: "REST-JSON"
    }
  }
}

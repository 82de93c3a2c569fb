// Amazon EventBridge: what its clients call, as calls of the engine. What an operation means is module EventBuses'.

public import AWSProtocols
public import EventBuses

/// Amazon EventBridge.
public enum Events {
  /// The service.
  public static let service = Service<BusEngine>(
    id: "events",
    title: "Amazon EventBridge",
    protocols: [.json(version: "1.1", targetPrefix: "AWSEvents")],
    version: "2015-10-07",
    // A mebibyte of text, escaped.
    largestBody: 4 << 20,
    operations: eventOperations + busOperations + permissionOperations + ruleOperations + ruleListOperations
      + targetOperations + tagOperations + archiveOperations + replayOperations + connectionOperations
      + destinationOperations + partnerOperations + partnerListOperations + endpointOperations
  )

  // MARK: Errors

  static let notFound = ErrorShape("ResourceNotFoundException")
  static let exists = ErrorShape("ResourceAlreadyExistsException")
  static let limit = ErrorShape("LimitExceededException")
  static let concurrent = ErrorShape("ConcurrentModificationException")
  static let managed = ErrorShape("ManagedRuleException")
  static let invalidPattern = ErrorShape("InvalidEventPatternException")
  static let invalidState = ErrorShape("InvalidStateException")
  static let illegalStatus = ErrorShape("IllegalStatusException")
  static let policyLength = ErrorShape("PolicyLengthExceededException")
  static let denied = ErrorShape("AccessDeniedException")
  static let disabled = ErrorShape("OperationDisabledException")
  static let `internal` = ErrorShape("InternalException", status: 500)

  /// Declares an operation whose refusals are the engine's.
  static func operation(
    _ name: String,
    _ documentation: String,
    input: Structure = [],
    output: Structure = [],
    errors: [ErrorShape] = [],
    readOnly: Bool? = nil,
    category: EventCategory = .management,
    handler: @escaping @Sendable (_ engine: BusEngine, _ call: Call) async throws -> Value
  ) -> AWSProtocols.Operation<BusEngine> {
    AWSProtocols.Operation(
      name,
      documentation,
      input: input,
      output: output,
      errors: errors + [`internal`],
      readOnly: readOnly,
      category: category
    ) { engine, call in
      do {
        return try await handler(engine, call)
      } catch let refusal as BusError {
        throw AWSError(refusal.code, refusal.message)
      }
    }
  }

  /// A time out of milliseconds since 1970.
  static func time(_ milliseconds: Int64?) -> Value {
    milliseconds.map { .time(Timestamp(milliseconds: $0)) } ?? .absent
  }

  /// The bus that a call is about.
  static func bus(_ call: Call, _ member: String = "EventBusName") -> BusReference {
    BusReference(call.input.string(ifAny: member), from: call.scope)
  }
}

// Universal targets: a schedule's input is the input of any operation that is offered here, called by the schedule's role
// and recorded as every other call.

internal import AWSProtocols
public import Delivery
internal import Logging
public import Schedules
internal import TrailEvents

extension APIFront {
  /// Calls an operation for a schedule.
  public func perform(_ universal: UniversalCall) async throws(DeliveryFailure) -> DeliveryReceipt {
    let name = "\(universal.service):\(universal.operation)"
    guard let service = services.first(where: { $0.isCalled(universal.service) }),
      let operation = service.operation(named: universal.operation)
    else {
      throw DeliveryFailure(.noResource, "the operation \(name) is not offered here", retryable: false)
    }
    guard !operation.isReadOnly else {
      throw DeliveryFailure(.invalidParameter, "\(name) only reads, and nobody would see its answer", retryable: false)
    }
    var outcome = outcome(of: universal, service, operation)
    do {
      if !operation.makesRoom, let lack = surroundings.lackOfRoom() {
        throw AWSError("ServiceUnavailable", lack, status: 503)
      }
      let fields = try operation.unvalidatedInput(parsing: universal.input)
      outcome.input = (operation.input, fields)
      let call = Call(
        input: try operation.validated(fields, in: service),
        scope: universal.scope,
        caller: outcome.caller,
        requestID: outcome.requestID,
        time: outcome.time,
        sourceAddress: outcome.sourceAddress,
        userAgent: outcome.userAgent
      )
      if case .fields(let answer) = try await operation.perform(call) { outcome.output = (operation.output, answer) }
    } catch {
      outcome.error = error as? AWSError ?? .internalFailure
      if !(error is AWSError) {
        logger.error("a call of a schedule failed inside: \(error)", metadata: ["operation": "\(name)"])
      }
    }
    do {
      try await surroundings.capture(outcome)
    } catch {
      // What was called has happened: to call it again for the sake of its record would do it twice.
      logger.error("the record of a schedule's call cannot be kept: \(error)", metadata: ["operation": "\(name)"])
    }
    if let error = outcome.error { throw Self.failure(error, of: name) }
    return DeliveryReceipt(summary: "request \(outcome.requestID)")
  }

  private func outcome(
    of universal: UniversalCall,
    _ service: BoundService,
    _ operation: BoundOperation
  ) -> CallOutcome {
    let (account, role) = (
      universal.scope.account, universal.role.name.split(separator: "/").last.map(String.init) ?? ""
    )
    let caller = CallerIdentity(
      kind: .assumedRole,
      account: account,
      arn: "arn:aws:sts::\(account):assumed-role/\(role)/\(universal.session)",
      principalID: "\(role):\(universal.session)",
      accessKeyID: "",
      userName: role,
      issuerARN: universal.role.description
    )
    return CallOutcome(
      requestID: surroundings.newID(),
      caller: caller,
      account: account,
      region: universal.scope.region,
      time: surroundings.now(),
      eventSource: service.eventSource,
      apiVersion: service.version,
      eventName: operation.name,
      isReadOnly: operation.isReadOnly,
      category: operation.category,
      sourceAddress: Scheduler.service.eventSource,
      userAgent: Scheduler.service.eventSource,
      host: ""
    )
  }

  /// What an error of a service means for an invocation.
  private static func failure(_ error: AWSError, of name: String) -> DeliveryFailure {
    let code = error.shape.code
    let kind: DeliveryFailure.Code
    switch error.shape.status {
    case 429: kind = .throttling
    case 500...: kind = .internalError
    case _ where code.contains("Throttl"): kind = .throttling
    case 404: kind = .noResource
    case _ where code.contains("NotFound") || code.contains("DoesNotExist"): kind = .noResource
    case 403: kind = .noPermissions
    case _ where code.contains("AccessDenied"): kind = .noPermissions
    default: kind = .invalidParameter
    }
    let isRetryable = kind == .throttling || kind == .internalError
    return DeliveryFailure(kind, "\(name): \(error)", retryable: isRetryable)
  }
}

extension BoundService {
  /// Whether AWS's SDKs call it so.
  fileprivate func isCalled(_ name: String) -> Bool {
    name.lowercased() == (id == "events" ? "eventbridge" : id)
  }
}

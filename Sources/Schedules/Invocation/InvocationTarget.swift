// The ways to the targets of schedules: queues, topics and buses of this installation, operations of its services, and
// what else its settings know.

public import Delivery
internal import EventBuses
internal import EventPatterns
internal import GRDB
internal import Messaging
internal import Storage
public import TrailEvents

/// A call of an operation that a schedule asks for.
public struct UniversalCall: Sendable {
  /// The service, as AWS's SDKs name it: `sqs`, `eventbridge`.
  public var service: String
  /// The operation: `SendMessage`.
  public var operation: String
  /// The operation's input, a JSON object.
  public var input: [UInt8]
  /// The account and Region of the schedule.
  public var scope: Scope
  /// The role that calls.
  public var role: ARN
  /// The name of the role's session: the id of the invocation.
  public var session: String
}

extension ScheduleEngine {
  /// Finds the routes of schedules' targets, for the dispatcher's table.
  public var routes: RouteTable.Resolver {
    { [weak self] kind, id in
      guard kind == .send, let self, let lane = InvocationLane(id) else { return nil }
      let queues = self.surroundings.queues
      return Route(
        target: InvocationTarget(lane: lane, engine: self),
        limits: LaneLimits(concurrency: 16),
        retry: RetryPolicy(
          ageLimit: .seconds(lane.retryAge),
          // A number of retries, which follow the first attempt.
          attemptLimit: 1 + lane.retryAttempts
        ),
        deadLetterQueue: lane.deadLetterARN.map { arn in
          QueueAddress(arn: arn).map(queues.deadLetterReference) ?? arn
        },
        targetARN: lane.target
      )
    }
  }
}

/// Invokes the target of a schedule.
struct InvocationTarget: Target {
  let lane: InvocationLane
  let engine: ScheduleEngine

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    guard let arn = ARN(lane.target) else {
      throw DeliveryFailure(.noResource, "\(lane.target) is no ARN", retryable: false)
    }
    var request = request
    request.payload = Self.input(of: request)
    request.event = request.payload
    switch InvocationKind(arn) {
    case _ where engine.surroundings.isElsewhere(arn): return try await hand(request, to: arn)
    case .queue: return try await send(request, to: arn)
    case .topic: return try await publish(request, to: arn)
    case .bus: return try await put(request, on: BusReference(scope: arn.scope, name: arn.name))
    case .call(let service, let operation):
      let role = parameter(Invocation.Parameter.role, of: request).flatMap { ARN($0) }
      return try await engine.call(
        UniversalCall(
          service: service,
          operation: operation,
          input: request.payload,
          scope: lane.scope,
          role: role ?? ARN(service: "iam", region: "", account: lane.scope.account, resource: "role/unknown"),
          session: request.eventID
        )
      )
    case .service: return try await hand(request, to: arn)
    }
  }

  /// Hands an invocation to a service that is not here, with its parameters by their names in the API, as JSON.
  private func hand(_ request: DeliveryRequest, to arn: ARN) async throws(DeliveryFailure) -> DeliveryReceipt {
    guard let target = engine.surroundings.service(arn) else {
      let message = "there is nothing in this installation that \(arn) stands for"
      throw DeliveryFailure(.noResource, message, retryable: false)
    }
    var request = request
    if let group = parameter(Invocation.Parameter.messageGroup, of: request) {
      let value = JSONValue.members(["MessageGroupId": .string(group)])
      request.parameters.append(("SqsParameters", value.text))
    }
    if let source = parameter(Invocation.Parameter.source, of: request),
      let type = parameter(Invocation.Parameter.detailType, of: request)
    {
      let value = JSONValue.members(["Source": .string(source), "DetailType": .string(type)])
      request.parameters.append(("EventBridgeParameters", value.text))
    }
    return try await target.deliver(request)
  }

  /// The input with the number of the attempt in it.
  private static func input(of request: DeliveryRequest) -> [UInt8] {
    let text = String(decoding: request.payload, as: UTF8.self)
    guard text.contains("<aws.scheduler.attempt-number>") else { return request.payload }
    return Array(text.replacing("<aws.scheduler.attempt-number>", with: String(request.attempt)).utf8)
  }

  private func parameter(_ name: String, of request: DeliveryRequest) -> String? {
    request.parameters.first { $0.name == name }?.value
  }

  /// Schedules act with a role, which is one of their account.
  private func caller(of request: DeliveryRequest) -> MessagingCaller {
    guard let role = parameter(Invocation.Parameter.role, of: request).flatMap({ ARN($0) }),
      role.account == lane.scope.account
    else { return .account(lane.scope.account) }
    return .role(role)
  }

  // MARK: Here

  private func send(_ request: DeliveryRequest, to arn: ARN) async throws(DeliveryFailure) -> DeliveryReceipt {
    guard let address = QueueAddress(arn: arn) else {
      throw DeliveryFailure(.noResource, "there is no queue \(arn)", retryable: false)
    }
    var message = OutgoingMessage(body: request.payload)
    message.groupID = parameter(Invocation.Parameter.messageGroup, of: request)
    // An attempt of which nobody knows whether it was the last changes nothing; a FIFO queue has its own rules.
    if message.groupID == nil { message.deduplicationID = request.deliveryID }
    let (outgoing, caller, now) = (message, caller(of: request), engine.clock.now.milliseconds)
    let queues = engine.surroundings.queues
    do {
      let sent = try await engine.database.transact { db in
        try queues.send(outgoing, to: address, as: caller, now: now, db)
      }
      return DeliveryReceipt(summary: "message \(sent.messageID)")
    } catch {
      throw Self.failure(error, of: arn)
    }
  }

  private func publish(_ request: DeliveryRequest, to arn: ARN) async throws(DeliveryFailure) -> DeliveryReceipt {
    guard let topics = engine.surroundings.topics, let topic = TopicAddress(arn: arn.description) else {
      throw DeliveryFailure(.noResource, "there is no topic \(arn)", retryable: false)
    }
    do {
      let message = PublishRequest(String(decoding: request.payload, as: UTF8.self))
      let published = try await topics.publish(message, to: topic, as: caller(of: request))
      return DeliveryReceipt(summary: "message \(published.messageID)")
    } catch {
      throw Self.failure(error, of: arn)
    }
  }

  private func put(_ request: DeliveryRequest, on bus: BusReference) async throws(DeliveryFailure) -> DeliveryReceipt {
    let event = TrailEvent(
      id: request.eventID,
      detailType: parameter(Invocation.Parameter.detailType, of: request) ?? "",
      source: parameter(Invocation.Parameter.source, of: request) ?? "",
      scope: Scope(account: lane.scope.account, region: bus.scope.region),
      time: engine.clock.now.seconds,
      resources: [request.ruleID],
      detail: request.payload
    )
    do {
      // Twice the same event is the same event.
      try await engine.surroundings.buses.put(event, on: bus, as: caller(of: request).policyCaller)
      return DeliveryReceipt(summary: "event \(request.eventID)")
    } catch let error as BusError {
      let code: DeliveryFailure.Code = error.code == "ResourceNotFoundException" ? .noResource : .noPermissions
      throw DeliveryFailure(code, "\(bus.arn): \(error.message)", retryable: false)
    } catch {
      throw DeliveryFailure(.internalError, "\(bus.arn): \(error)", retryable: true)
    }
  }

  private static func failure(_ error: any Error, of arn: ARN) -> DeliveryFailure {
    guard let error = error as? MessagingError else {
      return DeliveryFailure(.internalError, "\(arn): \(error)", retryable: true)
    }
    let code: DeliveryFailure.Code =
      switch error.code.rawValue {
      case "QueueDoesNotExist", "NotFound": .noResource
      case "AuthorizationError", "AccessDenied": .noPermissions
      default: error.isSenderFault ? .invalidParameter : .internalError
      }
    return DeliveryFailure(code, "\(arn): \(error.message)", retryable: !error.isSenderFault)
  }
}

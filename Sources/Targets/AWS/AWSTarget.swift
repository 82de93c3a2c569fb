// A resource of AWS's, or of something compatible, as a target. One attempt is one call, or two where something has to be
// made first; what the call is stands in the table of services.

internal import Delivery
internal import EventPatterns
internal import TrailEvents

/// Hands deliveries to a resource elsewhere.
struct AWSTarget: Target {
  let arn: ARN
  let service: AWSService
  let resource: AWSService.Resource
  let endpoint: AWSEndpoint
  /// Parameters of EventBridge's targets, by name.
  let parameters: [String: JSONValue]
  /// The accounts whose rules may reach it; nothing for rule files, which name the keys themselves.
  let accounts: [String]?
  let client: AWSClient

  /// Deliveries of rule files say which they are.
  private var isMarked: Bool { accounts == nil }

  /// Why an account does not get there.
  static func refusal(of account: String, _ what: String) -> DeliveryFailure {
    DeliveryFailure(.noPermissions, "\(what) is not forwarded for the account \(account)", retryable: false)
  }

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    // Rules, schedules and pipes of the API are known by their ARNs.
    let account = ARN(request.ruleID)?.account ?? ""
    guard accounts?.contains(account) ?? true else { throw Self.refusal(of: account, arn.description) }
    let region = try endpoint.region(or: arn.region)
    let order = AWSOrder(
      arn: arn,
      origin: AWSClient.parts(of: endpoint.address ?? service.address(in: region, for: "")).origin,
      delivery: request,
      parameters: parameters.merging(Self.parameters(of: request)) { $1 },
      isMarked: isMarked,
      now: client.now()
    )
    let call = try resource.call(order)
    let limit = request.answerLimit
    var answer = try await client.send(call, to: service, at: endpoint, region: region, answerLimit: limit)
    if let preparation = resource.preparation, answer.problem?.code == "ResourceNotFoundException" {
      let made = try await client.send(preparation(order), to: service, at: endpoint, region: region)
      // Somebody else may have made it just now; what else is wrong with that is what is wrong with the delivery.
      let isThere = made.problem == nil || made.problem?.code == "ResourceAlreadyExistsException"
      answer = isThere ? try await client.send(call, to: service, at: endpoint, region: region) : made
    }
    return try answer.receipt(of: "\(service.id) \(call.operation)", doneBy: resource.doneBy)
  }

  /// Parameters that a delivery brings along, as JSON by their names.
  private static func parameters(of request: DeliveryRequest) -> [String: JSONValue] {
    var parameters: [String: JSONValue] = [:]
    for (name, value) in request.parameters where name.hasSuffix("Parameters") {
      parameters[name] = try? JSONValue(parsing: value)
    }
    return parameters
  }
}

extension AWSClient.Answer {
  /// What a delivery has come to.
  func receipt(of call: String, doneBy: Set<String> = []) throws(DeliveryFailure) -> DeliveryReceipt {
    guard let problem else {
      return DeliveryReceipt(summary: "\(call): HTTP \(status)", output: record, answer: result)
    }
    if doneBy.contains(problem.code) {
      return DeliveryReceipt(summary: "\(call): an earlier attempt had done it", output: record)
    }
    throw problem.failure(of: call, retryAfter: retryAfter, output: record)
  }
}

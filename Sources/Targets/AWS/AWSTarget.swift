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
  /// Whether deliveries come from rule files and say which they are.
  let isMarked: Bool
  let client: AWSClient

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let region = endpoint.region ?? arn.region
    guard !region.isEmpty else {
      throw DeliveryFailure(.invalidParameter, "\(arn) names no Region; write `region`", retryable: false)
    }
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

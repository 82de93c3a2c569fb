// What rules and schedules hand to services elsewhere, as the settings forward it: the engines' terms in those of the
// targets that call AWS.

internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import Outbound
internal import Schedules
internal import Targets
internal import TrailEvents

extension AWSForwarding {
  /// Forwards what the settings say. Endpoints that they name may be anywhere; AWS's own, whose host has the Region of a
  /// caller's ARN in it, keep to the bounds of all that the server sends for its callers.
  init(_ entries: [Entry], for settings: ServeSettings, _ context: TargetContext, _ clock: any Clock) {
    let bounded = entries.map { entry in
      var entry = entry
      entry.endpoint.network = entry.endpoint.address == nil ? settings.network : .any
      return entry
    }
    self.init(bounded, http: context.http, version: context.version, now: { clock.now })
  }

  /// Makes the call of a schedule's universal target; nothing if its service is not forwarded.
  func call(_ call: UniversalCall) async throws(DeliveryFailure) -> DeliveryReceipt? {
    try await self.call(call.service, call.operation, input: call.input, scope: call.scope)
  }
}

extension RuleTarget {
  /// The parameters that a service elsewhere gets, by their names in the API.
  var parametersElsewhere: [String: JSONValue] {
    var parameters = others.compactMapValues { try? JSONValue(parsing: $0) }
    if let group = messageGroupID { parameters["SqsParameters"] = .members(["MessageGroupId": .string(group)]) }
    return parameters
  }
}

// Enrichments, and targets that somebody else answers for: API destinations, and functions that the installation's settings
// map. A function gets the batch as one list and may say of which messages it could not be made; everything else gets the
// events one by one.

internal import Decisions
internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import Messaging
internal import TrailEvents

extension PipePass {
  /// State machines take this many bytes.
  private static let largestStateMachineInput = 262_144

  // MARK: Enrichment

  /// Asks the enrichment; what it answers takes the place of the events.
  mutating func enrich(_ events: [PipeEvent], _ stage: PipePlan.Stage) async throws -> [PipeEvent] {
    let parcels = try parcels(events, for: stage)
    guard let first = parcels.first else { return [] }
    let answer = try await call(stage, StageInput.list(of: parcels.map(\.payload)), first.event, parcels)
    guard answer.count <= Self.largestPayload else {
      throw PipeFailure(reason: "RESOURCE_LIMIT_EXCEEDED: the enrichment answered with more than 6 MB")
    }
    if answer.allSatisfy({ " \t\r\n".utf8.contains($0) }) { return [] }
    guard let value = try? JSONValue(parsing: answer) else {
      throw PipeFailure(reason: "INVALID_JSON: the enrichment answered with something that is not JSON")
    }
    switch value {
    case .null, .string(""): return []
    case .array(let items): return items.map { PipeEvent(enriched: $0) }
    case .object(let object) where object.members.isEmpty: return []
    case .object(let object) where object.members.count == 1 && object["batchItemFailures"] != nil:
      try note(failuresIn: value, among: parcels, of: stage)
      return []
    default: return [PipeEvent(enriched: value)]
    }
  }

  // MARK: Targets

  /// Hands all payloads to a function as one list.
  mutating func invoke(with parcels: [Parcel]) async throws {
    let list = StageInput.list(of: parcels.map(\.payload))
    let isStateMachine = plan.target.destination.arn.service == "states"
    let most = isStateMachine ? Self.largestStateMachineInput : Self.largestPayload
    guard list.count <= most else {
      throw PipeFailure(reason: "RESOURCE_LIMIT_EXCEEDED: \(list.count) bytes are more than the \(most) that are taken")
    }
    let answer = try await call(plan.target, list, parcels[0].event, parcels)
    if plan.readsAnswer, let value = try? JSONValue(parsing: answer), value["batchItemFailures"] != nil {
      try note(failuresIn: value, among: parcels, of: plan.target)
    }
    try await settle(plan.enrichment == nil ? messages(of: parcels).intersection(open) : open)
  }

  /// Hands payloads over one by one; each that is taken leaves the queue at once.
  mutating func invokeForEach(_ parcels: [Parcel]) async throws {
    for parcel in parcels {
      guard let message = parcel.event.message else {
        _ = try await call(plan.target, parcel.payload, parcel.event, [parcel])
        continue
      }
      if isBlocked(message) {
        fail(message, Self.waits)
        continue
      }
      do throws(PipeFailure) {
        _ = try await call(plan.target, parcel.payload, parcel.event, [parcel])
      } catch {
        fail(message, error.reason)
        if Task.isCancelled { return }
        continue
      }
      try await settle([message])
    }
  }

  // MARK: Calls

  /// Calls a stage once.
  private func call(
    _ stage: PipePlan.Stage,
    _ payload: [UInt8],
    _ first: PipeEvent,
    _ parcels: [Parcel]
  ) async throws(PipeFailure) -> [UInt8] {
    let arn = stage.destination.arn
    let target: (any Target)? =
      stage.destination.kind == .apiDestination
      ? engine.surroundings.buses.apiDestination(arn, http: stage.http) : engine.surroundings.service(arn)
    guard let target else {
      throw PipeFailure(reason: "NO_RESOURCE: there is nothing in this installation that \(arn) stands for")
    }
    let received = messages(of: parcels).sorted().map { batch[$0].message }
    let id = received.map(\.messageID).joined(separator: ",")
    var request = DeliveryRequest(
      deliveryID: StableID.delivery(event: id, rule: names.pipeARN, step: stage.name),
      ruleID: names.pipeARN,
      stepID: stage.name,
      eventID: received.first?.messageID ?? "",
      decidedAt: engine.clock.now.seconds,
      attempt: received.map(\.receiveCount).max() ?? 1,
      payload: payload,
      event: payload,
      parameters: stage.parameters(for: first)
    )
    let isTarget = stage.name == plan.target.name
    if isTarget {
      request.parameters += plan.parameters.map { ($0.name, $0.value.value(for: first).text) }
    }
    if !isTarget || stage.destination.kind == .function && plan.readsAnswer {
      request.answerLimit = Self.largestPayload + 1
    }
    do throws(DeliveryFailure) {
      return try await target.deliver(request).answer
    } catch {
      throw PipeFailure(reason: "\(error.code.rawValue): \(arn): \(error.message)")
    }
  }

  /// The messages that payloads come from: of an enrichment's, all that are left.
  private func messages(of parcels: [Parcel]) -> Set<Int> {
    let own = parcels.compactMap(\.event.message)
    return own.count == parcels.count ? Set(own) : open
  }

  /// Notes the messages that an answer names: `{"batchItemFailures": [{"itemIdentifier": "…"}]}`. One that names something
  /// else says nothing about any of them.
  private mutating func note(
    failuresIn answer: JSONValue,
    among parcels: [Parcel],
    of stage: PipePlan.Stage
  ) throws(PipeFailure) {
    let named: [JSONValue]
    switch answer["batchItemFailures"] {
    case .array(let items)?: named = items
    case .null?: return
    default: throw PipeFailure(reason: "INVALID_JSON: the \(stage.name)'s batchItemFailures is not a list")
    }
    let messages = messages(of: parcels)
    var failed: Set<Int> = []
    for item in named {
      let id = item["itemIdentifier"]?.string
      guard let message = messages.first(where: { batch[$0].message.messageID == id }) else {
        throw PipeFailure(
          reason: "INVALID_JSON: the \(stage.name) names a message that it was not handed as one that failed"
        )
      }
      failed.insert(message)
    }
    for message in failed.sorted() { fail(message, "ERROR_FROM_TARGET: the \(stage.name) says that it failed") }
  }
}

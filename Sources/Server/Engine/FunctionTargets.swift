// What the ARNs of services that are not here stand for: a Lambda function's may stand for an action of the rules (a
// command, a script) or for a target (a webhook). What stands for nothing is not there, and its events say so.

internal import Decisions
internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import RuleFiles
internal import Storage
internal import TrailEvents

/// An ARN, or a pattern of ARNs with `*`, and what it stands for.
public struct FunctionMapping: Sendable, Equatable {
  /// The ARN.
  public var arn: String
  /// Whether it is an action that runs, or a target that is sent to.
  public var isAction: Bool
  /// The id of the action or target.
  public var id: String

  /// Makes a mapping.
  public init(arn: String, isAction: Bool, id: String) {
    self.arn = arn
    self.isAction = isAction
    self.id = id
  }
}

/// Finds what ARNs stand for.
struct FunctionTargets: Sendable {
  let mappings: [FunctionMapping]
  let router: Router
  let clock: any Clock

  /// The target that an ARN stands for.
  func target(for arn: ARN) -> (any Target)? {
    let text = arn.description
    // A version or an alias is the function.
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let unqualified = arn.service == "lambda" && parts.count == 8 ? parts.dropLast().joined(separator: ":") : text
    guard
      let mapping = mappings.first(where: { TextGlob.matches($0.arn, text) || TextGlob.matches($0.arn, unqualified) })
    else { return nil }
    return FunctionTarget(mapping: mapping, router: router, clock: clock)
  }
}

/// Something of the rules that stands for a function.
private struct FunctionTarget: Target {
  let mapping: FunctionMapping
  let router: Router
  let clock: any Clock

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let kind = mapping.isAction ? "action" : "target"
    guard let generation = router.generation,
      let route = generation.routes[mapping.isAction ? .run : .send, mapping.id]
    else {
      throw DeliveryFailure(
        .noResource,
        "\(mapping.arn) stands for the \(kind) \(mapping.id), which no rule file has",
        retryable: false
      )
    }
    guard mapping.isAction else { return try await route.target.deliver(request) }
    var request = request
    // The program reads its input where it would read the event.
    request.event = request.payload
    do throws(RenderFailure) {
      let input = (try? JSONValue(parsing: request.payload)) ?? .null
      let now = RuleFiles.Instant(seconds: clock.now.seconds)
      guard
        let execution = try generation.rules.execution(
          ofAction: mapping.id,
          input: input,
          rule: request.ruleID,
          at: now
        )
      else {
        throw RenderFailure(reference: mapping.id, message: "there is no Action '\(mapping.id)'")
      }
      request.payload = execution.payload
      request.parameters = execution.parameters.map { ($0.name, $0.value) }
    } catch {
      throw DeliveryFailure(.invalidParameter, error.message, retryable: false)
    }
    return try await route.target.deliver(request)
  }
}

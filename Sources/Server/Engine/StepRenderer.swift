// What `dlq redrive` does with a step that could not be rendered when its event came: it renders it again, with the rules
// as they are now, which somebody has mended meanwhile.

internal import Decisions
internal import Delivery
internal import EventBuses
public import Messaging
internal import RuleFiles
public import Storage
internal import TrailEvents

/// Renders steps for events that are in dead-letter queues.
public struct StepRenderer: Sendable {
  private let rules: RuleSet

  /// Loads the rules of the settings. Throws `RuleRefusal` when something is wrong with them.
  public init(_ configuration: SignalboxConfiguration) throws(RuleRefusal) {
    let loaded = RuleRepository.load(configuration.rules)
    guard let repository = loaded.repository else {
      throw RuleRefusal(diagnostics: loaded.diagnostics, problems: [])
    }
    do throws(Diagnostic) {
      rules = try RuleSet(repository)
    } catch {
      throw RuleRefusal(diagnostics: [error], problems: [])
    }
  }

  /// Renders the step of a record for its event. Whether the rule still matches it is not asked: it did.
  ///
  /// - Parameter now: in milliseconds since 1970.
  public func render(_ record: DeliveryRecord, event bytes: [UInt8], now: Int64) -> SecondRendering {
    let (rule, step) = (record.decision.ruleID, record.decision.stepID)
    var event: TrailEvent
    do throws(TrailEventError) {
      event = try TrailEvent(record: bytes)
    } catch {
      return .refused("its event cannot be read: \(error)")
    }
    // The event's identity is the journal's, whatever the envelope says.
    event.eventID = record.decision.eventID
    let instant = Delivery.Instant(milliseconds: now)
    let decided = rules.decide(event, rule: rule, step: step, at: RuleFiles.Instant(seconds: instant.seconds))
    guard let decided else {
      return .refused("no rule '\(rule)' with a step '\(step)' is in force any more; drop it if it is not wanted")
    }
    switch decided.disposition {
    case .deliver: return .rendered(DecidedDelivery(decided, RouteTable(), at: instant))
    case .failed:
      return .refused("the step '\(step)' of rule '\(rule)' still cannot be rendered: \(decided.reason)")
    case .planned, .shadowed, .suppressed:
      return .refused(
        "the rule '\(rule)' is at stage '\(decided.stage.rawValue)' now, so its step '\(step)' goes nowhere"
      )
    }
  }
}

// A rule of the API, ready for events: its targets with their inputs compiled and their ARNs understood.

internal import EventPatterns
internal import Messaging
internal import RuleFiles
internal import TrailEvents

/// A rule that can decide.
struct CompiledRule: Sendable {
  struct Target: Sendable {
    var settings: RuleTarget
    var input: TargetInput
    var destination: Destination
    /// The lane of its deliveries.
    var lane: String
    /// Values of HTTP parameters that are paths into the event, by what they stand for.
    var paths: [(name: String, path: JSONPath)]

    var readsEvent: Bool { input.readsEvent || !paths.isEmpty }
  }

  let rule: BusRule
  let bus: BusReference
  let arn: String
  /// Who it is when it sends to queues and topics.
  let sender: MessagingCaller
  let targets: [Target]
  /// Where the events of an archive's rule are stored.
  let archive: Archive?
  let readsEvent: Bool

  init(
    _ rule: BusRule,
    on bus: BusReference,
    archive: Archive?,
    isElsewhere: (ARN) -> Bool = { _ in false }
  ) {
    self.rule = rule
    self.bus = bus
    self.archive = archive
    let resource = BusRule.resource(rule.name, on: bus)
    let arn = resource.description
    self.arn = arn
    sender = .service("events.amazonaws.com", for: resource)
    targets =
      archive != nil
      ? []
      : rule.targets.map { target in
        Target(
          settings: target,
          // What was stored was checked; a rule that is not understood all the same gets the event as it is.
          input: (try? TargetInput(target)) ?? .event,
          destination: Destination(target, from: bus, isElsewhere: isElsewhere),
          lane: TargetLane(rule: arn, target: target.id).text,
          paths: target.http?.paths ?? []
        )
      }
    readsEvent = targets.contains(where: \.readsEvent)
  }
}

/// The lane of a rule's target: retry policy and dead-letter queue are the target's, so each has one of its own.
struct TargetLane: Sendable, Hashable {
  var rule: String
  var target: String

  init(rule: String, target: String) {
    self.rule = rule
    self.target = target
  }

  /// Reads a lane's name; nothing for the lane of something else.
  init?(_ text: String) {
    guard text.hasPrefix("arn:"), let mark = text.lastIndex(of: "#") else { return nil }
    rule = String(text[..<mark])
    target = String(text[text.index(after: mark)...])
  }

  /// The name: `#` stands in no ARN of a rule and in no target's id.
  var text: String { "\(rule)#\(target)" }
}

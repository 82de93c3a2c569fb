// What kind of thing a target's ARN names, and so how events get there.

internal import TrailEvents

/// Where the events of a target go.
enum Destination: Sendable, Equatable {
  /// A queue of this installation: the message is written with the decision.
  case queue(ARN)
  /// A topic of this installation.
  case topic(ARN)
  /// A bus of this installation: its rules decide at once.
  case bus(BusReference)
  /// An HTTP endpoint.
  case apiDestination(ARN)
  /// Something that only an installation's settings know how to reach, if anything does: a function, a state machine.
  case service(ARN)

  /// - Parameter isElsewhere: whether something is not looked for in this installation, though it could be here.
  init(_ target: RuleTarget, from bus: BusReference, isElsewhere: (ARN) -> Bool = { _ in false }) {
    guard let arn = ARN(target.arn) else {
      self = .service(ARN(service: "unknown", in: bus.scope, resource: target.arn))
      return
    }
    switch (arn.service, arn.type) {
    case _ where isElsewhere(arn): self = .service(arn)
    case ("sqs", _): self = .queue(arn)
    case ("sns", _): self = .topic(arn)
    case ("events", "event-bus"): self = .bus(BusReference(scope: arn.scope, name: arn.name))
    case ("events", "api-destination"): self = .apiDestination(arn)
    default: self = .service(arn)
    }
  }
}

// The ways to the targets of API rules. They are looked up when they are needed, from what is in force then: a target
// that was repaired is repaired for what waits, too.

public import Delivery
internal import Messaging
internal import Storage
internal import TrailEvents

extension BusEngine {
  /// Finds the routes of rules' targets, for the dispatcher's table.
  public var routes: RouteTable.Resolver {
    { [weak self] kind, id in
      guard kind == .send, let self, let lane = TargetLane(id) else { return nil }
      return self.route(lane)
    }
  }

  private func route(_ lane: TargetLane) -> Route? {
    guard let (bus, name) = BusRule.parse(arn: lane.rule) else { return nil }
    let catalog = directory.snapshot.catalog
    guard let rule = try? catalog.rule(name, on: bus),
      let target = rule.targets.first(where: { $0.id == lane.target })
    else {
      // What was decided before the target was taken away is recorded as lost with it.
      return Route(
        target: MissingTarget(message: "the rule has no target \(lane.target) any more"),
        deadLetterQueue: nil
      )
    }
    let destination = Destination(target, from: bus, isElsewhere: settings.isElsewhere)
    return Route(
      target: self.target(destination, target, rule: lane.rule, from: bus, catalog),
      limits: LaneLimits(concurrency: destination.isRemote ? 16 : 4),
      retry: RetryPolicy(
        ageLimit: .seconds(target.retry?.age ?? 86_400),
        // A number of retries, which follow the first attempt.
        attemptLimit: 1 + (target.retry?.attempts ?? 185)
      ),
      deadLetterQueue: target.deadLetterARN.map(sending.deadLetterQueue),
      targetARN: target.arn
    )
  }

  private func target(
    _ destination: Destination,
    _ target: RuleTarget,
    rule: String,
    from bus: BusReference,
    _ catalog: Catalog
  ) -> any Target {
    switch destination {
    case .apiDestination(let arn):
      return APIDestinationTarget(arn: arn, settings: target, engine: self)
    case .topic(let arn):
      guard let topics = settings.topics, let topic = TopicAddress(arn: arn.description), let rule = ARN(rule) else {
        break
      }
      return TopicTarget(topic: topic, rule: rule, topics: topics)
    case .service(let arn):
      for service in settings.services {
        if let found = service(arn, target) { return found }
      }
    case .queue, .bus:
      // These are served when the rule fires; a row of theirs is from a time when the target was something else.
      return MissingTarget(message: "the target is \(target.arn) now, and was another when the event came")
    }
    return MissingTarget(message: "there is nothing in this installation that \(target.arn) stands for")
  }
}

extension Destination {
  /// Whether attempts wait for somebody else's answers.
  fileprivate var isRemote: Bool {
    switch self {
    case .apiDestination, .service: true
    case .queue, .topic, .bus: false
    }
  }
}

/// A target that is not there: every delivery to it is given up at once.
struct MissingTarget: Target {
  let message: String

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    throw DeliveryFailure(.noResource, message, retryable: false)
  }
}
